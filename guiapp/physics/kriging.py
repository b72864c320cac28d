"""Estimating a value from its relatives: ordinary kriging with an unknown mean, its interval included.

Source:
    Cressie, Statistics for Spatial Data, revised ed. (1993), section 3.2 (ordinary kriging) and 2.6.2 (restricted likelihood).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MIN_POINTS = 3
"""Fewer values say nothing about their spread."""
_SHARES = np.linspace(0.0, 0.95, 20)
"""Parts of the variance that relatives share; the one of the largest restricted likelihood is taken."""
CONFIDENCE = 0.95


@dataclass(frozen=True, eq=False)
class KrigedValue:
    """An estimate with its interval."""

    value: float
    low: float
    high: float
    weights: Floats
    """(n,) of each known value in the estimate; they add up to 1."""


@dataclass(frozen=True, eq=False)
class Kriging:
    """Known values, and how alike they have turned out to be."""

    values: Floats
    """(n,)."""
    errors: Floats
    """(n,) standard errors of the values."""
    likeness: Floats
    """(n, n) between 0 and 1, 1 on the diagonal."""
    share: float
    """Part of the variance that relatives share."""
    variance: float
    """Of the values about their mean, without their errors."""

    def predict(self, likeness: Floats) -> KrigedValue:
        """Estimate the value of something new.

        Args:
            likeness: (n,) to each of the known, between 0 and 1; what is peculiar to one of them is not shared even at 1.

        Returns:
            The estimate with the interval that contains the true value with 95 %, by Student's t with n - 1 degrees of freedom.
        """
        from scipy.special import stdtrit  # noqa: PLC0415 - a fifth of a second that the first window need not wait for

        n = len(self.values)
        covariance = _covariance(self.likeness, self.errors, self.share, self.variance)
        common = self.variance * self.share * likeness
        solved = np.linalg.solve(covariance, np.column_stack([np.ones(n), common]))
        ones, towards = solved[:, 0], solved[:, 1]
        lacking = 1.0 - float(towards.sum())
        weights = towards + ones * lacking / float(ones.sum())
        remaining = self.variance - float(common @ towards) + lacking**2 / float(ones.sum())
        reach = float(stdtrit(n - 1, (1 + CONFIDENCE) / 2)) * math.sqrt(max(remaining, 0.0))
        value = float(weights @ self.values)
        return KrigedValue(value, value - reach, value + reach, weights)


def krige(values: Floats, errors: Floats, likeness: Floats) -> Kriging:
    """Find how much relatives have in common.

    Args:
        values: (n,) known values, n at least 3.
        errors: (n,) their standard errors.
        likeness: (n, n) positive semidefinite, between 0 and 1, 1 on the diagonal.

    Returns:
        What predicts further values; share and variance are those of the largest restricted likelihood.

    Raises:
        ValueError: For fewer than ``MIN_POINTS`` values.
    """
    if len(values) < MIN_POINTS:
        raise ValueError(f"{MIN_POINTS} values are needed, there are {len(values)}")
    spread = max(float(np.var(values, ddof=1)) - float(np.mean(errors**2)), 0.1 * float(np.var(values, ddof=1)), 1e-12)
    trials = [(share, spread * factor) for share in _SHARES.tolist() for factor in (0.5, 0.7, 1.0, 1.4, 2.0, 2.8)]
    best = max(trials, key=lambda trial: _restricted_likelihood(values, errors, likeness, *trial))
    # Few values often look more alike than they are by chance: their variance about the mean is never taken smaller than it was found.
    return Kriging(values, errors, likeness, best[0], max(best[1], spread))


def _covariance(likeness: Floats, errors: Floats, share: float, variance: float) -> Floats:
    n = len(errors)
    return np.asarray(variance * (share * likeness + (1 - share) * np.eye(n)) + np.diag(errors**2))


def _restricted_likelihood(values: Floats, errors: Floats, likeness: Floats, share: float, variance: float) -> float:
    covariance = _covariance(likeness, errors, share, variance)
    try:
        factor = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        return -math.inf
    white = np.linalg.solve(factor, np.column_stack([np.ones(len(values)), values]))
    ones, y = white[:, 0], white[:, 1]
    information = float(ones @ ones)
    residual = y - ones * float(ones @ y) / information
    return -float(np.log(np.diag(factor)).sum()) - 0.5 * math.log(information) - 0.5 * float(residual @ residual)
