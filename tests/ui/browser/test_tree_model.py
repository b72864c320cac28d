"""The tree model keeps Qt's contract, sorts by value, filters without losing its place, and hands out frames lazily."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from guiapp.frames.frame import Frame
from guiapp.frames.reference_set import ReferenceSet
from guiapp.ui.browser.arrangement import Column
from guiapp.ui.browser.conditions import Conditions
from guiapp.ui.browser.tree_model import CHUNK, COMPOUND, FRAME, SET, FrameTreeModel, Node, ScaleEntry

DOWN = Qt.SortOrder.DescendingOrder


@pytest.fixture
def model(demo_set, second_set, qapp):
    tree = FrameTreeModel()
    tree.set_sets([demo_set, second_set])
    return tree


ROOT = QModelIndex()


def names(model, parent=ROOT):
    return [model.index(row, 0, parent).data() for row in range(model.rowCount(parent))]


def compound(model, name):
    return model.index_of(Node(COMPOUND, model.columns.compounds.index(name)))


def test_keeps_the_contract_of_qt(model, demo_set):
    """Qt's own tester finds nothing through filtering, sorting, scales and new sets."""
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_conditions(Conditions(text="Li"))
    model.sort(Column.FORCE, DOWN)
    model.set_scales({"LiF": ScaleEntry(0.8)})
    model.set_conditions(Conditions(text="nothing has this"))
    assert model.rowCount() == 0
    model.set_conditions(Conditions())
    model.set_sets([demo_set])
    model.set_sets([])
    assert model.rowCount() == 0
    assert tester.model() is model


def test_three_levels(model):
    """Sets hold compounds, compounds hold frames, each in the order of the file."""
    assert names(model) == ["Demo states", "My data"]
    assert names(model, model.index(0, 0)) == ["MgO", "LiF", "Al2O3"]
    assert names(model, compound(model, "LiF")) == ["frame 1", "frame 2", "frame 3"]
    frame = model.index(1, 0, compound(model, "LiF"))
    assert model.frame(frame).name == "frame 2"
    assert frame.parent() == compound(model, "LiF")
    assert frame.parent().parent() == model.index(0, 0)


def test_sorts_numbers_as_numbers(model):
    """Frame 12 follows frame 11, sizes sort by count, and what is not known comes last in both directions."""
    model.sort(Column.NAME)
    assert names(model, model.index(0, 0)) == ["Al2O3", "LiF", "MgO"]
    assert names(model, compound(model, "MgO"))[-2:] == ["frame 11", "frame 12"]
    model.sort(Column.FORCE, DOWN)
    assert names(model, compound(model, "MgO"))[:2] == ["frame 12", "frame 11"]
    assert names(model, model.index(1, 0)) == ["Si", "GaAs"]
    model.sort(Column.FORCE)
    assert names(model, model.index(1, 0)) == ["Si", "GaAs"]
    model.sort(Column.SIZE)
    assert names(model, model.index(0, 0)) == ["LiF", "Al2O3", "MgO"]
    model.set_scales({"LiF": ScaleEntry(0.99), "Al2O3": ScaleEntry(0.7), "MgO": ScaleEntry(0.1, enough_signal=False)})
    model.sort(Column.SCALE)
    assert names(model, model.index(0, 0)) == ["Al2O3", "LiF", "MgO"]
    model.sort(Column.SCALE, DOWN)
    assert names(model, model.index(0, 0)) == ["LiF", "Al2O3", "MgO"]
    model.sort(-1)
    assert names(model, model.index(0, 0)) == ["MgO", "LiF", "Al2O3"]


def test_filter_keeps_places(model):
    """A row that stays keeps its persistent index; one that goes loses it; counts follow."""
    kept = QPersistentModelIndex(model.index(2, 0, compound(model, "LiF")))
    lost = QPersistentModelIndex(model.index(0, 0, compound(model, "MgO")))
    frame = model.frame(kept)
    model.set_conditions(Conditions(text="LiF"))
    assert kept.isValid()
    assert model.frame(kept) is frame
    assert not lost.isValid()
    assert model.rowCount() == 1
    assert model.listed_frames() == 3
    assert compound(model, "MgO").isValid() is False
    model.set_conditions(Conditions(max_force=1.0))
    assert model.index_of(Node(COMPOUND, 0), Column.SIZE).data() == "1 frame"


def test_scales_touch_their_column_only(model, qtbot):
    """Live scales announce the changed rows of one column, by compound or by (set, compound), and nothing when nothing changed."""
    told = []
    model.dataChanged.connect(lambda first, last, _roles: told.append((first.column(), last.column(), first.row(), last.row())))
    model.set_scales({"LiF": ScaleEntry(0.83, interval=(0.79, 0.87))})
    assert told == [(Column.SCALE, Column.SCALE, 1, 1)]
    model.set_scales({"LiF": ScaleEntry(0.83, interval=(0.79, 0.87))})
    assert len(told) == 1
    index = compound(model, "LiF").siblingAtColumn(Column.SCALE)
    assert index.data() == "0.83"
    assert "17% too soft" in index.data(Qt.ItemDataRole.ToolTipRole)
    model.set_scales({("mine", "Si"): ScaleEntry(1.1), ("demo", "MgO"): ScaleEntry(0.5, enough_signal=False)})
    assert compound(model, "Si").siblingAtColumn(Column.SCALE).data() == "1.10"
    assert compound(model, "MgO").siblingAtColumn(Column.SCALE).data() == "not enough signal"
    assert index.data() == ""


def test_frames_come_in_portions(qapp):
    """A compound with many frames gives the view a portion at a time; one further down is given as soon as it is asked for."""
    base = Frame([14], np.zeros((1, 3)), np.eye(3))
    frames = tuple(base.with_changes(name=f"frame {k}", compound="Si") for k in range(2 * CHUNK + 5))
    model = FrameTreeModel()
    model.set_sets([ReferenceSet("big", "Big", frames)])
    parent = model.index(0, 0, model.index(0, 0))
    assert model.rowCount(parent) == CHUNK
    assert model.canFetchMore(parent)
    model.fetchMore(parent)
    assert model.rowCount(parent) == 2 * CHUNK
    far = model.index_of(Node(FRAME, 2 * CHUNK + 3))
    assert far.isValid()
    assert far.data() == f"frame {2 * CHUNK + 3}"
    assert not model.canFetchMore(parent)


def test_frames_under_rows_come_once(model):
    """A set, a compound in it and a frame in that give each listed frame once."""
    model.set_conditions(Conditions(max_force=3.0))
    rows = [model.index(0, 0), compound(model, "LiF"), model.index(0, 0, compound(model, "LiF"))]
    frames = model.frames_under(rows)
    assert len(frames) == len(set(map(id, frames))) == model._arrangement.frames_in_set[0]


def test_cells_speak_plainly(model):
    """Sizes, forces, conditions, labels and flags read as a person would write them."""
    frame = model.index(1, 0, compound(model, "MgO"))
    assert [frame.siblingAtColumn(c).data() for c in Column] == ["frame 2", "", "2 atoms", "1.73", "1000 K  +3 %", "E F"]
    unlabelled = model.index(0, 0, compound(model, "GaAs"))
    assert unlabelled.siblingAtColumn(Column.LABELS).data() == "unlabelled"
    flagged = model.index(2, 0, compound(model, "MgO"))
    assert "Two atoms sit on each other." in flagged.data(Qt.ItemDataRole.ToolTipRole)
    assert model.node(flagged).kind == FRAME
    assert model.node(model.index(0, 0)).kind == SET
    assert model.headerData(0, Qt.Orientation.Horizontal) == "name"


def test_unchanged_sets_are_not_looked_at_again(model, demo_set, second_set):
    """Adding a set keeps the columns of those that were there."""
    before = model.columns_of[id(demo_set)]
    model.set_sets([second_set, demo_set])
    assert model.columns_of[id(demo_set)] is before
    assert names(model) == ["My data", "Demo states"]
