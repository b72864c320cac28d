"""The table under compounds and systems: sorted by value with gaps last, selection kept, Qt's contract kept."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from guiapp.ui.plots.entry_table import Column, EntryTable
from guiapp.ui.theme import LIGHT


@dataclass(frozen=True)
class Lump:
    name: str
    weight: float | None


COLUMNS = (
    Column[Lump]("name", lambda e: e.name, lambda e: e.name.upper(), numeric=False),
    Column[Lump]("weight (kg)", lambda e: e.weight, lambda e: f"{e.weight}", tip="How heavy"),
)
LUMPS = [Lump("b", 10.0), Lump("A", None), Lump("c", 9.0), Lump("d", math.nan)]


@pytest.fixture
def table(qtbot):
    model = EntryTable[Lump](COLUMNS, 1, LIGHT)
    model.set_entries(LUMPS)
    return model


def names(table):
    return "".join(entry.name for entry in table.entries)


def test_gaps_come_last_whichever_way(table):
    """9 before 10 as numbers; neither None nor NaN ever leads; names sort without regard to case."""
    assert names(table) == "cbAd"
    table.sort(1, Qt.SortOrder.DescendingOrder)
    assert names(table) == "bcAd"
    table.sort(0)
    assert names(table) == "Abcd"


def test_a_selected_line_stays_selected(table):
    kept = QPersistentModelIndex(table.index(0, 1))
    table.sort(1, Qt.SortOrder.DescendingOrder)
    assert (kept.row(), kept.column()) == (1, 1)
    assert kept.data() == "9.0"


def test_cells_headers_and_export(table):
    assert table.data(table.index(0, 0)) == "C"
    assert table.data(table.index(0, 0), Qt.ItemDataRole.AccessibleTextRole) == "name: C"
    assert table.data(table.index(0, 1), Qt.ItemDataRole.UserRole) == 9.0
    assert table.headerData(1, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole) == "How heavy"
    assert table.csv_rows([1]) == [["name", "weight (kg)"], ["b", 10.0]]
    assert len(table.csv_rows()) == 5


def test_it_keeps_the_contract_of_qt(table):
    """Qt's tester stays silent through every change (it ends the process otherwise)."""
    tester = QAbstractItemModelTester(table, QAbstractItemModelTester.FailureReportingMode.Fatal)
    table.sort(0)
    table.set_palette(LIGHT)
    table.set_entries(LUMPS[:1])
    assert tester.model() is table
    assert (table.rowCount(), table.columnCount()) == (1, 2)
    assert table.rowCount(table.index(0, 0)) == 0
