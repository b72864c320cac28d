"""What the tests of the plots share: softened random forces with known numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from guiapp.ui.plots.parity_series import ParitySeries
from guiapp.ui.plots.ranked_compound import RankedCompound, ScaleMark
from guiapp.ui.theme import LIGHT


@pytest.fixture
def make_series() -> Callable[..., ParitySeries]:
    """Return a maker of series whose points scatter about a known slope."""

    def make(n: int = 300, scale: float = 0.83, seed: int = 0, **changes: object) -> ParitySeries:
        rng = np.random.default_rng(seed)
        dft = rng.normal(scale=1.5, size=n)
        model = scale * dft + rng.normal(scale=0.15, size=n)
        fields = {"model_title": "CHGNet 0.3.0", "color": LIGHT.models[0], "dft": dft, "model": model}
        return ParitySeries(**{**fields, "scale": scale, "interval": (scale - 0.04, scale + 0.04), **changes})

    return make


@pytest.fixture
def make_rows() -> Callable[..., list[RankedCompound]]:
    """Return a maker of rankings: compound k has scale 0.5 + k / n, listed in a shuffled order."""

    def make(n: int = 12, models: int = 1) -> list[RankedCompound]:
        rows = []
        for k in np.random.default_rng(3).permutation(n):
            a = 0.5 + k / n
            marks = [ScaleMark(f"model {m}", LIGHT.models[m], a + 0.02 * m, (a - 0.03, a + 0.03), corrected=m == 1) for m in range(models)]
            rows.append(RankedCompound(f"row{k:04d}", tuple(marks)))
        return rows

    return make
