"""Axis ranges that stand still while data arrive, and grow only where data leave them."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from guiapp.ui.curves.pictures import PanelPicture

Range = tuple[float, float]

ROOM = 0.06
"""Part of the data's span that is left free at both ends."""


def data_bounds(panel: PanelPicture) -> tuple[Range | None, Range | None]:
    """Return the smallest and largest x and y of a panel; None where there is no finite number.

    A parity panel has one range for both axes, with zero in it where nothing is negative.
    """
    x = _bounds(series.x for series in panel.series)
    y = _bounds(series.y for series in panel.series)
    if panel.parity and x is not None and y is not None:
        low, high = min(x[0], y[0]), max(x[1], y[1])
        both = (min(low, 0.0), max(high, 0.0))
        return both, both
    if panel.ticks and x is not None:
        x = (panel.ticks[0][0], panel.ticks[-1][0])
    return x, y


def fitted(bounds: Range, *, room: float = ROOM) -> Range:
    """Return the range that shows all data, with a little room."""
    low, high = bounds
    span = high - low
    margin = room * span if span > 0 else max(abs(low), 1.0) * 0.5
    return low - margin, high + margin


def followed(shown: Range, bounds: Range, *, room: float = ROOM) -> Range:
    """Return the range that was shown, grown on the side where data leave it."""
    if bounds[0] >= shown[0] and bounds[1] <= shown[1]:
        return shown
    grown = fitted((min(shown[0], bounds[0]), max(shown[1], bounds[1])), room=room)
    return (shown[0] if bounds[0] >= shown[0] else grown[0], shown[1] if bounds[1] <= shown[1] else grown[1])


def _bounds(arrays: Iterable[np.ndarray]) -> Range | None:
    low, high = math.inf, -math.inf
    for array in arrays:
        finite = array[np.isfinite(array)]
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    return (low, high) if low <= high else None
