"""Jobs of energy and curvature families in the window: live rows, relaxed mode, what is kept after a restart, and filters."""

from __future__ import annotations

import numpy as np
import pytest
from window_steps import labelled, open_with

from guiapp.benchmarks.registry import family
from guiapp.engine.job import JobState
from guiapp.frames.frame import Frame
from guiapp.frames.reference_set import ReferenceSet

MODEL = "chgnet-0.3.0"


def rows(window):
    return window.jobs_panel.jobs()


def settled(window):
    return window.session.jobs.running is None and window.session.families.is_up_to_date and not window.session.background._writes


def eos_frames(compound="MgO", numbers=(12, 8), modulus=1.0, edge=4.2):
    """Seven volumes of one crystal whose energies follow a parabola in volume, with forces zero by symmetry."""
    frames = []
    for percent in (94, 96, 98, 100, 102, 104, 106):
        a = edge * (percent / 100) ** (1 / 3)
        cell = a / 2 * np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0]])
        energy = modulus * 0.02 * (percent - 100) ** 2 / 6
        info = {"system": compound, "role": "scaled"}
        frames.append(
            Frame(
                np.array(numbers),
                np.array([[0, 0, 0], [a / 2, a / 2, a / 2]]),
                cell,
                energy=energy,
                forces=np.zeros((2, 3)),
                name=f"{compound}/{percent}",
                compound=compound,
                info=info,
            )
        )
    return frames


CRYSTALS = {"MgO": (12, 8), "CaO": (20, 8), "NaCl": (11, 17), "LiF": (3, 9)}


def four_crystals():
    return [frame for k, (name, numbers) in enumerate(CRYSTALS.items()) for frame in eos_frames(name, numbers, 1 + 0.2 * k)]


def thirty_crystals():
    return [frame for k in range(30) for frame in eos_frames(f"X{k}", (12, 8), 1 + 0.01 * k, 4 + 0.01 * k)]


def moduli(result):
    return [row for row in result.rows if row.quantity == "bulk modulus"]


def run_eos(window, frames, mode="static", models=(MODEL,)):
    window.session.run(models, family("eos").plan(frames), family="eos", mode=mode)


def entry(window, place=0):
    return window.session.families.entries[place]


@pytest.fixture
def project(window, qtbot, tmp_path):
    """A window on an empty project."""
    open_with(window, qtbot, tmp_path / "families.temper")
    return window


def test_a_family_job_ends_in_rows_and_curves_of_every_system(project, qtbot, model):
    """Energies at 80 % give bulk moduli at 80 %, a curve a system, and rows in the project's file."""
    run_eos(project, four_crystals())
    qtbot.waitUntil(lambda: bool(project.session.families.entries) and settled(project))
    result = entry(project).result
    assert [row.system for row in moduli(result)] == list(CRYSTALS)
    assert [row.predicted / row.reference for row in moduli(result)] == pytest.approx([0.8] * 4, rel=1e-6)
    assert {curve.system for curve in result.curves} == set(CRYSTALS)
    assert not entry(project).running
    assert "Equations of state" in rows(project)[-1].title
    qtbot.waitUntil(lambda: not project.session.background._writes)
    kept = project.session.project.rows.find(family="eos", model=MODEL)
    assert [row for row in kept if row.quantity == "bulk modulus"] == moduli(result)


def test_rows_come_while_the_job_runs_and_say_so(project, qtbot, model):
    """After the first batch there are rows, marked as running; a pause and a resume lose nothing."""
    model.hold(3)
    frames = thirty_crystals()
    run_eos(project, frames)
    qtbot.waitUntil(lambda: any(entry.result.rows for entry in project.session.families.entries))
    assert entry(project).running
    assert 0 < len(moduli(entry(project).result)) < 30
    identity = rows(project)[-1].id
    project.session.jobs.pause(identity)
    model.let_go()
    qtbot.waitUntil(lambda: rows(project)[-1].state is JobState.PAUSED)
    project.session.jobs.resume(identity)
    qtbot.waitUntil(lambda: settled(project) and not entry(project).running)
    assert len(moduli(entry(project).result)) == 30


def test_the_relaxed_mode_is_an_entry_of_its_own(project, qtbot, model):
    frames = four_crystals()
    model.labels = {frame.content_hash: frame.with_changes(forces=None) for frame in frames}
    run_eos(project, frames, mode="relaxed")
    qtbot.waitUntil(lambda: bool(project.session.families.entries) and settled(project))
    assert entry(project).result.mode == "relaxed"
    assert "relaxed" in rows(project)[-1].title
    assert [row.predicted / row.reference for row in moduli(entry(project).result)] == pytest.approx([0.8] * 4)


def test_a_restart_shows_the_same_rows_and_asks_no_model(make_window, qtbot, tmp_path, model):
    """Closed and opened again, static and relaxed entries are there, reduced from kept predictions."""
    first = make_window()
    open_with(first, qtbot, tmp_path / "families.temper")
    frames = four_crystals()
    model.labels = {frame.content_hash: frame.with_changes(forces=None) for frame in frames}
    run_eos(first, frames)
    run_eos(first, frames, mode="relaxed")
    qtbot.waitUntil(lambda: len(first.session.families.entries) == 2 and settled(first))
    before = {one.key: one.result.rows for one in first.session.families.entries}
    first.close()
    asked = len(model.asked)
    second = make_window()
    open_with(second, qtbot, tmp_path / "families.temper")
    qtbot.waitUntil(lambda: len(second.session.families.entries) == 2)
    assert {one.key: one.result.rows for one in second.session.families.entries} == before
    assert len(model.asked) == asked


def test_a_job_left_by_an_earlier_session_goes_on(make_window, qtbot, tmp_path, model):
    """What was computed before the program ended is shown at once; Resume computes only the rest."""
    first = make_window()
    open_with(first, qtbot, tmp_path / "families.temper")
    frames = thirty_crystals()
    model.hold(3)
    run_eos(first, frames)
    qtbot.waitUntil(lambda: any(one.result.rows for one in first.session.families.entries))
    first.close()
    asked = len(model.asked)
    model.let_go()
    second = make_window()
    open_with(second, qtbot, tmp_path / "families.temper")
    qtbot.waitUntil(lambda: any(one.result.rows for one in second.session.families.entries))
    assert len(model.asked) == asked
    assert rows(second)[-1].state is JobState.INTERRUPTED
    second.session.jobs.resume(rows(second)[-1].id)
    qtbot.waitUntil(lambda: rows(second)[-1].state is JobState.DONE and settled(second))
    assert len(moduli(entry(second).result)) == 30
    assert len(model.asked) == 210


def test_a_failed_frame_costs_its_system_only_and_retry_brings_it_back(project, qtbot, model):
    model.fails = lambda frame: frame.formula == "NaCl"
    run_eos(project, four_crystals())
    qtbot.waitUntil(lambda: bool(project.session.families.entries) and settled(project))
    assert {row.system for row in entry(project).result.rows} == {"MgO", "CaO", "LiF"}
    assert rows(project)[-1].failed == 7
    model.fails = lambda _frame: False
    project.session.jobs.retry(rows(project)[-1].id)
    qtbot.waitUntil(lambda: rows(project)[-1].failed == 0 and settled(project))
    assert {row.system for row in entry(project).result.rows} == set(CRYSTALS)
    assert len(rows(project)) == 1


def test_filters_and_hidden_models_hold_for_families_too(project, qtbot):
    run_eos(project, four_crystals())
    qtbot.waitUntil(lambda: bool(project.session.families.entries) and settled(project))
    filtered = project.session.filter.__class__(elements=frozenset({"Na", "Li"}))
    project.session.set_filter(filtered)
    qtbot.waitUntil(lambda: settled(project))
    assert {row.system for row in entry(project).result.rows} == {"NaCl", "LiF"}
    assert {curve.system for curve in entry(project).result.curves} == {"NaCl", "LiF"}
    project.session.undo_stack.undo()
    qtbot.waitUntil(lambda: settled(project))
    assert {row.system for row in entry(project).result.rows} == set(CRYSTALS)
    project.session.show_model(MODEL, shown=False)
    assert project.session.families.entries == ()


def test_sets_of_other_families_do_not_enter_the_force_scale(window, qtbot, tmp_path, model):
    """Scaled cells in the browser have forces too, but the scale of high-energy states is that of its own sets."""
    states = ReferenceSet("states", "States", tuple(labelled("GaAs", [31, 33, 31, 33], 6)))
    cells = ReferenceSet("cells", "Cells", tuple(labelled("MgO", [12, 8, 12, 8], 6)), family="eos")
    open_with(window, qtbot, tmp_path / "both.temper", states, cells)
    window.session.run([MODEL], window.session.structures.frames)
    qtbot.waitUntil(lambda: settled(window) and any(one.summary.compounds for one in window.session.shown_evaluations))
    assert {one.name for one in window.session.shown_evaluations[0].summary.compounds} == {"GaAs"}
