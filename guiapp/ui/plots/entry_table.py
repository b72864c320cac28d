"""A table of entries as data: columns that know value and text, sorting with what is missing last, cells for every role."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from guiapp.ui.plots.plot_export import CsvRow
from guiapp.ui.theme import Palette

Entry = TypeVar("Entry")
_Index = QModelIndex | QPersistentModelIndex
_Value = float | int | str | None


@dataclass(frozen=True)
class Column(Generic[Entry]):
    """One column."""

    title: str
    """Header, unit included."""
    value: Callable[[Entry], _Value]
    """What is sorted by and exported."""
    text: Callable[[Entry], str]
    """What is shown."""
    numeric: bool = True
    tip: str = ""
    """Tooltip of the header; empty where the title says it all."""


class EntryTable(QAbstractTableModel, Generic[Entry]):
    """Entries in the order of one column; what is missing always comes last. What a table has of its own are columns and colours."""

    def __init__(self, columns: Sequence[Column[Entry]], sort_column: int, palette: Palette, parent: QObject | None = None) -> None:
        """Start empty.

        Args:
            columns: From left to right.
            sort_column: Place of the column that is sorted by at first, ascending.
            palette: Colours.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self.columns = tuple(columns)
        self.palette = palette
        self._entries: list[Entry] = []
        self.sort_column = sort_column
        self.sort_order = Qt.SortOrder.AscendingOrder

    @property
    def entries(self) -> list[Entry]:
        """What is shown, in order."""
        return list(self._entries)

    def set_palette(self, palette: Palette) -> None:
        """Colour the cells from another palette."""
        self.palette = palette
        if self._entries:
            last = self.index(len(self._entries) - 1, len(self.columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last, [Qt.ItemDataRole.ForegroundRole])

    def set_entries(self, entries: Iterable[Entry]) -> None:
        """Show other entries in the order chosen before."""
        self.beginResetModel()
        self._entries = self._sorted(entries)
        self.endResetModel()

    def entry(self, row: int) -> Entry:
        """Return the entry of a row."""
        return self._entries[row]

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by the numbers of a column, not by their text; what is selected stays selected."""
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        tracked = [self._entries[index.row()] for index in before]
        self.sort_column, self.sort_order = column, order
        self._entries = self._sorted(self._entries)
        place = {id(entry): k for k, entry in enumerate(self._entries)}
        after = [self.index(place[id(entry)], index.column()) for entry, index in zip(tracked, before, strict=True)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def csv_rows(self, rows: Sequence[int] | None = None) -> list[CsvRow]:
        """Return header and rows in full precision; all rows where None is given."""
        chosen = range(len(self._entries)) if rows is None else rows
        return [
            [column.title for column in self.columns],
            *([column.value(self._entries[row]) for column in self.columns] for row in chosen),
        ]

    def foreground(self, _column: int, _entry: Entry) -> QColor | None:
        """Return the colour of a cell's text; None for the usual one."""
        return None

    def cell_tip(self, _column: int, _entry: Entry) -> str | None:
        """Return the tooltip of a cell; None for none."""
        return None

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of entries."""
        return 0 if parent.isValid() else len(self._entries)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's title, its explanation, or its alignment."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.tip or None
        return _alignment(column.numeric) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, number, colour or alignment."""
        column, entry = self.columns[index.column()], self._entries[index.row()]
        answers: dict[int, Callable[[], Any]] = {
            Qt.ItemDataRole.DisplayRole: lambda: column.text(entry),
            Qt.ItemDataRole.UserRole: lambda: column.value(entry),
            Qt.ItemDataRole.TextAlignmentRole: lambda: _alignment(column.numeric),
            Qt.ItemDataRole.ForegroundRole: lambda: self.foreground(index.column(), entry),
            Qt.ItemDataRole.AccessibleTextRole: lambda: f"{column.title}: {column.text(entry)}",
            Qt.ItemDataRole.ToolTipRole: lambda: self.cell_tip(index.column(), entry),
        }
        return answers[role]() if role in answers else None

    def _sorted(self, entries: Iterable[Entry]) -> list[Entry]:
        value = self.columns[self.sort_column].value
        known: list[tuple[Any, Entry]] = []
        missing: list[Entry] = []
        for entry in entries:
            cell = value(entry)
            if cell is None or (isinstance(cell, float) and math.isnan(cell)):
                missing.append(entry)
            else:
                known.append((cell.casefold() if isinstance(cell, str) else cell, entry))
        known.sort(key=lambda pair: pair[0], reverse=self.sort_order == Qt.SortOrder.DescendingOrder)
        return [entry for _, entry in known] + missing


def _alignment(numeric: bool) -> int:  # noqa: FBT001 - a plain property of a column
    side = Qt.AlignmentFlag.AlignRight if numeric else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)
