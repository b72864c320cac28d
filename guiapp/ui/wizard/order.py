"""A correction as an order to another process: all that decides the corrected model, so that what is exported is what was judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from guiapp.correction.corrected import Correction, Method, scale_correction
from guiapp.correction.fine_tune import Replay, TrainingProgress, fine_tune
from guiapp.correction.forgetting import FamilyChange
from guiapp.correction.learning_curve import LearningCurve
from guiapp.correction.scalar_fit import ScalarMethod, fit_scalar
from guiapp.correction.training_record import Recipe
from guiapp.correction.verdict import CorrectionVerdict, Judged, judge_correction
from guiapp.engine.asked_model import Answers
from guiapp.frames.frame import Frame
from guiapp.frames.reference_set import Provenance
from guiapp.potentials.potential import Potential, Prediction
from guiapp.potentials.registry import find_card, load_potential
from guiapp.ui.wizard.asking import ClusterAccess, asking
from guiapp.ui.wizard.process import Tell


@dataclass(frozen=True, eq=False)
class Told:
    """Frames with what the uncorrected model says about them."""

    frames: tuple[Frame, ...] = ()
    before: tuple[Prediction, ...] = ()

    def without(self, other: Told) -> Told:
        """Return the frames that are not in another part."""
        out = {frame.content_hash for frame in other.frames}
        kept = [(f, p) for f, p in zip(self.frames, self.before, strict=True) if f.content_hash not in out]
        return Told(tuple(f for f, _ in kept), tuple(p for _, p in kept))

    def every_second(self) -> Told:
        """Return half of the frames, chosen by their content."""
        order = sorted(range(len(self.frames)), key=lambda k: self.frames[k].content_hash)[::2]
        return Told(tuple(self.frames[k] for k in order), tuple(self.before[k] for k in order))


@dataclass(frozen=True, eq=False)
class CorrectionOrder:
    """What to correct, with what, how, and on which frames to judge."""

    model: str
    method: Method
    labels: Told
    unseen: Told
    elsewhere: Told
    """Other chemistries, where forgetting shows."""
    scalar_method: ScalarMethod = ScalarMethod.LEAST_SQUARES
    recipe: Recipe = field(default_factory=Recipe)
    checkpoint: str = ""
    """File that keeps the state of a training."""
    provenance: Provenance = field(default_factory=Provenance)
    """Of the labels."""
    settings: Mapping[str, str | float | int | bool] = field(default_factory=dict)
    curve: LearningCurve | None = None
    families: tuple[FamilyChange, ...] = ()
    """What became of families that were not fitted, where that was tried."""
    device: str = "auto"
    cluster: ClusterAccess | None = None
    """The cluster that answers for both models; None for the process that corrects. Training stays in that process."""

    @property
    def replay(self) -> Told:
        """General frames that a training sees; they are never judged on."""
        return self.elsewhere.every_second() if self.recipe.replay_share > 0 else Told()

    @property
    def judged_elsewhere(self) -> Told:
        """General frames that show what a correction forgets."""
        return self.elsewhere.without(self.replay)


@dataclass(frozen=True, eq=False)
class Made:
    """A corrected model and what it says on the frames of the verdict."""

    correction: Correction
    verdict: CorrectionVerdict
    unseen: Judged


def make_correction(order: CorrectionOrder, base: Potential, tell: Tell) -> Correction:
    """Fit the scalar, or train; a training goes on from its checkpoint, and one that is finished is only read.

    Args:
        order: What to do.
        base: The uncorrected model.
        tell: Takes ``TrainingProgress``.

    Raises:
        UserFacingError: Where the labels do not determine the correction, or a training fails.
    """
    labels = order.labels
    if order.method is Method.SCALE:
        fit = fit_scalar(labels.frames, labels.before, method=order.scalar_method)
        return scale_correction(base, fit, labels.frames, order.provenance, order.settings)

    def passed(progress: TrainingProgress) -> None:
        tell(progress)

    trained, record = fine_tune(
        base,
        labels.frames,
        readout_only=order.method is Method.READOUT,
        recipe=order.recipe,
        replay=Replay(order.replay.frames, order.replay.before) if order.replay.frames else None,
        name=f"{base.card.title}, {order.method.words} trained",
        checkpoint=Path(order.checkpoint) if order.checkpoint else None,
        tell=passed,
    )
    return Correction(order.method, base, trained, labels.frames, order.provenance, training=record, settings=dict(order.settings))


def make_and_judge(order: CorrectionOrder, tell: Tell) -> Made:
    """Make the corrected model and judge it with its own answers; called in a process of its own.

    Raises:
        UserFacingError: As ``make_correction``.
    """
    tell("loading the model")
    base = load_potential(find_card(order.model), order.device)
    correction = make_correction(order, base, tell)
    tell("judging on unseen frames")
    parts = order.unseen, order.judged_elsewhere
    frames = [frame for part in parts for frame in part.frames]
    before = Answers({f.content_hash: p for part in parts for f, p in zip(part.frames, part.before, strict=True)})
    with asking(order.model, order.device, order.cluster, tell, base) as ask:
        after = ask.corrected(correction, frames, before) if frames else before
    unseen, elsewhere = (_judged(part, after) for part in parts)
    verdict = judge_correction(unseen, elsewhere, one_number=order.method is Method.SCALE, curve=order.curve, families=order.families)
    return Made(correction, verdict, unseen)


def _judged(told: Told, after: Answers) -> Judged:
    there = [(frame, before) for frame, before in zip(told.frames, told.before, strict=True) if after.has(frame)]
    frames = tuple(frame for frame, _ in there)
    return Judged(frames, tuple(before for _, before in there), after.of(frames))


def provenance_of(sets: Sequence[tuple[Sequence[Frame], Provenance]], labels: Sequence[Frame]) -> Provenance:
    """Return where labels come from: the provenance of the first set that holds one of them with these very forces."""
    wanted = {(frame.content_hash, frame.label_hash) for frame in labels}
    return next((known for frames, known in sets if any((f.content_hash, f.label_hash) in wanted for f in frames)), Provenance())
