"""The browser, driven as a user drives it: mouse, keyboard, drops, menus."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMenu

from guiapp.benchmarks.frame_filter import FrameFilter
from guiapp.frames.frame import Frame
from guiapp.frames.reference_set import ReferenceSet
from guiapp.ui.browser.arrangement import Column
from guiapp.ui.browser.panel import BrowserPanel, ScaleEntry
from guiapp.ui.browser.tree_model import COMPOUND, Node
from guiapp.ui.theme import DARK, LIGHT

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def row_of(panel, text, parent=None):
    model = panel.model
    index = next(
        model.index(r, 0, parent) if parent is not None else model.index(r, 0)
        for r in range(model.rowCount(parent) if parent is not None else model.rowCount())
        if (model.index(r, 0, parent) if parent is not None else model.index(r, 0)).data() == text
    )
    assert index.isValid()
    return index


def compound(panel, name):
    return panel.model.index_of(Node(COMPOUND, panel.model.columns.compounds.index(name)))


def click(qtbot, panel, index, modifier=NONE, button=LEFT):
    panel.tree.scrollTo(index)
    qtbot.mouseClick(panel.tree.viewport(), button, modifier, panel.tree.visualRect(index).center())


def drop(panel, *paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    place = QPoint(50, 200)
    enter = QDragEnterEvent(place, Qt.DropAction.CopyAction, data, LEFT, NONE)
    QApplication.sendEvent(panel, enter)
    event = QDropEvent(QPointF(place), Qt.DropAction.CopyAction, data, LEFT, NONE)
    QApplication.sendEvent(panel, event)
    return enter, event


def menu_action(panel, words):
    menus = [panel._menu, *panel._menu.findChildren(QMenu)]
    return next(action for menu in menus for action in menu.actions() if action.text().startswith(words))


def test_click_and_expand(panel, qtbot):
    """A click on a compound and then on a frame under it tells each once."""
    with qtbot.waitSignal(panel.compound_selected) as told:
        click(qtbot, panel, compound(panel, "LiF"))
    assert told.args == ["LiF"]
    qtbot.keyClick(panel.tree, Qt.Key.Key_Right)
    assert panel.tree.isExpanded(compound(panel, "LiF"))
    frame = panel.model.index(1, 0, compound(panel, "LiF"))
    with qtbot.waitSignal(panel.frame_selected) as told, qtbot.assertNotEmitted(panel.compound_selected):
        click(qtbot, panel, frame)
    assert told.args[0] is panel.model.frame(frame)


def test_keyboard_walks_and_goes_up(panel, qtbot):
    """Down steps through frames, Enter expands, Esc goes frame > compound > set > nothing."""
    panel.tree.setFocus()
    click(qtbot, panel, compound(panel, "MgO"))
    qtbot.keyClick(panel.tree, Qt.Key.Key_Return)
    with qtbot.waitSignal(panel.frame_selected) as told:
        qtbot.keyClick(panel.tree, Qt.Key.Key_Down)
    assert told.args[0].name == "frame 1"
    assert panel.step(1).name == "frame 2"
    with qtbot.waitSignal(panel.compound_selected) as told:
        qtbot.keyClick(panel.tree, Qt.Key.Key_Escape)
    assert told.args == ["MgO"]
    with qtbot.waitSignal(panel.compound_selected) as told:
        qtbot.keyClick(panel.tree, Qt.Key.Key_Escape)
    assert told.args == [""]
    assert panel.tree.currentIndex().data() == "Demo states"
    qtbot.keyClick(panel.tree, Qt.Key.Key_Escape)
    assert not panel.tree.currentIndex().isValid()


def test_search_by_typing(panel, qtbot):
    """Ctrl+F, letters: the tree shrinks by itself; Esc empties the field and brings everything back."""
    panel.tree.setFocus()
    qtbot.keyClick(panel.tree, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(panel.bar.search.hasFocus)
    qtbot.keyClicks(panel.bar.search, "Li")
    qtbot.waitUntil(lambda: panel.model.listed_frames() == 3)
    assert panel.tree.isExpanded(compound(panel, "LiF"))
    assert panel.foot.text() == "1 compound · 3 of 23 frames"
    qtbot.keyClick(panel.bar.search, Qt.Key.Key_Escape)
    assert panel.bar.search.text() == ""
    assert panel.model.listed_frames() == 23
    assert panel.tree.hasFocus()
    assert not panel.tree.isExpanded(compound(panel, "LiF"))


def test_nothing_found_offers_the_way_back(panel, qtbot):
    """A search without a hit says so; one click shows all frames again."""
    qtbot.keyClicks(panel.bar.search, "xyzzy")
    qtbot.waitUntil(panel.nothing.isVisible)
    qtbot.mouseClick(panel.nothing.clear, LEFT)
    assert panel.tree.isVisible()
    assert panel.bar.search.text() == ""


def test_header_click_sorts_by_number(panel, qtbot):
    """Clicking the force column sorts frames by force, clicking again the other way round."""
    header = panel.tree.header()
    place = QPoint(header.sectionViewportPosition(Column.FORCE) + 20, header.height() // 2)
    qtbot.mouseClick(header.viewport(), LEFT, NONE, place)
    qtbot.mouseClick(header.viewport(), LEFT, NONE, place)
    forces = [panel.model.frame(panel.model.index(r, 0, compound(panel, "MgO"))).largest_force for r in range(12)]
    assert forces == sorted(forces, reverse=True)


def test_periodic_table_filters(panel, qtbot):
    """Clicking O in the popup lists oxides, a right click on Mg leaves those without Mg; the chip's cross undoes it."""
    qtbot.mouseClick(panel.bar.button, LEFT)
    table = panel.bar.popover.table
    qtbot.waitUntil(table.isVisible)
    assert "in 16 frames" in table.describe("O")
    with qtbot.waitSignal(panel.frame_filter_changed) as told:
        qtbot.mouseClick(table, LEFT, NONE, table.rect_of("O").center().toPoint())
    assert told.args[0] == FrameFilter(elements=frozenset({"O"}))
    assert panel.model.listed_frames() == 16
    qtbot.mouseClick(table, Qt.MouseButton.RightButton, NONE, table.rect_of("Mg").center().toPoint())
    assert panel.model.listed_frames() == 4
    panel.bar.popover.hide()
    qtbot.mouseClick(panel.bar.chips.findChildren(type(panel.empty.open))[0], LEFT)
    assert "include" not in panel.conditions().chips()
    assert panel.bar.button.text() == "Filter · 1"


def test_other_conditions_of_the_popover(panel, qtbot):
    """Number of atoms, largest force, labels and flags narrow the list; only the force is told to the numbers."""
    popover = panel.bar.popover
    with qtbot.assertNotEmitted(panel.frame_filter_changed):
        popover.max_atoms.setValue(4)
        qtbot.mouseClick(popover.labelled.buttons[1], LEFT)
    assert panel.model.listed_frames() == 15
    with qtbot.waitSignal(panel.frame_filter_changed) as told:
        popover.max_force.setValue(2.0)
    assert told.args[0].max_force == 2.0
    assert panel.model.listed_frames() == 4
    qtbot.mouseClick(popover.flagged.buttons[1], LEFT)
    assert panel.nothing.isVisible()
    qtbot.mouseClick(popover.clear, LEFT)
    assert panel.model.listed_frames() == 23


def test_follows_the_filter_of_the_numbers(panel, qtbot):
    """A filter set elsewhere shows here without an echo, and what the user clears falls back to it."""
    with qtbot.assertNotEmitted(panel.frame_filter_changed):
        panel.set_frame_filter(FrameFilter(max_force=2.0, elements=frozenset({"Mg"}), max_strain=0.02))
    assert panel.model.listed_frames() == 2
    with qtbot.waitSignal(panel.frame_filter_changed) as told:
        panel.clear_conditions()
    assert told.args[0].elements is None
    assert told.args[0].max_strain == 0.02


def test_chips_can_be_removed_after_other_changes(panel, qtbot):
    """A force limit or an exclusion of the browser's own goes away with its chip, whatever the filter was told in between."""
    popover = panel.bar.popover
    popover.max_force.setValue(2.0)
    qtbot.mouseClick(popover.table, Qt.MouseButton.RightButton, NONE, popover.table.rect_of("Mg").center().toPoint())
    told = panel._filter.newest
    assert told.compounds == {"LiF", "Al2O3", "Si", "GaAs"}
    elsewhere = FrameFilter(told.max_force, told.elements, told.compounds, frames=frozenset({"some frame"}))
    panel.set_frame_filter(elsewhere)
    panel.show_only(elsewhere.frames)
    assert set(panel.conditions().chips()) == {"max_force", "exclude", "region"}
    with qtbot.waitSignals([panel.region_cleared, panel.frame_filter_changed]):
        panel.clear_conditions()
    assert panel._filter.newest == FrameFilter()
    qtbot.mouseClick(popover.table, Qt.MouseButton.RightButton, NONE, popover.table.rect_of("Mg").center().toPoint())
    panel.set_frame_filter(FrameFilter())
    assert panel.conditions().exclude == frozenset()


def test_select_from_elsewhere_has_no_echo(panel, qtbot, demo_set):
    """A frame picked in a plot is expanded, shown and current, and nothing is told back."""
    frame = demo_set.frames[-1]
    with qtbot.assertNotEmitted(panel.frame_selected), qtbot.assertNotEmitted(panel.compound_selected):
        panel.select("Al2O3", frame.content_hash)
        assert panel.model.frame(panel.tree.currentIndex()) is frame
        assert panel.tree.isExpanded(compound(panel, "Al2O3"))
        panel.select(None, demo_set.frames[0].content_hash)
        assert panel.model.frame(panel.tree.currentIndex()) is demo_set.frames[0]
        panel.select("LiF", None)
        assert panel.tree.currentIndex() == compound(panel, "LiF")
        panel.select(None, None)
        assert not panel.tree.currentIndex().isValid()


def test_region_of_a_plot(panel, qtbot, demo_set):
    """A region lists its frames, shows as a chip, and its cross is told so that the plot can let go too."""
    hashes = {demo_set.frames[0].content_hash, demo_set.frames[13].content_hash}
    with qtbot.assertNotEmitted(panel.frame_filter_changed):
        panel.show_only(hashes)
    assert {f.content_hash for f in panel.listed_frames()} == hashes
    with qtbot.waitSignal(panel.region_cleared):
        qtbot.mouseClick(panel.bar.chips.findChildren(type(panel.empty.open))[0], LEFT)
    assert panel.model.listed_frames() == 23


def test_drop_of_files_and_folders(panel, qtbot, tmp_path):
    """Several files and a folder dropped together come as paths; something that is no file is not welcome."""
    paths = [tmp_path / "vasprun.xml", tmp_path / "a b.extxyz", tmp_path]
    with qtbot.waitSignal(panel.paths_dropped) as told:
        enter, event = drop(panel, *paths)
    assert told.args[0] == paths
    assert enter.isAccepted()
    assert event.isAccepted()
    data = QMimeData()
    data.setText("https://example.org")
    refused = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, LEFT, NONE)
    refused.ignore()
    QApplication.sendEvent(panel, refused)
    assert not refused.isAccepted()


@pytest.mark.parametrize(
    ("words", "signal", "extra"),
    [
        ("Benchmark these", "benchmark_requested", []),
        ("Export frames", "export_frames_requested", []),
        ("Remove", "remove_requested", []),
        ("By formula", "regroup_requested", ["formula"]),
        ("As one compound", "regroup_requested", ["together"]),
    ],
)
def test_context_menu(panel, qtbot, words, signal, extra):
    """Each entry tells the frames of all picked rows."""
    click(qtbot, panel, compound(panel, "LiF"))
    click(qtbot, panel, compound(panel, "Al2O3"), Qt.KeyboardModifier.ControlModifier)
    assert len(panel.selected_frames()) == 7
    panel.tree.customContextMenuRequested.emit(panel.tree.visualRect(compound(panel, "LiF")).center())
    with qtbot.waitSignal(getattr(panel, signal)) as told:
        menu_action(panel, words).trigger()
    panel._menu.close()
    assert told.args[0] == panel.selected_frames()
    assert told.args[1:] == extra


def test_delete_key_asks_to_remove(panel, qtbot):
    """Delete tells the picked frames and removes nothing by itself."""
    click(qtbot, panel, compound(panel, "LiF"))
    with qtbot.waitSignal(panel.remove_requested) as told:
        qtbot.keyClick(panel.tree, Qt.Key.Key_Delete)
    assert len(told.args[0]) == 3
    assert panel.model.listed_frames() == 23


def test_rename_in_place(panel, qtbot):
    """F2, a new name, Enter: old and new name are told, and the tree waits for new sets."""
    click(qtbot, panel, compound(panel, "LiF"))
    qtbot.keyClick(panel.tree, Qt.Key.Key_F2)
    editor = panel.tree.viewport().findChild(type(panel.bar.search))
    editor.setText("lithium fluoride")
    with qtbot.waitSignal(panel.rename_compound_requested) as told:
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert told.args == ["LiF", "lithium fluoride"]
    assert compound(panel, "LiF").data() == "LiF"


def test_new_sets_keep_the_place(panel, qtbot, demo_set, second_set):
    """When a file is added, what was picked and expanded stays so, without a signal."""
    frame = demo_set.frames[14]
    panel.select("LiF", frame.content_hash)
    third = ReferenceSet("third", "Third", second_set.frames[:1])
    with qtbot.assertNotEmitted(panel.frame_selected):
        panel.set_sets([third, demo_set, second_set])
    assert panel.model.frame(panel.tree.currentIndex()) is frame
    assert panel.tree.isExpanded(compound(panel, "LiF"))
    assert panel.model.rowCount() == 3


def test_empty_and_reading(qtbot, demo_set):
    """Without sets the panel says what to do; its buttons tell; while reading it shows so, and never hides frames for it."""
    empty = BrowserPanel(LIGHT)
    qtbot.addWidget(empty)
    empty.show()
    assert empty.empty.isVisible()
    with qtbot.waitSignal(empty.open_requested):
        qtbot.mouseClick(empty.empty.open, LEFT)
    with qtbot.waitSignal(empty.demo_requested):
        qtbot.mouseClick(empty.empty.demo, LEFT)
    empty.set_loading("Reading OUTCAR…")
    assert empty.skeleton.isVisible()
    empty.set_sets([demo_set])
    assert empty.tree.isVisible()
    empty.set_loading("Reading more…")
    assert empty.tree.isVisible()
    assert empty.foot.text() == "Reading more…"
    empty.set_loading(None)
    assert "19 frames" in empty.foot.text()
    empty.set_palette(DARK)
    empty.set_sets([])
    assert empty.empty.isVisible()


def test_many_frames_are_looked_at_in_slices(qtbot):
    """More than a few thousand frames arrive a moment later, and a selection asked for meanwhile is kept."""
    base = Frame([14, 14], np.zeros((2, 3)), np.eye(3), forces=np.ones((2, 3)))
    frames = tuple(base.with_changes(positions=np.full((2, 3), 1e-3 * k), name=f"frame {k}", compound=f"c{k // 100}") for k in range(6000))
    panel = BrowserPanel(LIGHT)
    qtbot.addWidget(panel)
    panel.show()
    panel.set_sets([ReferenceSet("big", "Big", frames)])
    assert panel.skeleton.isVisible()
    panel.set_scales({"c0": ScaleEntry(0.5)})
    panel.select("c59", frames[5999].content_hash)
    qtbot.waitUntil(panel.tree.isVisible, timeout=10000)
    assert panel.model.frame(panel.tree.currentIndex()) is frames[5999]
    assert compound(panel, "c0").siblingAtColumn(Column.SCALE).data() == "0.50"


def test_scrolling_to_the_end_fetches_the_rest(qtbot):
    """Scrolling down a long compound brings all its frames, without a gap."""
    base = Frame([14], np.zeros((1, 3)), np.eye(3))
    frames = tuple(base.with_changes(name=f"frame {k}", compound="Si") for k in range(2500))
    panel = BrowserPanel(LIGHT)
    qtbot.addWidget(panel)
    panel.resize(400, 500)
    panel.show()
    panel.set_sets([ReferenceSet("big", "Big", frames)])
    panel.tree.expand(compound(panel, "Si"))
    bar = panel.tree.verticalScrollBar()
    for _ in range(6):
        bar.setValue(bar.maximum())
        QApplication.processEvents()
    assert panel.model.rowCount(compound(panel, "Si")) == 2500


def test_columns_follow_the_width(panel, qtbot):
    """A narrow browser shows name and scale, a wide one all; the user's own choice is not overruled."""
    assert not panel.tree.isColumnHidden(Column.LABELS)
    panel.resize(300, 700)
    QApplication.processEvents()
    assert [c for c in Column if not panel.tree.isColumnHidden(c)] == [Column.NAME, Column.SCALE]
    assert panel.model.index(0, 0, compound(panel, "MgO")).data(258) == "1000 K"
    panel.tree.show_column(Column.FORCE, shown=True)
    panel.resize(310, 700)
    QApplication.processEvents()
    assert not panel.tree.isColumnHidden(Column.FORCE)


def test_live_scales_sort_again_after_a_moment(panel, qtbot, monkeypatch):
    """Sorted by scale, the list follows live scales, but not on every call."""
    panel.tree.sortByColumn(Column.SCALE, Qt.SortOrder.AscendingOrder)
    panel.set_scales({"MgO": ScaleEntry(0.9), "LiF": ScaleEntry(0.5)})
    first = panel.model.index(0, 0, panel.model.index(0, 0))
    assert first.data() == "MgO"
    qtbot.waitUntil(lambda: panel.model.index(0, 0, panel.model.index(0, 0)).data() == "LiF", timeout=3000)
