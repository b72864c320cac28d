"""Harmonic thermodynamics: limits, one oscillator by hand, and phonopy's own numbers in the phonon tests."""

from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guiapp.physics.harmonic import BOLTZMANN, EV_TO_KJ_PER_MOL, THZ_TO_EV, thermodynamics


def test_soft_modes_reach_the_classical_heat_capacity():
    result = thermodynamics(np.full((4, 6), 0.05), np.ones(4))
    assert result.heat_capacity == pytest.approx(3 * 8.314462618, rel=1e-4)


def test_a_cold_crystal_has_zero_point_energy_and_no_entropy():
    result = thermodynamics(np.full((2, 3), 10.0), [1, 5], temperature=1.0)
    assert result.free_energy == pytest.approx(3 * 10 * THZ_TO_EV / 2 * EV_TO_KJ_PER_MOL, rel=1e-12)
    assert result.entropy == pytest.approx(0, abs=1e-12)


@settings(deadline=None)  # the first example imports
@given(st.floats(0.1, 40), st.floats(50, 2000))
def test_entropy_and_heat_capacity_are_derivatives_of_the_free_energy(nu, temperature):
    def at(t):
        return thermodynamics(np.full((1, 3), nu), [1], t)

    h = 1e-3 * temperature
    low, here, high = at(temperature - h), at(temperature), at(temperature + h)
    scale = 1000 * BOLTZMANN * EV_TO_KJ_PER_MOL
    assert here.entropy == pytest.approx(-1000 * (high.free_energy - low.free_energy) / (2 * h), rel=1e-4, abs=1e-5 * scale)
    assert here.heat_capacity == pytest.approx(temperature * (high.entropy - low.entropy) / (2 * h), rel=1e-4, abs=1e-5 * scale)


def test_weights_count_points_and_imaginary_modes_are_left_out():
    mesh = np.array([[5.0, 5.0, 5.0], [8.0, 8.0, 8.0]])
    repeated = thermodynamics(np.repeat(mesh, [1, 3], axis=0), np.ones(4))
    assert astuple(thermodynamics(mesh, [1, 3])) == pytest.approx(astuple(repeated), rel=1e-12)
    assert np.isfinite(thermodynamics([[-2.0, 0.0, 5.0]], [1]).free_energy)
