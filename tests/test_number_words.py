"""Scales, counts and times read as people write them."""

from __future__ import annotations

import pytest

from guiapp.number_words import counted, duration, number_text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "less than 1 s"),
        (1, "1 s"),
        (4.4, "4 s"),
        (99, "99 s"),
        (100, "2 min"),
        (180, "3 min"),
        (4800, "80 min"),
        (9000, "2 h 30 min"),
        (7200, "2 h"),
    ],
)
def test_durations(seconds, words):
    """Seconds up to about 100, then minutes, then hours; no false precision."""
    assert duration(seconds) == words


@pytest.mark.parametrize(("count", "words"), [(0, "0 frames"), (1, "1 frame"), (2, "2 frames"), (12_345, "12,345 frames")])
def test_counts(count, words):
    """One is not many, and thousands are told apart."""
    assert counted(count, "frame") == words


def test_a_negative_scale_has_a_minus_sign():
    """A hyphen is no minus."""
    assert number_text(-0.126) == "−0.13"
