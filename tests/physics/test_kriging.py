"""Estimates from relatives: exact limits of kriging, and intervals that cover as often as they say."""

import numpy as np
import pytest
from scipy.stats import t as student

from guiapp.physics.kriging import Kriging, krige


def test_without_relatives_it_is_the_mean_and_the_spread_of_a_new_one():
    """Nothing in common: the mean, and the classical prediction interval mean ± t s sqrt(1 + 1/n)."""
    values = np.random.default_rng(0).normal(0.8, 0.1, 20)
    s = values.std(ddof=1)
    known = Kriging(values, np.zeros(20), np.eye(20), share=0.5, variance=s**2)
    found = known.predict(np.zeros(20))
    assert found.value == pytest.approx(values.mean())
    reach = student.ppf(0.975, 19) * s * np.sqrt(1 + 1 / 20)
    assert (found.low, found.high) == pytest.approx((values.mean() - reach, values.mean() + reach))
    assert found.weights.sum() == pytest.approx(1)


def test_where_all_is_shared_something_known_is_given_back():
    values = np.array([0.7, 0.9, 0.8, 1.0])
    known = Kriging(values, np.zeros(4), np.eye(4), share=1.0, variance=0.01)
    found = known.predict(np.eye(4)[2])
    assert (found.value, found.low, found.high) == pytest.approx((0.8, 0.8, 0.8), abs=1e-6)


def test_half_shared_is_half_way_between_the_mean_and_the_known():
    """With one informative relative of likeness 1 and share 1/2 the estimate moves half of the way, as a regression to the mean."""
    values = np.array([0.5, *np.full(400, 1.0)])
    known = Kriging(values, np.zeros(401), np.eye(401), share=0.5, variance=0.01)
    towards = np.zeros(401)
    towards[0] = 1
    assert known.predict(towards).value == pytest.approx(0.75, abs=0.01)


def test_the_interval_widens_the_less_is_shared():
    values = np.random.default_rng(1).normal(0.8, 0.1, 12)
    known = Kriging(values, np.full(12, 0.01), np.eye(12), share=0.9, variance=0.01)
    widths = []
    for likeness in (1.0, 0.7, 0.3, 0.0):
        towards = np.zeros(12)
        towards[0] = likeness
        found = known.predict(towards)
        widths.append(found.high - found.low)
    assert widths == sorted(widths)
    assert widths[-1] > 1.5 * widths[0]


def test_intervals_cover_what_they_promise_on_draws_of_the_model():
    """Values drawn with a known share of common variance: the next one lies inside about 95 times of 100, and errors count."""
    rng = np.random.default_rng(2)
    hits = total = 0
    for _ in range(150):
        compositions = rng.dirichlet(np.full(6, 0.4), 19)
        likeness = np.minimum(compositions[:, None], compositions[None]).sum(axis=2)
        covariance = 0.01 * (0.7 * likeness + 0.3 * np.eye(19))
        values = 0.8 + np.linalg.cholesky(covariance) @ rng.normal(size=19)
        errors = np.full(18, 0.02)
        seen = values[:18] + errors * rng.normal(size=18)
        found = krige(seen, errors, likeness[:18, :18]).predict(likeness[18, :18])
        hits += found.low <= values[18] <= found.high
        total += 1
    assert 0.88 <= hits / total <= 1.0


def test_the_share_is_found_where_there_is_one():
    """Two groups of values far apart: relatives share almost everything; without groups they share little."""
    likeness = np.kron(np.eye(2), np.full((10, 10), 0.9)) + 0.1 * np.eye(20)
    rng = np.random.default_rng(4)
    grouped = np.repeat([0.7, 1.0], 10) + rng.normal(scale=0.01, size=20)
    assert krige(grouped, np.full(20, 0.005), likeness).share > 0.8
    assert krige(rng.normal(size=20), np.full(20, 0.005), likeness).share < 0.5
    with pytest.raises(ValueError):
        krige(np.ones(2), np.ones(2), np.eye(2))
