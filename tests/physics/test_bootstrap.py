"""Confidence intervals hold what they promise: they cover the truth about 95 times in 100."""

import numpy as np
import pytest

from guiapp.physics.bootstrap import (
    MIN_UNITS,
    Interval,
    bootstrap_mean,
    bootstrap_median,
    bootstrap_pooled_slope,
    bootstrap_slopes_by_compound,
    mean_of_independent,
)


@pytest.mark.parametrize(("n", "least", "most"), [(3, 0.9, 1.0), (5, 0.85, 1.0), (10, 0.9, 0.99), (30, 0.9, 0.985)])
def test_the_mean_is_covered_with_the_right_frequency(n, least, most):
    """300 samples of a known normal distribution; 3 standard errors of the count are allowed."""
    random = np.random.default_rng(n)
    intervals = [bootstrap_mean(random.normal(0.85, 0.12, n), resamples=1000) for _ in range(300)]
    share = np.mean([interval.contains(0.85) for interval in intervals])
    assert least <= share <= most


@pytest.mark.parametrize("n", [6, 25])
def test_the_median_is_covered_with_the_right_frequency(n):
    """The same for the median of a skewed distribution."""
    random = np.random.default_rng(n)
    truth = 1 - 0.15  # the median of a log-normal is the exponential of its normal's
    intervals = [bootstrap_median(1 - 0.15 * np.exp(random.normal(0, 0.6, n)), resamples=1000) for _ in range(300)]
    assert 0.89 <= np.mean([interval.contains(truth) for interval in intervals]) <= 1


@pytest.mark.parametrize("n", [4, 12, 40])
def test_the_pooled_slope_is_covered_with_the_right_frequency(n):
    """Compounds of very different weight (sum of x^2), slopes independent of the weight."""
    random = np.random.default_rng(n)
    hits = 0
    for _ in range(300):
        weight = random.gamma(4, 1, n)
        hits += bootstrap_pooled_slope(weight * random.normal(0.9, 0.1, n), weight, resamples=1000).contains(0.9)
    assert 0.87 <= hits / 300 <= 0.995


def test_pooled_slope_by_brute_force():
    """The same draws, one resample at a time."""
    random = np.random.default_rng(5)
    xx = random.uniform(1, 50, 200)
    xy = xx * random.normal(0.85, 0.1, 200)
    slopes = []
    for _ in range(4000):
        draw = random.integers(200, size=200)
        slopes.append(xy[draw].sum() / xx[draw].sum())
    interval = bootstrap_pooled_slope(xy, xx)
    assert (interval.low, interval.high) == pytest.approx(tuple(np.quantile(slopes, [0.025, 0.975])), abs=0.002)
    assert (interval.level, interval.count) == ("compounds", 200)


def test_the_mean_is_the_pooled_slope_of_equal_weights():
    """Two ways to one number, in the bootstrap and in the small-sample formula."""
    for n in (4, 20):
        values = np.random.default_rng(n).normal(0.8, 0.1, n)
        mean, pooled = bootstrap_mean(values), bootstrap_pooled_slope(values, np.ones(n))
        assert (mean.low, mean.high) == pytest.approx((pooled.low, pooled.high), abs=1e-12)


def test_an_interval_repeats():
    """Fixed seed: the same frames give the same printed interval today and tomorrow."""
    values = np.random.default_rng(6).normal(0.8, 0.1, 25)
    assert bootstrap_mean(values) == bootstrap_mean(values)
    assert bootstrap_mean(values) != bootstrap_mean(values, seed=1)


def test_too_few_units_have_no_interval():
    """One or two values say nothing of their spread."""
    for n in range(MIN_UNITS):
        assert bootstrap_mean(np.ones(n)) is None
        assert bootstrap_median(np.ones(n)) is None
        assert bootstrap_pooled_slope(np.ones(n), np.ones(n)) is None
    assert bootstrap_mean([0.8, 0.8, 0.8]) == Interval(pytest.approx(0.8), pytest.approx(0.8), "compounds", 3)


def test_compounds_without_force_do_not_count():
    """A compound whose DFT forces are all zero adds nothing to the slope and nothing to the count."""
    interval = bootstrap_pooled_slope([1, 2, 3, 4, 5, 0], [2, 4, 6, 8, 10, 0])
    assert (interval.low, interval.high, interval.count) == (0.5, 0.5, 5)


def test_frames_within_compounds_equal_each_compound_alone():
    """Sharing draws between compounds of equal size changes no interval beyond resampling noise."""
    random = np.random.default_rng(7)
    sizes = [1, 2, 3, 4, 8, 8, 20]
    compound = np.repeat(np.arange(len(sizes)), sizes)
    order = random.permutation(len(compound))
    xx = random.uniform(1, 5, len(compound))
    xy = xx * random.normal(0.8, 0.1, len(compound))
    found = bootstrap_slopes_by_compound(xy[order], xx[order], compound[order], len(sizes) + 1, resamples=40_000)
    assert [interval is None for interval in found] == [True, True, False, False, False, False, False, True]
    for index, size in enumerate(sizes):
        if size >= MIN_UNITS:
            alone = bootstrap_pooled_slope(xy[compound == index], xx[compound == index], level="frames", resamples=40_000)
            assert (found[index].low, found[index].high) == pytest.approx((alone.low, alone.high), abs=0.006)
            assert (found[index].level, found[index].count) == ("frames", size)


def test_errors_of_two_compounds_add_in_quadrature():
    """Half-widths 0.03 and 0.04 give 0.05 / 2 for the mean of two."""
    pair = [Interval(0.77, 0.83, "frames", 5), Interval(0.86, 0.94, "frames", 4)]
    interval = mean_of_independent([0.8, 0.9], pair)
    assert (interval.low, interval.high, interval.count) == pytest.approx((0.825, 0.875, 9))
    assert mean_of_independent([0.8, 0.9], [pair[0], None]) is None
    assert mean_of_independent([], []) is None
