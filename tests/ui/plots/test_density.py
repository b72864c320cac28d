"""Binning counts what numpy's histogram counts, and the picture shows every filled bin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guiapp.ui.plots.density import BINS, FAINTEST, View, bin_cloud, shade


def full(binned):
    counts = np.zeros(BINS * BINS, dtype=int)
    counts[binned.places] = binned.counts
    return counts.reshape(BINS, BINS)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), factor=st.floats(0.3, 3), width=st.floats(0.5, 30), shift=st.floats(-3, 3))
def test_counts_equal_numpy(seed, factor, width, shift):
    """Same counts as histogram2d for any view and correction, but for points that rounding puts onto an edge."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, 3000))
    view = View(shift - width, shift + width, -width - shift, width - shift)
    edges_x, edges_y = np.linspace(view.left, view.right, BINS + 1), np.linspace(view.bottom, view.top, BINS + 1)
    expected, _, _ = np.histogram2d(factor * y, x, bins=(edges_y, edges_x))
    assert np.abs(full(bin_cloud(x, y, view, factor)) - expected).sum() <= 4


def test_single_precision_and_infinity():
    """Single precision moves few points by a bin; infinite values lie outside and never wrap around."""
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 50_000))
    view = View(-4, 4, -4, 4)
    double, single = full(bin_cloud(x, y, view)), full(bin_cloud(x.astype(np.float32), y.astype(np.float32), view))
    assert np.abs(double - single).sum() < 100
    x[:10], y[10:20] = np.inf, -np.inf
    assert bin_cloud(x.astype(np.float32), y.astype(np.float32), view).counts.sum() == double.sum() - 20


def test_mean_colour():
    """A bin's colour is the mean of its points' colours."""
    x = np.array([0.1, 0.1, -3.0])
    channels = np.array([[255.0, 0, 10], [0, 255, 20], [0, 0, 30]])
    binned = bin_cloud(x, x, View(-4, 4, -4, 4), 1.0, channels)
    assert binned.counts.tolist() == [1, 2]
    assert binned.rgb.T.tolist() == [[10, 20, 30], [127.5, 127.5, 0]]


def test_picture():
    """A lone point is visible and a dot; more points are more opaque; row 0 is the bottom; opacity multiplies colours."""
    x = np.array([0.001] * 500 + [-3.99])
    y = np.array([0.001] * 500 + [-3.99])
    picture = shade(bin_cloud(x, y, View(-4, 4, -4, 4)), (200, 100, 50))
    alpha = picture >> 24
    centre = alpha[BINS // 2, BINS // 2]
    lone = alpha[0, 0]
    assert centre == 255
    assert lone == pytest.approx(255 * (FAINTEST + (1 - FAINTEST) * np.log(2) / np.log(501)), abs=1)
    assert 0 < alpha[1, 1] < alpha[0, 1] == alpha[1, 0] < lone
    assert alpha[3:100, 3:100].max() == 0
    red = picture[0, 0] >> 16 & 255
    assert red == pytest.approx(200 * lone / 255, abs=1)


def test_empty_picture():
    """No points in view give a clear picture."""
    binned = bin_cloud(np.array([9.0]), np.array([9.0]), View(-4, 4, -4, 4))
    assert not shade(binned, (1, 2, 3)).any()
