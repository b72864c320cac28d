"""A cloud of points as a picture: counted into bins, shaded by the logarithm of the count.

A million points take 6 s to add as symbols and half a second a zoom step; counting them into 512 x 512 bins takes hundredths of a second.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 512
"""Bins along each axis of the visible part."""
FAINTEST = 0.42
"""Opacity of a bin with one point: an outlier must stay visible."""

_Floats = NDArray[np.floating]


@dataclass(frozen=True)
class View:
    """The visible part of the plot, in data units."""

    left: float
    right: float
    bottom: float
    top: float


@dataclass(frozen=True, eq=False)
class BinnedCloud:
    """Points counted into the bins of a view; row 0 is the bottom."""

    counts: NDArray[np.int64]
    """(BINS, BINS) points a bin."""
    rgb: NDArray[np.float64] | None
    """(BINS, BINS, 3) mean colour of a bin's points, 0 to 255; None where points have no colour of their own."""


def bin_cloud(x: _Floats, y: _Floats, view: View, factor: float = 1.0, channels: NDArray[np.float64] | None = None) -> BinnedCloud:
    """Count the points (x, factor * y) that lie in a view.

    Args:
        x: (n,) float32 or float64; infinite values lie outside of every view.
        y: (n,) likewise.
        view: What is visible.
        factor: Multiplies y; nothing is copied for it.
        channels: (3, n) red, green and blue of each point, 0 to 255.

    Returns:
        The counts and, where asked for, the mean colour of each bin.
    """
    # One bin of margin on each side takes everything outside, which is quicker than a mask.
    side = BINS + 2
    columns = _bin_numbers(x, view.left, view.right, 1.0)
    flat = _bin_numbers(y, view.bottom, view.top, factor)
    flat *= side
    flat += columns
    counts = np.bincount(flat, minlength=side * side).reshape(side, side)[1:-1, 1:-1]
    if channels is None:
        return BinnedCloud(counts, None)
    sums = np.stack([np.bincount(flat, weights=c, minlength=side * side).reshape(side, side)[1:-1, 1:-1] for c in channels], axis=-1)
    return BinnedCloud(counts, sums / np.maximum(counts, 1)[..., None])


def _bin_numbers(values: _Floats, low: float, high: float, factor: float) -> NDArray[np.intp]:
    step = BINS / (high - low)
    kind = values.dtype.type
    scaled = values * kind(factor * step)
    scaled += kind(1 - low * step)
    np.clip(scaled, 0, BINS + 1, out=scaled)
    return scaled.astype(np.intp)


def shade(binned: BinnedCloud, color: tuple[int, int, int], opacity: float = 1.0) -> NDArray[np.uint8]:
    """Return the picture of a binned cloud.

    Args:
        binned: What ``bin_cloud`` counted.
        color: Red, green and blue of points without a colour of their own.
        opacity: Of the fullest bin.

    Returns:
        (BINS, BINS, 4) red, green, blue and opacity; a bin alone among empty ones also colours its neighbours, so that a
        single outlier is wider than one pixel.
    """
    counts = binned.counts
    fullest = counts.max(initial=0)
    image = np.zeros((BINS, BINS, 4), dtype=np.uint8)
    if fullest == 0:
        return image
    strength = np.log1p(counts) / np.log1p(fullest)
    alpha = np.where(counts > 0, FAINTEST + (1 - FAINTEST) * strength, 0.0)
    image[..., :3] = color if binned.rgb is None else np.rint(binned.rgb)
    image[..., 3] = np.rint(255 * opacity * alpha)
    _widen_lone_bins(image)
    return image


def _widen_lone_bins(image: NDArray[np.uint8]) -> None:
    """Let each filled bin colour the empty ones around it, fainter beside and fainter still across the corner: a round dot."""
    source = image.copy()
    filled = source[..., 3] > 0
    free = ~filled
    for faintness, steps in ((0.7, ((0, 1), (0, -1), (1, 0), (-1, 0))), (0.4, ((1, 1), (1, -1), (-1, 1), (-1, -1)))):
        for down, right in steps:
            target = (_towards(down), _towards(right))
            origin = (_towards(-down), _towards(-right))
            reached = filled[origin] & free[target]
            image[target][reached] = source[origin][reached] * np.array([1, 1, 1, faintness])
            free[target] &= ~reached


def _towards(step: int) -> slice:
    """Return the bins that are reached by a step of 1, 0 or -1 from within the picture."""
    return slice(max(step, 0), BINS + min(step, 0))
