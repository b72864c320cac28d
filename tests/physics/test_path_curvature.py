"""Quartic fits recover the polynomial they were made from, with and without slopes, and scale with the energy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guiapp.physics.path_curvature import fit_path

TERMS = st.tuples(st.floats(-5, 5), st.floats(0.1, 50), st.floats(-20, 20), st.floats(-50, 200))
S = np.linspace(-0.2, 0.2, 9)


def energy(s, terms, shift=-30.0):
    slope, curvature, cubic, quartic = terms
    return shift + slope * s + curvature * s**2 / 2 + cubic * s**3 + quartic * s**4


def slope(s, terms):
    return terms[0] + terms[1] * s + 3 * terms[2] * s**2 + 4 * terms[3] * s**3


@settings(deadline=None)  # the first example imports
@given(TERMS, st.booleans())
def test_the_polynomial_is_recovered(terms, with_slopes):
    fit = fit_path(S, energy(S, terms), slope(S, terms) if with_slopes else None)
    assert (fit.slope, fit.curvature, fit.cubic, fit.quartic) == pytest.approx(terms, rel=1e-6, abs=1e-6)
    np.testing.assert_allclose(fit.energies(S), energy(S, terms), atol=1e-9)
    np.testing.assert_allclose(fit.slopes(S), slope(S, terms), atol=1e-8)


@settings(deadline=None)  # the first example imports
@given(TERMS, st.floats(0.1, 3))
def test_scaled_energies_scale_every_term(terms, c):
    fit, scaled = fit_path(S, energy(S, terms, 0)), fit_path(S, c * energy(S, terms, 0))
    assert scaled.curvature == pytest.approx(c * fit.curvature, rel=1e-8, abs=1e-9)
    assert scaled.quartic == pytest.approx(c * fit.quartic, rel=1e-6, abs=1e-6)


def test_slopes_make_noisy_energies_harmless():
    random, terms = np.random.default_rng(0), (0.0, 8.0, 0.0, 30.0)
    noisy = energy(S, terms) + random.normal(scale=5e-3, size=len(S))
    with_slopes = fit_path(S, noisy, slope(S, terms))
    assert abs(with_slopes.curvature - 8) < abs(fit_path(S, noisy).curvature - 8)
    assert with_slopes.scatter > 0.01


@pytest.mark.parametrize("s", [[0, 0, 0, 0, 0], [-1, 0, 1], [-1, -1, 0, 1, 1], [0, 1, 2, np.nan, 4]])
def test_too_few_points_are_no_path(s):
    assert fit_path(s, np.zeros(len(s))) is None
