"""A legend in one or two rows above the plots, drawn in the scene, so that it is in every exported figure too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsSceneResizeEvent, QStyleOptionGraphicsItem, QWidget

from guiapp.ui.theme import Palette, text_font

_ROW, _SAMPLE, _GAP = 18.0, 22.0, 18.0


@dataclass(frozen=True)
class StripEntry:
    """One word of the legend."""

    text: str
    color_index: int | None
    """None for DFT, which has the colour of text."""
    hollow: bool = False
    dashed: bool = False
    """The diagonal, or what holds without correction."""


class LegendStrip(pg.GraphicsWidget):
    """Entries side by side, wrapped where the width ends."""

    def __init__(self, palette: Palette) -> None:
        """Start empty."""
        super().__init__()
        self._palette = palette
        self._entries: tuple[StripEntry, ...] = ()
        self._rows = 1
        self.setFixedHeight(_ROW)

    @property
    def entries(self) -> tuple[StripEntry, ...]:
        """What is shown."""
        return self._entries

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self._palette = palette
        self.update()

    def set_entries(self, entries: Sequence[StripEntry]) -> None:
        """Show other entries."""
        if tuple(entries) != self._entries:
            self._entries = tuple(entries)
            self._wrap()
            self.update()

    def resizeEvent(self, event: QGraphicsSceneResizeEvent) -> None:
        """Wrap anew at another width."""
        super().resizeEvent(event)
        self._wrap()

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Draw samples and words."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(text_font(12))
        for entry, (x, row) in zip(self._entries, self._places(), strict=True):
            y = _ROW * (row + 0.5)
            known = entry.color_index is not None
            color = self._palette.model_color(entry.color_index or 0) if known else QColor(self._palette.text)
            if entry.dashed:
                color = QColor(self._palette.muted)
            style = Qt.PenStyle.DashLine if entry.dashed else Qt.PenStyle.SolidLine
            painter.setPen(QPen(color, 1.2 if entry.dashed else 2.2, style))
            painter.drawLine(QLineF(x, y, x + 16, y))
            if not entry.dashed:
                painter.setPen(QPen(color, 1.4))
                painter.setBrush(QColor(self._palette.surface) if entry.hollow else color)
                painter.drawEllipse(QPointF(x + 8, y), 3.2, 3.2)
            painter.setPen(QColor(self._palette.text))
            words = QRectF(x + _SAMPLE, row * _ROW, 600, _ROW)
            painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, entry.text)

    def _places(self) -> list[tuple[float, int]]:
        metrics, places = QFontMetricsF(text_font(12)), []
        x, row, width = 6.0, 0, self.size().width()
        for entry in self._entries:
            needed = _SAMPLE + metrics.horizontalAdvance(entry.text)
            if x > 6 and x + needed > width:
                x, row = 6.0, row + 1
            places.append((x, row))
            x += needed + _GAP
        return places

    def _wrap(self) -> None:
        rows = 1 + max((row for _, row in self._places()), default=0)
        if rows != self._rows:
            self._rows = rows
            self.setFixedHeight(rows * _ROW)
