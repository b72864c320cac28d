"""Many groups at once give what the one-cloud definitions give for each group alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guiapp.physics.corrections import least_squares_correction, slope_matching_correction
from guiapp.physics.error_split import split_error
from guiapp.physics.force_statistics import ForceStatistics, force_statistics, force_sums, grouped_force_statistics
from guiapp.physics.signal_gate import MIN_COMPONENTS, MIN_R2, MIN_RMS_FORCE, judge_signal
from guiapp.physics.softening import (
    corrected_mean_absolute_error,
    mean_absolute_error,
    root_mean_square,
    softening_line,
    softening_scale,
    uncentred_r2,
)


def definitions(x: np.ndarray, y: np.ndarray) -> dict[str, float]:
    line, split = softening_line(x, y), split_error(x, y)
    return {
        "n": x.size,
        "scale": softening_scale(x, y),
        "intercept": line.intercept,
        "slope_with_intercept": line.slope,
        "mae": mean_absolute_error(x, y),
        "cmae": corrected_mean_absolute_error(x, y),
        "rmse": split.rmse,
        "systematic": split.systematic,
        "random": split.random,
        "r2": uncentred_r2(x, y),
        "c_least_squares": least_squares_correction(x, y),
        "c_slope_matching": slope_matching_correction(x, y),
        "rms_force": root_mean_square(x),
    }


def numbers(statistics: ForceStatistics) -> dict[str, float]:
    return {name: getattr(statistics, name) for name in definitions(np.ones(1), np.ones(1))}


@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_groups_equal_the_definitions(seed, n_groups):
    """Every column of every group, whatever the order of the atoms; empty groups are NaN."""
    random = np.random.default_rng(seed)
    group = random.integers(n_groups, size=40)
    x = random.normal(size=(40, 3)) * random.gamma(1, 2, size=(40, 1))
    y = random.uniform(0.3, 1.4, size=n_groups)[group][:, None] * x + random.normal(scale=0.2, size=x.shape) + 0.01
    found = grouped_force_statistics(x.T, y.T, group, force_sums(x.T, y.T).grouped(group, n_groups + 1))
    assert len(found) == n_groups + 1
    for index in range(n_groups + 1):
        chosen = group == index
        assert numbers(found.at(index)) == pytest.approx(definitions(x[chosen], y[chosen]), rel=1e-9, abs=1e-12, nan_ok=True)


def test_one_cloud_equals_the_definitions():
    """The short way for one group is the same arithmetic."""
    random = np.random.default_rng(3)
    x = random.normal(size=(30, 3))
    y = 0.8 * x + random.normal(scale=0.1, size=x.shape)
    assert numbers(force_statistics(x, y)) == pytest.approx(definitions(x, y), rel=1e-10)


def test_an_exact_model_has_no_scatter():
    """Rounding in the sums leaves at most 1e-7 of the force as scatter, and never the root of a negative number."""
    x = np.random.default_rng(4).normal(size=(50, 3)) * 10
    assert force_statistics(x, 0.7 * x).random == pytest.approx(0, abs=1e-6)
    assert np.isnan(force_statistics(x, x).systematic_share)  # there is no error to share out


def test_no_component_is_no_number_and_no_signal():
    """An empty cloud is judged, not crashed on."""
    statistics = force_statistics([], [])
    assert statistics.n == 0
    assert np.isnan(statistics.scale)
    assert not statistics.signal.enough


@pytest.mark.parametrize(
    ("n", "rms", "r2", "word"),
    [
        (MIN_COMPONENTS, MIN_RMS_FORCE, MIN_R2, ""),
        (MIN_COMPONENTS - 1, 1.0, 1.0, "components"),
        (300, 0.99 * MIN_RMS_FORCE, 1.0, "too small"),
        (300, 1.0, 0.99 * MIN_R2, "little in common"),
        (300, float("nan"), 1.0, "too small"),
        (300, 1.0, float("nan"), "little in common"),
    ],
)
def test_each_threshold_closes_the_gate(n, rms, r2, word):
    """The values themselves pass; just below any of them does not, and the reason names it."""
    signal = judge_signal(n, rms, r2)
    assert signal.enough == (not word)
    assert word in signal.reason


def test_relaxed_cell_with_one_free_coordinate_is_refused():
    """A relaxed wurtzite cell: r^2 is 1 by symmetry, the slope is noise, and only the size of the forces tells (AlN, measured)."""
    x = np.zeros((8, 3))
    x[:, 2] = 0.126 * np.array([1, 1, 1, 1, -1, -1, -1, -1])
    statistics = force_statistics(x, 0.008 * x)
    assert statistics.r2 == pytest.approx(1)
    assert not statistics.signal.enough
