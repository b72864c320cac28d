"""Fitting the zero of energy: how much each element shifts one energy scale against another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_TUNING = 1.345  # of Huber's weights: 95 % efficient for normal errors, and one wild compound in ten does no harm
_MAD_TO_SIGMA = 1.4826
_ROUNDS = 50
_SETTLED = 1e-10
_NULL = 1e-9
_SMALLEST_SCALE = 1e-9  # eV/atom; below it the fit is exact and every weight is one


@dataclass(frozen=True)
class OffsetFit:
    """Offsets a column (element) and what they leave unexplained."""

    offsets: Floats
    """(n_elements,) eV per atom of the element; NaN where the compositions cannot tell it from others."""
    solution: Floats
    """(n_elements,) as ``offsets``, but with the smallest values that fit where compositions do not tell elements apart."""
    errors: Floats
    """(n_elements,) standard errors, eV; NaN where unknown: undetermined, or as many unknowns as compositions."""
    residuals: Floats
    """(n_rows,) difference minus fit, eV per atom."""
    spread: float
    """Robust standard deviation of the residuals, eV per atom."""
    rank: int
    """Number of independent unknowns."""


def fit_offsets(counts: Floats, differences: Floats) -> OffsetFit:
    """Fit differences of total energies by one constant for each element: difference = sum over elements of count times offset.

    Every row weighs alike per atom. Huber's weights keep a few wild rows from bending the rest. Standard errors take the rows as
    independent observations, so give one row for each composition.

    Args:
        counts: (n_rows, n_elements) atoms of each element.
        differences: (n_rows,) differences of total energies, eV.

    Returns:
        The fit; offsets that the compositions do not determine (two elements that always come in the same ratio) are NaN, the residuals are
        right all the same.

    Raises:
        ValueError: Where shapes disagree, a row has no atoms or a number is not finite.

    Source:
        P. J. Huber, Ann. Math. Stat. 35, 73 (1964), by iteratively reweighted least squares; errors: P. J. Huber, Robust Statistics (1981),
        eq. 7.6.8.
    """
    counts, differences = np.asarray(counts, dtype=np.float64), np.asarray(differences, dtype=np.float64)
    if counts.ndim != 2 or differences.shape != (len(counts),):
        raise ValueError(f"{differences.shape} differences for counts of shape {counts.shape}")
    n_atoms = counts.sum(axis=1)
    if not (np.isfinite(counts).all() and np.isfinite(differences).all() and (n_atoms > 0).all()):
        raise ValueError("every row needs atoms and finite numbers")
    share, target = counts / n_atoms[:, None], differences / n_atoms
    weights = np.ones(len(target))
    offsets = np.zeros(counts.shape[1])
    for _ in range(_ROUNDS):
        root = np.sqrt(weights)
        fresh, *_ = np.linalg.lstsq(share * root[:, None], target * root, rcond=None)
        residuals = target - share @ fresh
        scale = robust_spread(residuals)
        weights = (
            np.ones(len(target)) if scale < _SMALLEST_SCALE else np.minimum(1.0, _TUNING * scale / np.maximum(np.abs(residuals), 1e-300))
        )
        settled = np.abs(fresh - offsets).max(initial=0.0) < _SETTLED
        offsets = fresh
        if settled:
            break
    return _with_errors(share, target, weights, offsets)


def robust_spread(values: Floats) -> float:
    """Return a standard deviation about zero that a few wild values do not move: 1.4826 times the median absolute value."""
    return float(_MAD_TO_SIGMA * np.median(np.abs(values))) if len(values) else 0.0


def _with_errors(share: Floats, target: Floats, weights: Floats, offsets: Floats) -> OffsetFit:
    _, singular, rows = np.linalg.svd(share, full_matrices=True)
    rank = int((singular > singular.max(initial=0.0) * _NULL).sum()) if len(singular) else 0
    undetermined = (rows[rank:] ** 2).sum(axis=0) > _NULL
    residuals = target - share @ offsets
    freedom = len(target) - rank
    if freedom > 0:
        inside = weights >= 1.0
        share_inside = max(float(inside.mean()), 1.0 / len(target))
        correction = 1.0 + rank / len(target) * (1.0 - share_inside) / share_inside
        variance = correction**2 * float(((weights * residuals) ** 2).sum()) / freedom / share_inside**2
        errors = np.sqrt(np.maximum(np.diag(np.linalg.pinv(share.T @ share)) * variance, 0.0))
    else:
        errors = np.full(len(offsets), np.nan)
    return OffsetFit(
        offsets=np.where(undetermined, np.nan, offsets),
        solution=offsets,
        errors=np.where(undetermined, np.nan, errors),
        residuals=residuals,
        spread=robust_spread(residuals),
        rank=rank,
    )


def centred_slope(x: Floats, y: Floats, groups: NDArray[np.int64]) -> tuple[float, float, int]:
    """Return the slope of y on x within groups, in which every constant drops out.

    Args:
        x: (n,) values, e.g. model energies, eV per atom.
        y: (n,) values, e.g. DFT energies, in the unit of the file.
        groups: (n,) number of the group (composition) of each.

    Returns:
        Median slope over groups with at least three members, weighted by their variation; median squared correlation; number of groups.
    """
    slopes, sizes, agreement = [], [], []
    for group in np.unique(groups):
        a, b = x[groups == group], y[groups == group]
        if len(a) < 3:
            continue
        a, b = a - a.mean(), b - b.mean()
        xx, yy, xy = float(a @ a), float(b @ b), float(a @ b)
        if xx <= 0 or yy <= 0:
            continue
        slopes.append(xy / xx)
        sizes.append(np.sqrt(xx))
        agreement.append(xy * xy / (xx * yy))
    if not slopes:
        return float("nan"), 0.0, 0
    order = np.argsort(slopes)
    mass = np.cumsum(np.asarray(sizes)[order])
    middle = int(np.searchsorted(mass, mass[-1] / 2))
    return float(np.asarray(slopes)[order][middle]), float(np.median(agreement)), len(slopes)
