"""The same frames before and after a correction: scale, errors, and whether the difference is more than chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from guiapp.correction.independent_units import LEAST_RUNS, Counting, Units, independent_units
from guiapp.correction.scalar_fit import centred_energies
from guiapp.frames.frame import Floats, Frame
from guiapp.physics.bootstrap import Interval, bootstrap_pooled_slope
from guiapp.physics.force_statistics import ForceStatistics, force_statistics
from guiapp.physics.paired_change import grouped_mean
from guiapp.potentials.potential import Prediction


@dataclass(frozen=True)
class PairedTest:
    """The change of the mean absolute force error, each frame or compound compared with itself; what is independent was resampled."""

    difference: float
    """Mean of MAE after minus MAE before, eV/Å; negative is better. Every compound counts once, or every frame that
    has a say; between runs, every component."""
    interval: Interval | None
    """95 %; None for fewer than three units."""
    relative: float
    """Mean of (after - before) / (after + before), between -1 and 1; negative is better. Between runs: of all errors together."""
    p_value: float
    """Chance of a relative fall this large or larger if there were none (one-sided t test); NaN for fewer than two units."""
    level: str
    """What is independent: ``compounds``, ``runs``, ``blocks of neighbouring frames``, ``frames`` or ``frames of a short run``."""
    count: int
    """Independent units."""
    n_better: int
    """Units whose error fell."""

    @property
    def words(self) -> str:
        """In how many units the error fell, e.g. ``better in 4 of 5 runs``."""
        return f"better in {self.n_better} of {self.count} {self.level}"


@dataclass(frozen=True)
class Side:
    """One model on the frames of a comparison."""

    statistics: ForceStatistics
    """Scale, MAE, cMAE and the error split of all components together."""
    interval: Interval | None
    """Of the scale; None for fewer than three units, or blocks of which one or two have nearly all forces."""
    energy_error: float
    """Mean absolute error of energy differences within a composition, eV/atom; NaN where there are none."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """A set of frames before and after."""

    title: str
    n_frames: int
    n_compounds: int
    before: Side
    after: Side
    test: PairedTest
    mae_ratio_by_compound: Mapping[str, float]
    """MAE after divided by before, by compound."""

    @property
    def mae_ratio(self) -> float:
        """MAE after divided by before, all components pooled."""
        return _ratio(self.after.statistics.mae, self.before.statistics.mae)

    @cached_property
    def worse(self) -> tuple[str, ...]:
        """Compounds whose MAE rose by more than 5 %, the worst first."""
        risen = [(ratio, name) for name, ratio in self.mae_ratio_by_compound.items() if ratio > 1.05]
        return tuple(name for _, name in sorted(risen, reverse=True))


def compare(title: str, frames: Sequence[Frame], before: Sequence[Prediction], after: Sequence[Prediction]) -> Comparison:
    """Compare two models on the same labelled frames.

    Args:
        title: What the frames are, e.g. ``LiF, unseen``.
        frames: At least one frame, all with DFT forces.
        before: Predictions of the uncorrected model, in the same order.
        after: Predictions of the corrected model.

    Returns:
        Both sides and the paired test, over what is independent; see ``independent_units``.
    """
    x = [np.asarray(frame.forces) for frame in frames]
    old, new = [p.forces for p in before], [p.forces for p in after]
    compounds: dict[str, list[int]] = {}
    for k, frame in enumerate(frames):
        compounds.setdefault(frame.compound, []).append(k)
    each = [[k] for k in range(len(frames))]
    old_each, new_each = np.array([_mae(x, old, k) for k in each]), np.array([_mae(x, new, k) for k in each])
    size = np.array([part.size for part in x], dtype=np.float64)
    units = independent_units(frames, _relative(old_each, new_each), (old_each + new_each) * size)
    if units.counting is not Counting.UNITS:
        heard = np.concatenate([np.array(members) for members in units.members])
        group = np.repeat(np.arange(len(units.members)), [len(members) for members in units.members])
        pooled = size[heard] if units.counting is Counting.ERROR else None
        test = paired_test(old_each[heard], new_each[heard], units.level, group, pooled, units.correlation)
    else:
        test = paired_test([_mae(x, old, unit) for unit in units.members], [_mae(x, new, unit) for unit in units.members], units.level)
    return Comparison(
        title=title,
        n_frames=len(frames),
        n_compounds=len(compounds),
        before=_side(frames, before, x, old, units),
        after=_side(frames, after, x, new, units),
        test=test,
        mae_ratio_by_compound={name: _ratio(_mae(x, new, unit), _mae(x, old, unit)) for name, unit in compounds.items()},
    )


def paired_test(  # noqa: PLR0917 - each is a thing of its own
    before: ArrayLike,
    after: ArrayLike,
    level: str,
    group: ArrayLike | None = None,
    size: ArrayLike | None = None,
    correlation: ArrayLike | None = None,
) -> PairedTest:
    """Test whether an error fell.

    Args:
        before: (n,) error of each frame or compound, eV/Å.
        after: (n,) of the same ones.
        level: What is independent, e.g. ``frames`` or ``compounds``.
        group: (n,) which of them belong together, from 0; each by itself where left out.
        size: (n,) force components of each, where errors are to be pooled: the relative change is then that of the error of all components
            together, (after - before) / (after + before). Where left out, every frame counts once.
        correlation: (n_groups, n_groups) that groups may have; independent where left out.

    Returns:
        The mean change with a bootstrap interval, and a one-sided p value of the relative change. Errors grow with the forces of a
        frame, so absolute changes of a few frames differ by more than they would by chance: an exact repair of four frames
        of growing amplitude has p = 0.07 in absolute terms.

    Source:
        Student's t test of the symmetric relative change, which is bounded, so that no frame of tiny error decides, with groups as
        sampling units (``grouped_mean``); bootstrap of groups as in ``bootstrap_pooled_slope``.
    """
    old, new = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    change, relative = new - old, _relative(old, new)
    if not len(change):
        return PairedTest(float("nan"), None, float("nan"), float("nan"), level, 0, 0)
    unit = np.arange(len(change)) if group is None else np.asarray(group, dtype=np.int64)
    components = np.ones(len(change)) if size is None else np.asarray(size, dtype=np.float64)
    error = None if size is None else (old + new) * components
    found = grouped_mean(relative, unit, error, correlation)
    weight = np.bincount(unit, weights=components)
    total = np.bincount(unit, weights=change * components)
    return PairedTest(
        difference=float(total.sum() / weight.sum()),
        interval=bootstrap_pooled_slope(total, weight, level=level),
        relative=found.mean,
        p_value=found.p_value,
        level=level,
        count=len(weight),
        n_better=int((np.bincount(unit, weights=relative if size is None else change * components) < 0).sum()),
    )


def _relative(before: Floats, after: Floats) -> Floats:
    """Return (after - before) / (after + before), 0 where both are 0."""
    total = before + after
    return np.divide(after - before, total, out=np.zeros(len(total)), where=total > 0)


def _side(frames: Sequence[Frame], predictions: Sequence[Prediction], x: list[Floats], y: list[Floats], units: Units) -> Side:
    xy = [sum(float((x[k] * y[k]).sum()) for k in unit) for unit in units.members]
    xx = [sum(float((x[k] ** 2).sum()) for k in unit) for unit in units.members]
    # A resample of blocks of which one or two have all forces often holds none of them, and the noise of the others is no slope.
    few = units.counting is Counting.FRAMES and sum(xx) ** 2 < LEAST_RUNS * sum(one**2 for one in xx)
    e_dft, e_model = centred_energies(frames, predictions)
    return Side(
        statistics=force_statistics(np.concatenate(x), np.concatenate(y)),
        interval=None if few else bootstrap_pooled_slope(xy, xx, level=units.level),
        energy_error=float(np.abs(e_model - e_dft).mean()) if len(e_dft) else float("nan"),
    )


def _mae(x: Sequence[Floats], y: Sequence[Floats], unit: Sequence[int]) -> float:
    return sum(float(np.abs(y[k] - x[k]).sum()) for k in unit) / max(1, sum(x[k].size for k in unit))


def _ratio(after: float, before: float) -> float:
    return after / before if before > 0 else (1.0 if after == 0 else float("inf"))
