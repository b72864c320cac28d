"""The difference of two models on the same frames, with an interval that knows they are the same frames.

What makes a compound hard for one model often makes it hard for another, so their errors rise and fall together. Drawing compounds and
taking both models along keeps that: the interval of the difference is narrower than that of two models on different compounds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from guiapp.physics.bootstrap import Interval, bootstrap_mean, bootstrap_pooled_slope


@dataclass(frozen=True)
class PairedDifference:
    """First minus second."""

    value: float
    """NaN without any pair."""
    interval: Interval | None
    """None for fewer than three pairs."""

    @property
    def is_sure(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.interval is not None and not self.interval.contains(0.0)


def paired_mean_difference(first: ArrayLike, second: ArrayLike, *, level: str = "compounds") -> PairedDifference:
    """Return the mean of first - second over pairs, with its paired bootstrap interval.

    Args:
        first: (n,) one value a compound, e.g. its softening scale by one model.
        second: (n,) of the same compounds by the other model.
        level: What one pair is.

    Source:
        Efron and Tibshirani, An Introduction to the Bootstrap (1993), section 8.3: pairs are drawn whole.
    """
    x, y = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if x.shape != y.shape:
        raise ValueError(f"pairs are needed, not {len(x)} and {len(y)} values")
    if not len(x):
        return PairedDifference(float("nan"), None)
    return PairedDifference(float((x - y).mean()), bootstrap_mean(x - y, level=level))


def paired_ratio_difference(first: ArrayLike, second: ArrayLike, weight: ArrayLike, *, level: str = "compounds") -> PairedDifference:
    """Return sum(first)/sum(weight) - sum(second)/sum(weight), with its paired bootstrap interval.

    With sums of x*y of two models over the sum of x^2 it is the difference of pooled slopes; with sums of absolute errors over the number
    of components the difference of mean absolute errors.

    Args:
        first: (n,) sums of one model, one a compound.
        second: (n,) of the other model.
        weight: (n,) what both are divided by, positive.
        level: What one pair is.

    Source:
        Both ratios share their denominator, so the difference is one ratio estimator; see ``bootstrap_pooled_slope``.
    """
    x, y, w = (np.asarray(values, dtype=np.float64) for values in (first, second, weight))
    if not x.shape == y.shape == w.shape:
        raise ValueError("pairs are needed, each with its weight")
    total = float(w.sum())
    if not total > 0:
        return PairedDifference(float("nan"), None)
    return PairedDifference(float((x - y).sum()) / total, bootstrap_pooled_slope(x - y, w, level=level))
