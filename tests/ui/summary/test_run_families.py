"""Families from the benchmark panel to the summary, the curve and the structure, by click, on the cheap model and on CHGNet."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from test_family_results import CRYSTALS, four_crystals, settled
from window_steps import click, labelled, open_with, press

from guiapp.engine.job import JobState
from guiapp.frames.reference_set import Provenance, ReferenceSet
from guiapp.ui.benchmark.family_sources import BUILT_IN, OPEN, SHIPPED, find_sources
from guiapp.ui.selection import Selection

LEFT = Qt.MouseButton.LeftButton


def crystals():
    return ReferenceSet("cells", "My crystals", tuple(four_crystals()), Provenance(functional="PBE"), "eos")


def go_on():
    return


@pytest.fixture
def with_crystals(window, qtbot, tmp_path):
    """A window on a project that holds four crystals at seven volumes."""
    open_with(window, qtbot, tmp_path / "crystals.temper", crystals())
    return window


def open_setup(window, qtbot):
    click(window.top_bar.buttons["run.benchmark"])
    qtbot.waitUntil(lambda: window.setup.isVisible() and bool(window.setup.families["eos"].source_boxes))
    return window.setup


def tick(box):
    QTest.mouseClick(box, LEFT, pos=box.rect().topLeft() + box.rect().center() / 4)


def test_every_family_finds_its_shipped_set_and_the_users_own():
    """Shipped and built-in sets where they belong; the user's crystals for equations of state; a set that is open is not offered twice."""
    found = find_sources((crystals(),), stop=go_on)
    eos = {source.key: source for source in found if source.family == "eos"}
    assert set(eos) == {(OPEN, "cells"), (SHIPPED, "eos"), (BUILT_IN, "all-electron-elements")}
    assert eos[OPEN, "cells"].n_systems == 4
    assert eos[BUILT_IN, "all-electron-elements"].n_systems == 71
    assert {"phonons", "surfaces", "solid-solution", "migration"} <= {source.family for source in found if source.where == SHIPPED}
    shipped = ReferenceSet("eos", "Opened", eos[SHIPPED, "eos"].frames, family="eos")
    assert [source.where for source in find_sources((shipped,), stop=go_on) if source.family == "eos"] == [OPEN, BUILT_IN]


def test_families_run_by_click_and_end_on_the_axis(with_crystals, qtbot, model):
    """Run benchmark, tick a family, Run: the summary says 20 % and a click leads on to the system, its structure and its curve."""
    window = with_crystals
    setup = open_setup(window, qtbot)
    choice = setup.families["eos"]
    assert not choice.source_boxes[OPEN, "cells"].isVisible()
    assert not setup.high_energy.isChecked()  # there are no high-energy states in this project
    assert not setup.run.isEnabled()
    assert "at least one family" in setup.estimate.text()
    tick(choice.box)
    assert choice.source_boxes[OPEN, "cells"].isChecked()
    assert not choice.source_boxes[SHIPPED, "eos"].isChecked()
    assert "28 frames" in setup.estimate.text()
    assert "B₀" in choice.words.text()
    click(setup.run)
    qtbot.waitUntil(lambda: bool(window.session.families.entries) and settled(window))
    assert window.results.tab == "summary"
    assert window.results.headline == "CHGNet 0.3.0 is soft in 1 of 1 family"
    summary = window.results.summary_page
    QTest.mouseClick(summary.axis, LEFT, pos=summary.axis.row_rect("eos").center().toPoint())
    assert [entry.deviation for entry in summary.systems.model.entries] == pytest.approx([-0.2] * 4)
    view = summary.systems.view
    QTest.mouseClick(view.viewport(), LEFT, pos=view.visualRect(summary.systems.model.index(2, 0)).center())
    system = summary.systems.model.entries[2].row.system
    assert window.session.selection.current.compound == system
    assert window.viewer.frame.compound == system
    click(summary.systems.curve)
    assert window.results.tab == "curvature"
    assert window.results.curves_page.shown == ("eos", system)


def test_shipped_structures_run_without_opening_anything(window, qtbot, tmp_path, model):
    """In an empty project the shipped orderings run, relaxed mode is offered, and frames of the family step in the viewer."""
    open_with(window, qtbot, tmp_path / "empty.temper")
    setup = open_setup(window, qtbot)
    choice = setup.families["solid-solution"]
    tick(choice.box)
    assert choice.mode.isVisible()
    assert choice.mode.count() >= 2
    click(setup.run)
    qtbot.waitUntil(lambda: bool(window.session.families.entries) and settled(window))
    assert window.jobs_panel.jobs()[-1].state is JobState.DONE
    assert window.session.structures.frames == ()
    entry = window.session.families.entries[0]
    window.results.system_activated.emit("solid-solution", entry.result.rows[0].system)
    first = window.viewer.frame
    assert first is not None
    window.viewer.step_requested.emit(1)
    assert window.viewer.frame is not first
    assert window.session.selection.current.frame == window.viewer.frame.content_hash


def test_keys_reach_the_five_tabs_and_one_correction_holds_in_all(with_crystals, qtbot):
    window = with_crystals
    window.session.run(["chgnet-0.3.0"], window.session.structures.frames, family="eos")
    qtbot.waitUntil(lambda: bool(window.session.families.entries) and settled(window))
    tabs = []
    for key in range(1, 6):
        press(window, f"Ctrl+{key}")
        tabs.append(window.results.tab)
    assert tabs == ["summary", "parity", "compounds", "curvature", "elements"]
    results = window.results
    results.summary_page.correction.set_value(1.2)
    assert (results.parity_page.correction.value, results.curves_page.correction.value) == (1.2, 1.2)
    results.curves_page.correction.set_value(0.9)
    assert results.summary_page.correction.value == 0.9


def test_forces_and_families_stand_on_one_axis(window, qtbot, tmp_path, model):
    """Both kinds of rows, two models compared on the same frames, and the filter beside them."""
    states = ReferenceSet("states", "States", tuple(f for c in ("MgO", "LiF", "GaAs") for f in labelled(c, [12, 8, 12, 8], 5)))
    open_with(window, qtbot, tmp_path / "both.temper", states, crystals())
    models = ["chgnet-0.3.0", "chgnet-0.2.0"]
    window.session.run(models, states.frames)
    window.session.run(models, crystals().frames, family="eos")
    qtbot.waitUntil(lambda: len(window.session.families.entries) == 2 and settled(window) and window.session.evaluations.is_up_to_date)
    summary = window.results.summary_page
    assert [row.family for row in summary.axis.rows] == ["high-energy", "eos"]
    qtbot.waitUntil(lambda: "is nearer to DFT than CHGNet 0.2.0 in 2 of 2 families" in summary.pair.sentence.text())
    assert "30 eV/Å" in summary.filter_note.text()
    window.session.selection.select(Selection())
    window.session.set_filter(window.session.filter.__class__(elements=frozenset({"Na"})))
    qtbot.waitUntil(lambda: window.session.evaluations.is_up_to_date and settled(window))
    assert "Na only" in summary.filter_note.text()
    assert set(CRYSTALS) > {row.system for row in window.session.families.entries[0].result.rows} == {"NaCl"}


@pytest.mark.slow
def test_results_of_families_are_exported_beside_the_forces(with_crystals, qtbot, tmp_path):
    """Without any forces, Export writes rows, summary and curves of the family into a folder of its own."""
    window = with_crystals
    press(window, "Ctrl+E")
    assert "no result yet" in window.statusBar().currentMessage()
    window.session.run(["chgnet-0.3.0"], window.session.structures.frames, family="eos")
    qtbot.waitUntil(lambda: bool(window.session.families.entries) and settled(window))
    window.session.export_results(tmp_path / "out")
    qtbot.waitUntil(lambda: "written to" in window.statusBar().currentMessage())
    names = {path.name for path in (tmp_path / "out" / "eos").iterdir()}
    assert {"rows.csv", "summary.json", "curves-eos.csv", "chgnet-0.3.0-eos-parity.svg"} <= names
    assert not (tmp_path / "out" / "rows.csv").exists()


def test_a_dropped_file_is_read_for_its_composition(with_crystals, qtbot, tmp_path):
    path = tmp_path / "POSCAR"
    path.write_text("NaCl\n1.0\n5.6 0 0\n0 5.6 0\n0 0 5.6\nNa Cl\n1 1\nDirect\n0 0 0\n0.5 0.5 0.5\n", encoding="utf-8")
    page = with_crystals.results.summary_page
    page.affected.structure_dropped.emit(path)
    qtbot.waitUntil(lambda: page.affected.formula.text() == "NaCl")
    broken = tmp_path / "broken.cif"
    broken.write_text("nothing", encoding="utf-8")
    page.affected.structure_dropped.emit(broken)
    qtbot.waitUntil(lambda: not page.affected.formula.text())


@pytest.mark.slow
def test_chgnet_on_shipped_families_in_worker_processes(make_window, qtbot, tmp_path):
    """The real model on shipped sets: (Ca,Mg)O and one path; too few paths for a number are told as such."""
    window = make_window(executor=None)
    open_with(window, qtbot, tmp_path / "real.temper")
    setup = open_setup(window, qtbot)
    for family in ("solid-solution", "migration"):
        tick(setup.families[family].box)
    click(setup.run)
    qtbot.waitUntil(lambda: len(window.session.families.entries) == 2 and settled(window), timeout=180_000)
    words = {row.family: row.marks[0].words for row in window.results.summary_page.axis.rows}
    assert "not enough signal" in words["migration"]
    assert "orderings" in words["solid-solution"]
