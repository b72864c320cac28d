"""The definitions of the softening scale and its errors, against closed forms, scipy and each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import curve_fit
from scipy.stats import linregress

from guiapp.physics.corrections import least_squares_correction, slope_matching_correction
from guiapp.physics.error_split import split_error
from guiapp.physics.softening import (
    corrected_mean_absolute_error,
    mean_absolute_error,
    softening_line,
    softening_scale,
    uncentred_r2,
)

components = st.integers(4, 40).flatmap(
    lambda n: st.tuples(
        *(arrays(np.float64, n, elements=st.floats(-30, 30).map(lambda v: round(v, 6))) for _ in range(2)),
    )
)
clouds = components.filter(lambda pair: float(pair[0] @ pair[0]) > 1e-3 and float(pair[1] @ pair[1]) > 1e-3)


def test_three_points_by_hand():
    """Numbers small enough to check on paper: x = 1, 2, -2 and y = 1, 1, -2 give a = 7/9, and so on."""
    x, y = np.array([1.0, 2.0, -2.0]), np.array([1.0, 1.0, -2.0])
    assert softening_scale(x, y) == pytest.approx(7 / 9)
    assert mean_absolute_error(x, y) == pytest.approx(1 / 3)
    assert corrected_mean_absolute_error(x, y) == pytest.approx((abs(9 / 7 - 1) + abs(9 / 7 - 2) + abs(-18 / 7 + 2)) / 3)
    assert uncentred_r2(x, y) == pytest.approx(49 / (9 * 6))
    assert least_squares_correction(x, y) == pytest.approx(7 / 6)
    assert slope_matching_correction(x, y) == pytest.approx(9 / 7)
    split = split_error(x, y)
    assert split.rmse == pytest.approx(np.sqrt(1 / 3))
    assert split.systematic == pytest.approx(2 / 9 * np.sqrt(3))
    assert split.random == pytest.approx(np.sqrt((6 - 49 / 9) / 3))
    assert split.systematic_share == pytest.approx(4 / 27 / (1 / 3))


def test_an_exactly_soft_model_has_only_systematic_error():
    """A model that is DFT times 0.8 is repaired completely by one number, 1.25 by both recipes."""
    x = np.random.default_rng(0).normal(size=(20, 3))
    assert softening_scale(x, 0.8 * x) == pytest.approx(0.8)
    assert corrected_mean_absolute_error(x, 0.8 * x) == pytest.approx(0, abs=1e-14)
    assert least_squares_correction(x, 0.8 * x) == pytest.approx(1.25)
    assert slope_matching_correction(x, 0.8 * x) == pytest.approx(1.25)
    split = split_error(x, 0.8 * x)
    assert split.random == pytest.approx(0, abs=1e-14)
    assert split.systematic_share == pytest.approx(1)


def test_the_same_as_scipy_curve_fit():
    """Equal to 1e-9 to a general least-squares program fitting y = a x and y = a x + b."""
    random = np.random.default_rng(1)
    for scale in (0.5, 0.83, 1.07):
        x = random.normal(scale=2, size=900)
        y = scale * x + random.normal(scale=0.3, size=900)
        (a,), _ = curve_fit(lambda v, slope: slope * v, x, y)
        assert softening_scale(x, y) == pytest.approx(a, abs=1e-9)
        line, fit = softening_line(x, y), linregress(x, y)
        assert (line.slope, line.intercept) == pytest.approx((fit.slope, fit.intercept), abs=1e-12)


@given(clouds, st.floats(0.1, 10))
def test_a_model_k_times_as_steep_has_k_times_the_scale(pair, k):
    """The scale is linear in the model's forces and does not change when both sides change their unit."""
    x, y = pair
    assert softening_scale(x, k * y) == pytest.approx(k * softening_scale(x, y), rel=1e-9, abs=1e-12)
    assert softening_scale(k * x, k * y) == pytest.approx(softening_scale(x, y), rel=1e-9, abs=1e-12)


@given(clouds)
def test_errors_split_without_remainder(pair):
    """RMSE^2 = (1 - a)^2 mean(x^2) + sigma^2, since the residual of the fit is orthogonal to x."""
    x, y = pair
    split = split_error(x, y)
    assert split.rmse**2 == pytest.approx(split.systematic**2 + split.random**2, rel=1e-9)
    assert split.rmse**2 == pytest.approx(float(((y - x) ** 2).mean()), rel=1e-12)


@given(clouds)
def test_correction_times_scale_is_r_squared(pair):
    """c a = r^2 <= 1: the least-squares correction never brings the slope above 1."""
    x, y = pair
    c, a, r2 = least_squares_correction(x, y), softening_scale(x, y), uncentred_r2(x, y)
    assert c * a == pytest.approx(r2, rel=1e-9, abs=1e-15)
    assert -1e-12 <= r2 <= 1 + 1e-9


@given(clouds)
def test_the_least_squares_correction_is_the_minimum(pair):
    """No neighbouring scalar gives a smaller mean squared error."""
    x, y = pair
    c = least_squares_correction(x, y)
    at_minimum = float(((c * y - x) ** 2).sum())
    for step in (-1e-2, 1e-2):
        assert at_minimum <= float((((c + step) * y - x) ** 2).sum()) + 1e-9


@given(clouds.filter(lambda pair: abs(softening_scale(*pair)) > 1e-3))
def test_the_corrected_mae_is_the_mae_after_slope_matching(pair):
    """Dividing by the scale and multiplying by 1/a are the same correction."""
    x, y = pair
    c = slope_matching_correction(x, y)
    assert corrected_mean_absolute_error(x, y) == pytest.approx(mean_absolute_error(x, c * y), rel=1e-9, abs=1e-12)
    assert softening_scale(x, c * y) == pytest.approx(1, rel=1e-9)


def test_what_the_data_do_not_determine_is_not_a_number():
    """No components, or a DFT side of zeros, give NaN and neither 0 nor an exception."""
    for x, y in (([], []), (np.zeros(6), np.ones(6))):
        assert np.isnan(softening_scale(x, y))
        assert np.isnan(corrected_mean_absolute_error(x, y))
        assert np.isnan(uncentred_r2(x, y))
        assert np.isnan(softening_line(x, y).slope)
        assert np.isnan(split_error(x, y).random)
    assert np.isnan(mean_absolute_error([], []))
    assert np.isnan(least_squares_correction(np.ones(3), np.zeros(3)))


def test_partners_of_different_number_are_refused():
    """Forces of different frames are never compared by broadcasting."""
    with pytest.raises(ValueError, match="cannot be compared"):
        softening_scale(np.ones((2, 3)), np.ones((1, 3)))
