"""Where a deviation lies on the signed axis, and the head of the axis: which side is soft, and the ticks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from guiapp.benchmarks.family_findings import percent_text
from guiapp.ui.theme import Palette, text_font

HEAD_HEIGHT = 42.0
STEP = 0.1
"""Between two lines of the grid, as a fraction."""

_LEAST_TICK = 48.0  # pixels that a label such as "−100 %" takes
_WIDE = 330.0  # from here on there is room for whole words on both sides


@dataclass(frozen=True)
class AxisScale:
    """Maps deviations to pixels."""

    low: float
    """Deviation at the left end, as a fraction."""
    high: float
    """Deviation at the right end, as a fraction."""
    left: float
    """Left end, pixels."""
    right: float
    """Right end, pixels."""

    def x(self, deviation: float) -> float:
        """Return where a deviation lies, in pixels; beyond the ends for one that the axis does not reach."""
        return self.left + (deviation - self.low) / (self.high - self.low) * (self.right - self.left)

    def lines(self) -> Iterator[tuple[float, float]]:
        """Return deviation and place of each line of the grid; DFT is at 0."""
        for k in range(round(self.low / STEP), round(self.high / STEP) + 1):
            yield k * STEP, self.x(k * STEP)

    def ticks(self) -> Iterator[tuple[str, float]]:
        """Return words and place of each label, as many as keep apart; DFT always has one."""
        spacing = (self.right - self.left) / max(1, round((self.high - self.low) / STEP))
        every = next((n for n in (1, 2, 5, 10) if n * spacing >= _LEAST_TICK), 100)
        for deviation, x in self.lines():
            k = round(deviation / STEP)
            if k % every == 0:
                yield ("DFT" if k == 0 else percent_text(deviation)), x


def draw_head(painter: QPainter, top: float, scale: AxisScale, palette: Palette) -> None:
    """Draw which side is soft and the labels of the ticks, above the rows.

    Args:
        painter: Of any device.
        top: Upper edge of the head, pixels; it is ``HEAD_HEIGHT`` high.
        scale: Of the rows below.
        palette: Colours.
    """
    painter.setFont(text_font(11))
    wide = scale.right - scale.left >= _WIDE
    words = QRectF(scale.left, top + 2, scale.right - scale.left, 16)
    painter.setPen(QColor(palette.soft))
    painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, "◂ model below DFT (soft)" if wide else "◂ soft")
    painter.setPen(QColor(palette.stiff))
    painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, "above DFT (stiff) ▸" if wide else "stiff ▸")
    bottom = top + HEAD_HEIGHT
    for label, x in scale.ticks():
        painter.setPen(QColor(palette.text if label == "DFT" else palette.muted))
        painter.drawText(QRectF(x - 34, bottom - 23, 68, 16), Qt.AlignmentFlag.AlignCenter, label)
        painter.setPen(QPen(QColor(palette.text if label == "DFT" else palette.line), 1))
        middle = round(x) + 0.5  # of a pixel, as the lines below
        painter.drawLine(QLineF(middle, bottom - 5, middle, bottom))
