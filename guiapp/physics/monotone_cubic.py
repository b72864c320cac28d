"""A smooth curve through points that makes no summit or dip of its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def monotone_cubic(x: ArrayLike, y: ArrayLike, at: ArrayLike) -> Floats:
    """Interpolate between points; the curve rises where the points rise, falls where they fall, and is flat at their extremes.

    Args:
        x: (n,) strictly increasing, at least three.
        y: (n,) finite.
        at: (m,) between the first and the last x.

    Returns:
        (m,) values.

    Source:
        Fritsch and Butland, SIAM J. Sci. Stat. Comput. 5, 300 (1984), with the ends of Moler, Numerical Computing with MATLAB (2004),
        section 3.6: what scipy's ``PchipInterpolator`` computes, whose import would hold up the window.
    """
    xs, ys, points = (np.asarray(values, dtype=np.float64) for values in (x, y, at))
    steps = np.diff(xs)
    rises = np.diff(ys) / steps
    slopes = np.zeros_like(ys)
    same = rises[:-1] * rises[1:] > 0
    before, after = 2 * steps[1:] + steps[:-1], steps[1:] + 2 * steps[:-1]
    inside = np.zeros(len(same))
    inside[same] = (before + after)[same] / (before[same] / rises[:-1][same] + after[same] / rises[1:][same])
    slopes[1:-1] = inside
    slopes[0] = _end(steps[0], steps[1], rises[0], rises[1])
    slopes[-1] = _end(steps[-1], steps[-2], rises[-1], rises[-2])
    piece = np.clip(np.searchsorted(xs, points, side="right") - 1, 0, len(steps) - 1)
    h = steps[piece]
    t = (points - xs[piece]) / h
    value: Floats = (
        ys[piece] * (1 + 2 * t) * (1 - t) ** 2
        + slopes[piece] * h * t * (1 - t) ** 2
        + ys[piece + 1] * t * t * (3 - 2 * t)
        - slopes[piece + 1] * h * t * t * (1 - t)
    )
    return value


def _end(step: float, next_step: float, rise: float, next_rise: float) -> float:
    """Return the slope at an end from its two nearest intervals, kept from overshooting."""
    slope = ((2 * step + next_step) * rise - step * next_rise) / (step + next_step)
    if slope * rise <= 0:
        return 0.0
    return 3 * rise if rise * next_rise <= 0 and abs(slope) > 3 * abs(rise) else slope
