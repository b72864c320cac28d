"""The demo goes on by itself with the families that are shipped, once, and no other project does."""

from __future__ import annotations

import pytest
from window_steps import labelled, open_with, settled

from guiapp.frames.reference_set import ReferenceSet
from guiapp.ui.benchmark import family_sources
from guiapp.ui.benchmark.family_sources import BUILT_IN, SHIPPED, FamilySource
from guiapp.ui.first_minute import FirstMinute
from guiapp.ui.project_content import DEFAULT_MODEL
from guiapp.ui.settings import demo_project_path

pytestmark = pytest.mark.usefixtures("bare_machine")


@pytest.fixture
def runs(window, monkeypatch):
    """Families that the window was asked to run, on few frames in place of the shipped ones."""
    frames = tuple(labelled("MgO", [12, 8], 2))
    found = (FamilySource("eos", "eos", "E", SHIPPED, frames), FamilySource("eos", "all-electron", "A", BUILT_IN, frames))
    monkeypatch.setattr(family_sources, "find_sources", lambda _sets, stop: found)
    FirstMinute(window.session)
    asked, run = [], window.session.run

    def note(models, chosen, **how):
        asked.append((tuple(models), how.get("family"), how.get("mode")))
        if "family" not in how:
            run(models, chosen, **how)

    monkeypatch.setattr(window.session, "run", note)
    return asked


def test_demo_goes_on_with_the_shipped_families(window, qtbot, runs):
    """Forces first, then each family that is shipped with the model that ran; what only comes with a family is not run."""
    window.session.open(demo_project_path(), demo=True)
    qtbot.waitUntil(lambda: len(runs) == 2, timeout=60_000)
    assert runs[1] == ((DEFAULT_MODEL,), "eos", "static")
    qtbot.waitUntil(lambda: settled(window) and not window.session.background._writes)
    assert len(runs) == 2


def test_a_project_of_the_users_own_is_left_alone(window, qtbot, tmp_path, runs):
    """Nothing runs that nobody asked for."""
    open_with(window, qtbot, tmp_path / "own.temper", ReferenceSet("a", "A", tuple(labelled("MgO", [12, 8], 2))))
    window.session.run([DEFAULT_MODEL], window.session.structures.frames)
    qtbot.waitUntil(lambda: bool(window.session.shown_evaluations) and settled(window))
    qtbot.wait(100)
    assert len(runs) == 1
