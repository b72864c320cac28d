"""What shall become accurate, and how soft the model is there today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from guiapp.benchmarks.high_energy_summary import Verdict, judge_scale
from guiapp.frames.frame import Frame
from guiapp.number_words import counted, number_text
from guiapp.physics.bootstrap import MIN_UNITS, Interval, bootstrap_pooled_slope
from guiapp.physics.force_statistics import ForceStatistics, force_statistics
from guiapp.potentials.potential import Prediction

_NEARLY_ALL = 0.8
"""Systematic share of the mean squared error from which one DFT calculation should be enough."""


@dataclass(frozen=True)
class TargetState:
    """The uncorrected model on the target's labelled frames."""

    compounds: tuple[str, ...]
    n_frames: int
    statistics: ForceStatistics
    interval: Interval | None
    """Of the scale, compounds resampled, or frames where there are fewer than three compounds."""
    verdict: Verdict
    sentence: str
    """E.g. ``Today: scale 0.76 ..., 2 labelled frames, 48 force components. Too soft by 24 %.``"""
    advice: str
    """What that means for a correction, in one sentence."""

    @property
    def worth_correcting(self) -> bool:
        """Whether there is something to correct."""
        return self.verdict in {Verdict.SOFT, Verdict.STIFF}


def describe_target(frames: Sequence[Frame], predictions: Sequence[Prediction]) -> TargetState:
    """Say how soft the model is on the target, or that there is nothing to correct, or too little signal to know.

    Args:
        frames: Labelled frames of the target.
        predictions: Of the uncorrected model, in the same order.
    """
    x = [np.asarray(frame.forces) for frame in frames]
    y = [prediction.forces for prediction in predictions]
    statistics = force_statistics(np.concatenate(x) if x else np.empty((0, 3)), np.concatenate(y) if y else np.empty((0, 3)))
    names = [frame.compound for frame in frames]
    compounds = tuple(dict.fromkeys(names))
    by_compound = len(compounds) >= MIN_UNITS
    unit = [compounds.index(name) for name in names] if by_compound else list(range(len(frames)))
    xy = np.bincount(unit, weights=[float((a * b).sum()) for a, b in zip(x, y, strict=True)]) if frames else np.empty(0)
    xx = np.bincount(unit, weights=[float((a * a).sum()) for a in x]) if frames else np.empty(0)
    interval = bootstrap_pooled_slope(xy, xx, level="compounds" if by_compound else "frames")
    verdict = judge_scale(statistics.scale, enough=statistics.signal.enough)
    counts = f"{counted(len(frames), 'labelled frame')}, {counted(statistics.n, 'force component')}"
    return TargetState(
        compounds,
        len(frames),
        statistics,
        interval,
        verdict,
        _sentence(statistics, interval, verdict, counts),
        _advice(statistics, verdict),
    )


def most_removable(frames: Sequence[Frame], predictions: Sequence[Prediction]) -> str | None:
    """Return the compound that a scalar helps most: the largest systematic error, in eV/Å; None where none has enough signal.

    Args:
        frames: Labelled frames of several compounds.
        predictions: In the same order.
    """
    groups: dict[str, list[int]] = {}
    for k, frame in enumerate(frames):
        groups.setdefault(frame.compound, []).append(k)
    best: tuple[float, str] | None = None
    for name, members in groups.items():
        if len(members) < 2:
            continue  # its only frame would be the label, and nothing could judge the correction
        state = describe_target([frames[k] for k in members], [predictions[k] for k in members])
        if state.worth_correcting and (best is None or state.statistics.systematic > best[0]):
            best = (state.statistics.systematic, name)
    return best[1] if best else None


def _sentence(statistics: ForceStatistics, interval: Interval | None, verdict: Verdict, counts: str) -> str:
    if verdict is Verdict.NO_SIGNAL:
        return f"Today: not enough signal to tell ({statistics.signal.reason or 'no frames'}); {counts}."
    scale = number_text(statistics.scale)
    within = f" (95 % CI {number_text(interval.low)} to {number_text(interval.high)})" if interval else ""
    percent = round(100 * abs(1 - statistics.scale))
    words = "Within 5 % of DFT" if verdict is Verdict.GOOD else f"Too {verdict.value} by {percent} %"
    return f"Today: scale {scale}{within}, {counts}. {words}."


def _advice(statistics: ForceStatistics, verdict: Verdict) -> str:
    if verdict is Verdict.NO_SIGNAL:
        return "Label structures farther from equilibrium to find out."
    share = statistics.systematic_share
    if verdict is Verdict.GOOD:
        return "Nothing to correct with one number: what is left of the error is random, and only more labels and weights help."
    if share >= _NEARLY_ALL:
        return "The error is nearly all systematic: one DFT calculation should be enough."
    return f"{100 * share:.0f} % of the squared error is systematic: one number removes that part, the rest is random."
