"""Scans and hops are set up with real clicks, become sets of the project, and are run."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from window_steps import click, open_with, settled

from guiapp.frames.frame import Frame
from guiapp.frames.reference_set import Provenance, ReferenceSet
from guiapp.ui.curves.hop_setup import HopSetup
from guiapp.ui.curves.scan_setup import ScanSetup
from guiapp.ui.selection import Selection
from guiapp.ui.theme import DARK, LIGHT


def rock_salt(edge=4.2, **changes):
    corners = np.array([[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]]) * edge / 2
    positions = np.vstack([corners, corners + np.array([edge / 2, 0, 0])])
    fields = {"name": "bulk", "compound": "MgO", "energy": -47.0, "forces": np.zeros((8, 3)), **changes}
    return Frame(np.array([12] * 4 + [8] * 4), positions, np.eye(3) * edge, **fields)


@pytest.fixture
def scan(qtbot):
    panel = ScanSetup(LIGHT)
    qtbot.addWidget(panel)
    panel.set_models(["Model"])
    panel.set_frame(rock_salt(), 4)
    panel.show()
    return panel


def made(panel):
    request = panel.request()
    return request.set_up.make(request.frames)


def test_the_picked_atom_moves_along_an_axis(scan):
    """Atom 5 of the selection, an O, goes 0.2 Å to both sides of where it is."""
    click(scan.direction.buttons[2])
    frames = made(scan)
    moved = np.array([frame.positions - rock_salt().positions for frame in frames])
    np.testing.assert_allclose(moved[:, 4, 2], np.linspace(-0.2, 0.2, 9), atol=1e-12)
    moved[:, 4, 2] = 0
    assert not moved.any()
    assert "O 5 along z" in scan.words.text()
    assert "no DFT labels" in scan.words.text()


def test_towards_the_nearest_atom(scan):
    """The O goes straight to one of its Mg neighbours at half an edge."""
    click(scan.direction.buttons[3])
    direction = np.array(scan.request().set_up.directions[0])
    assert np.linalg.norm(direction) == pytest.approx(2.1)


def test_own_direction_may_not_be_zero(scan):
    """A vector of zeros cannot be run, and the panel says why."""
    click(scan.direction.buttons[4])
    assert scan.own[0].isVisible()
    scan.own[0].setValue(0)
    assert not scan.run.isEnabled()
    assert "not all zero" in scan.words.text()
    scan.own[1].setValue(1)
    assert scan.run.isEnabled()


def test_strain(scan):
    """Three per cent to both sides, in per cent on the panel and a fraction in the frames."""
    click(scan.kind.buttons[1])
    assert scan.reach.suffix() == " %"
    assert not scan.atom.isVisible()
    frames = made(scan)
    assert frames[0].volume == pytest.approx(4.2**3 * 0.97**3)
    assert frames[-1].volume == pytest.approx(4.2**3 * 1.03**3)


def test_modes_need_displaced_supercells(scan):
    """Without them the choice is there and says what is missing; with them a mode can be chosen."""
    button = scan.kind.buttons[2]
    assert not button.isEnabled()
    assert "displaced supercells" in button.toolTip()
    perfect = rock_salt(info={"role": "perfect", "system": "MgO"})
    moved = perfect.with_changes(info={"role": "displaced", "system": "MgO"})
    scan.set_frame(perfect, None, [perfect, moved])
    click(button)
    assert scan.request().set_up.modes == (24,)
    assert len(scan.request().frames) == 2


def test_no_model_no_run(scan):
    """A scan that no model is shown for cannot be run."""
    scan.set_models([])
    assert not scan.run.isEnabled()
    assert "top bar" in scan.words.text()
    scan.set_palette(DARK)


def test_hop_into_a_vacancy(qtbot):
    """One O fewer than in the supercell, the moving O first, five images."""
    panel = HopSetup(LIGHT)
    qtbot.addWidget(panel)
    panel.set_models(["Model"])
    panel.set_frame(rock_salt(), 6)
    panel.show()
    assert panel.ion.currentText() == "O"
    for box in panel.repeats:
        box.setValue(2)
    frames = made(panel)
    assert len(frames) == 5
    assert {frame.n_atoms for frame in frames} == {63}
    assert frames[0].symbols[0] == "O"
    assert panel.request().set_up.family == "migration"


def test_extra_ion_of_another_element(qtbot):
    """Between holes any element may hop; into a vacancy only the crystal's own."""
    panel = HopSetup(LIGHT)
    qtbot.addWidget(panel)
    panel.set_models(["Model"])
    panel.set_frame(rock_salt())
    panel.show()
    click(panel.kind.buttons[1])
    panel.ion.setEditText("Li")
    assert panel.request().set_up.interstitial
    panel.ion.setEditText("Qq")
    assert not panel.run.isEnabled()
    assert "Qq" in panel.words.text()


def test_from_the_menu_to_the_curve(window, qtbot, tmp_path):
    """Select, open the panel, press Enter: the set is in the project, the family runs, and its curve is shown."""
    one = ReferenceSet("bulk", "Bulk", (rock_salt(),), Provenance(functional="PBE"))
    open_with(window, qtbot, tmp_path / "work.temper", one)
    session, paths = window.session, window.wiring.families.paths
    session.selection.select(Selection())
    assert "select a structure" in paths.reason_against
    window.run_action("run.scan")
    assert paths.panel is None
    session.add_model("chgnet-0.3.0")
    session.selection.select(Selection("MgO", one.frames[0].content_hash, 0))
    assert not paths.reason_against
    window.run_action("run.scan")
    QTest.keyClick(paths.panel, Qt.Key.Key_Return)
    assert not paths.panel.isVisible()
    qtbot.waitUntil(lambda: any(entry.result.curves for entry in session.families.entries) and settled(window), timeout=60_000)
    qtbot.waitUntil(lambda: len(session.structures.sets) == 2)
    assert session.structures.sets[1].family == "curvature"
    page = window.results.curves_page
    qtbot.waitUntil(lambda: page.shown[0] == "curvature")
    assert "no DFT result" in page.headline.text()
    assert [plot.panel.kind for plot in page.figure.plots] == ["scan", "scan-force"]
    window.run_action("run.hop")
    assert isinstance(paths.panel, HopSetup)
    assert not window.desk.mixing_bar.isVisible()
