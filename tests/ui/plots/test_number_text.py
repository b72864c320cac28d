"""Numbers are written with real minus signs, fixed decimals and honest gaps."""

from __future__ import annotations

import pytest

from guiapp.ui.plots.number_text import count, number, percent, with_interval


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(0.834, 2, "0.83"), (-1.5, 1, "−1.5"), (-0.001, 2, "0.00"), (None, 2, "–"), (float("nan"), 2, "–"), (float("inf"), 2, "–")],
)
def test_number(value, decimals, text):
    """No hyphen, no minus zero, a dash where nothing is known."""
    assert number(value, decimals) == text


def test_composed():
    """Counts, shares and intervals as the window writes them."""
    assert count(12345) == "12,345"
    assert percent(0.611) == "61\N{NO-BREAK SPACE}%"
    assert percent(None) == "–"
    assert with_interval(0.83, (0.79, 0.87)) == "0.83 (0.79 to 0.87)"
    assert with_interval(0.83, None) == "0.83"
    assert with_interval(-0.1, (-0.3, 0.1)) == "−0.10 (−0.30 to 0.10)"
    assert with_interval(0.83, (float("nan"), 1.0)) == "0.83"
