"""One selection and one filter for the whole window: what is picked or filtered in one view shows in all others."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from window_steps import press, settled

from guiapp.benchmarks.frame_filter import FrameFilter
from guiapp.ui.selection import Selection

LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier


def numbers(window):
    """Return what every view says: sentence, evidence, counts of table and ranking, components in the plot."""
    results = window.results
    results.show_tab("compounds")
    lines = results.table.model.rowCount()
    results.show_tab("parity")
    series = results.parity_page.parity._series
    return (
        results.headline,
        results.evidence,
        lines,
        len(results.parity_page.ranking.rows),
        sum(len(one.dft) for one in series),
    )


def wait(window, qtbot):
    qtbot.waitUntil(lambda: settled(window))


def frames(window, compound):
    return [frame for frame in window.session.structures.frames if frame.compound == compound]


def test_a_click_on_a_point_opens_its_frame_with_the_atom(measured, qtbot):
    """Parity to viewer, browser and ranking: the point's frame is shown and its atom marked."""
    measured.results.show_tab("parity")
    parity = measured.results.parity_page.parity
    evaluation = measured.session.shown_evaluations[0]
    index = int(np.argmax(np.abs(evaluation.components.dft)))
    qtbot.mouseClick(parity._canvas.viewport(), LEFT, pos=parity.position_of(0, index))
    qtbot.waitUntil(lambda: measured.session.selection.current.atom is not None)
    frame = evaluation.table.frames[int(evaluation.components.frame[index])]
    assert measured.viewer.frame is frame
    assert measured.viewer._atom == int(evaluation.components.atom[index])
    assert measured.browser.selected_frames() == (frame,)
    assert measured.results.parity_page.ranking.current == frame.compound


def test_a_click_in_the_ranking_selects_the_compound_everywhere(measured, qtbot):
    """Ranking to browser and viewer."""
    measured.results.parity_page.ranking.compound_activated.emit("LiF")
    assert measured.session.selection.current == Selection("LiF")
    assert measured.viewer.frame.compound == "LiF"
    assert {frame.compound for frame in measured.browser.selected_frames()} == {"LiF"}


def test_the_browser_leads_the_viewer_and_the_arrow_keys_step(measured):
    """A frame picked in the tree is shown with model forces; Ctrl+Right goes to the next of the compound."""
    first, second = frames(measured, "LiF")[:2]
    measured.browser.frame_selected.emit(first)
    assert measured.viewer.frame is first
    assert measured.viewer._models[0].forces.shape == first.forces.shape
    assert "scale 0.8" in measured.viewer.note.text() or "signal" in measured.viewer.note.text()
    press(measured, "Ctrl+Right")
    assert measured.viewer.frame is second
    press(measured, "Ctrl+Left")
    press(measured, "Ctrl+Left")
    assert measured.viewer.frame is frames(measured, "LiF")[-1]  # round at the ends


def test_back_forward_and_escape(measured):
    """Alt+Left and Alt+Right walk through selections; Esc goes from atom to frame to compound to nothing."""
    select = measured.session.selection.select
    frame = frames(measured, "GaAs")[1]
    select(Selection("LiF"))
    select(Selection("GaAs", frame.content_hash, 2))
    press(measured, "Alt+Left")
    assert measured.session.selection.current == Selection("LiF")
    assert {f.compound for f in measured.browser.selected_frames()} == {"LiF"}
    press(measured, "Alt+Right")
    assert measured.viewer.frame is frame
    assert measured.viewer._atom == 2
    for expected in (Selection("GaAs", frame.content_hash), Selection("GaAs"), Selection()):
        press(measured, "Esc")
        assert measured.session.selection.current == expected
    assert not measured.browser.selected_frames()


def test_playing_does_not_bury_the_history(measured, qtbot):
    """Frames that a film shows are no steps that Back walks through."""
    measured.session.selection.select(Selection("LiF"))
    measured.viewer.play_toggled.emit()
    qtbot.waitUntil(lambda: measured.session.selection.current.frame is not None)
    seen = measured.session.selection.current.frame
    qtbot.waitUntil(lambda: measured.session.selection.current.frame != seen)
    measured.viewer.play_toggled.emit()
    press(measured, "Alt+Left")
    assert measured.session.selection.current == Selection()


def test_the_filter_popup_changes_every_number(measured, qtbot):
    """Without the largest force the strong frame counts: evidence, table, plot and chip say so; Ctrl+Z takes it back."""
    before = numbers(measured)
    assert "30 eV/Å" in measured.top_bar.filter_chip.text()
    QTest.mouseClick(measured.top_bar.filter_chip, LEFT)
    popup = measured.filter_popup
    qtbot.waitUntil(popup.isVisible)
    QTest.mouseClick(popup.use_force, LEFT, pos=QPoint(6, popup.use_force.height() // 2))
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert popup.isHidden()
    wait(measured, qtbot)
    measured.activateWindow()
    qtbot.waitUntil(measured.isActiveWindow)
    everything = numbers(measured)
    assert everything[4] == before[4] + 12
    assert "all forces" in everything[1]
    assert "all forces" in measured.top_bar.filter_chip.text()
    press(measured, "Ctrl+Z")
    wait(measured, qtbot)
    assert numbers(measured) == before
    press(measured, "Ctrl+Shift+Z")
    wait(measured, qtbot)
    assert numbers(measured) == everything


def test_the_largest_force_is_typed_and_kept_for_the_next_start(measured, qtbot, make_window):
    """A number typed into the popup acts on Enter, and the project remembers it."""
    popup = measured.filter_popup
    QTest.mouseClick(measured.top_bar.filter_chip, LEFT)
    popup.force.selectAll()
    QTest.keyClicks(popup.force, "1.5")
    QTest.keyClick(popup.force, Qt.Key.Key_Return)
    popup.hide()
    wait(measured, qtbot)
    assert measured.session.filter == FrameFilter(max_force=1.5)
    assert "1.5 eV/Å" in measured.results.evidence
    admitted = [f for f in measured.session.structures.frames if f.largest_force <= 1.5]
    assert sum(c.n_frames for c in measured.session.shown_evaluations[0].summary.compounds) == len(admitted)
    path = measured.session.project.path
    measured.close()
    again = make_window()
    again.session.open(path)
    qtbot.waitUntil(lambda: again.session.filter.max_force == 1.5)


def test_a_filter_that_admits_nothing_is_said(measured, qtbot):
    """No frame left is a state, not an error."""
    measured.session.set_filter(FrameFilter(max_force=0.011))
    wait(measured, qtbot)
    assert numbers(measured)[4] == 0
    assert measured.results.headline
    assert "nan" not in (measured.results.headline + measured.results.evidence).lower()
    for tab in ("compounds", "elements", "parity"):
        measured.results.show_tab(tab)
        measured.grab()


def drag_region(parity, low, high):
    """Drag a rectangle with Shift in data coordinates."""
    canvas = parity._canvas
    target = canvas.viewport()
    start, end = (canvas.mapFromScene(canvas.view.mapViewToScene(QPointF(*xy))) for xy in (low, high))
    QTest.mousePress(target, LEFT, SHIFT, start)
    for t in (0.3, 0.7, 1.0):
        place = start + QPoint(round(t * (end.x() - start.x())), round(t * (end.y() - start.y())))
        kind = QMouseEvent.Type.MouseMove
        event = QMouseEvent(kind, QPointF(place), QPointF(target.mapToGlobal(place)), Qt.MouseButton.NoButton, LEFT, SHIFT)
        QApplication.sendEvent(target, event)
    QTest.mouseRelease(target, LEFT, SHIFT, end)


def test_a_region_in_the_plot_filters_the_browser(measured, qtbot):
    """Shift+drag over the largest forces: only their frames are listed and count; the chip's cross brings all back."""
    measured.results.show_tab("parity")
    parity = measured.results.parity_page.parity
    components = measured.session.shown_evaluations[0].components
    gaps = np.sort(components.dft)
    k = len(gaps) - 12 + int(np.argmax(np.diff(gaps[-12:-2])))  # a gap wide enough for a mouse
    bound = float(gaps[k] + gaps[k + 1]) / 2
    hit = {measured.session.shown_evaluations[0].table.frames[k].content_hash for k in components.frame[components.dft > bound]}
    top = parity.limit
    drag_region(parity, (bound, -top), (top, top))
    qtbot.waitUntil(lambda: measured.session.filter.frames is not None)
    assert measured.session.filter.frames == hit
    wait(measured, qtbot)
    assert {frame.content_hash for frame in measured.browser.listed_frames()} == hit
    assert f"region of {len(hit)} frames" in measured.results.evidence
    chips = measured.browser.bar.chips
    assert measured.browser.conditions().region == hit
    QTest.mouseClick(next(button for button in chips.findChildren(QPushButton) if "region" in button.text() and button.isVisible()), LEFT)
    wait(measured, qtbot)
    assert measured.session.filter.frames is None
    assert len(measured.browser.listed_frames()) == 15


def test_a_click_on_an_element_shows_it_alone_and_again_all(measured, qtbot):
    """Periodic table: Li leaves LiF; a second click brings the rest back."""
    press(measured, "Ctrl+5")
    table = measured.results.elements_page.table
    for expected in ({"LiF"}, {"LiF", "MgO", "GaAs"}):
        QTest.mouseClick(table, LEFT, pos=table.rect_of("Li").center().toPoint())
        wait(measured, qtbot)
        assert {one.name for one in measured.session.shown_evaluations[0].summary.compounds} == expected
        assert {frame.compound for frame in measured.browser.listed_frames()} == expected
    assert "all elements" in measured.top_bar.filter_chip.text()


def test_an_element_excluded_in_the_browser_leaves_the_numbers_too(measured, qtbot):
    """Exclusion is one filter for list and numbers."""
    from dataclasses import replace

    browser = measured.browser
    browser.bar.changed.emit(replace(browser.conditions(), exclude=frozenset({"Ga"})))
    wait(measured, qtbot)
    assert browser.conditions().exclude == {"Ga"}
    assert {one.name for one in measured.session.shown_evaluations[0].summary.compounds} == {"LiF", "MgO"}
    assert {frame.compound for frame in browser.listed_frames()} == {"LiF", "MgO"}
    browser.clear_conditions()
    wait(measured, qtbot)
    assert len(measured.session.shown_evaluations[0].summary.compounds) == 3


def test_renaming_is_undone_and_redone_in_views_and_file(measured, qtbot):
    """The new name stands in browser, ranking and project; Ctrl+Z brings the old one back."""
    structures = measured.session.structures

    def names():
        return {one.name for one in measured.session.shown_evaluations[0].summary.compounds}

    def kept():
        qtbot.waitUntil(lambda: not measured.session.background._writes)
        return {frame.compound for one in measured.session.project.reference_sets.load_all() for frame in one.frames}

    measured.browser.rename_compound_requested.emit("LiF", "salt")
    wait(measured, qtbot)
    assert measured.session.selection.current == Selection("salt")
    assert names() == {"MgO", "salt", "GaAs"} == kept()
    press(measured, "Ctrl+Z")
    wait(measured, qtbot)
    assert names() == {"MgO", "LiF", "GaAs"} == kept()
    press(measured, "Ctrl+Shift+Z")
    wait(measured, qtbot)
    assert names() == {"MgO", "salt", "GaAs"} == kept()
    assert len(structures.of_compound("salt")) == 5


def test_removing_is_undone(measured, qtbot, model):
    """Frames taken out leave every number; undone, they come back with their results and nothing is computed."""
    before, asked = numbers(measured), len(model.asked)
    measured.browser.remove_requested.emit(frames(measured, "GaAs"))
    wait(measured, qtbot)
    assert len(measured.session.structures.frames) == 12
    assert numbers(measured)[3] == 2
    press(measured, "Ctrl+Z")
    qtbot.waitUntil(lambda: numbers(measured) == before)
    assert len(model.asked) == asked


def test_what_a_job_brings_counts_for_the_frames_as_they_are_now(opened, qtbot, model):
    """A compound renamed and another taken out while the job runs: its results count under the new name, and not for the gone."""
    model.hold(0)
    opened.session.run(["chgnet-0.3.0"], opened.session.structures.frames)
    qtbot.waitUntil(lambda: opened.session.jobs.running is not None)
    opened.session.structures.rename_compound("LiF", "salt")
    opened.session.structures.remove(frames(opened, "GaAs"))
    model.let_go()
    wait(opened, qtbot)
    assert {one.name for one in opened.session.shown_evaluations[0].summary.compounds} == {"MgO", "salt"}


@pytest.mark.parametrize("by", ["formula", "together"])
def test_regrouping(measured, qtbot, by):
    """Groups follow the user's choice; the numbers follow the groups."""
    measured.browser.regroup_requested.emit(measured.session.structures.frames, by)
    wait(measured, qtbot)
    assert len(measured.session.shown_evaluations[0].summary.compounds) == (1 if by == "together" else 3)
