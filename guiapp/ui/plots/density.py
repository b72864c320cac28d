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
_BESIDE, _ACROSS = 0.7, 0.4  # opacity of the bins around a lone one, relative to it

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
    """Points counted into the bins of a view, in rows from the bottom up; only bins with points are kept."""

    places: NDArray[np.intp]
    """(m,) flat index row * BINS + column of each filled bin."""
    counts: NDArray[np.intp]
    """(m,) points in it."""
    rgb: NDArray[np.float64] | None
    """(3, m) mean red, green and blue of its points, 0 to 255; None where points have no colour of their own."""


def bin_cloud(x: _Floats, y: _Floats, view: View, factor: float = 1.0, channels: NDArray[np.float64] | None = None) -> BinnedCloud:
    """Count the points (x, factor * y) that lie in a view.

    Args:
        x: (n,) float32 or float64; infinite values lie outside of every view.
        y: (n,) likewise.
        view: What is visible.
        factor: Multiplies y; nothing is copied for it.
        channels: (3, n) red, green and blue of each point, 0 to 255.

    Returns:
        The filled bins and, where asked for, the mean colour of each.
    """
    # One bin of margin on each side takes everything outside, which is quicker than a mask.
    side = BINS + 2
    columns = _bin_numbers(x, view.left, view.right, 1.0)
    flat = _bin_numbers(y, view.bottom, view.top, factor)
    flat *= side
    flat += columns
    counts = np.bincount(flat, minlength=side * side)
    inside = counts.reshape(side, side)[1:-1, 1:-1].ravel()
    places = np.flatnonzero(inside)
    counted = inside[places]
    if channels is None:
        return BinnedCloud(places, counted, None)
    margined = (places // BINS + 1) * side + places % BINS + 1
    sums = [np.bincount(flat, weights=channel, minlength=side * side)[margined] for channel in channels]
    return BinnedCloud(places, counted, np.stack(sums) / counted)


def _bin_numbers(values: _Floats, low: float, high: float, factor: float) -> NDArray[np.intp]:
    step = BINS / (high - low)
    kind = values.dtype.type
    scaled = values * kind(factor * step)
    scaled += kind(1 - low * step)
    np.clip(scaled, 0, BINS + 1, out=scaled)
    return scaled.astype(np.intp)


def shade(binned: BinnedCloud, color: tuple[int, int, int], opacity: float = 1.0) -> NDArray[np.uint32]:
    """Return the picture of a binned cloud.

    Args:
        binned: What ``bin_cloud`` counted.
        color: Red, green and blue of points without a colour of their own.
        opacity: Of the fullest bin.

    Returns:
        (BINS, BINS) 0xAARRGGBB, colours multiplied by opacity as Qt draws them quickest; a bin alone among empty ones also
        colours its neighbours, so that a single outlier is a dot and not a pixel.
    """
    if len(binned.places) == 0:
        return np.zeros((BINS, BINS), dtype=np.uint32)
    strength = np.log1p(binned.counts) / np.log1p(binned.counts.max())
    alpha = opacity * (FAINTEST + (1 - FAINTEST) * strength)
    rgb = np.array(color, dtype=float)[:, None] if binned.rgb is None else binned.rgb
    picture = _placed(binned, _packed(rgb, alpha))
    filled = picture > 0
    for faintness, steps in ((_BESIDE, ((0, 1), (0, -1), (1, 0), (-1, 0))), (_ACROSS, ((1, 1), (1, -1), (-1, 1), (-1, -1)))):
        faint = _placed(binned, _packed(rgb, faintness * alpha))
        for down, right in steps:
            target, origin = (_towards(down), _towards(right)), (_towards(-down), _towards(-right))
            np.copyto(picture[target], faint[origin], where=filled[origin] & (picture[target] == 0))
    return picture


def _placed(binned: BinnedCloud, pixels: NDArray[np.uint32]) -> NDArray[np.uint32]:
    flat = np.zeros(BINS * BINS, dtype=np.uint32)
    flat[binned.places] = pixels
    return flat.reshape(BINS, BINS)


def _packed(rgb: NDArray[np.float64], alpha: NDArray[np.float64]) -> NDArray[np.uint32]:
    """Return (m,) 0xAARRGGBB from (3, m) or (3, 1) colours of 0 to 255 and (m,) opacities of 0 to 1."""
    red, green, blue = np.rint(rgb * alpha).astype(np.uint32)
    packed: NDArray[np.uint32] = np.rint(255 * alpha).astype(np.uint32) << 24 | red << 16 | green << 8 | blue
    return packed


def _towards(step: int) -> slice:
    """Return the bins that are reached by a step of 1, 0 or -1 from within the picture."""
    return slice(max(step, 0), BINS + min(step, 0))
