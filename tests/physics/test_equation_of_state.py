"""Birch-Murnaghan fits recover the curve they were made from and agree with ase's; Delta agrees with the code of its authors."""

import numpy as np
import pytest
from ase.eos import EquationOfState, birchmurnaghan
from ase.units import GPa
from ase.utils.deltacodesdft import delta
from hypothesis import given, settings
from hypothesis import strategies as st

from guiapp.physics.equation_of_state import GPA, BirchMurnaghan, delta_value, fit_birch_murnaghan

CURVES = st.builds(BirchMurnaghan, st.floats(-1e5, 0), st.floats(3, 300), st.floats(0.01, 3), st.floats(2, 8))
PERCENT = np.array([0.94, 0.96, 0.98, 1.0, 1.02, 1.04, 1.06])


@settings(deadline=None)  # the first example imports
@given(CURVES)
def test_a_fit_recovers_the_curve(curve):
    fit = fit_birch_murnaghan(PERCENT * curve.volume, curve.energies(PERCENT * curve.volume))
    # Energies of 1e5 eV leave 1e-11 eV of rounding, to be compared with some meV of curve.
    assert fit.volume == pytest.approx(curve.volume, rel=1e-5)
    assert fit.bulk_modulus == pytest.approx(curve.bulk_modulus, rel=1e-3)
    assert fit.derivative == pytest.approx(curve.derivative, rel=1e-2, abs=0.02)


@settings(deadline=None)  # the first example imports
@given(CURVES, st.floats(0.1, 3))
def test_scaled_energies_scale_the_modulus_and_move_no_minimum(curve, c):
    volumes = PERCENT * curve.volume
    energies = curve.energies(volumes) - curve.energy
    fit, scaled = fit_birch_murnaghan(volumes, energies), fit_birch_murnaghan(volumes, c * energies)
    assert scaled.bulk_modulus == pytest.approx(c * fit.bulk_modulus, rel=1e-6)
    assert scaled.volume == pytest.approx(fit.volume, rel=1e-8)
    assert scaled.derivative == pytest.approx(fit.derivative, rel=1e-5)


@settings(deadline=None)  # the first example imports
@given(CURVES, st.floats(0.9, 1.1))
def test_the_curve_and_its_curvature_are_those_of_ase_and_of_finite_differences(curve, part):
    v = part * curve.volume
    np.testing.assert_allclose(
        curve.energies(v) - curve.energy, birchmurnaghan(v, 0.0, curve.bulk_modulus, curve.derivative, curve.volume), rtol=1e-8, atol=1e-9
    )
    h = 1e-3 * v
    lifted = BirchMurnaghan(0.0, curve.volume, curve.bulk_modulus, curve.derivative)
    low, here, high = lifted.energies([v - h, v, v + h])
    assert curve.curvature(v) == pytest.approx(v * (high - 2 * here + low) / h**2, rel=2e-3, abs=1e-3 * curve.bulk_modulus)
    assert curve.curvature(curve.volume) == pytest.approx(curve.bulk_modulus, rel=1e-9)


def test_noisy_points_give_the_same_curve_as_ase():
    random = np.random.default_rng(1)
    curve = BirchMurnaghan(-7.0, 16.5, 0.48, 4.3)
    volumes = PERCENT * 16.2
    energies = curve.energies(volumes) + random.normal(scale=2e-4, size=7)
    fit = fit_birch_murnaghan(volumes, energies)
    volume, energy, modulus = EquationOfState(volumes, energies, "birchmurnaghan").fit()
    assert (fit.volume, fit.energy, fit.bulk_modulus) == pytest.approx((volume, energy, modulus), rel=2e-5)
    assert pytest.approx(1 / GPa, rel=1e-8) == GPA


@settings(deadline=None)  # the first example imports
@given(CURVES, st.floats(0.97, 1.03), st.floats(0.7, 1.3), st.floats(-1, 1))
def test_delta_is_that_of_the_published_code(curve, volume, modulus, derivative):
    other = BirchMurnaghan(0.0, volume * curve.volume, modulus * curve.bulk_modulus, curve.derivative + derivative)
    expected = delta(curve.volume, curve.bulk_modulus, curve.derivative, other.volume, other.bulk_modulus, other.derivative)
    # The published code sums 100 points; here the integral is exact.
    assert delta_value(curve, other) == pytest.approx(expected, rel=2e-3, abs=1e-7)
    assert delta_value(other, curve) == pytest.approx(delta_value(curve, other), rel=1e-9, abs=1e-9)
    assert delta_value(curve, curve) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("volumes", "energies"),
    [
        ([9, 10, 11, 12], [0.2, 0, 0.1, 0.3]),
        ([10, 10, 10, 11, 12], [0, 0, 0, 1, 2]),
        ([9, 10, 11, 12, 13], [5, 4, 3, 2, 1]),
        ([9, 10, 11, 12, 13], [1, 0, np.nan, 1, 2]),
        ([0, 10, 11, 12, 13], [1, 0, 1, 1, 2]),
    ],
)
def test_what_is_no_equation_of_state_has_no_fit(volumes, energies):
    assert fit_birch_murnaghan(volumes, energies) is None
