"""The interpolation equals scipy's, and never leaves the values of two neighbours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator

from guiapp.physics.monotone_cubic import monotone_cubic


@given(st.lists(st.tuples(st.floats(0.05, 3), st.integers(-50, 50)), min_size=3, max_size=12))
def test_equals_scipy(pairs):
    """For any spacing and any heights, ends and plateaus included."""
    x, y = np.cumsum([step for step, _ in pairs]), np.array([height / 7 for _, height in pairs])
    at = np.linspace(x[0], x[-1], 97)
    np.testing.assert_allclose(monotone_cubic(x, y, at), PchipInterpolator(x, y)(at), atol=1e-10)


@pytest.mark.parametrize("heights", [[0.0, 0.3, 0.5, 0.3, 0.0], [0.0, 1.0, 1.0, 0.2, 0.1], [0.0, -1.0, 2.0]])
def test_no_summit_of_its_own(heights):
    """Between two images the curve stays between their energies."""
    x = np.arange(len(heights), dtype=float)
    for k in range(len(heights) - 1):
        values = monotone_cubic(x, heights, np.linspace(k, k + 1, 30))
        assert values.min() >= min(heights[k : k + 2]) - 1e-12
        assert values.max() <= max(heights[k : k + 2]) + 1e-12
