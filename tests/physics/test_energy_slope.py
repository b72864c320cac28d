"""Energy slopes see the curvature of the surface and not the zero of energies."""

import numpy as np
import pytest

from guiapp.physics.energy_slope import energy_slopes


def test_zeros_of_energy_do_not_matter():
    """A shift per compound and per composition leaves the slope; compounds keep their own."""
    random = np.random.default_rng(0)
    compound = np.repeat([0, 1], 12)
    composition = np.array(([0] * 6 + [1] * 6) + [2] * 12)
    dft = random.normal(scale=0.1, size=24)
    model = np.array([0.8, 0.95])[compound] * dft + np.array([3.0, -40.0, 7.0])[composition]
    first, second = energy_slopes(dft + np.array([-5.0, 10.0, 0.0])[composition], model, compound, 2, composition)
    assert (first.slope, second.slope) == pytest.approx((0.8, 0.95), abs=1e-9)
    assert first.enough
    assert (first.n, first.r2) == (12, pytest.approx(1))


def test_the_gate():
    """Too few frames, equal energies, and energies that do not vary together are each refused with their reason."""
    compound = np.repeat([0, 1, 2, 3], [2, 4, 4, 4])
    dft = np.array([0, 1, 0, 0.001, 0.002, 0.001, -1, -1, 1, 1, np.nan, 0.0, 0.1, 0.2])
    model = np.array([0, 1, 0, 0.001, 0.002, 0.001, -1, 1, -1, 1, 0, 0.0, 0.08, 0.16])
    few, flat, unrelated, right = energy_slopes(dft, model, compound, 4, np.zeros(14, dtype=int))
    assert [s.enough for s in (few, flat, unrelated, right)] == [False, False, False, True]
    assert "2 frames" in few.reason
    assert "meV/atom" in flat.reason
    assert "hardly vary together" in unrelated.reason
    assert (right.n, right.slope) == (3, pytest.approx(0.8))


def test_a_compound_without_energies():
    """Unlabelled energies give NaN and a reason."""
    (slope,) = energy_slopes([np.nan], [1.0], [0], 1, [0])
    assert (slope.n, slope.enough) == (0, False)
    assert np.isnan(slope.slope)
