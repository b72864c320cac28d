"""Each mode of every family is named in words, once for all places."""

from __future__ import annotations

from guiapp.benchmarks.family import STATIC
from guiapp.benchmarks.mode_words import mode_remark, mode_words
from guiapp.benchmarks.registry import families


def test_every_mode_has_words_and_only_the_usual_one_needs_no_remark():
    modes = {mode for one in families() for mode in one.modes}
    assert all(mode_words(mode) != mode for mode in modes)
    assert len({mode_words(mode) for mode in modes}) == len(modes)
    assert {mode for mode in modes if not mode_remark(mode)} == {STATIC}
    assert all(mode_remark(mode) == mode_words(mode) for mode in modes - {STATIC})


def test_a_mode_of_a_newer_project_is_named_as_it_is():
    assert mode_words("dreamt") == mode_remark("dreamt") == "dreamt"
