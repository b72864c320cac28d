"""How a cost grows: the exponent of a power law, with what its scatter leaves open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Exponent:
    """b of cost = a size^b."""

    value: float
    low: float
    """Lower end of the 95 % confidence interval."""
    high: float

    @property
    def words(self) -> str:
        """Return e.g. ``0.98 (95 % CI 0.95 to 1.01)``."""
        return f"{self.value:.2f} (95 % CI {self.low:.2f} to {self.high:.2f})"


def fit_power(sizes: ArrayLike, costs: ArrayLike) -> Exponent:
    """Fit a power law by least squares on logarithms.

    Args:
        sizes: (n,) positive, of two different values at least.
        costs: (n,) positive, n >= 3.

    Returns:
        The exponent with its interval from Student's t at n - 2 degrees of freedom.

    Source:
        Simple linear regression of log(cost) on log(size); e.g. Draper and Smith, Applied Regression Analysis, 3rd ed., section 1.4.
    """
    from scipy.special import stdtrit  # noqa: PLC0415 - late, as all of scipy

    x, y = np.log(np.asarray(sizes, dtype=np.float64)), np.log(np.asarray(costs, dtype=np.float64))
    centred = x - x.mean()
    slope = float(centred @ y / (centred @ centred))
    residual = y - y.mean() - slope * centred
    freedom = len(x) - 2
    error = float(np.sqrt(residual @ residual / freedom / (centred @ centred)))
    half = float(stdtrit(freedom, 0.975)) * error
    return Exponent(slope, slope - half, slope + half)
