"""The same frames before and after a correction: scale, errors, and whether the difference is more than chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from guiapp.correction.scalar_fit import centred_energies
from guiapp.frames.frame import Floats, Frame
from guiapp.physics.bootstrap import MIN_UNITS, Interval, bootstrap_mean, bootstrap_pooled_slope
from guiapp.physics.force_statistics import ForceStatistics, force_statistics
from guiapp.potentials.potential import Prediction


@dataclass(frozen=True)
class PairedTest:
    """The change of the mean absolute force error, each frame or compound compared with itself."""

    difference: float
    """Mean of MAE after minus MAE before, eV/Å; negative is better. Every unit counts once."""
    interval: Interval | None
    """95 %; None for fewer than three units."""
    relative: float
    """Mean of (after - before) / (after + before), between -1 and 1; negative is better."""
    p_value: float
    """Chance of a relative fall this large or larger if there were none (one-sided t test); NaN for fewer than two units."""
    level: str
    """``frames`` or ``compounds``: what is independent."""
    count: int
    n_better: int
    """Units whose error fell."""


@dataclass(frozen=True)
class Side:
    """One model on the frames of a comparison."""

    statistics: ForceStatistics
    """Scale, MAE, cMAE and the error split of all components together."""
    interval: Interval | None
    """Of the scale."""
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
        Both sides and the paired test: over compounds where there are three or more, else over frames.
    """
    x = [np.asarray(frame.forces) for frame in frames]
    old, new = [p.forces for p in before], [p.forces for p in after]
    compounds: dict[str, list[int]] = {}
    for k, frame in enumerate(frames):
        compounds.setdefault(frame.compound, []).append(k)
    units = list(compounds.values()) if len(compounds) >= MIN_UNITS else [[k] for k in range(len(frames))]
    level = "compounds" if len(compounds) >= MIN_UNITS else "frames"
    return Comparison(
        title=title,
        n_frames=len(frames),
        n_compounds=len(compounds),
        before=_side(frames, before, x, old, units=units, level=level),
        after=_side(frames, after, x, new, units=units, level=level),
        test=paired_test([_mae(x, old, unit) for unit in units], [_mae(x, new, unit) for unit in units], level),
        mae_ratio_by_compound={name: _ratio(_mae(x, new, unit), _mae(x, old, unit)) for name, unit in compounds.items()},
    )


def paired_test(before: Sequence[float], after: Sequence[float], level: str) -> PairedTest:
    """Test whether an error fell.

    Args:
        before: (n,) error of each unit, eV/Å.
        after: (n,) of the same units.
        level: What a unit is, ``frames`` or ``compounds``.

    Returns:
        The mean change with a bootstrap interval, and a one-sided p value of the relative change. Errors grow with the forces of a
        frame, so absolute changes of a few frames differ by more than they would by chance: an exact repair of four frames
        of growing amplitude has p = 0.07 in absolute terms.

    Source:
        Student's t test of the symmetric relative change, which is bounded, so that no frame of tiny error decides; bootstrap as in
        ``bootstrap_mean``.
    """
    old, new = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    change, n = new - old, len(old)
    total = new + old
    relative = np.divide(change, total, out=np.zeros(n), where=total > 0)
    p_value = float("nan")
    if n >= 2:
        from scipy.special import stdtr

        error, mean = float(relative.std(ddof=1)) / n**0.5, float(relative.mean())
        # Identical changes have no spread but that of rounding.
        p_value = float(stdtr(n - 1, mean / error)) if error > 1e-12 else (0.0 if mean < -1e-12 else 1.0)
    return PairedTest(
        difference=float(change.mean()) if n else float("nan"),
        interval=bootstrap_mean(change, level=level),
        relative=float(relative.mean()) if n else float("nan"),
        p_value=p_value,
        level=level,
        count=n,
        n_better=int((change < 0).sum()),
    )


def _side(
    frames: Sequence[Frame], predictions: Sequence[Prediction], x: list[Floats], y: list[Floats], *, units: list[list[int]], level: str
) -> Side:
    xy = [sum(float((x[k] * y[k]).sum()) for k in unit) for unit in units]
    xx = [sum(float((x[k] ** 2).sum()) for k in unit) for unit in units]
    e_dft, e_model = centred_energies(frames, predictions)
    return Side(
        statistics=force_statistics(np.concatenate(x), np.concatenate(y)),
        interval=bootstrap_pooled_slope(xy, xx, level=level),
        energy_error=float(np.abs(e_model - e_dft).mean()) if len(e_dft) else float("nan"),
    )


def _mae(x: Sequence[Floats], y: Sequence[Floats], unit: Sequence[int]) -> float:
    return sum(float(np.abs(y[k] - x[k]).sum()) for k in unit) / max(1, sum(x[k].size for k in unit))


def _ratio(after: float, before: float) -> float:
    return after / before if before > 0 else (1.0 if after == 0 else float("inf"))
