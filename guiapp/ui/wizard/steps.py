"""What the wizard computes between its pages, from predictions that are kept: no model is loaded, nothing takes long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from guiapp.benchmarks.frame_filter import FrameFilter
from guiapp.correction.corrected import scaled_predictions
from guiapp.correction.label_choice import LabelRanking, rank_label_candidates
from guiapp.correction.learning_curve import scalar_learning_curve
from guiapp.correction.scalar_fit import ScalarFit, ScalarMethod, fit_scalar
from guiapp.correction.split import Split, split_frames
from guiapp.correction.target import TargetState, describe_target, most_removable
from guiapp.correction.verdict import CorrectionVerdict, Judged, elsewhere_frames, judge_correction
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction


@dataclass(frozen=True, eq=False)
class KnownFrames:
    """Labelled frames with what the uncorrected model says about them."""

    frames: tuple[Frame, ...]
    predictions: Mapping[str, Prediction]
    """By content hash."""

    @classmethod
    def of(cls, frames: Sequence[Frame], predictions: Mapping[str, Prediction], max_force: float | None) -> KnownFrames:
        """Take the frames that have both and whose largest DFT force, eV/Å, is within the limit."""
        admitted = FrameFilter(max_force=max_force)
        known = tuple(f for f in frames if f.forces is not None and f.usable and f.content_hash in predictions and admitted.admits(f))
        return cls(known, {f.content_hash: predictions[f.content_hash] for f in known})

    @property
    def compounds(self) -> tuple[str, ...]:
        """In order of first appearance."""
        return tuple(dict.fromkeys(frame.compound for frame in self.frames))

    def said(self, frames: Sequence[Frame]) -> list[Prediction]:
        """Return the predictions of some of the frames, in their order."""
        return [self.predictions[frame.content_hash] for frame in frames]


@dataclass(frozen=True, eq=False)
class Proposal:
    """What could be labelled for a target."""

    target: tuple[Frame, ...]
    state: TargetState
    split: Split
    ranking: LabelRanking


@dataclass(frozen=True, eq=False)
class Judgement:
    """A fitted scalar and what unseen frames say about it."""

    labels: tuple[Frame, ...]
    fit: ScalarFit
    verdict: CorrectionVerdict


def suggest_target(known: KnownFrames) -> str:
    """Return the compound that one number helps most; the first one where none can be corrected, empty where there is none."""
    worst = most_removable(known.frames, known.said(known.frames))
    return worst or next(iter(known.compounds), "")


def propose(known: KnownFrames, compounds: Sequence[str]) -> Proposal:
    """Measure the target and rank its frames by what their label would say; DFT forces decide nothing here."""
    target = tuple(frame for frame in known.frames if frame.compound in compounds)
    split = split_frames(target)
    return Proposal(
        target,
        describe_target(target, known.said(target)),
        split,
        rank_label_candidates(split.candidates, known.said(split.candidates), target),
    )


def fit_labels(known: KnownFrames, labels: Sequence[Frame], method: ScalarMethod) -> ScalarFit:
    """Fit the scalar to the labels.

    Raises:
        UserFacingError: Where the labels do not determine it.
    """
    return fit_scalar(labels, known.said(labels), method=method)


def judge(known: KnownFrames, proposal: Proposal, labels: Sequence[Frame], fit: ScalarFit) -> Judgement:
    """Judge a fit on frames that it has not seen, and on other chemistries."""
    spare = proposal.split.spare(labels)
    unseen = proposal.split.unseen(labels)
    away = elsewhere_frames(known.frames, proposal.target)
    candidates = (*labels, *spare)
    curve = scalar_learning_curve(candidates, known.said(candidates), unseen, known.said(unseen), fit.c) if unseen and candidates else None
    verdict = judge_correction(_judged(known, unseen, fit.c), _judged(known, away, fit.c), curve=curve)
    return Judgement(tuple(labels), fit, verdict)


def _judged(known: KnownFrames, frames: Sequence[Frame], c: float) -> Judged:
    before = known.said(frames)
    # Composition references cancel in everything that is judged: forces, and energy differences within a composition.
    no_references = {int(z): 0.0 for frame in frames for z in set(frame.numbers.tolist())}
    return Judged(frames, before, scaled_predictions(c, frames, before, no_references))
