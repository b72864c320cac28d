"""The systems of one family as a table: what the model says, what DFT says, and how far apart they are."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from guiapp.benchmarks.family_findings import percent_text
from guiapp.benchmarks.family_rows import has_signal, signed_deviation
from guiapp.benchmarks.high_energy_summary import Verdict
from guiapp.benchmarks.row import Row
from guiapp.ui.curves.systems import system_title
from guiapp.ui.plots.entry_table import Column, EntryTable
from guiapp.ui.plots.number_text import MINUS, MISSING
from guiapp.ui.theme import Palette, scale_color


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


def significant(value: float) -> str:
    """Return a number with four significant digits and a real minus sign, or a dash where there is none."""
    return f"{value:.4g}".replace("-", MINUS) if math.isfinite(value) else MISSING


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


COLUMNS: tuple[Column[SystemEntry], ...] = (
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


class SystemsModel(EntryTable[SystemEntry]):
    """Systems, softest first."""

    def __init__(self, palette: Palette, parent: QObject | None = None) -> None:
        """Start empty, sorted by deviation."""
        super().__init__(COLUMNS, DEVIATION, palette, parent)

    def place_of(self, system: str) -> int:
        """Return the first line of a system; -1 where there is none."""
        return next((k for k, entry in enumerate(self._entries) if entry.row.system == system), -1)

    def foreground(self, column: int, entry: SystemEntry) -> QColor | None:
        """Colour deviation and verdict by softness; mute a line without enough signal."""
        if entry.row.verdict == Verdict.NO_SIGNAL.value:
            return QColor(self.palette.muted)
        if column in _COLORED and entry.deviation is not None and entry.row.verdict:
            return scale_color(1 + entry.deviation, self.palette)
        return None

    def cell_tip(self, column: int, entry: SystemEntry) -> str | None:
        """Return the whole name of a system, which its cell may shorten."""
        return entry.row.system if column == SYSTEM else None
