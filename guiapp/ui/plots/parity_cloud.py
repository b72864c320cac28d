"""The points of a parity plot: discs while they are few, a density picture when they are many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from guiapp.ui.plots.density import BINS, View, bin_cloud, shade
from guiapp.ui.plots.parity_lines import figure_scale
from guiapp.ui.plots.parity_series import ParitySeries
from guiapp.ui.plots.point_sprites import DiscSprites
from guiapp.ui.theme import Palette

LARGEST_SCATTER = 20_000
"""Points, of all series together, up to which each is drawn as a disc."""
DISC = 5.0
"""Diameter of a point in pixels."""
PICKED_DISC = 7.0
_OPACITY = 0.6
_DIMMED = 0.22  # opacity of everything else while some points are highlighted
_RINGED = 60  # up to so many highlighted points get a ring each


@dataclass(frozen=True, eq=False)
class _Cloud:
    """One series, converted once into what drawing needs."""

    series: ParitySeries

    @cached_property
    def x(self) -> NDArray[np.float32]:
        """(n,) with infinity in place of NaN: outside of every view."""
        return _single(self.series.dft)

    @cached_property
    def y(self) -> NDArray[np.float32]:
        return _single(self.series.model)

    @cached_property
    def codes(self) -> tuple[NDArray[np.uint32], NDArray[np.intp]]:
        """The different colours, and each point's place among them."""
        if self.series.point_colors is None:
            return np.array([QColor(self.series.color).rgba()], dtype=np.uint32), np.zeros(len(self.x), dtype=np.intp)
        different, place = np.unique(self.series.point_colors, return_inverse=True)
        return different, place

    @cached_property
    def channels(self) -> NDArray[np.float64] | None:
        """(3, n) red, green and blue, or None where all points share the model's colour."""
        colors = self.series.point_colors
        return None if colors is None else np.stack([(colors >> shift & 255).astype(np.float64) for shift in (16, 8, 0)])

    def __len__(self) -> int:
        return len(self.series.dft)


def _single(values: NDArray[np.float64]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):
        single = values.astype(np.float32)
    single[np.isnan(single)] = np.inf
    return single


class ParityCloud(pg.GraphicsObject):
    """All points of all series, as one item of the plot."""

    def __init__(self, palette: Palette) -> None:
        """Start empty."""
        super().__init__()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self._palette = palette
        self._clouds: list[_Cloud] = []
        self._corrections: list[float] = []
        self._highlight: NDArray[np.intp] = np.zeros(0, dtype=np.intp)
        self._highlight_series: int | None = None
        self._hovered: tuple[int, int] | None = None
        self._sprites: dict[tuple[int, float, float], DiscSprites] = {}
        self._image: QImage | None = None
        self._image_key: tuple[object, ...] = ()
        self._version = 0

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self._palette = palette
        self._changed()

    def set_series(self, series: Sequence[ParitySeries], corrections: Sequence[float]) -> None:
        """Show other points, model forces multiplied by one correction a series."""
        known = {id(cloud.series): cloud for cloud in self._clouds}
        self._clouds = [known.get(id(one)) or _Cloud(one) for one in series]
        self._corrections = list(corrections)
        self._hovered = None
        self._changed()

    def set_corrections(self, corrections: Sequence[float]) -> None:
        """Multiply the model's forces; nothing is copied or counted before the next paint."""
        self._corrections = list(corrections)
        self.update()

    def set_highlight(self, indices: NDArray[np.intp], series: int | None) -> None:
        """Bring points to the front and dim the rest; an empty array ends that."""
        self._highlight, self._highlight_series = indices, series
        self._changed()

    def set_hovered(self, point: tuple[int, int] | None) -> None:
        """Ring the point under the mouse."""
        if point != self._hovered:
            self._hovered = point
            self.update()

    @property
    def is_density(self) -> bool:
        """Whether there are too many points for discs."""
        return sum(map(len, self._clouds)) > LARGEST_SCATTER

    def nearest(self, x: float, y: float, x_reach: float, y_reach: float) -> tuple[int, int] | None:
        """Return (series, index) of the point nearest to a place, measured in reaches, or None where none is that near.

        A search through a million points takes 2 ms, less than an index would need to be kept right while data arrive.
        """
        best, found = 1.0, None
        for k, (cloud, correction) in enumerate(zip(self._clouds, self._corrections, strict=True)):
            near = np.flatnonzero(np.abs(cloud.x - np.float32(x)) <= x_reach)
            if len(near) == 0:
                continue
            dx = (cloud.series.dft[near] - x) / x_reach
            dy = (correction * cloud.series.model[near] - y) / y_reach
            distance = np.where(np.isfinite(dx) & np.isfinite(dy), dx * dx + dy * dy, np.inf)
            i = int(distance.argmin())
            if distance[i] <= best:
                best, found = float(distance[i]), (k, int(near[i]))
        return found

    def boundingRect(self) -> QRectF:
        """Return the visible part of the plot: the cloud is drawn for what is seen only."""
        return QRectF(self.getViewBox().viewRect())

    def viewTransformChanged(self) -> None:
        """Redraw for another visible part."""
        self.prepareGeometryChange()
        self.update()

    def viewRangeChanged(self) -> None:
        """Redraw for another visible part."""
        self.viewTransformChanged()

    def dataBounds(self, *_args: object, **_kwargs: object) -> tuple[None, None]:
        """Keep the axes where the plot put them: they never follow data by themselves."""
        return (None, None)

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Draw the cloud, the highlighted points over it, and the hovered one on top."""
        if not any(map(len, self._clouds)):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        opacity = _DIMMED if len(self._highlight) else _OPACITY
        if self.is_density:
            self._draw_density(painter, min(1.0, opacity / _OPACITY))
        transform = painter.transform()
        painter.save()
        painter.resetTransform()
        if not self.is_density:
            for k, cloud in enumerate(self._clouds):
                self._draw_discs(painter, transform, k, np.arange(len(cloud)), diameter=DISC, opacity=opacity)
        self._draw_highlight(painter, transform)
        if self._hovered is not None:
            series, index = self._hovered
            self._draw_rings(painter, transform, series, np.array([index]))
        painter.restore()

    def _changed(self) -> None:
        self._version += 1
        self._sprites.clear()
        self.update()

    def _draw_density(self, painter: QPainter, opacity: float) -> None:
        rect = QRectF(self.getViewBox().viewRect())
        key = (self._version, tuple(self._corrections), rect.getRect())
        if self._image is None or key != self._image_key:
            self._image, self._image_key = self._render_density(rect, opacity), key
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(rect, self._image)
        painter.restore()

    def _render_density(self, rect: QRectF, opacity: float) -> QImage:
        view = View(rect.left(), rect.right(), rect.top(), rect.bottom())
        image: QImage | None = None
        for cloud, correction in zip(self._clouds, self._corrections, strict=True):
            binned = bin_cloud(cloud.x, cloud.y, view, correction, cloud.channels)
            color = QColor(cloud.series.color)
            pixels = shade(binned, (color.red(), color.green(), color.blue()), opacity)
            # The copy takes the pixels over: an image made from an array only borrows them.
            layer = QImage(pixels.data, BINS, BINS, 4 * BINS, QImage.Format.Format_ARGB32_Premultiplied).copy()
            if image is None:
                image = layer
            else:
                merge = QPainter(image)
                merge.drawImage(0, 0, layer)
                merge.end()
        assert image is not None
        return image

    def _centres(self, transform: QTransform, series: int, indices: NDArray[np.intp]) -> NDArray[np.float64]:
        x = self._clouds[series].series.dft[indices]
        y = self._corrections[series] * self._clouds[series].series.model[indices]
        # A parity plot is neither turned nor sheared: scale and shift are the whole transform.
        return np.stack([x * transform.m11() + transform.dx(), y * transform.m22() + transform.dy()], axis=1)

    def _draw_discs(
        self, painter: QPainter, transform: QTransform, series: int, indices: NDArray[np.intp], *, diameter: float, opacity: float
    ) -> None:
        colors, place = self._clouds[series].codes
        hollow = self._clouds[series].series.corrected
        key = (series, diameter, opacity)
        if key not in self._sprites:
            seen = colors & np.uint32(0x00FFFFFF) | np.uint32(round(255 * opacity) << 24)
            self._sprites[key] = DiscSprites(seen, diameter, hollow=hollow)
        centres = self._centres(transform, series, indices)
        # A vector file shall hold what is seen and no more.
        clip = painter.clipBoundingRect().adjusted(-diameter, -diameter, diameter, diameter)
        shown = np.isfinite(centres).all(axis=1)
        if not clip.isEmpty():
            shown &= (centres[:, 0] >= clip.left()) & (centres[:, 0] <= clip.right())
            shown &= (centres[:, 1] >= clip.top()) & (centres[:, 1] <= clip.bottom())
        scale = figure_scale(self, transform)
        sprites = self._sprites[key]
        if abs(scale - 1) > 1e-3:  # an exported figure is larger than the plot on the screen: its discs grow with it
            sprites = DiscSprites(colors & np.uint32(0x00FFFFFF) | np.uint32(round(255 * opacity) << 24), diameter * scale, hollow=hollow)
        sprites.draw(painter, centres[shown], place[indices][shown])

    def _draw_highlight(self, painter: QPainter, transform: QTransform) -> None:
        if len(self._highlight) == 0:
            return
        for k, cloud in enumerate(self._clouds):
            if self._highlight_series not in (None, k):
                continue
            indices = self._highlight[self._highlight < len(cloud)]
            if len(indices) > LARGEST_SCATTER:
                indices = indices[:: -(-len(indices) // LARGEST_SCATTER)]
            self._draw_discs(painter, transform, k, indices, diameter=PICKED_DISC, opacity=1.0)
            if len(indices) <= _RINGED:
                self._draw_rings(painter, transform, k, indices)

    def _draw_rings(self, painter: QPainter, transform: QTransform, series: int, indices: NDArray[np.intp]) -> None:
        painter.setPen(QPen(QColor(self._palette.text), 1.4))
        painter.setBrush(QColor(0, 0, 0, 0))
        radius = (PICKED_DISC / 2 + 1.5) * figure_scale(self, transform)
        for x, y in self._centres(transform, series, indices).tolist():
            painter.drawEllipse(QPointF(x, y), radius, radius)
