"""Offsets are recovered exactly where they can be known, are left open where they cannot, and wild rows do not bend them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import least_squares

from guiapp.frames.reference_energies import centred_slope, fit_offsets, robust_spread


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_exact_offsets_are_recovered(n_elements, seed):
    """Whatever the offsets, compositions of full rank give them back to rounding, with nothing left over."""
    rng = np.random.default_rng(seed)
    counts = np.vstack([np.eye(n_elements), rng.integers(0, 9, (3 * n_elements, n_elements))]).astype(float)
    counts = counts[counts.sum(axis=1) > 0]
    offsets = rng.normal(0, 20, n_elements)
    fit = fit_offsets(counts, counts @ offsets)
    np.testing.assert_allclose(fit.offsets, offsets, atol=1e-8)
    np.testing.assert_allclose(fit.errors, 0, atol=1e-6)
    assert fit.rank == n_elements
    assert fit.spread < 1e-9


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_wild_rows_do_not_bend_the_rest(seed):
    """A tenth of the rows is off by 3 eV/atom; the offsets move by no more than a few hundredths."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, 6, (80, 3)).astype(float)
    offsets = rng.normal(0, 2, 3)
    noise = rng.normal(0, 0.01, 80)
    noise[:8] += 3.0
    fit = fit_offsets(counts, (counts / counts.sum(1, keepdims=True) @ offsets + noise) * counts.sum(1))
    np.testing.assert_allclose(fit.offsets, offsets, atol=0.08)
    assert fit.spread < 0.03


def test_equals_hubers_minimum_of_scipy():
    """The weighted solution minimises Huber's loss at the final scale, as scipy's general minimiser finds it."""
    rng = np.random.default_rng(5)
    counts = rng.integers(0, 5, (60, 4)).astype(float) + 0.0
    counts[counts.sum(1) == 0, 0] = 1
    share = counts / counts.sum(1, keepdims=True)
    target = share @ np.array([1.0, -2.0, 0.5, 3.0]) + rng.standard_t(2, 60) * 0.1
    fit = fit_offsets(counts, target * counts.sum(1))
    other = least_squares(lambda c: target - share @ c, np.zeros(4), loss="huber", f_scale=1.345 * fit.spread, xtol=1e-14, ftol=1e-14)
    np.testing.assert_allclose(fit.offsets, other.x, atol=1e-4)


def test_standard_errors_cover_the_truth():
    """Two standard errors hold the true offset in about 95 of 100 repetitions."""
    rng, inside = np.random.default_rng(1), 0
    counts = rng.integers(0, 5, (40, 3)).astype(float)
    counts[counts.sum(1) == 0, 0] = 1
    for _ in range(300):
        share = counts / counts.sum(1, keepdims=True)
        fit = fit_offsets(counts, (share @ [1.0, 2.0, 3.0] + rng.normal(0, 0.05, 40)) * counts.sum(1))
        inside += (np.abs(fit.offsets - [1, 2, 3]) < 2 * fit.errors).sum()
    assert 0.91 < inside / 900 < 0.98


def test_what_compositions_cannot_tell_stays_open():
    """Two elements that always come one to one have no offsets of their own; their sum is right and so are the residuals."""
    counts = np.array([[1, 1, 0], [2, 2, 1], [1, 1, 3], [0, 0, 1], [3, 3, 2]], dtype=float)
    fit = fit_offsets(counts, counts @ np.array([1.0, 3.0, -2.0]))
    assert np.isnan(fit.offsets[:2]).all()
    assert fit.offsets[2] == pytest.approx(-2)
    assert fit.solution[0] + fit.solution[1] == pytest.approx(4)
    assert fit.rank == 2
    assert fit.spread < 1e-9


def test_as_many_unknowns_as_rows_has_no_errors():
    """One composition, one element: an offset, but no uncertainty."""
    fit = fit_offsets(np.array([[2.0]]), np.array([3.0]))
    assert fit.offsets[0] == pytest.approx(1.5)
    assert np.isnan(fit.errors[0])


def test_impossible_input_is_refused():
    """Shapes, empty rows and numbers that are none."""
    for counts, differences in (
        (np.ones((2, 2)), np.ones(3)),
        (np.zeros((1, 2)), np.ones(1)),
        (np.ones((1, 1)), np.array([np.nan])),
    ):
        with pytest.raises(ValueError):
            fit_offsets(counts, differences)


def test_slope_within_groups_ignores_every_constant():
    """Each group has its own zero; the slope is the common one, groups of two are left out, and no group gives no slope."""
    rng = np.random.default_rng(3)
    groups = np.repeat(np.arange(5), 6)
    x = rng.normal(size=30)
    slope, r2, n_groups = centred_slope(x, 1.7 * x + groups * 100.0, groups)
    assert slope == pytest.approx(1.7)
    assert r2 == pytest.approx(1)
    assert n_groups == 5
    assert np.isnan(centred_slope(x[:2], x[:2], groups[:2])[0])


def test_robust_spread_of_a_normal_sample():
    """It estimates the standard deviation, and three wild values of a hundred do not matter."""
    values = np.random.default_rng(0).normal(0, 2, 4000)
    assert robust_spread(values) == pytest.approx(2, rel=0.05)
    values[:100] = 1e6
    assert robust_spread(values) == pytest.approx(2, rel=0.1)
