"""What the high-energy family says about one model: the numbers, without the way to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np

from guiapp.benchmarks.description import describe_family
from guiapp.frames.frame import Floats, Frame, Integers
from guiapp.number_words import number_text
from guiapp.physics.bootstrap import Interval
from guiapp.physics.energy_slope import EnergySlope
from guiapp.physics.force_statistics import ForceStatistics, GroupedForceStatistics

FAMILY = "high-energy"


class Verdict(StrEnum):
    """What a scale means, in the words shown."""

    SOFT = "soft"
    GOOD = "good"
    STIFF = "stiff"
    NO_SIGNAL = "not enough signal"


def judge_scale(scale: float, *, enough: bool) -> Verdict:
    """Return the verdict on a softening scale.

    Args:
        scale: Softening scale, dimensionless.
        enough: Whether its signal is enough.

    Returns:
        Good within the family's band about 1 (5 %, ends included), else soft below and stiff above. The scale is judged as it is
        printed, to two decimals: a 0.95 that is called soft beside one that is called good would puzzle everybody.
    """
    if not enough or not np.isfinite(scale):
        return Verdict.NO_SIGNAL
    description = describe_family(FAMILY)
    if round(abs(round(scale, 2) - description.reference), 6) <= description.good_within:
        return Verdict.GOOD
    return Verdict.SOFT if scale < description.reference else Verdict.STIFF


@dataclass(frozen=True)
class ScaleEstimate:
    """A softening scale and its confidence."""

    value: float
    """Dimensionless; NaN where nothing has enough signal."""
    interval: Interval | None
    """None where there is too little to resample, or where intervals were not asked for."""

    def words(self) -> str:
        """Return e.g. ``0.83 (0.79 to 0.87)``, or the value alone where its interval is not known."""
        if self.interval is None:
            return number_text(self.value)
        return f"{number_text(self.value)} ({number_text(self.interval.low)} to {number_text(self.interval.high)})"

    def leaves_no_doubt(self, good_within: float) -> bool:
        """Say whether the interval leaves no room for a deviation from 1 of twice the band that counts as good."""
        reach = 2 * good_within
        return self.interval is not None and self.interval.low >= 1 - reach and self.interval.high <= 1 + reach


@dataclass(frozen=True)
class CompoundResult:
    """One compound: all its frames together."""

    name: str
    formula: str
    n_frames: int
    n_atoms: int
    """Atoms in its largest frame."""
    statistics: ForceStatistics
    interval: Interval | None
    """Of the scale, frames resampled."""
    verdict: Verdict
    energy: EnergySlope
    """Slope of energies beside that of forces."""


@dataclass(frozen=True)
class FrameResult:
    """One frame."""

    frame: Frame
    statistics: ForceStatistics
    verdict: Verdict


@dataclass(frozen=True)
class GroupResult:
    """One part of the cloud: an element, a range of forces, a class of strain."""

    label: str
    statistics: ForceStatistics
    n_compounds: int
    """Compounds that have atoms in this part."""
    low: float | None = None
    """Lower edge, eV/Å, of a range of forces."""
    high: float | None = None


@dataclass(frozen=True, eq=False)
class HighEnergySummary:
    """Everything that is shown, written and compared about one model on the frames that a filter admits."""

    model: str
    filter_text: str
    n_compounds: int
    n_frames: int
    n_components: int
    pooled: ScaleEstimate
    """Slope over all components: compounds with large forces dominate it."""
    mean: ScaleEstimate
    """Over compounds with enough signal, each counted once."""
    median: ScaleEstimate
    n_judged: int
    """Compounds with enough signal."""
    n_below: int
    """Those of them with a scale below 1."""
    statistics: ForceStatistics
    """All components pooled."""
    compounds: tuple[CompoundResult, ...]
    """In order of first appearance."""
    by_element: tuple[GroupResult, ...]
    by_force: tuple[GroupResult, ...]
    by_strain: tuple[GroupResult, ...]
    frames: tuple[Frame, ...] = field(repr=False)
    """The frames behind the numbers, in the order of ``frame_statistics``."""
    frame_index: Integers = field(repr=False)
    """(n_frames,) their places in the force table."""
    frame_statistics: GroupedForceStatistics = field(repr=False)
    """One group a frame, as columns: sorting 100,000 frames needs no object a frame."""
    not_finite: tuple[Frame, ...] = ()
    """Frames left out because a force in them is not a number."""

    @property
    def share_below_one(self) -> float:
        """Part of the judged compounds that are softer than DFT, between 0 and 1; NaN without any."""
        return self.n_below / self.n_judged if self.n_judged else float("nan")

    @property
    def headline(self) -> ScaleEstimate:
        """The scale that sentences speak of: the mean over compounds."""
        return self.mean

    @property
    def verdict(self) -> Verdict:
        """What the headline scale means."""
        return judge_scale(self.headline.value, enough=self.n_judged > 0)

    @cached_property
    def compound_by_name(self) -> dict[str, CompoundResult]:
        """Compounds by name."""
        return {compound.name: compound for compound in self.compounds}

    @cached_property
    def softest_first(self) -> tuple[CompoundResult, ...]:
        """Compounds from soft to stiff, those without enough signal last."""
        return tuple(sorted(self.compounds, key=lambda c: (c.verdict is Verdict.NO_SIGNAL, c.statistics.scale, c.name)))

    @cached_property
    def frame_scale(self) -> Floats:
        """(n_frames,) softening scale of each frame, NaN without enough signal."""
        return np.where(self.frame_statistics.enough, self.frame_statistics.scale, np.nan)

    def frame_result(self, index: int) -> FrameResult:
        """Return all numbers of the frame at that place in ``frames``."""
        statistics = self.frame_statistics.at(index)
        return FrameResult(self.frames[index], statistics, judge_scale(statistics.scale, enough=statistics.signal.enough))

    @cached_property
    def frame_results(self) -> tuple[FrameResult, ...]:
        """All numbers of all frames; made when first asked for, since a live plot does not need them."""
        return tuple(self.frame_result(index) for index in range(len(self.frames)))
