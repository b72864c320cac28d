"""The lines of a parity plot: zero, the diagonal, and each model's fitted line in the wedge of its confidence interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QTransform
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from guiapp.ui.theme import Palette

_WEDGE_OPACITY = 0.16


@dataclass(frozen=True)
class FittedLine:
    """A line through the origin."""

    slope: float
    color: str
    interval: tuple[float, float] | None = None
    corrected: bool = False
    """Whether it is dashed, as that of a corrected model."""


def figure_scale(item: pg.GraphicsObject, transform: QTransform) -> float:
    """Return how much larger than on the screen a painter draws: an exported figure's lines and discs grow with it."""
    return float(transform.m11() / item.getViewBox().childGroup.sceneTransform().m11())


class ParityLines(pg.GraphicsObject):
    """Lines across whatever part of the plot is visible."""

    def __init__(self, palette: Palette, *, behind: bool) -> None:
        """Draw the zero lines and wedges (behind the points), or the diagonal and the fitted lines (before them)."""
        super().__init__()
        self._palette = palette
        self._behind = behind
        self._lines: tuple[FittedLine, ...] = ()

    @property
    def lines(self) -> tuple[FittedLine, ...]:
        """The fitted lines."""
        return self._lines

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self._palette = palette
        self.update()

    def set_lines(self, lines: Sequence[FittedLine]) -> None:
        """Draw other fitted lines."""
        self._lines = tuple(lines)
        self.update()

    def boundingRect(self) -> QRectF:
        """Return the visible part of the plot."""
        return QRectF(self.getViewBox().viewRect())

    def viewTransformChanged(self) -> None:
        """Redraw for another visible part."""
        self.prepareGeometryChange()
        self.update()

    def viewRangeChanged(self) -> None:
        """Redraw for another visible part."""
        self.viewTransformChanged()

    def dataBounds(self, *_args: object, **_kwargs: object) -> tuple[None, None]:
        """Keep the axes where they are: a line has no end."""
        return (None, None)

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Draw the lines in the pixels of the device, so that their width does not depend on the zoom."""
        transform, view = painter.transform(), QRectF(self.getViewBox().viewRect())
        scale = figure_scale(self, transform)
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._behind:
            self._draw_behind(painter, transform, view, scale)
        else:
            self._draw_before(painter, transform, view, scale)
        painter.restore()

    def _draw_behind(self, painter: QPainter, transform: QTransform, view: QRectF, scale: float) -> None:
        painter.setPen(QPen(QColor(self._palette.line), scale))
        painter.drawLine(transform.map(QLineF(view.left(), 0, view.right(), 0)))
        painter.drawLine(transform.map(QLineF(0, view.top(), 0, view.bottom())))
        painter.setPen(Qt.PenStyle.NoPen)
        for line in self._lines:
            if line.interval is None:
                continue
            low, high = line.interval
            color = QColor(line.color)
            color.setAlphaF(_WEDGE_OPACITY)
            painter.setBrush(color)
            for x in (view.left(), view.right()):
                painter.drawPolygon(transform.map(QPolygonF([QPointF(0, 0), QPointF(x, low * x), QPointF(x, high * x)])))

    def _draw_before(self, painter: QPainter, transform: QTransform, view: QRectF, scale: float) -> None:
        painter.setPen(QPen(QColor(self._palette.muted), 1.2 * scale, Qt.PenStyle.DashLine))
        painter.drawLine(transform.map(QLineF(view.left(), view.left(), view.right(), view.right())))
        for line in self._lines:
            painter.setPen(QPen(QColor(line.color), 2.4 * scale, Qt.PenStyle.DashLine if line.corrected else Qt.PenStyle.SolidLine))
            painter.drawLine(transform.map(QLineF(view.left(), line.slope * view.left(), view.right(), line.slope * view.right())))
