"""Whether an error fell by more than chance, when some of the values belong together.

Frames of one run of molecular dynamics resemble each other: forty of them say less than forty frames of their own. So frames are put into
groups that are independent of each other, and the spread between groups, not that between frames, decides what chance can do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MIN_VALUES_TO_CORRELATE = 12
"""In a shorter series the correlation of neighbours (uncertain by one over the root of the length) cannot be told from chance."""

SHORT_RUN_CORRELATION = 1 / math.sqrt(MIN_VALUES_TO_CORRELATE)
"""What a series too short to tell is taken to hide at least, 0.29: one standard error of the shortest series that is asked.
In 8 atoms of copper without a thermostat (``tests/trials/gate_null.py``) changes of the error are alike by 0.7 where forces are by 0.9,
and by 0.3 at most once forces are not alike."""

_BLOCKS_OF = 3.0


@dataclass(frozen=True)
class GroupedMean:
    """A mean of values that come in groups."""

    mean: float
    """Every value counts by its weight."""
    p_value: float
    """Chance of a mean this low or lower if the true one were 0 (one-sided t test over groups); NaN for fewer than two groups."""
    effective_count: float
    """How many independent groups of equal size would say as much: 1 / sum of squared shares where groups are independent."""


def grouped_mean(values: ArrayLike, group: ArrayLike, weight: ArrayLike | None = None, correlation: ArrayLike | None = None) -> GroupedMean:
    """Return the mean of grouped values and the chance that it is below 0 by chance.

    Args:
        values: (n,) the values, n >= 1.
        group: (n,) the group of each, from 0, without gaps.
        weight: (n,) how much each counts, positive; equally where left out.
        correlation: (n_groups, n_groups) of the groups' means, where it is known or feared; independent where left out.

    Source:
        The ratio estimator with whole groups as sampling units (Cochran, Sampling Techniques, 3rd ed. 1977, sections 6.4 and 9A.1) in the
        form that is unbiased for groups of unlike weight: with shares w of the weight and means d of the groups, mean m = sum(w d) and
        var(m) = sum(w^2 (d - m)^2) * W2 / (W2 - 2 W3 + W2^2), Wk = sum(w^k) (cf. CR2 of Bell and McCaffrey, Surv. Methodol. 28, 169,
        2002). For groups of one value it is Student's test; degrees of freedom are those of 1 / W2 groups of equal size. Groups of
        correlation R: with A = diag(w) (1 - 1 w'), var(m) = sum(w^2 (d - m)^2) * w'Rw / tr(ARA'), which is the former for R = 1, and
        degrees of freedom tr(ARA')^2 / tr((ARA')^2) (Satterthwaite, Biom. Bull. 2, 110, 1946).
    """
    v, g = np.asarray(values, dtype=np.float64), np.asarray(group, dtype=np.int64)
    each = np.ones(len(v)) if weight is None else np.asarray(weight, dtype=np.float64)
    total = np.bincount(g, weights=each)
    share, centre = total / total.sum(), np.bincount(g, weights=v * each) / total
    mean = float(share @ centre)
    if len(share) < 2:
        return GroupedMean(mean, math.nan, 1.0)
    from scipy.special import stdtr  # noqa: PLC0415 - a fifth of a second that the first window need not wait for

    if correlation is None:
        w2, w3 = float((share**2).sum()), float((share**3).sum())
        of_mean, of_spread, freedom = w2, w2 - 2 * w3 + w2**2, 1 / w2 - 1
    else:
        alike = np.asarray(correlation, dtype=np.float64)
        left = share[:, None] * (np.eye(len(share)) - share)
        spread = left @ alike @ left.T
        of_mean, of_spread = float(share @ alike @ share), float(np.trace(spread))
        freedom = of_spread**2 / float((spread**2).sum())
    variance = float((share**2 * (centre - mean) ** 2).sum()) * of_mean / of_spread
    # Identical changes have no spread but that of rounding.
    p_value = float(stdtr(freedom, mean / math.sqrt(variance))) if variance > 1e-24 else (0.0 if mean < -1e-12 else 1.0)
    return GroupedMean(mean, p_value, 1 / of_mean)


def correlation_of_neighbours(series: ArrayLike) -> float:
    """Return how alike neighbours of a series may be: an upper limit of their correlation, between 0 and 1.

    Args:
        series: (n,) values in the order in which they were made.

    Returns:
        The lag-1 correlation, freed of the bias of a short series and raised by one standard error; 0 for fewer than
        ``MIN_VALUES_TO_CORRELATE`` values, equal ones, or where neighbours are not alike.

    Source:
        Bias -(1 + 4 rho)/n after Kendall, Biometrika 41, 403 (1954); standard error sqrt((1 - rho^2)/n) after Bartlett (1946).
    """
    v = np.asarray(series, dtype=np.float64)
    n = len(v)
    if n < MIN_VALUES_TO_CORRELATE:
        return 0.0
    v = v - v.mean()
    spread = float(v @ v)
    if spread <= 1e-24 * n:
        return 0.0
    rho = min((n * float(v[:-1] @ v[1:]) / spread + 1) / (n - 4), 0.999)
    if rho <= 0:
        return 0.0
    return min(rho + math.sqrt((1 - rho**2) / n), 0.999)


def correlation_in_short_runs(runs: Sequence[Sequence[ArrayLike]]) -> Floats:
    """Return how alike the frames of runs too short to tell may be.

    Args:
        runs: For each run the forces of its frames, in the order in which they were made, (n_atoms, 3) each.

    Returns:
        (n_frames, n_frames) correlation of frames, run after run: rho^lag within a run, with rho = ``SHORT_RUN_CORRELATION`` or, where
        it is more, the mean cosine of neighbours' forces (snapshots of every few steps show the same motion); 0 between runs.
    """
    count = sum(len(run) for run in runs)
    correlation, start = np.zeros((count, count)), 0
    for run in runs:
        n = len(run)
        lag = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
        correlation[start : start + n, start : start + n] = max(SHORT_RUN_CORRELATION, _mean_cosine(run)) ** lag
        start += n
    return correlation


def _mean_cosine(vectors: Sequence[ArrayLike]) -> float:
    """Return the mean cosine of neighbours, at most 0.999; 0 where there are none or they vanish."""
    v = [np.asarray(one, dtype=np.float64).ravel() for one in vectors]
    length = [float(np.linalg.norm(one)) for one in v]
    cosines = [float(a @ b) / (x * y) for a, b, x, y in zip(v, v[1:], length, length[1:], strict=False) if x * y > 0]
    return min(sum(cosines) / len(cosines), 0.999) if cosines else 0.0


def cut_into_blocks(count: int, correlation: float) -> Integers:
    """Cut a series into blocks of neighbours that are long enough to be independent of each other.

    Args:
        count: Values in the series.
        correlation: Of neighbours, between 0 and 1.

    Returns:
        (count,) the block of each value, from 0; every value is a block of its own where neighbours are not correlated.

    Source:
        Batch means (Flyvbjerg and Petersen, J. Chem. Phys. 91, 461, 1989). One independent value is worth g = (1 + rho)/(1 - rho)
        neighbours of a series whose correlation falls as rho^lag; blocks of ``_BLOCKS_OF`` g leave their means nearly uncorrelated.
    """
    g = (1 + correlation) / (1 - correlation)
    length = 1.0 if correlation <= 0 else _BLOCKS_OF * g
    blocks = max(int(count / length), 1)
    return np.arange(count, dtype=np.int64) * blocks // max(count, 1)
