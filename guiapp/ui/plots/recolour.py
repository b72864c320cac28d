"""The same colour in another theme, so that a plot changes its theme (or is exported in light colours) by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from guiapp.ui.plots.colouring import LegendEntry, legible
from guiapp.ui.plots.parity_series import ParitySeries
from guiapp.ui.theme import Palette

_NAMED = ("text", "muted", "line", "accent", "soft", "stiff", "good", "warn", "bad")
_SLACK = 2.0  # of 255: rounding of a mixed colour


def recoloured(color: QColor, before: Palette, after: Palette) -> QColor:
    """Return what a colour of one palette is in another.

    A colour of the palette becomes its namesake, a mixture of grey with soft or stiff the same mixture, and any other colour
    (an element's) stays, made legible on the new background.
    """
    if before == after:
        return color
    for old, new in zip(before.models, after.models, strict=True):
        if color == QColor(old):
            return QColor(new)
    for name in _NAMED:
        if color == QColor(getattr(before, name)):
            return QColor(getattr(after, name))
    for end in ("soft", "stiff"):
        share = _share(color, QColor(before.muted), QColor(getattr(before, end)))
        if share is not None:
            grey, full = QColor(after.muted), QColor(getattr(after, end))
            return QColor(
                round(grey.red() + share * (full.red() - grey.red())),
                round(grey.green() + share * (full.green() - grey.green())),
                round(grey.blue() + share * (full.blue() - grey.blue())),
            )
    return legible(color, after)


def _share(color: QColor, start: QColor, end: QColor) -> float | None:
    """Return how far a colour lies between two others, None where it does not lie between them."""
    point, a, b = (np.array([c.red(), c.green(), c.blue()], dtype=float) for c in (color, start, end))
    share = float((point - a) @ (b - a) / ((b - a) @ (b - a)))
    on_line = float(np.abs(a + share * (b - a) - point).max()) <= _SLACK
    return share if on_line and 0 <= share <= 1 else None


def recoloured_points(colors: NDArray[np.uint32], before: Palette, after: Palette) -> NDArray[np.uint32]:
    """Return (n,) 0xAARRGGBB colours of points in another palette."""
    different, place = np.unique(colors, return_inverse=True)
    table = np.array([recoloured(QColor.fromRgba(int(c)), before, after).rgba() for c in different], dtype=np.uint32)
    return table[place]


def recoloured_series(series: ParitySeries, before: Palette, after: Palette) -> ParitySeries:
    """Return a series in the colours of another palette."""
    if before == after:
        return series
    points = None if series.point_colors is None else recoloured_points(series.point_colors, before, after)
    return replace(series, color=recoloured(QColor(series.color), before, after).name(), point_colors=points)


def recoloured_entry(entry: LegendEntry, before: Palette, after: Palette) -> LegendEntry:
    """Return a line of a legend in the colours of another palette."""
    return replace(entry, color=recoloured(QColor(entry.color), before, after).name())
