"""A small legend in a corner of a plot, drawn with the plot, so that it is in every exported figure too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from guiapp.ui.theme import Palette, text_font

_ROW = 17.0
_SAMPLE = 24.0
_MARGIN = 10.0
_PADDING = 6.0
_WIDEST = 0.66  # part of the view's width that a legend may take before its details go to lines of their own


class Sample(Enum):
    """What stands before the words of a line of a legend."""

    LINE = "line"
    DASHED = "dashed"
    """Thin: the diagonal."""
    CORRECTED = "corrected"
    """As strong as a line, dashed."""
    DOT = "dot"
    NONE = "none"


@dataclass(frozen=True)
class LegendLine:
    """One line of a legend."""

    text: str
    color: str
    sample: Sample = Sample.LINE
    detail: str = ""
    """Muted words after the text."""


class PlotLegend(QGraphicsItem):
    """Lines of text in one corner of the view that is its parent item."""

    def __init__(self, palette: Palette, *, right: bool = False, bottom: bool = False) -> None:
        """Choose the corner; upper left unless told otherwise."""
        super().__init__()
        self._palette = palette
        self._right, self._bottom = right, bottom
        self._lines: tuple[LegendLine, ...] = ()
        self._size = (0.0, 0.0)
        self._stacked = False
        self.setZValue(1e5)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self._palette = palette
        self.update()

    @property
    def lines(self) -> tuple[LegendLine, ...]:
        """What is shown."""
        return self._lines

    def set_lines(self, lines: Sequence[LegendLine]) -> None:
        """Show other lines."""
        if tuple(lines) == self._lines:
            return
        self.prepareGeometryChange()
        self._lines = tuple(lines)
        self.place()
        self.update()

    def place(self) -> None:
        """Go to the corner of the parent item; to be called when it has another size."""
        area = self.parentItem().boundingRect()
        self.prepareGeometryChange()
        widest = max((self._line_width(line) for line in self._lines), default=0.0)
        self._stacked = widest > _WIDEST * area.width()
        if self._stacked:
            widest = max(max(self._line_width(replace(line, detail="")), _SAMPLE + _advance(line.detail)) for line in self._lines)
        rows = len(self._lines) + (sum(bool(line.detail) for line in self._lines) if self._stacked else 0)
        width, height = self._size = (widest + 2 * _PADDING, rows * _ROW + 2 * _PADDING) if rows else (0.0, 0.0)
        x = area.right() - width - _MARGIN if self._right else area.left() + _MARGIN
        y = area.bottom() - height - _MARGIN if self._bottom else area.top() + _MARGIN
        self.setPos(x, y)

    def boundingRect(self) -> QRectF:
        """Return the place that the lines take."""
        return QRectF(0, 0, *self._size)

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Draw the lines on a veil in the background's colour, so that points behind do not disturb."""
        if not self._lines:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(self._palette.surface)
        veil.setAlpha(215)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(veil)
        painter.drawRoundedRect(self.boundingRect(), 4, 4)
        painter.setFont(text_font(12))
        top = _PADDING
        for line in self._lines:
            left = _PADDING + self._draw_sample(painter, line, top + _ROW / 2)
            box = QRectF(left, top, self._size[0] - left, _ROW)
            painter.setPen(QColor(self._palette.text if line.sample is not Sample.NONE else line.color))
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box, flags, line.text)
            if line.detail:
                painter.setPen(QColor(self._palette.muted))
                top += _ROW if self._stacked else 0
                beside = 0 if self._stacked else _advance(line.text + "  ")
                painter.drawText(QRectF(left + beside, top, self._size[0] - left, _ROW), flags, line.detail)
            top += _ROW

    def _draw_sample(self, painter: QPainter, line: LegendLine, y: float) -> float:
        color = QColor(line.color)
        if line.sample is Sample.DOT:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawEllipse(QPointF(_PADDING + 4, y), 4, 4)
            return _SAMPLE - 10
        if line.sample is Sample.NONE:
            return 0.0
        style = Qt.PenStyle.SolidLine if line.sample is Sample.LINE else Qt.PenStyle.DashLine
        painter.setPen(QPen(color, 1.2 if line.sample is Sample.DASHED else 2.4, style))
        painter.drawLine(QPointF(_PADDING, y), QPointF(_PADDING + _SAMPLE - 7, y))
        return _SAMPLE

    def _line_width(self, line: LegendLine) -> float:
        sample = {Sample.NONE: 0.0, Sample.DOT: _SAMPLE - 10}.get(line.sample, _SAMPLE)
        return sample + _advance(line.text + (f"  {line.detail}" if line.detail else ""))


def _advance(text: str) -> float:
    return QFontMetricsF(text_font(12)).horizontalAdvance(text)
