"""The table of compounds as data: columns, cells, sorting, and text to paste elsewhere."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from guiapp.report.formula_text import subscripted
from guiapp.ui.plots.number_text import MISSING, NOT_ENOUGH_SIGNAL, count, number
from guiapp.ui.plots.plot_export import CsvRow
from guiapp.ui.theme import Palette, scale_color
from guiapp.ui.what_is_this import tooltip

_Index = QModelIndex | QPersistentModelIndex
_Value = float | int | str | None


@dataclass(frozen=True)
class CompoundEntry:
    """One line of the table: one model's numbers for one compound."""

    compound: str
    """What the rest of the program calls it."""
    formula: str
    """E.g. ``Al2O3``; subscripts are the table's business."""
    model_title: str
    frames: int
    components: int
    scale: float | None
    """Softening scale; None where there is not enough signal."""
    interval: tuple[float, float] | None
    """Its 95 % confidence interval."""
    mae: float
    """eV/Å."""
    cmae: float | None
    """eV/Å."""
    r2: float | None
    """Uncentred."""
    rms_force: float
    """eV/Å."""
    intercept: float | None
    """eV/Å."""
    energy_slope: float | None
    verdict: str
    """``soft``, ``good``, ``stiff`` or ``not enough signal``."""


@dataclass(frozen=True)
class Column:
    """One column."""

    title: str
    """Header, unit included."""
    term: str
    """Key of the explanation shown as the header's tooltip; empty where the title says it all."""
    value: Callable[[CompoundEntry], _Value]
    """What is sorted by and exported."""
    text: Callable[[CompoundEntry], str]
    numeric: bool = True


def _interval_text(entry: CompoundEntry) -> str:
    if entry.scale is None or entry.interval is None:
        return MISSING
    return f"{number(entry.interval[0])} to {number(entry.interval[1])}"


def _interval_width(entry: CompoundEntry) -> float | None:
    return None if entry.interval is None or entry.scale is None else entry.interval[1] - entry.interval[0]


COLUMNS: tuple[Column, ...] = (
    Column("compound", "", lambda e: e.compound, lambda e: subscripted(e.compound), numeric=False),
    Column("formula", "", lambda e: e.formula, lambda e: subscripted(e.formula), numeric=False),
    Column("model", "", lambda e: e.model_title, lambda e: e.model_title, numeric=False),
    Column("frames", "frames", lambda e: e.frames, lambda e: count(e.frames)),
    Column("components", "components", lambda e: e.components, lambda e: count(e.components)),
    Column("scale", "softening scale", lambda e: e.scale, lambda e: number(e.scale)),
    Column("95 % interval", "confidence interval", _interval_width, _interval_text),
    Column("MAE (eV/Å)", "mae", lambda e: e.mae, lambda e: number(e.mae, 3)),
    Column("cMAE (eV/Å)", "cmae", lambda e: e.cmae, lambda e: number(e.cmae, 3)),
    Column("r²", "uncentred r2", lambda e: e.r2, lambda e: number(e.r2, 3)),
    Column("rms force (eV/Å)", "rms force", lambda e: e.rms_force, lambda e: number(e.rms_force)),
    Column("intercept (eV/Å)", "intercept", lambda e: e.intercept, lambda e: number(e.intercept, 3)),
    Column("energy slope", "energy slope", lambda e: e.energy_slope, lambda e: number(e.energy_slope)),
    Column("verdict", "verdict", lambda e: e.verdict, lambda e: e.verdict, numeric=False),
)
_TITLES = [column.title for column in COLUMNS]
SCALE, INTERVAL, MODEL, VERDICT = (_TITLES.index(title) for title in ("scale", "95 % interval", "model", "verdict"))


class CompoundModel(QAbstractTableModel):
    """Entries in the order of one column; what is missing always comes last."""

    def __init__(self, palette: Palette, parent: QObject | None = None) -> None:
        """Start empty, sorted by softness."""
        super().__init__(parent)
        self._palette = palette
        self._entries: list[CompoundEntry] = []
        self.sort_column = SCALE
        self.sort_order = Qt.SortOrder.AscendingOrder

    def set_palette(self, palette: Palette) -> None:
        """Colour the scales from another palette."""
        self._palette = palette
        if self._entries:
            last = self.index(len(self._entries) - 1, len(COLUMNS) - 1)
            self.dataChanged.emit(self.index(0, 0), last, [Qt.ItemDataRole.ForegroundRole])

    def set_entries(self, entries: Iterable[CompoundEntry]) -> None:
        """Show other entries in the order chosen before."""
        self.beginResetModel()
        self._entries = self._sorted(entries)
        self.endResetModel()

    @property
    def entries(self) -> list[CompoundEntry]:
        """What is shown, in order."""
        return list(self._entries)

    def entry(self, row: int) -> CompoundEntry:
        """Return the entry of a row."""
        return self._entries[row]

    def rows_of(self, compound: str) -> list[int]:
        """Return the rows of a compound, one a model."""
        return [k for k, entry in enumerate(self._entries) if entry.compound == compound]

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by the numbers of a column, not by their text."""
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
        """Return header and rows in full precision, the interval as two columns; all rows where None is given."""
        header: list[str] = []
        for k, column in enumerate(COLUMNS):
            header += ["95 % interval low", "95 % interval high"] if k == INTERVAL else [column.title]
        table: list[CsvRow] = [header]
        for row in range(len(self._entries)) if rows is None else rows:
            entry = self._entries[row]
            cells: list[str | float | int | None] = []
            for k, column in enumerate(COLUMNS):
                cells += (entry.interval or (None, None)) if k == INTERVAL else [column.value(entry)]
            table.append(cells)
        return table

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of entries."""
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
            return tooltip(column.term) if column.term else None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, number, colour or alignment."""
        column, entry = COLUMNS[index.column()], self._entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(entry)
        if role == Qt.ItemDataRole.UserRole:
            return column.value(entry)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._foreground(index.column(), entry)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{column.title}: {column.text(entry)}"
        return None

    def _foreground(self, column: int, entry: CompoundEntry) -> QColor | None:
        if entry.scale is None or entry.verdict == NOT_ENOUGH_SIGNAL:
            return QColor(self._palette.muted)
        return scale_color(entry.scale, self._palette) if column in (SCALE, VERDICT) else None

    def _sorted(self, entries: Iterable[CompoundEntry]) -> list[CompoundEntry]:
        value = COLUMNS[self.sort_column].value
        known: list[tuple[Any, CompoundEntry]] = []
        missing: list[CompoundEntry] = []
        for entry in entries:
            cell = value(entry)
            if cell is None or (isinstance(cell, float) and math.isnan(cell)):
                missing.append(entry)
            else:
                known.append((cell.casefold() if isinstance(cell, str) else cell, entry))
        known.sort(key=lambda pair: pair[0], reverse=self.sort_order == Qt.SortOrder.DescendingOrder)
        return [entry for _, entry in known] + missing


def _alignment(column: Column) -> int:
    side = Qt.AlignmentFlag.AlignRight if column.numeric else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)
