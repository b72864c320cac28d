"""The axis of every plot: its numbers carry a real minus sign, its colours are the theme's."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtGui import QColor

from guiapp.ui.plots.number_text import MINUS
from guiapp.ui.theme import Palette, text_font


class PlotAxis(pg.AxisItem):
    """An axis whose negative numbers carry a minus sign instead of a hyphen."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Return pyqtgraph's own tick labels with the sign replaced."""
        return [str(text).replace("-", MINUS) for text in super().tickStrings(values, scale, spacing)]

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours; the label is set where its words are known."""
        self.setPen(QColor(palette.line))
        self.setTextPen(QColor(palette.muted))
        self.setStyle(tickFont=text_font(11), tickLength=-5)
        self.enableAutoSIPrefix(enable=False)

    def set_words(self, words: str, palette: Palette) -> None:
        """Write what the axis shows, with its unit, beside it."""
        self.setLabel(words, color=palette.muted, **{"font-size": "12px"})
