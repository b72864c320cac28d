"""Differences of two models on the same compounds: values, coverage and the gain of pairing against their closed forms."""

import math

import numpy as np
import pytest
from scipy.stats import t as student

from guiapp.physics.bootstrap import bootstrap_mean
from guiapp.physics.paired_bootstrap import paired_mean_difference, paired_ratio_difference


def correlated(n, rho, rng, shift=0.1):
    common = rng.normal(size=n) * math.sqrt(rho)
    first, second = (common + rng.normal(size=n) * math.sqrt(1 - rho) for _ in range(2))
    return 0.8 + 0.1 * first + shift, 0.8 + 0.1 * second


def test_the_interval_is_that_of_students_t_for_normal_pairs():
    """With 200 normal pairs the bootstrap agrees with t to a few per cent of the interval's width."""
    first, second = correlated(200, 0.6, np.random.default_rng(0))
    found = paired_mean_difference(first, second)
    d = first - second
    reach = student.ppf(0.975, 199) * d.std(ddof=1) / math.sqrt(200)
    assert found.value == pytest.approx(d.mean())
    assert found.interval.low == pytest.approx(d.mean() - reach, abs=0.1 * reach)
    assert found.interval.high == pytest.approx(d.mean() + reach, abs=0.1 * reach)


def test_pairing_narrows_the_interval_by_the_closed_form():
    """var(a - b) = 2 (1 - rho) var, so at rho = 0.9 pairs give an interval sqrt(0.1) as wide as two independent samples."""
    first, second = correlated(400, 0.9, np.random.default_rng(1))
    paired = paired_mean_difference(first, second).interval
    alone = [bootstrap_mean(values) for values in (first, second)]
    unpaired = math.hypot(*(one.high - one.low for one in alone))
    assert (paired.high - paired.low) / unpaired == pytest.approx(math.sqrt(1 - 0.9), rel=0.15)


@pytest.mark.parametrize("n", [4, 12, 30])
def test_the_interval_covers_the_true_difference(n):
    """In 300 repetitions the true difference lies inside about 95 times of 100."""
    rng = np.random.default_rng(n)
    hits = sum(paired_mean_difference(*correlated(n, 0.8, rng)).interval.contains(0.1) for _ in range(300))
    assert 0.90 <= hits / 300 <= 0.985


def test_pooled_slopes_and_errors_differ_as_the_two_do_alone():
    rng = np.random.default_rng(2)
    xx, a, b = rng.uniform(1, 5, 20), rng.normal(0.8, 0.05, 20), rng.normal(0.9, 0.05, 20)
    found = paired_ratio_difference(a * xx, b * xx, xx)
    assert found.value == pytest.approx((a * xx).sum() / xx.sum() - (b * xx).sum() / xx.sum())
    assert found.is_sure
    assert found.interval.low < found.value < found.interval.high


def test_equal_models_differ_by_nothing_and_too_few_pairs_have_no_interval():
    values = np.random.default_rng(3).normal(size=10)
    same = paired_mean_difference(values, values)
    assert (same.value, same.interval.low, same.interval.high, same.is_sure) == (0, 0, 0, False)
    assert paired_mean_difference([1.0, 2.0], [0.0, 0.0]).interval is None
    assert math.isnan(paired_mean_difference([], []).value)
    with pytest.raises(ValueError):
        paired_mean_difference([1.0], [1.0, 2.0])
