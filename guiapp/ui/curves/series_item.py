"""Lines and points of one panel, drawn in the pixels of the device, so that widths do not depend on the zoom."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPaintEngine, QPainter, QPainterPath, QPen, QTransform
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from guiapp.frames.frame import Floats
from guiapp.ui.curves.pictures import DrawnSeries, PanelPicture
from guiapp.ui.plots.parity_lines import figure_scale
from guiapp.ui.theme import Palette

_LINE, _MANY_LINES, _GHOST_LINE = 1.8, 1.2, 1.0
_RADIUS = 3.4
_GHOST = 0.35  # opacity of what holds without the correction
_MANY = 6  # lines of one series from which they are drawn thinner
_VERY_MANY = 4000  # points of lines from which they are one pixel wide, which Qt draws much faster


class SeriesItem(pg.GraphicsObject):
    """Everything between the axes of one panel."""

    def __init__(self, palette: Palette) -> None:
        """Start empty."""
        super().__init__()
        self._palette = palette
        self._panel: PanelPicture | None = None
        self._current = ""
        self._marked: tuple[int, int] | None = None
        self._segments = PrimitiveArray(QLineF, 4)

    @property
    def panel(self) -> PanelPicture | None:
        """What is drawn."""
        return self._panel

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self._palette = palette
        self.update()

    def set_panel(self, panel: PanelPicture | None, current: str) -> None:
        """Draw another panel; the points of the current system get a ring."""
        self._panel, self._current, self._marked = panel, current, None
        self.update()

    def set_marked(self, point: tuple[int, int] | None) -> None:
        """Enlarge one point, by series and index."""
        if point != self._marked:
            self._marked = point
            self.update()

    def color_of(self, series: DrawnSeries) -> QColor:
        """Return the colour of a series: DFT's is that of text."""
        color = QColor(self._palette.text) if series.color_index is None else self._palette.model_color(series.color_index)
        color.setAlphaF(_GHOST if series.ghost else 1.0)
        return color

    def nearest(self, place: QPointF, reach: tuple[float, float]) -> tuple[int, int] | None:
        """Return series and index of the point closest to a place in data units; points of sets come before those of lines.

        Args:
            place: In data units.
            reach: How far it may be, in data units of x and y.
        """
        if self._panel is None:
            return None
        best: tuple[bool, float, int, int] | None = None
        for number, series in enumerate(self._panel.series):
            if series.ghost:
                continue
            x = (series.x - place.x()) / reach[0]
            y = (np.atleast_2d(series.y) - place.y()) / reach[1]
            distance = np.nan_to_num(x * x + y * y, nan=np.inf).min(axis=0) if y.size else np.zeros(0)
            if distance.size and distance.min() <= 1:
                index = int(np.argmin(distance))
                found = (not series.points, float(distance[index]), number, index)
                best = min(best, found) if best is not None else found
        return None if best is None else (best[2], best[3])

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
        """Leave the axes to the panel, which keeps them still."""
        return (None, None)

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Draw lines first, then points, DFT's below those of the models."""
        if self._panel is None:
            return
        transform, scale = painter.transform(), figure_scale(self, painter.transform())
        view = QRectF(self.getViewBox().viewRect())
        painter.save()
        painter.setClipRect(view)
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_guides(painter, transform, view, scale)
        for series in self._panel.series:
            if not series.points:
                self._draw_lines(painter, transform, series, scale)
        for number, series in enumerate(self._panel.series):
            if series.points:
                self._draw_points(painter, transform, series, scale, number)
        painter.restore()

    def _draw_guides(self, painter: QPainter, transform: QTransform, view: QRectF, scale: float) -> None:
        assert self._panel is not None
        painter.setPen(QPen(QColor(self._palette.line), scale))
        painter.drawLine(transform.map(QLineF(view.left(), 0, view.right(), 0)))
        for at, _ in self._panel.ticks:
            painter.drawLine(transform.map(QLineF(at, view.top(), at, view.bottom())))
        if self._panel.parity:
            painter.setPen(QPen(QColor(self._palette.muted), 1.2 * scale, Qt.PenStyle.DashLine))
            low, high = min(view.left(), view.top()), max(view.right(), view.bottom())
            painter.drawLine(transform.map(QLineF(low, low, high, high)))

    def _draw_lines(self, painter: QPainter, transform: QTransform, series: DrawnSeries, scale: float) -> None:
        lines = np.atleast_2d(series.y)
        width = _GHOST_LINE if series.ghost or lines.size > _VERY_MANY else _MANY_LINES if len(lines) >= _MANY else _LINE
        style = Qt.PenStyle.DashLine if series.ghost else Qt.PenStyle.SolidLine
        painter.setPen(QPen(self.color_of(series), width * scale, style, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.BevelJoin))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        x = np.tile(np.append(series.x, np.nan), len(lines))
        y = np.column_stack([lines, np.full(len(lines), np.nan)]).ravel()
        x, y = _in_pixels(transform, x, y)
        if series.ghost or painter.paintEngine().type() != QPaintEngine.Type.Raster:
            painter.drawPath(_path(x, y))
        else:
            self._draw_segments(painter, x, y)

    def _draw_segments(self, painter: QPainter, x: Floats, y: Floats) -> None:
        """Draw single segments: on pixels Qt takes a fifth of the time that it takes to outline one long path."""
        segments = np.column_stack([x[:-1], y[:-1], x[1:], y[1:]])
        segments = segments[np.isfinite(segments).all(axis=1)]
        self._segments.resize(len(segments))
        self._segments.ndarray()[:] = segments
        painter.drawLines(*self._segments.drawargs())

    def _draw_points(self, painter: QPainter, transform: QTransform, series: DrawnSeries, scale: float, number: int) -> None:
        color = self.color_of(series)
        hollow = series.hollow and not series.ghost
        painter.setPen(QPen(color, 1.6 * scale) if hollow else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._palette.surface) if hollow else color)
        x, y = _in_pixels(transform, series.x, np.atleast_2d(series.y)[0])
        radius = _RADIUS * scale
        for px, py in zip(x.tolist(), y.tolist(), strict=True):
            if np.isfinite(px) and np.isfinite(py):
                painter.drawEllipse(QPointF(px, py), radius, radius)
        ringed = [k for k, system in enumerate(series.systems) if system == self._current] if not series.ghost else []
        if self._marked is not None and self._marked[0] == number:
            ringed.append(self._marked[1])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self._palette.text), 1.6 * scale))
        for k in ringed:
            painter.drawEllipse(QPointF(float(x[k]), float(y[k])), radius + 3 * scale, radius + 3 * scale)


def _in_pixels(transform: QTransform, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    # A plot is neither turned nor sheared: scale and shift are the whole transform.
    return x * transform.m11() + transform.dx(), y * transform.m22() + transform.dy()


def _path(x: Floats, y: Floats) -> QPainterPath:
    """Return a path through finite points, broken where a coordinate is NaN."""
    path: QPainterPath = pg.functions.arrayToQPath(x, y, connect="finite")
    return path
