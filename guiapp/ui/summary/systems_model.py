"""The systems of one family as a table: what the model says, what DFT says, and how far apart they are."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from guiapp.benchmarks.family_findings import percent_text
from guiapp.benchmarks.family_rows import has_signal, signed_deviation
from guiapp.benchmarks.high_energy_summary import Verdict
from guiapp.benchmarks.row import Row
from guiapp.ui.curves.systems import system_title
from guiapp.ui.plots.number_text import MINUS, MISSING
from guiapp.ui.plots.plot_export import CsvRow
from guiapp.ui.theme import Palette, scale_color

_Index = QModelIndex | QPersistentModelIndex
_Value = float | int | str | None


@dataclass(frozen=True)
class SystemEntry:
    """One line: one model's number for one system."""

    model_title: str
    row: Row

    @property
    def deviation(self) -> float | None:
        """Signed relative deviation; None without enough signal."""
        value = signed_deviation(self.row) if has_signal(self.row) else math.nan
        return value if math.isfinite(value) else None


@dataclass(frozen=True)
class Column:
    """One column."""

    title: str
    value: Callable[[SystemEntry], _Value]
    """What is sorted by and exported."""
    text: Callable[[SystemEntry], str]
    numeric: bool = True
    tip: str = ""


def significant(value: float) -> str:
    """Return a number with four significant digits and a real minus sign, or a dash where there is none."""
    return f"{value:.4g}".replace("-", MINUS) if math.isfinite(value) else MISSING


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


COLUMNS: tuple[Column, ...] = (
    Column("system", lambda e: e.row.system, lambda e: system_title(e.row.system), numeric=False),
    Column("model", lambda e: e.model_title, lambda e: e.model_title, numeric=False),
    Column(
        "deviation",
        lambda e: e.deviation,
        lambda e: percent_text(e.deviation) if e.deviation is not None else MISSING,
        tip="Predicted over DFT, minus 1: negative is soft",
    ),
    Column("predicted", lambda e: _known(e.row.predicted), lambda e: significant(e.row.predicted), tip="What the model says"),
    Column("DFT", lambda e: _known(e.row.reference), lambda e: significant(e.row.reference), tip="The reference"),
    Column("unit", lambda e: e.row.unit, lambda e: e.row.unit or "1", numeric=False),
    Column("verdict", lambda e: e.row.verdict, lambda e: e.row.verdict or "no measure of softness", numeric=False),
)
SYSTEM, MODEL, DEVIATION = 0, 1, 2
_COLORED = (DEVIATION, 6)


class SystemsModel(QAbstractTableModel):
    """Entries in the order of one column; what is missing always comes last."""

    def __init__(self, palette: Palette, parent: QObject | None = None) -> None:
        """Start empty, sorted by deviation: softest first."""
        super().__init__(parent)
        self._palette = palette
        self._entries: list[SystemEntry] = []
        self.sort_column = DEVIATION
        self.sort_order = Qt.SortOrder.AscendingOrder

    @property
    def entries(self) -> Sequence[SystemEntry]:
        """The lines in the order shown."""
        return self._entries

    def set_palette(self, palette: Palette) -> None:
        """Colour the deviations from another palette."""
        self._palette = palette
        if self._entries:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._entries) - 1, len(COLUMNS) - 1))

    def set_entries(self, entries: Iterable[SystemEntry]) -> None:
        """Show other lines, sorted as before."""
        self.beginResetModel()
        self._entries = self._sorted(entries)
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column."""
        self.sort_column, self.sort_order = column, order
        self.set_entries(self._entries)

    def place_of(self, system: str) -> int:
        """Return the first line of a system; -1 where there is none."""
        return next((k for k, entry in enumerate(self._entries) if entry.row.system == system), -1)

    def csv_rows(self) -> list[CsvRow]:
        """Return header and lines in full precision."""
        return [[column.title for column in COLUMNS], *([column.value(entry) for column in COLUMNS] for entry in self._entries)]

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of lines."""
        return 0 if parent.isValid() else len(self._entries)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's title, its explanation, or its alignment."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = COLUMNS[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.tip or None
        return _alignment(column) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, number, colour or alignment."""
        column, entry = COLUMNS[index.column()], self._entries[index.row()]
        answers: dict[int, Callable[[], Any]] = {
            Qt.ItemDataRole.DisplayRole: lambda: column.text(entry),
            Qt.ItemDataRole.UserRole: lambda: column.value(entry),
            Qt.ItemDataRole.TextAlignmentRole: lambda: _alignment(column),
            Qt.ItemDataRole.ForegroundRole: lambda: self._foreground(index.column(), entry),
            Qt.ItemDataRole.AccessibleTextRole: lambda: f"{column.title}: {column.text(entry)}",
            Qt.ItemDataRole.ToolTipRole: lambda: entry.row.system if index.column() == SYSTEM else None,
        }
        return answers[role]() if role in answers else None

    def _foreground(self, column: int, entry: SystemEntry) -> QColor | None:
        if entry.row.verdict == Verdict.NO_SIGNAL.value:
            return QColor(self._palette.muted)
        if column in _COLORED and entry.deviation is not None and entry.row.verdict:
            return scale_color(1 + entry.deviation, self._palette)
        return None

    def _sorted(self, entries: Iterable[SystemEntry]) -> list[SystemEntry]:
        value = COLUMNS[self.sort_column].value
        pairs = [(value(entry), entry) for entry in entries]
        known: list[tuple[Any, SystemEntry]] = [
            (cell.casefold() if isinstance(cell, str) else cell, entry) for cell, entry in pairs if cell is not None
        ]
        known.sort(key=lambda pair: pair[0], reverse=self.sort_order == Qt.SortOrder.DescendingOrder)
        return [entry for _, entry in known] + [entry for cell, entry in pairs if cell is None]


def _alignment(column: Column) -> int:
    side = Qt.AlignmentFlag.AlignRight if column.numeric else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)
