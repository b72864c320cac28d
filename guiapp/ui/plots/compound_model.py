"""The table of compounds as data: its columns, and what its cells say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from guiapp.report.formula_text import subscripted
from guiapp.ui.plots.entry_table import Column, EntryTable
from guiapp.ui.plots.number_text import MISSING, NOT_ENOUGH_SIGNAL, count, number
from guiapp.ui.plots.plot_export import CsvRow
from guiapp.ui.theme import Palette, scale_color
from guiapp.ui.what_is_this import tooltip

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


def _interval_text(entry: CompoundEntry) -> str:
    if entry.scale is None or entry.interval is None:
        return MISSING
    return f"{number(entry.interval[0])} to {number(entry.interval[1])}"


def _interval_width(entry: CompoundEntry) -> float | None:
    return None if entry.interval is None or entry.scale is None else entry.interval[1] - entry.interval[0]


def _column(
    title: str, term: str, value: Callable[[CompoundEntry], _Value], text: Callable[[CompoundEntry], str], *, numeric: bool = True
) -> Column[CompoundEntry]:
    """Return a column whose header explains a term; none where the term is empty."""
    return Column(title, value, text, numeric, tooltip(term) if term else "")


COLUMNS: tuple[Column[CompoundEntry], ...] = (
    _column("compound", "", lambda e: e.compound, lambda e: subscripted(e.compound), numeric=False),
    _column("formula", "", lambda e: e.formula, lambda e: subscripted(e.formula), numeric=False),
    _column("model", "", lambda e: e.model_title, lambda e: e.model_title, numeric=False),
    _column("frames", "frames", lambda e: e.frames, lambda e: count(e.frames)),
    _column("components", "components", lambda e: e.components, lambda e: count(e.components)),
    _column("scale", "softening scale", lambda e: e.scale, lambda e: number(e.scale)),
    _column("95 % interval", "confidence interval", _interval_width, _interval_text),
    _column("MAE (eV/Å)", "mae", lambda e: e.mae, lambda e: number(e.mae, 3)),
    _column("cMAE (eV/Å)", "cmae", lambda e: e.cmae, lambda e: number(e.cmae, 3)),
    _column("r²", "uncentred r2", lambda e: e.r2, lambda e: number(e.r2, 3)),
    _column("rms force (eV/Å)", "rms force", lambda e: e.rms_force, lambda e: number(e.rms_force)),
    _column("intercept (eV/Å)", "intercept", lambda e: e.intercept, lambda e: number(e.intercept, 3)),
    _column("energy slope", "energy slope", lambda e: e.energy_slope, lambda e: number(e.energy_slope)),
    _column("verdict", "verdict", lambda e: e.verdict, lambda e: e.verdict, numeric=False),
)
_TITLES = [column.title for column in COLUMNS]
SCALE, INTERVAL, MODEL, VERDICT = (_TITLES.index(title) for title in ("scale", "95 % interval", "model", "verdict"))


class CompoundModel(EntryTable[CompoundEntry]):
    """Compounds, softest first."""

    def __init__(self, palette: Palette, parent: QObject | None = None) -> None:
        """Start empty, sorted by softness."""
        super().__init__(COLUMNS, SCALE, palette, parent)

    def rows_of(self, compound: str) -> list[int]:
        """Return the rows of a compound, one a model."""
        return [k for k, entry in enumerate(self._entries) if entry.compound == compound]

    def csv_rows(self, rows: Sequence[int] | None = None) -> list[CsvRow]:
        """Return header and rows in full precision, the interval as two columns; all rows where None is given."""
        chosen = range(len(self._entries)) if rows is None else rows
        header, *table = super().csv_rows(chosen)
        with_ends: list[CsvRow] = [[*header[:INTERVAL], "95 % interval low", "95 % interval high", *header[INTERVAL + 1 :]]]
        for row, cells in zip(chosen, table, strict=True):
            ends = self._entries[row].interval or (None, None)
            with_ends.append([*cells[:INTERVAL], *ends, *cells[INTERVAL + 1 :]])
        return with_ends

    def foreground(self, column: int, entry: CompoundEntry) -> QColor | None:
        """Colour scale and verdict by softness; mute a line without enough signal."""
        if entry.scale is None or entry.verdict == NOT_ENOUGH_SIGNAL:
            return QColor(self.palette.muted)
        return scale_color(entry.scale, self.palette) if column in (SCALE, VERDICT) else None
