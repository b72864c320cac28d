"""The verdict on a correction, from frames that it has never seen: recommended, for this chemistry only, or rejected.

The error must fall by more than chance, the scale must come nearer to 1 (an error can also fall because all forces shrink: then the
model is softer than before), and elsewhere nothing may get worse, else the correction stays inside its chemistry.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from guiapp.benchmarks.high_energy_summary import Verdict as ScaleVerdict
from guiapp.benchmarks.high_energy_summary import judge_scale
from guiapp.correction.comparison import Comparison, compare
from guiapp.correction.forgetting import FamilyChange
from guiapp.correction.learning_curve import LearningCurve
from guiapp.correction.scalar_fit import energy_slope_of
from guiapp.correction.validity import Validity, validity_of
from guiapp.frames.frame import Frame
from guiapp.number_words import counted, number_text
from guiapp.physics.bootstrap import MIN_UNITS
from guiapp.physics.energy_slope import EnergySlope
from guiapp.potentials.potential import Prediction

CHANCE = 0.05
"""Largest p value at which a fall of the error counts as more than chance."""
_WORTH_IT = 0.95
"""Largest ratio of MAE after to before that is worth a new model."""
_CHANGES = 0.98
"""Largest ratio that counts as a change at all, however sure it is."""
_CLEAR = 0.9
"""Largest ratio at which one or two unseen frames are enough to allow use inside the chemistry."""
_SCALE_SLACK = 0.02
"""How much farther from 1 a scale may come: below what two DFT codes differ by."""
_HARM = 1.02
"""MAE ratio elsewhere from which something got worse."""


class Outcome(StrEnum):
    """The verdict in words."""

    RECOMMENDED = "recommended"
    CHEMISTRY_ONLY = "use only inside this chemistry"
    REJECTED = "rejected"
    NOTHING_TO_CORRECT = "nothing to correct"
    NO_SIGNAL = "not enough signal"
    TOO_FEW = "too few unseen frames to say"


@dataclass(frozen=True)
class EnergyConsistency:
    """Whether energies ask for the same correction as forces; on unseen frames, uncorrected."""

    force_scale: float
    energy: EnergySlope
    error_before: float
    """Mean absolute error of energy differences within a composition, eV/atom."""
    error_after: float

    @property
    def agrees(self) -> bool | None:
        """Whether both scales are within 0.1; None where energies say too little."""
        return abs(self.energy.slope - self.force_scale) <= 0.1 if self.energy.enough else None

    @property
    def harmed(self) -> bool:
        """Whether energy differences became worse by more than 5 %."""
        return self.energy.enough and self.error_after > 1.05 * self.error_before


@dataclass(frozen=True, eq=False)
class CorrectionVerdict:
    """What came of judging a correction."""

    outcome: Outcome
    headline: str
    """One sentence."""
    reasons: tuple[str, ...]
    """Sentences, the decisive one first."""
    unseen: Comparison | None
    """None where there is no unseen frame."""
    elsewhere: Comparison | None
    """Other chemistries; None where none were given."""
    curve: LearningCurve | None
    energy: EnergyConsistency | None
    validity: Validity
    families: tuple[FamilyChange, ...] = ()
    """Families that were not fitted; empty where they were not tried."""

    @property
    def may_be_exported(self) -> bool:
        """Whether the corrected model may be taken away without an explicit override."""
        return self.outcome in {Outcome.RECOMMENDED, Outcome.CHEMISTRY_ONLY}

    @property
    def validity_in_words(self) -> str:
        """Where the correction was confirmed, or only tried, in one sentence."""
        return self.validity.describe(confirmed=self.may_be_exported)


@dataclass(frozen=True, eq=False)
class Judged:
    """Frames with what both models say about them."""

    frames: Sequence[Frame]
    before: Sequence[Prediction]
    after: Sequence[Prediction]


def elsewhere_frames(frames: Sequence[Frame], target: Sequence[Frame]) -> tuple[Frame, ...]:
    """Return the labelled frames of other chemistries than the target's.

    Args:
        frames: A general set, e.g. the shipped one.
        target: Frames of the chemistry that is corrected.

    Returns:
        Usable frames whose set of elements is none of the target's.
    """
    own = {frame.elements for frame in target}
    return tuple(frame for frame in frames if frame.elements not in own and frame.forces is not None and frame.usable)


def judge_correction(
    unseen: Judged,
    elsewhere: Judged | None = None,
    *,
    one_number: bool = True,
    curve: LearningCurve | None = None,
    families: Sequence[FamilyChange] = (),
) -> CorrectionVerdict:
    """Judge a correction.

    Args:
        unseen: Labelled frames of the target that were not fitted; may be empty.
        elsewhere: Labelled frames of other chemistries.
        one_number: Whether the correction is a scalar; a scale that is good already then leaves nothing to correct.
        curve: Whether more labels would help, where known.
        families: What became of families that were not fitted, where tried.

    Returns:
        The verdict with its evidence.
    """
    validity = validity_of(unseen.frames)
    away = compare("other chemistries", elsewhere.frames, elsewhere.before, elsewhere.after) if elsewhere and elsewhere.frames else None
    if not unseen.frames:
        reason = "No labelled frame is left that was not fitted, so nothing confirms the correction: label a few more."
        return CorrectionVerdict(
            Outcome.TOO_FEW, _HEADLINES[Outcome.TOO_FEW], (reason,), None, away, curve, None, validity, tuple(families)
        )
    own = compare(_title(unseen.frames), unseen.frames, unseen.before, unseen.after)
    energy = EnergyConsistency(
        own.before.statistics.scale,
        energy_slope_of(unseen.frames, unseen.before),
        own.before.energy_error,
        own.after.energy_error,
    )
    outcome, reason = _gate(own, one_number=one_number)
    reasons = [reason]
    if outcome is Outcome.RECOMMENDED:
        outcome, more = _reach(own, away, energy, families)
        reasons += more
    reasons += _remarks(own, energy, curve)
    return CorrectionVerdict(outcome, _HEADLINES[outcome], tuple(reasons), own, away, curve, energy, validity, tuple(families))


_HEADLINES = {
    Outcome.RECOMMENDED: "Recommended",
    Outcome.CHEMISTRY_ONLY: "Use only inside this chemistry",
    Outcome.REJECTED: "Rejected",
    Outcome.NOTHING_TO_CORRECT: "Nothing to correct",
    Outcome.NO_SIGNAL: "Not enough signal to judge",
    Outcome.TOO_FEW: "Too few unseen frames to say",
}


def _gate(own: Comparison, *, one_number: bool) -> tuple[Outcome, str]:
    """Judge the unseen frames of the target alone; RECOMMENDED means that they confirm the correction."""
    before, after, ratio = own.before.statistics, own.after.statistics, own.mae_ratio
    if not before.signal.enough:
        return Outcome.NO_SIGNAL, f"The unseen frames cannot tell: {before.signal.reason}."
    moved = f"the scale goes from {number_text(before.scale)} to {number_text(after.scale)}"
    error = f"the force error from {before.mae:.3f} to {after.mae:.3f} eV/Å"
    found = f"On {counted(own.n_frames, 'unseen frame')} {moved}, {error}"
    if one_number and judge_scale(before.scale, enough=True) is ScaleVerdict.GOOD and ratio > _WORTH_IT:
        scale = number_text(before.scale)
        return Outcome.NOTHING_TO_CORRECT, f"The scale is {scale} on unseen frames already, within 5 % of DFT; {error[4:]}."
    if not ratio < 1:
        return Outcome.REJECTED, f"{found}: the correction makes unseen frames worse."
    if ratio > _CHANGES:
        what = "one number cannot repair it" if one_number else "nothing was learnt that helps here"
        return Outcome.REJECTED, f"{found}: it hardly changes anything, {what}."
    if _farther(before.scale, after.scale):
        why = "the error falls only because forces shrink, and the scale is farther from 1 than before"
        return Outcome.REJECTED, f"{found}: {why}."
    return _more_than_chance(own, found)


def _more_than_chance(own: Comparison, found: str) -> tuple[Outcome, str]:
    """Judge a fall of the error by the number of independent frames or compounds behind it."""
    test, ratio = own.test, own.mae_ratio
    if test.count < min(MIN_UNITS, own.n_frames):
        units = "once" if test.count == 1 else "twice"
        return Outcome.TOO_FEW, (
            f"{found}: the unseen frames follow one another so closely, or have so little error, that they count {units}, "
            "so that may be chance. "
            "Label frames of other runs, or farther apart."
        )
    if test.count < MIN_UNITS:
        if ratio <= _CLEAR and test.n_better == test.count:
            return Outcome.RECOMMENDED, (
                f"{found}. Too few unseen frames for a confidence interval: label {MIN_UNITS - test.count} more to be sure."
            )
        return Outcome.TOO_FEW, f"{found}: with {counted(test.count, 'unseen frame')} that may be chance."
    chance = f"p = {test.p_value:.2g}" if test.p_value >= 0.001 else "p < 0.001"
    if test.p_value <= CHANCE:
        return Outcome.RECOMMENDED, f"{found}, {test.words} ({chance})."
    outcome = Outcome.REJECTED if ratio > _WORTH_IT else Outcome.TOO_FEW
    return outcome, f"{found}: {test.words}, which may be chance ({chance})."


def _farther(before: float, after: float) -> bool:
    return abs(after - 1) > abs(before - 1) + _SCALE_SLACK and judge_scale(after, enough=True) is not ScaleVerdict.GOOD


def _reach(
    own: Comparison, away: Comparison | None, energy: EnergyConsistency, families: Sequence[FamilyChange]
) -> tuple[Outcome, list[str]]:
    """Say whether a confirmed correction may be used beyond its chemistry, and why not."""
    limits = []
    if own.test.count < MIN_UNITS:
        limits.append("So few unseen frames say nothing about other chemistries.")
    if away is None:
        limits.append("It was not tried on other chemistries.")
    else:
        before, after = away.before.statistics, away.after.statistics
        compounds = counted(away.n_compounds, "other compound")
        told = f"scale {number_text(before.scale)} to {number_text(after.scale)}, force error {before.mae:.3f} to {after.mae:.3f} eV/Å"
        if away.mae_ratio > _HARM:
            limits.append(f"It makes {compounds} worse: {told}.")
        elif judge_scale(after.scale, enough=True) is ScaleVerdict.STIFF and after.scale > before.scale:
            limits.append(f"It makes {compounds} too stiff: {told}.")
        elif len(away.worse) > away.n_compounds / 4:
            limits.append(f"It makes {len(away.worse)} of {compounds} worse by more than 5 %, {', '.join(away.worse[:3])} most: {told}.")
    harmed = [one for one in families if one.worse]
    if harmed:
        limits.append(f"Families that were not fitted become worse: {'; '.join(one.sentence() for one in harmed)}.")
    if energy.harmed:
        limits.append(
            f"Energy differences become worse ({1000 * energy.error_before:.1f} to {1000 * energy.error_after:.1f} meV/atom): "
            "use it for forces only."
        )
    if limits:
        return Outcome.CHEMISTRY_ONLY, limits
    assert away is not None
    tried = f", nor in {len(families)} families that were not fitted" if len(families) > 1 else ""
    return Outcome.RECOMMENDED, [
        f"Elsewhere nothing is lost: force error x{away.mae_ratio:.2f} on {counted(away.n_compounds, 'compound')}{tried}."
    ]


def _remarks(own: Comparison, energy: EnergyConsistency, curve: LearningCurve | None) -> list[str]:
    remarks = []
    if own.n_compounds > 1 and own.worse:
        remarks.append(f"Inside the target {', '.join(own.worse[:5])} became worse by more than 5 %.")
    if energy.agrees is False:
        remarks.append(
            f"Energies and forces disagree: energy slope {number_text(energy.energy.slope)}, force scale {number_text(energy.force_scale)}."
        )
    if curve is not None and math.isfinite(curve.best_mae):
        remarks.append(f"More labels: {'yes' if curve.more_labels_help else 'no'}; {curve.reason}.")
    return remarks


def _title(frames: Sequence[Frame]) -> str:
    names = list(dict.fromkeys(frame.compound for frame in frames))
    return f"{names[0]}, unseen" if len(names) == 1 else f"{len(names)} compounds, unseen"
