"""Every number of one cloud of force components, for one group or for many groups at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from guiapp.physics.error_split import systematic_share
from guiapp.physics.signal_gate import Signal, enough_signal, judge_signal
from guiapp.physics.softening import paired_components

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class ForceStatistics:
    """All that is said about one group of force components; what the data do not determine is NaN."""

    n: int
    """Number of components, three an atom."""
    scale: float
    """Softening scale a, dimensionless."""
    intercept: float
    """Of the line with intercept, eV/Å."""
    slope_with_intercept: float
    """Dimensionless."""
    mae: float
    """eV/Å."""
    cmae: float
    """MAE after division by the scale, eV/Å."""
    rmse: float
    """eV/Å; rmse^2 = systematic^2 + random^2."""
    systematic: float
    """eV/Å."""
    random: float
    """eV/Å."""
    r2: float
    """Uncentred, between 0 and 1."""
    c_least_squares: float
    """Scalar correction of the smallest mean squared error, dimensionless."""
    c_slope_matching: float
    """Scalar correction that brings the scale to 1, dimensionless."""
    rms_force: float
    """Root-mean-square DFT component, eV/Å."""
    signal: Signal
    """Whether the scale means anything."""

    @property
    def systematic_share(self) -> float:
        """Part of the mean squared error that one number removes, between 0 and 1."""
        return systematic_share(self.rmse, self.systematic)


@dataclass(frozen=True, eq=False)
class ForceSums:
    """Sums over the components of each atom or group: what all slopes are made of, and what adds up."""

    n: Floats
    """(k,) number of components."""
    x: Floats
    """(k,) sum of DFT components, eV/Å."""
    y: Floats
    """(k,) sum of model components, eV/Å."""
    xx: Floats
    """(k,) sum of x^2, eV^2/Å^2."""
    xy: Floats
    """(k,) sum of x*y, eV^2/Å^2."""
    yy: Floats
    """(k,) sum of y^2, eV^2/Å^2."""
    absolute: Floats
    """(k,) sum of |y - x|, eV/Å."""
    squared: Floats
    """(k,) sum of (y - x)^2, eV^2/Å^2."""

    def grouped(self, group: Integers, n_groups: int) -> ForceSums:
        """Add up the entries of each group.

        Args:
            group: (k,) index of the group of each entry, from 0.
            n_groups: Number of groups, empty ones included.

        Returns:
            Sums of length ``n_groups``.
        """
        return ForceSums(*(sum_by_group(getattr(self, name), group, n_groups) for name in self.__dataclass_fields__))


def sum_by_group(values: Floats, group: Integers, n_groups: int) -> Floats:
    """Return the sum of the values of each group, in the values' unit.

    Args:
        values: (k,) values.
        group: (k,) index of the group of each value, from 0.
        n_groups: Number of groups, empty ones included.

    Returns:
        (n_groups,) sums.
    """
    return np.asarray(np.bincount(group, weights=values, minlength=n_groups), dtype=np.float64)


def force_sums(dft: Floats, model: Floats) -> ForceSums:
    """Return the sums over the components of each entry.

    Args:
        dft: (m, k) DFT components of k entries (atoms: m = 3), eV/Å. One row an axis: sums then run along memory.
        model: (m, k) model components, eV/Å.

    Returns:
        Sums of length k.
    """
    difference = model - dft
    return ForceSums(
        n=np.full(dft.shape[1], dft.shape[0], dtype=np.float64),
        x=dft.sum(axis=0),
        y=model.sum(axis=0),
        xx=(dft * dft).sum(axis=0),
        xy=(dft * model).sum(axis=0),
        yy=(model * model).sum(axis=0),
        absolute=np.abs(difference).sum(axis=0),
        squared=(difference * difference).sum(axis=0),
    )


@dataclass(frozen=True, eq=False)
class GroupedForceStatistics:
    """The statistics of many groups as columns of equal length; ``at`` gives one of them."""

    sums: ForceSums
    cmae: Floats
    """(g,) eV/Å."""

    def __len__(self) -> int:
        """Return the number of groups."""
        return len(self.sums.n)

    @cached_property
    def scale(self) -> Floats:
        """(g,) softening scales, dimensionless."""
        return quotient(self.sums.xy, self.sums.xx)

    @cached_property
    def mae(self) -> Floats:
        """(g,) mean absolute errors, eV/Å."""
        return quotient(self.sums.absolute, self.sums.n)

    @cached_property
    def rmse(self) -> Floats:
        """(g,) root-mean-square errors, eV/Å."""
        return np.sqrt(quotient(self.sums.squared, self.sums.n))

    @cached_property
    def random(self) -> Floats:
        """(g,) root-mean-square scatter about each group's own line, eV/Å.

        sum((y - a x)^2) = sum(y^2) - sum(xy)^2 / sum(x^2); rounding makes it uncertain by 1e-8 of the model's force only.
        """
        s = self.sums
        return np.sqrt(np.maximum(quotient(s.yy - self.scale * s.xy, s.n), 0))

    @cached_property
    def rms_force(self) -> Floats:
        """(g,) root-mean-square DFT components, eV/Å."""
        return np.sqrt(quotient(self.sums.xx, self.sums.n))

    @cached_property
    def r2(self) -> Floats:
        """(g,) uncentred r^2."""
        return quotient(self.sums.xy**2, self.sums.xx * self.sums.yy)

    @cached_property
    def enough(self) -> NDArray[np.bool_]:
        """(g,) True where the scale means something."""
        return enough_signal(self.sums.n, self.rms_force, self.r2)

    def at(self, index: int) -> ForceStatistics:
        """Return all numbers of one group."""
        s = self.sums
        n, x, y, xx, xy, yy = (float(column[index]) for column in (s.n, s.x, s.y, s.xx, s.xy, s.yy))
        scale, rms_force, r2 = (float(column[index]) for column in (self.scale, self.rms_force, self.r2))
        nan = float("nan")
        variance, covariance = xx - x * x / n if n else nan, xy - x * y / n if n else nan
        # The variance of identical values is zero but for rounding, and then no line is defined.
        slope = covariance / variance if variance > 1e-12 * xx else nan
        return ForceStatistics(
            n=int(n),
            scale=scale,
            intercept=(y - slope * x) / n if n else nan,
            slope_with_intercept=slope,
            mae=float(self.mae[index]),
            cmae=float(self.cmae[index]),
            rmse=float(self.rmse[index]),
            systematic=abs(1 - scale) * rms_force,
            random=float(self.random[index]),
            r2=r2,
            c_least_squares=xy / yy if yy else nan,
            c_slope_matching=1 / scale if scale else nan,
            rms_force=rms_force,
            signal=judge_signal(int(n), rms_force, r2),
        )


def grouped_force_statistics(dft: Floats, model: Floats, group: Integers, totals: ForceSums) -> GroupedForceStatistics:
    """Return the statistics of every group without a loop over groups.

    Args:
        dft: (m, k) DFT components of k entries, each of which belongs to one group (an atom: m = 3), eV/Å.
        model: (m, k) model components, eV/Å.
        group: (k,) index of the group of each entry, from 0.
        totals: Sums of each group, of length g: ``force_sums(dft, model).grouped(group, g)``.

    Returns:
        Columns of length g.

    Source:
        The definitions in ``softening``, ``corrections`` and ``error_split``.
    """
    # The corrected error needs each group's own scale, hence this pass; everything else follows from the sums.
    own = quotient(totals.xy, totals.xx)[group]
    with np.errstate(divide="ignore", invalid="ignore"):
        corrected = np.abs(model - own * dft).sum(axis=0) / np.abs(own)  # |y / a - x| = |y - a x| / |a|
    cmae = quotient(sum_by_group(corrected, group, len(totals.n)), totals.n)
    return GroupedForceStatistics(sums=totals, cmae=np.where(np.isfinite(cmae), cmae, np.nan))


def force_statistics(dft: ArrayLike, model: ArrayLike) -> ForceStatistics:
    """Return every number of one group of force components.

    Args:
        dft: DFT force components x of any shape, eV/Å.
        model: Model force components y of the same shape, eV/Å.

    Returns:
        The statistics; NaN where the data do not determine a number.

    Source:
        The definitions in ``softening``, ``corrections`` and ``error_split``.
    """
    x, y = paired_components(dft, model)
    dft_row, model_row, group = x[None, :], y[None, :], np.zeros(len(x), dtype=np.int64)
    return grouped_force_statistics(dft_row, model_row, group, force_sums(dft_row, model_row).grouped(group, 1)).at(0)


def quotient(numerator: Floats, denominator: Floats) -> Floats:
    """Divide element by element, with NaN where the denominator is 0 (the data say nothing)."""
    result = np.full(len(denominator), np.nan)
    np.divide(numerator, denominator, out=result, where=denominator != 0)
    return result
