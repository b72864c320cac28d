"""The page with real clicks and keys: walking the list, picking points, correcting, exporting, and standing still while a job runs."""

from __future__ import annotations

import csv
import time
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from guiapp.errors import UserFacingError
from guiapp.ui.curves.page import CurvesPage
from guiapp.ui.theme import DARK, LIGHT, apply_theme


@pytest.fixture
def page(qtbot, qapp):
    apply_theme(qapp, LIGHT)
    one = CurvesPage(LIGHT)
    one.resize(1000, 700)
    qtbot.addWidget(one)
    one.show()
    qtbot.waitExposed(one)
    yield one
    qtbot.waitUntil(lambda: not one._wulff.busy)


@pytest.fixture
def filled(page, make):
    page.set_entries([make["eos"](0.8), make["eos"](0.9, 1), make["migration"](0.8), make["surfaces"](0.7), make["phonons"](0.8)])
    QApplication.processEvents()
    return page


def click_line(page, family, system):
    place = page.systems.visualRect(page.systems.index_of(family, system)).center()
    QTest.mouseClick(page.systems.viewport(), Qt.MouseButton.LeftButton, pos=place)


def click_point(page, panel, series, index):
    """Click a point as a hand does: the mouse goes there first."""
    viewport, place = page.figure.canvas.viewport(), page.figure.place_of(panel, series, index)
    QTest.mouseMove(viewport, place)
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=place)


def number_of(page, title, *, points=True):
    panel = page.figure.picture.panels[0]
    return next(k for k, s in enumerate(panel.series) if s.title == title and s.points == points and not s.ghost)


def test_empty_page_says_what_to_do(page):
    """Before any family ran there is a sentence and no plot."""
    assert page.headline.text() == "No curve yet"
    assert "Run a benchmark" in page.evidence.text()
    assert not page.figure.plots
    assert not page.correction.isEnabled()


def test_first_system_is_told(filled):
    """The sentence is that of the first model, the evidence has DFT's number and the other model's."""
    assert filled.shown == ("eos", "CaO")
    assert filled.headline.text() == "Model 0 is 20 % too soft in the bulk modulus"
    assert "−20 %" in filled.evidence.text()
    assert "Model 1: " in filled.evidence.text()
    assert len(filled.figure.plots) == 1


def test_click_in_the_list_shows_the_system(filled, qtbot):
    """A click on bands shows two panels, and tells the rest of the window."""
    with qtbot.waitSignal(filled.system_activated) as told:
        click_line(filled, "phonons", "NaCl")
    assert told.args == ["phonons", "NaCl"]
    assert [plot.panel.kind for plot in filled.figure.plots] == ["bands", "dos"]
    assert "phonon frequencies" in filled.headline.text()
    left, right = filled.figure.plots
    assert right.vb.viewRange()[1] == pytest.approx(left.vb.viewRange()[1])


def test_arrow_keys_walk_through_systems(filled, qtbot):
    """Down goes on to the next system, over the head of a family."""
    filled.systems.setFocus()
    filled.show_system("eos", "MgO")
    filled.systems.setFocus()
    seen = []
    filled.system_activated.connect(lambda family, system: seen.append((family, system)))
    for _ in range(3):
        QTest.keyClick(filled.systems, Qt.Key.Key_Down)
    assert ("phonons", "NaCl") in seen
    assert filled.shown == seen[-1]


def test_click_on_a_point_shows_its_frame(filled, qtbot):
    """The frame behind the point of a model is the one at that volume."""
    filled.show_system("eos", "MgO")
    QApplication.processEvents()
    series = number_of(filled, "Model 0")
    expected = filled.figure.picture.panels[0].series[series].frames[6]
    with qtbot.waitSignal(filled.frame_activated, timeout=2000) as told:
        click_point(filled, 0, series, 6)
    assert told.args == [expected]


def test_click_beside_points_does_nothing(filled, qtbot):
    """Empty space is no point."""
    filled.show_system("eos", "MgO")
    QApplication.processEvents()
    middle = filled.figure.place_of(0, number_of(filled, "Model 0"), 3)
    with qtbot.assertNotEmitted(filled.frame_activated, wait=100):
        QTest.mouseClick(filled.figure.canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(middle.x() + 5, middle.y() - 120))


def test_click_on_a_facet_picks_it(filled, qtbot):
    """In the parity of facets a point is a system, and becomes the picked one."""
    filled.show_system("surfaces", "CaO(100)")
    QApplication.processEvents()
    series = filled.figure.picture.panels[0].series[0]
    before = filled.figure.plots[0].vb.viewRange()
    with qtbot.waitSignal(filled.system_activated, timeout=2000) as told:
        click_point(filled, 0, 0, series.systems.index("MgO(110)"))
    assert told.args == ["surfaces", "MgO(110)"]
    assert filled.shown == ("surfaces", "MgO(110)")
    assert filled.systems.current() == filled.shown
    assert filled.figure.plots[0].vb.viewRange() == before


def test_keys_walk_and_pick_points(filled, qtbot):
    """Without a mouse: right to the next point, Return picks it."""
    filled.show_system("migration", "MgO hop")
    filled.figure.setFocus()
    QTest.keyClick(filled.figure.canvas, Qt.Key.Key_Right)
    QTest.keyClick(filled.figure.canvas, Qt.Key.Key_Right)
    with qtbot.waitSignal(filled.frame_activated) as told:
        QTest.keyClick(filled.figure.canvas, Qt.Key.Key_Return)
    dft = next(s for s in filled.figure.picture.panels[0].series if s.points)
    assert told.args == [dft.frames[1]]


def test_correction_redraws_at_once(filled, qtbot):
    """The best fit of the family is offered, and one click puts the model on DFT; the list follows."""
    filled.show_system("eos", "MgO")
    assert "1.25" in filled.correction.best_fit_chip.text()
    with qtbot.waitSignal(filled.correction_changed) as told:
        QTest.mouseClick(filled.correction.best_fit_chip, Qt.MouseButton.LeftButton)
    assert told.args[0] == pytest.approx(1.25, abs=1e-6)
    panel = filled.figure.picture.panels[0]
    dft, model = panel.series[1], panel.series[number_of(filled, "Model 0")]
    np.testing.assert_allclose(model.y, dft.y, atol=1e-4)
    assert filled.headline.text() == "Model 0 × 1.25 is equal to DFT in the bulk modulus"
    qtbot.waitUntil(lambda: abs(filled.systems.families[0].systems[0].deviation) < 1e-6)


def test_live_entries_leave_axes_and_selection_alone(page, make, qtbot):
    """Twenty updates of a running job: the picked system stays, and axes move only when data leave them."""
    page.set_entries([make["eos"](0.8, running=True)])
    page.show_system("eos", "LiF")
    QApplication.processEvents()
    before = page.figure.plots[0].vb.viewRange()
    plot = page.figure.plots[0]
    for step in range(20):
        page.set_entries([make["eos"](0.8 + 0.01 * step, running=True)])
        QApplication.processEvents()
    assert page.shown == page.systems.current() == ("eos", "LiF")
    assert page.figure.plots[0] is plot
    assert plot.vb.viewRange() == before
    assert page.headline.text().endswith(", so far")
    page.set_entries([make["eos"](3.0)])
    QApplication.processEvents()
    after = plot.vb.viewRange()
    assert after[0] == before[0]
    assert after[1][1] > before[1][1]
    assert after[1][0] == before[1][0]


def test_a_zoomed_view_is_left_alone_until_fit(filled):
    """What the user zoomed stays, even when data leave it, until F."""
    filled.show_system("eos", "MgO")
    QApplication.processEvents()
    plot = filled.figure.plots[0]
    before = plot.vb.viewRange()
    plot.vb.setRange(xRange=(19, 20), yRange=(0, 2), padding=0)
    plot.vb.sigRangeChangedManually.emit(plot.vb.state["mouseEnabled"])
    filled.correction.set_value(2.0)
    assert plot.vb.viewRange() == [[19, 20], [0, 2]]
    QTest.mouseClick(filled.fit_button, Qt.MouseButton.LeftButton)
    QApplication.processEvents()
    assert plot.vb.viewRange()[0] == before[0]


def test_modes_are_chosen_where_there_are_two(page, make):
    """Static and relaxed results of one family are not mixed on the same axes."""
    page.set_entries([make["eos"](0.8), make["eos"](0.6, mode="relaxed")])
    assert page.mode.isVisible()
    assert page.headline.text().startswith("Model 0 is 20 %")
    QTest.mouseClick(page.mode.buttons[1], Qt.MouseButton.LeftButton)
    assert page.headline.text().startswith("Model 0 is 40 %")
    page.set_entries([make["eos"](0.8)])
    assert not page.mode.isVisible()
    assert page.headline.text().startswith("Model 0 is 20 %")


def test_a_path_found_by_the_model_is_chosen_beside_the_others(page, make):
    """Each mode of migration has its button and its numbers, and a mode that was not run has none."""
    static = make["migration"](0.9)
    other = {mode: make["migration"](scale).result for mode, scale in (("relaxed", 0.7), ("neb", 0.5))}
    relaxed, neb = (replace(static, result=replace(other[m], mode=m)) for m in ("relaxed", "neb"))
    page.set_entries([static])
    assert not page.mode.isVisible()
    page.set_entries([neb, static, relaxed])  # they come in while the static ones are shown
    assert page.mode.isVisible()
    assert [button.isVisible() for button in page.mode.buttons] == [True, True, True]
    for place, percent in ((2, 50), (1, 30), (0, 10)):
        QTest.mouseClick(page.mode.buttons[place], Qt.MouseButton.LeftButton)
        assert page.headline.text().startswith(f"Model 0 is {percent} %")
    page.set_entries([neb, static])
    assert [button.isVisible() for button in page.mode.buttons] == [True, False, True]
    page.set_entries([neb])
    assert page.headline.text().startswith("Model 0 is 50 %")


def test_selection_from_elsewhere(filled, qtbot):
    """A compound picked in the browser shows what is known of it, without an echo; an unknown one changes nothing."""
    with qtbot.assertNotEmitted(filled.system_activated, wait=50):
        filled.set_selection("LiF")
        assert filled.shown == ("eos", "LiF")
        filled.set_selection("NaCl")
        assert filled.shown == ("phonons", "NaCl")
        filled.set_selection("GaAs")
        filled.set_selection("")
        assert filled.shown == ("phonons", "NaCl")
        filled.show_system("surfaces", "MgO(100)")
        filled.set_selection("MgO")  # it is about MgO already
        assert filled.shown == ("surfaces", "MgO(100)")


def test_exports_every_format(filled, qtbot, tmp_path):
    """Picture, drawings and numbers of what is seen; a folder that is not there is told."""
    filled.show_system("phonons", "NaCl")
    QApplication.processEvents()
    said = []
    filled.told.connect(said.append)
    for ending in ("png", "svg", "pdf", "csv"):
        path = tmp_path / f"bands.{ending}"
        with qtbot.waitSignal(filled.export_menu.saved):
            filled.export_menu.save(path)
        assert path.stat().st_size > 1000
    assert len(said) == 4
    with (tmp_path / "bands.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    model = [row for row in rows if row["series"] == "Model 0" and row["panel"] == "NaCl" and row["y axis"] == "frequency (THz)"]
    assert len(model) == 6 * 60
    assert filled.figure.suggested_name() == "phonons NaCl"
    with qtbot.waitSignal(filled.export_failed) as failed:
        filled.export_menu.save(tmp_path / "nowhere" / "x.png")
    assert isinstance(failed.args[0], UserFacingError)


def test_crystal_shapes_stand_side_by_side(page, make, qtbot, tmp_path):
    """DFT and both models get a shape; energies follow c, forms do not, and one kind of facet makes no shape."""
    page.set_entries([make["surfaces"](0.5), make["surfaces"](0.7, 1)])
    page.show_system("surfaces", "MgO(110)")
    qtbot.waitUntil(lambda: len(page.shapes.shapes) == 3, timeout=30_000)
    assert page.shapes.isVisible()
    dft, model = page.shapes.shapes[:2]
    assert model.shape.mean_surface_energy == pytest.approx(0.5 * dft.shape.mean_surface_energy)
    assert dict(model.shape.fractions) == pytest.approx(dict(dft.shape.fractions))
    page.correction.set_value(2.0)
    assert page.shapes.shapes[1].shape is model.shape
    told = page.shapes.accessibleDescription().split("; Model")
    assert told[1].split(" J/m²")[0].split()[-1] == told[0].split(" J/m²")[0].split()[-1]
    with qtbot.waitSignal(page.export_menu.saved):
        page.export_menu.save(tmp_path / "shapes.csv")
    assert "crystal shape (Wulff)" in (tmp_path / "shapes.csv").read_text(encoding="utf-8-sig")
    page.export_menu.save(tmp_path / "shapes.png")
    assert (tmp_path / "shapes.png").stat().st_size > 1000
    page.show_system("surfaces", "CaO(100)")
    assert not page.shapes.isVisible()


def test_numbers_are_explained(filled):
    """Each line of the table has the formula of its quantity in its tooltip."""
    filled.show_system("eos", "MgO")
    names = [filled.numbers.item(line, 0) for line in range(filled.numbers.rowCount())]
    assert names[0].text() == "bulk modulus (GPa)"
    assert "d²E/dV²" in names[0].toolTip()
    assert "(−20 %)" in filled.numbers.item(0, 2).text()


def test_both_themes_and_sizes(filled):
    """Another palette repaints; a small window keeps everything inside."""
    filled.set_palette(DARK)
    filled.resize(720, 520)
    QApplication.processEvents()
    picture = filled.figure.grab().toImage()
    assert picture.pixelColor(picture.width() - 3, 3).name().upper() == DARK.surface
    assert filled.minimumSizeHint().width() <= 720


@pytest.mark.parametrize("family", ["eos", "phonons"])
def test_redraw_is_quick(page, make, family):
    """24 systems of 4 models: a step of the slider and a live update take well below 50 ms of processor time each."""
    names = [f"System {k}" for k in range(24)]
    if family == "eos":
        entries = [make["eos"](0.8 + 0.05 * k, k, systems=dict.fromkeys(names, 40.0)) for k in range(4)]
    else:
        entries = [make["phonons"](0.8 + 0.05 * k, k, systems=names, bands=12, points=400) for k in range(4)]
    page.set_entries(entries)
    QApplication.processEvents()

    def cost(change):
        times = []
        for step in range(7):
            start = time.process_time()
            change(step)
            page.figure.canvas.viewport().repaint()
            times.append(time.process_time() - start)
        return min(times)

    # Half a second would still pass on a busy machine; what is guarded against is a redraw that grows with lines times models.
    assert cost(lambda step: page.correction.set_value(1.1 + 0.01 * step)) < 0.15
    assert cost(lambda step: page.set_entries([replace(entry, running=bool(step % 2)) for entry in entries])) < 0.15
