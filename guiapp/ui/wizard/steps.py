"""What the wizard computes between its pages, from predictions that are kept: no model is loaded, nothing takes long."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from guiapp.benchmarks.frame_filter import FrameFilter
from guiapp.correction.corrected import scaled_predictions
from guiapp.correction.forgetting import FamilyChange
from guiapp.correction.label_choice import LabelRanking, rank_label_candidates
from guiapp.correction.learning_curve import LearningCurve, scalar_learning_curve
from guiapp.correction.scalar_fit import ScalarFit, ScalarMethod, fit_scalar
from guiapp.correction.split import Split, split_frames
from guiapp.correction.target import TargetState, describe_target, most_removable
from guiapp.correction.verdict import CorrectionVerdict, Judged, elsewhere_frames, judge_correction
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction
from guiapp.ui.wizard.order import Told


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

    def has(self, frame: Frame) -> bool:
        """Say whether a frame is among them."""
        return frame.content_hash in self.predictions

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


def suggest_target(known: KnownFrames) -> str:
    """Return the compound that one number helps most; the first one where none can be corrected, empty where there is none."""
    worst = most_removable(known.frames, known.said(known.frames))
    return worst or next(iter(known.compounds), "")


def rank_sample(frames: Sequence[Frame], predictions: Sequence[Prediction], target: Sequence[Frame]) -> LabelRanking:
    """Rank sampled candidates; where frames of the target are labelled, by what they cover of them too."""
    return rank_label_candidates(frames, predictions, target or None)


def frames_to_judge_on(ranking: LabelRanking, chosen: Collection[Frame], count: int) -> tuple[Frame, ...]:
    """Return further candidates to label, so that something unseen can judge: those whose forces are most usual.

    Args:
        ranking: Of the candidates.
        chosen: Those that will be fitted.
        count: How many are wanted.
    """
    taken = {frame.content_hash for frame in chosen}
    rest = [c for c in ranking.candidates if not c.excluded and c.frame.content_hash not in taken]
    if not rest:
        return ()
    usual = sorted(c.rms_force for c in rest)[len(rest) // 2]
    rest.sort(key=lambda c: (abs(c.rms_force - usual), c.frame.content_hash))
    return tuple(c.frame for c in rest[:count])


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


def evidence(known: KnownFrames, general: KnownFrames, proposal: Proposal, labels: Sequence[Frame]) -> tuple[Told, Told]:
    """Return what judges a correction: frames of the target that were not fitted, and those of other chemistries.

    Args:
        known: Frames of the project.
        general: The shipped general set, on which forgetting is measured.
        proposal: Of the target.
        labels: What is fitted.
    """
    unseen = proposal.split.unseen(labels)
    away = {frame.content_hash: (frame, known) for frame in elsewhere_frames(known.frames, proposal.target)}
    away |= {frame.content_hash: (frame, general) for frame in elsewhere_frames(general.frames, proposal.target)}
    return (
        Told(unseen, tuple(known.said(unseen))),
        Told(tuple(f for f, _ in away.values()), tuple(source.predictions[f.content_hash] for f, source in away.values())),
    )


def learning_curve(known: KnownFrames, proposal: Proposal, labels: Sequence[Frame], c: float) -> LearningCurve | None:
    """Return how the error of one scalar falls with the number of labels; None where there is nothing to read it from."""
    unseen = proposal.split.unseen(labels)
    at_hand = (*labels, *proposal.split.spare(labels))
    if not unseen or not at_hand:
        return None
    return scalar_learning_curve(at_hand, known.said(at_hand), unseen, known.said(unseen), c)


def judge_scalar(
    unseen: Told, elsewhere: Told, fit: ScalarFit, curve: LearningCurve | None = None, families: Sequence[FamilyChange] = ()
) -> CorrectionVerdict:
    """Judge a fitted scalar from predictions that are kept: no model is asked."""
    return judge_correction(_judged(unseen, fit.c), _judged(elsewhere, fit.c), curve=curve, families=families)


def _judged(told: Told, c: float) -> Judged:
    # Composition references cancel in everything that is judged: forces, and energy differences within a composition.
    no_references = {int(z): 0.0 for frame in told.frames for z in set(frame.numbers.tolist())}
    return Judged(told.frames, told.before, scaled_predictions(c, told.frames, told.before, no_references))
