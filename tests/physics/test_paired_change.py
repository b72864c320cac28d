"""Grouped values say as much as their groups: Student's test without groups, and never more than the stated chance under the null."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from guiapp.physics.paired_change import (
    SHORT_RUN_CORRELATION,
    correlation_in_short_runs,
    correlation_of_neighbours,
    cut_into_blocks,
    grouped_mean,
)

ALPHA = 0.05
TRIALS = 1000
CHANCE = ALPHA + 2.33 * (ALPHA * (1 - ALPHA) / TRIALS) ** 0.5
"""What a rate of 0.05 exceeds in one of a hundred simulations; their seeds are fixed."""


def neighbours(random, count, correlation):
    """A stationary series of unit variance whose correlation falls as correlation^lag."""
    steps = random.normal(size=count) * (1 - correlation**2) ** 0.5
    series = [random.normal()]
    for step in steps[1:]:
        series.append(correlation * series[-1] + step)
    return np.array(series)


def by_blocks(series):
    """The chance that blocks of one run give; None where they leave fewer than three."""
    block = cut_into_blocks(len(series), correlation_of_neighbours(series))
    return grouped_mean(series, block).p_value if block.max() >= 2 else 1.0


@given(st.lists(st.floats(-1, 1, allow_subnormal=False), min_size=2, max_size=20).filter(lambda some: np.std(some) > 1e-6))
def test_without_groups_it_is_students_test(values):
    found = grouped_mean(values, np.arange(len(values)))
    assert found.p_value == pytest.approx(stats.ttest_1samp(values, 0, alternative="less").pvalue, rel=1e-6, abs=1e-12)
    assert found.effective_count == pytest.approx(len(values))


@given(st.lists(st.floats(0.01, 10), min_size=2, max_size=8), st.integers(0, 1000))
def test_no_correlation_is_the_test_of_independent_groups(weight, seed):
    """The variance is the same whatever the weights; degrees of freedom too where they are equal."""
    n, values = len(weight), np.random.default_rng(seed).normal(size=len(weight))
    plain, told = grouped_mean(values, np.arange(n), weight), grouped_mean(values, np.arange(n), weight, np.eye(n))
    assert told.effective_count == pytest.approx(plain.effective_count)
    assert np.sign(told.p_value - 0.5) == np.sign(plain.p_value - 0.5)
    assert grouped_mean(values, np.arange(n), None, np.eye(n)).p_value == pytest.approx(grouped_mean(values, np.arange(n)).p_value)


def test_the_variance_of_correlated_groups_is_unbiased():
    """Over many draws the mean of the estimate is the variance of the mean, for unlike weights and a known correlation."""
    random, weight = np.random.default_rng(8), np.array([4.0, 2.0, 2.0, 1.0, 1.0])
    known = 0.6 ** np.abs(np.subtract.outer(np.arange(5), np.arange(5)))
    share, root = weight / weight.sum(), np.linalg.cholesky(known)
    left = share[:, None] * (np.eye(5) - share)
    spread = left @ known @ left.T
    freedom = np.trace(spread) ** 2 / (spread**2).sum()
    variances = []
    for _ in range(4000):
        found = grouped_mean(root @ random.normal(size=5), np.arange(5), weight, known)
        variances.append((found.mean / stats.t.ppf(found.p_value, freedom)) ** 2)
    assert np.mean(variances) == pytest.approx(share @ known @ share, rel=0.08)
    assert found.effective_count == pytest.approx(1 / (share @ known @ share))


def test_frames_of_short_runs_are_as_alike_as_their_forces_show():
    up, side = np.array([[1.0, 0, 0]]), np.array([[0, 1.0, 0]])
    found = correlation_in_short_runs([[up, up + 0.1 * side, up], [side, up], [0 * up]])
    near = 1 / 1.01**0.5
    assert found[0, 1:3] == pytest.approx([near, near**2])
    assert found[3, 4] == pytest.approx(SHORT_RUN_CORRELATION)
    assert found[2, 3] == found[4, 5] == 0
    assert np.diag(found) == pytest.approx(np.ones(6))


def test_equal_groups_are_students_test_of_their_means():
    random = np.random.default_rng(0)
    values = random.normal(-0.3, 1, size=(6, 5))
    found = grouped_mean(values.ravel(), np.repeat(np.arange(6), 5))
    assert found.p_value == pytest.approx(stats.ttest_1samp(values.mean(axis=1), 0, alternative="less").pvalue)


def test_the_variance_of_unlike_groups_is_unbiased():
    """Sizes 40, 20, 10, 5, 5 and independent group offsets: over many draws the mean of the estimate is the variance of the mean."""
    random, sizes = np.random.default_rng(1), np.array([40, 20, 10, 5, 5])
    group, share = np.repeat(np.arange(5), sizes), sizes / sizes.sum()
    means, variances = [], []
    for _ in range(4000):
        found = grouped_mean(random.normal(size=5)[group], group)
        means.append(found.mean)
        t = stats.t.ppf(found.p_value, found.effective_count - 1)
        variances.append((found.mean / t) ** 2)
    assert np.var(means) == pytest.approx((share**2).sum(), rel=0.08)
    assert np.mean(variances) == pytest.approx(np.var(means), rel=0.08)


@pytest.mark.parametrize("sizes", [(10, 10, 10), (40, 20, 10, 10, 5), (30, 30, 2, 2, 2, 30)])
def test_runs_with_offsets_of_their_own_are_no_evidence(sizes):
    """Nothing changed on the whole, but each run by an amount of its own: accepted in no more than the stated share of cases."""
    random, group = np.random.default_rng(2), np.repeat(np.arange(len(sizes)), sizes)
    values = random.normal(size=(TRIALS, len(sizes)))[:, group] + 0.3 * random.normal(size=(TRIALS, len(group)))
    accepted = np.mean([grouped_mean(one, group).p_value <= ALPHA for one in values])
    alone = np.mean([grouped_mean(one, np.arange(len(group))).p_value <= ALPHA for one in values])
    assert accepted <= CHANCE
    assert alone > 0.2  # what frames taken as independent would have claimed


@pytest.mark.parametrize("errors", [(1, 1, 1, 1), (3, 2, 2, 1, 0.1, 0.1, 0.02), (1.0,) * 12])
def test_runs_weighed_by_their_error_are_no_evidence_either(errors):
    """Hot runs have most of the error; each run's error before and after is drawn from the same distribution."""
    random, n = np.random.default_rng(5), len(errors)
    accepted = 0
    for _ in range(TRIALS):
        before, after = (np.array(errors) * np.exp(0.4 * random.normal(size=n)) for _ in range(2))
        accepted += grouped_mean((after - before) / (after + before), np.arange(n), after + before).p_value <= ALPHA
    assert accepted / TRIALS <= CHANCE


def test_a_weighted_mean_of_relative_changes_is_that_of_the_pooled_error():
    before, after = np.array([1.0, 0.2, 0.05]), np.array([0.5, 0.1, 0.2])
    found = grouped_mean((after - before) / (after + before), np.arange(3), after + before)
    assert found.mean == pytest.approx((after.sum() - before.sum()) / (after.sum() + before.sum()))


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.6, 0.8, 0.95])
@pytest.mark.parametrize("count", [12, 30, 100])
def test_correlated_frames_of_one_run_are_no_evidence(count, correlation):
    random = np.random.default_rng(3)
    accepted = np.mean([by_blocks(neighbours(random, count, correlation)) <= ALPHA for _ in range(TRIALS)])
    assert accepted <= CHANCE


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.6])
def test_a_large_change_of_one_run_is_seen(correlation):
    """Three spreads below zero, a hundred frames: found in nearly every case."""
    random = np.random.default_rng(4)
    found = np.mean([by_blocks(neighbours(random, 100, correlation) - 3) <= ALPHA for _ in range(200)])
    assert found > 0.95


@given(st.integers(1, 300), st.floats(0, 0.99))
def test_blocks_hold_every_value_in_order_and_alike_in_length(count, correlation):
    block = cut_into_blocks(count, correlation)
    assert block[0] == 0
    assert set(np.diff(block)) <= {0, 1}
    sizes = np.bincount(block)
    assert sizes.max() - sizes.min() <= 1
    assert len(sizes) == count or sizes.min() >= min(count, 3 * (1 + correlation) / (1 - correlation) - 1)


def test_independent_frames_stay_by_themselves_and_equal_ones_have_no_correlation():
    assert cut_into_blocks(5, 0.0).tolist() == [0, 1, 2, 3, 4]
    assert correlation_of_neighbours([0.2] * 30) == 0
    assert correlation_of_neighbours(np.arange(11.0)) == 0  # too short to tell
    assert correlation_of_neighbours(np.arange(40.0)) > 0.9
    assert correlation_of_neighbours([1.0, -1.0] * 20) == 0
