"""What the tests of the summary share: entries of families with known deviations."""

from __future__ import annotations

import numpy as np
import pytest

from guiapp.benchmarks.family import Curve, FamilyResult, Series, SystemFailure
from guiapp.benchmarks.family_rows import judged_row
from guiapp.ui.family_entry import FamilyEntry

QUANTITIES = {
    "eos": "bulk modulus",
    "phonons": "largest frequency",
    "surfaces": "surface energy",
    "migration": "KRA barrier",
    "defects": "formation energy",
    "solid-solution": "mixing energy",
    "curvature": "curvature along a strain",
}


@pytest.fixture
def make_entry():
    """Return a maker of entries: one model on one family with a known scale."""

    def make(family="eos", scale=0.8, *, title="CHGNet 0.3.0", model="chgnet-0.3.0", color=0, n=10, mode="static", running=False, seed=0):
        rng = np.random.default_rng(seed)
        references = rng.uniform(0.5, 2.0, n) * (100 if family == "eos" else 1)
        rows, curves = [], []
        for k, x in enumerate(references):
            value = scale * x * (1 + 0.01 * rng.normal())
            fields = {"model": model, "mode": mode, "predicted": value, "reference": x, "count": 7}
            rows.append(judged_row(family, f"S{k}", QUANTITIES[family], **fields))
            line = Series("model", np.linspace(0, 1, 5), value * np.linspace(0, 1, 5) ** 2)
            curves.append(Curve(family, f"S{k}", f"S{k}", "x", "y", (line,)))
        failures = (SystemFailure("gone", "Its DFT energies have no minimum."),)
        return FamilyEntry(title, color, FamilyResult(family, model, mode, tuple(rows), tuple(curves), failures), running=running)

    return make
