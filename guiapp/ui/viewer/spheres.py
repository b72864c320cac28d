"""Shaded spheres: as cached sprites for the screen, as gradients for vector files."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPixmap, QRadialGradient

from guiapp.ui.viewer.look import mixed

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LARGEST_SPRITE = 90.0
"""Radius in pixels above which a sphere is painted afresh: few fit the window, and sprites would fill the memory."""

Placed = tuple[list[int], list[int], list[QPixmap]]

_STEPS = 4  # sprites per pixel, in radius and position: without them atoms would tremble while turning slowly
_CACHE_BYTES = 64 << 20


def paint_sphere(painter: QPainter, x: float, y: float, radius: float, color: QColor) -> None:
    """Paint a softly shaded sphere, lit from the upper left, with a thin dark rim that holds on any background."""
    gradient = QRadialGradient(QPointF(x, y), radius, QPointF(x - 0.34 * radius, y - 0.38 * radius))
    white = QColor(255, 255, 255)
    gradient.setColorAt(0.0, mixed(color, white, 0.62))
    gradient.setColorAt(0.28, mixed(color, white, 0.18))
    gradient.setColorAt(0.62, color)
    gradient.setColorAt(1.0, color.darker(165))
    rim = min(1.0, 0.08 * radius)
    painter.setPen(QPen(color.darker(195), rim))
    painter.setBrush(QBrush(gradient))
    painter.drawEllipse(QPointF(x, y), radius - rim / 2, radius - rim / 2)


class SpriteCache:
    """Spheres painted once per colour, size and fraction of a pixel."""

    def __init__(self) -> None:
        """Start empty."""
        self._sprites: dict[tuple[int, int, int, int], QPixmap] = {}
        self._bytes = 0

    def sprites(self, kinds: Integers, colors: list[QColor], x: Floats, y: Floats, radii: Floats) -> Placed:
        """Return where and with which sprite each sphere is to be drawn.

        Args:
            kinds: Index into ``colors``, (n,).
            colors: The colours that occur.
            x: Centres, (n,) pixels.
            y: Centres, (n,) pixels.
            radii: (n,) pixels, at most ``LARGEST_SPRITE``.

        Returns:
            Left edges, upper edges (whole pixels) and sprites, one of each a sphere.
        """
        size = np.maximum(np.rint(radii * _STEPS), 2).astype(np.int64)
        column, row = np.floor(x * _STEPS).astype(np.int64), np.floor(y * _STEPS).astype(np.int64)
        phase_x, phase_y = column % _STEPS, row % _STEPS
        reach = size // _STEPS + 2
        key = ((kinds * 1024 + size) * _STEPS + phase_x) * _STEPS + phase_y
        _, first, place = np.unique(key, return_index=True, return_inverse=True)
        rgb = [color.rgb() for color in colors]
        found = [self._sprite(colors[kinds[k]], rgb[kinds[k]], int(size[k]), int(phase_x[k]), int(phase_y[k])) for k in first.tolist()]
        left, top = column // _STEPS - reach, row // _STEPS - reach
        return left.tolist(), top.tolist(), [found[k] for k in place.tolist()]

    def _sprite(self, color: QColor, rgb: int, size: int, phase_x: int, phase_y: int) -> QPixmap:
        key = (rgb, size, phase_x, phase_y)
        sprite = self._sprites.get(key)
        if sprite is None:
            reach = size // _STEPS + 2
            side = 2 * reach + 2
            if self._bytes > _CACHE_BYTES:
                self._sprites.clear()
                self._bytes = 0
            sprite = QPixmap(side, side)
            sprite.fill(Qt.GlobalColor.transparent)
            painter = QPainter(sprite)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            half_step = 0.5 / _STEPS
            paint_sphere(painter, reach + phase_x / _STEPS + half_step, reach + phase_y / _STEPS + half_step, size / _STEPS, color)
            painter.end()
            self._sprites[key] = sprite
            self._bytes += 4 * math.prod(sprite.size().toTuple())
        return sprite
