"""How a scale axis is drawn: grid, the line at 1, ticks, and which side is soft."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from guiapp.ui.plots.number_text import number
from guiapp.ui.plots.ranked_compound import ScaleRange
from guiapp.ui.theme import Palette, text_font

_TICK_ROOM = 34.0  # pixels a tick label needs
_SIDES_ROOM = 130.0  # pixels that the words for both sides need


@dataclass(frozen=True)
class ScaleAxis:
    """A horizontal axis of softening scales between two pixel positions."""

    range: ScaleRange
    left: float
    right: float

    def x(self, scale: float) -> float:
        """Return the pixel of a scale; outside of the axis where the scale is."""
        return self.left + self.range.fraction(scale) * (self.right - self.left)

    def clamped(self, scale: float) -> float:
        """Return the pixel of a scale, or of the end that it lies beyond."""
        return min(max(self.x(scale), self.left), self.right)

    @property
    def _ticks(self) -> list[float]:
        return self.range.ticks(max(2, int((self.right - self.left) / _TICK_ROOM)))

    def draw_sides(self, painter: QPainter, palette: Palette, top: float) -> None:
        """Write which side is soft and which is stiff; soft is always left."""
        painter.setFont(text_font(11))
        box = QRectF(self.left, top, self.right - self.left, 16)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(palette.soft))
        too = "too " if box.width() >= _SIDES_ROOM else ""
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | middle, f"◂ {too}soft")
        painter.setPen(QColor(palette.stiff))
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | middle, f"{too}stiff ▸")

    def draw_grid(self, painter: QPainter, palette: Palette, top: float, bottom: float) -> None:
        """Draw a hairline at each tick, a stronger one at 1."""
        for tick in self._ticks:
            at_one = abs(tick - 1) < 1e-9
            painter.setPen(QPen(QColor(palette.text if at_one else palette.line), 1.2 if at_one else 1))
            x = round(self.x(tick)) + 0.5
            painter.drawLine(QLineF(x, top, x, bottom))

    def draw_ticks(self, painter: QPainter, palette: Palette, top: float) -> None:
        """Write the tick values."""
        painter.setFont(text_font(11))
        painter.setPen(QColor(palette.muted))
        for tick in self._ticks:
            painter.drawText(QRectF(self.x(tick) - 24, top, 48, 16), Qt.AlignmentFlag.AlignCenter, number(tick, 1))

    def draw_beyond(self, painter: QPainter, y: float, *, left: bool) -> None:
        """Draw an arrow at the end that a mark lies beyond, with the painter's brush."""
        x, step = (self.left, -1) if left else (self.right, 1)
        painter.drawPolygon(QPolygonF([QPointF(x + 6 * step, y), QPointF(x - 2 * step, y - 4), QPointF(x - 2 * step, y + 4)]))
