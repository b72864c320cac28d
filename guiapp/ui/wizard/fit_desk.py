"""The fit and its verdict: a scalar at once, a training in a process that can be stopped and gone on with."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from guiapp.correction.corrected import Method, default_method
from guiapp.correction.fine_tune import TrainingProgress, can_be_trained
from guiapp.correction.forgetting import FamilyChange
from guiapp.correction.scalar_fit import ScalarFit, ScalarMethod
from guiapp.correction.training_record import TrainingRecord
from guiapp.correction.verdict import CorrectionVerdict
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.ui.project_content import DEMO_SET
from guiapp.ui.wizard.families_process import try_families
from guiapp.ui.wizard.flow import CorrectionFlow, problem_of
from guiapp.ui.wizard.order import CorrectionOrder, Told
from guiapp.ui.wizard.steps import KnownFrames, evidence, fit_labels, judge_scalar, learning_curve
from guiapp.ui.wizard.training_process import Trained, TrainingEstimate, estimate_training, train
from guiapp.ui.workers.process_thread import ProcessThread

if TYPE_CHECKING:
    from guiapp.ui.workers.task_thread import TaskState


_KEEP_EVERY = 5.0  # seconds between two notes of how far a training is


@dataclass(frozen=True, eq=False)
class _General:
    """The shipped general set, and what the model says about as much of it as was asked."""

    frames: tuple[Frame, ...]
    known: KnownFrames


class FitDesk(QObject):
    """Fits, trains and judges.

    Signals:
        fit_changed: Another scalar, or none.
        verdict_changed: Another verdict, or none yet.
        estimated: A ``TrainingEstimate``.
        trained_on: A ``TrainingProgress``, or words about what is going on.
        training_ended: Whether it was finished, and words.
        families_noted: What is going on with other families, in words; empty when nothing is.
        refused: A ``UserFacingError``.
        crashed: An exception that is a bug.
    """

    fit_changed = Signal()
    verdict_changed = Signal()
    estimated = Signal(object)
    trained_on = Signal(object)
    training_ended = Signal(bool, str)
    families_noted = Signal(object)
    refused = Signal(object)
    crashed = Signal(object)

    def __init__(self, flow: CorrectionFlow, parent: QObject | None = None) -> None:
        """Begin without a fit."""
        super().__init__(parent)
        self._flow = flow
        self.fit: ScalarFit | None = None
        self.problem = ""
        self.verdict: CorrectionVerdict | None = None
        self.record: TrainingRecord | None = None
        self._trained_verdict: CorrectionVerdict | None = None
        self._kept_at = 0.0
        self._tried = ""
        self._families: tuple[str, tuple[FamilyChange, ...]] = ("", ())
        """Which corrected model was tried on other families, and what became of them."""
        self._trying: ProcessThread | None = None
        self._turn = 0
        """Of the judgements asked for; 0 before the first."""
        self._general: _General | None = None
        self._wants_general = self._asked_general = False
        self._training: ProcessThread | None = None
        self._estimating: ProcessThread | None = None
        flow.session.jobs.ended.connect(self._look_up_general)

    # ---- what is fitted

    @property
    def trainable(self) -> bool:
        """Whether the weights of this model can be trained."""
        return can_be_trained(self._flow.card)

    @property
    def method(self) -> Method:
        """What the user chose, or what so many labels carry."""
        chosen = self._flow.choices.method
        if chosen and (chosen == Method.SCALE.value or self.trainable):
            return Method(chosen)
        return default_method(len(self._flow.fitted()), can_be_trained=self.trainable)

    @property
    def scalar_method(self) -> ScalarMethod:
        """Least squares or slope matching."""
        return ScalarMethod.SLOPE_MATCHING if self._flow.choices.slope_matching else ScalarMethod.LEAST_SQUARES

    @property
    def is_training(self) -> bool:
        """Whether a training runs."""
        return self._training is not None

    @property
    def training_process_id(self) -> int | None:
        """Of the training process, while one runs."""
        return self._training.process_id if self._training is not None else None

    @property
    def is_fitted(self) -> bool:
        """Whether there is a corrected model to judge."""
        return self.fit is not None if self.method is Method.SCALE else self.record is not None

    @property
    def can_go_on(self) -> bool:
        """Whether a training of just these labels and numbers was begun and not finished."""
        kept = self._flow.choices
        return kept.begun == self.training_key() and not kept.trained and self._flow.memory.checkpoint.is_file()

    @property
    def was_finished(self) -> bool:
        """Whether a training of just these labels and numbers was finished, perhaps in an earlier session."""
        kept = self._flow.choices
        return kept.begun == self.training_key() and kept.trained and self._flow.memory.checkpoint.is_file()

    def refit(self) -> None:
        """Fit the scalar to the labels that are there; a finished training is forgotten where it belongs to other labels."""
        labels, ground = self._flow.fitted(), self._flow.ground
        known = tuple(frame for frame in labels if ground.known.has(frame))
        self.fit, self.problem = None, ""
        if not labels or len(known) < len(labels):
            self.problem = "The model is being asked about the labels." if labels else "There is no label to fit yet."
        else:
            try:
                self.fit = fit_labels(ground.known, labels, self.scalar_method)
            except UserFacingError as error:
                self.problem = problem_of(error)
        if self.record is not None and self._flow.choices.begun != self.training_key():
            self.record = None
        self.fit_changed.emit()

    def order(self) -> CorrectionOrder | None:
        """Return what decides the corrected model, None where something is missing."""
        flow, ground = self._flow, self._flow.ground
        labels = flow.fitted()
        if ground.proposal is None or not labels or not all(ground.known.has(frame) for frame in labels):
            return None
        unseen, elsewhere = evidence(ground.known, self._general_known(), ground.proposal, labels)
        settings: dict[str, str | float | int | bool] = {
            "label_choice": "wizard, sampled" if flow.is_sampled else "wizard",
            "split": "by content hash",
            "max_force": flow.session.filter.max_force if flow.session.filter.max_force is not None else "none",
        }
        curve = learning_curve(ground.known, ground.proposal, labels, self.fit.c) if self.fit and self.method is Method.SCALE else None
        return CorrectionOrder(
            model=flow.model,
            method=self.method,
            labels=Told(labels, tuple(ground.known.said(labels))),
            unseen=unseen,
            elsewhere=elsewhere,
            scalar_method=self.scalar_method,
            recipe=flow.choices.recipe,
            checkpoint=str(flow.memory.checkpoint),
            provenance=flow.provenance(labels),
            settings=settings,
            curve=curve,
            families=self._families[1] if self._families[0] == self._identity() else (),
            cluster=flow.cluster,
        )

    # ---- verdict

    def judge(self) -> None:
        """Judge what was fitted; a training brings its own verdict."""
        order, fit = self.order(), self.fit
        if self.method is not Method.SCALE:
            self._set_verdict(self._trained_verdict if self.record is not None else None)
            return
        self._turn += 1
        turn = self._turn
        if order is None or fit is None:
            self._set_verdict(None)
            return

        def work(_state: TaskState) -> tuple[int, CorrectionVerdict]:
            return turn, judge_scalar(order.unseen, order.judged_elsewhere, fit, order.curve, order.families)

        self._flow.session.background.start(work, self._take_verdict)

    def ask_about_general_set(self) -> None:
        """Make sure that the model was asked about the shipped general set, on which forgetting shows."""
        if not self._wants_general:
            self._wants_general = True
            self._look_up_general()

    def try_families(self) -> None:
        """Try the corrected model on families that it was not fitted on; takes minutes."""
        order = self.order()
        if order is None or not self.is_fitted or self._trying is not None or self._training is not None:
            return
        thread = self._thread(try_families, order)
        thread.progressed.connect(self.families_noted)
        thread.succeeded.connect(self._take_families)
        thread.finished.connect(self._end_families)
        self._trying, self._tried = thread, self._identity()
        self.families_noted.emit("starting")
        thread.start()

    def stop_families(self) -> None:
        """Give it up; nothing changes."""
        if self._trying is not None:
            self._trying.give_up()

    def _identity(self) -> str:
        """Return what tells one corrected model from another."""
        return f"{self.method.value} {self.fit.c if self.fit else ''}" if self.method is Method.SCALE else self.training_key()

    @Slot(object)
    def _take_families(self, changes: tuple[FamilyChange, ...]) -> None:
        self._families = self._tried, changes
        if self.method is Method.SCALE:
            self.judge()
        elif self.record is not None:
            self.start_training()  # only reads what was trained, and judges it anew

    @Slot()
    def _end_families(self) -> None:
        self._trying = None
        self.families_noted.emit("")

    @property
    def general_is_known(self) -> bool:
        """Whether the model was asked about the whole general set."""
        general = self._general
        return general is not None and len(general.known.frames) == len(general.frames)

    def _general_known(self) -> KnownFrames:
        return self._general.known if self._general is not None else KnownFrames((), {})

    @Slot()
    def _look_up_general(self) -> None:
        project, model = self._flow.session.project, self._flow.model
        if project is None or not self._wants_general or self.general_is_known:
            return

        def work(_state: TaskState) -> _General:
            from guiapp.frames.shipped import open_shipped  # noqa: PLC0415 - it imports every reader, a second of work
            from guiapp.ui.model_results import find_results  # noqa: PLC0415 - as above

            frames = tuple(f for f in open_shipped(DEMO_SET).frames if f.forces is not None and f.usable)
            return _General(frames, KnownFrames.of(frames, find_results(model, frames, project.predictions).predictions, None))

        self._flow.session.background.start(work, self._take_general)

    @Slot(object)
    def _take_general(self, general: _General) -> None:
        self._general = general
        session = self._flow.session
        missing = [frame for frame in general.frames if not general.known.has(frame)]
        if missing and not self._asked_general and session.project is not None and not session.project.read_only:
            self._asked_general = True
            session.jobs.add(self._flow.model, missing, family="high-energy", device="auto", mode="static")
        if self._turn:
            self.judge()
        if self.general_is_known and self.record is not None and self._training is None:
            self.start_training()  # only reads what was trained, and judges it on the general set too

    @Slot(object)
    def _take_verdict(self, judged: tuple[int, CorrectionVerdict]) -> None:
        turn, verdict = judged
        if turn == self._turn and self.method is Method.SCALE:
            self._set_verdict(verdict)

    def _set_verdict(self, verdict: CorrectionVerdict | None) -> None:
        self.verdict = verdict
        self.verdict_changed.emit()

    # ---- training

    def estimate(self) -> None:
        """Measure in a process of its own what a training would cost."""
        order = self.order()
        if order is None or self._estimating is not None or self._training is not None:
            return
        thread = self._thread(estimate_training, order)
        thread.succeeded.connect(self._take_estimate)
        thread.finished.connect(self._end_estimate)
        self._estimating = thread
        thread.start()

    def start_training(self) -> None:
        """Train, or go on with a training that was stopped or killed."""
        order = self.order()
        if order is None or self._training is not None:
            return
        if self._estimating is not None:
            self._estimating.give_up()
        self._flow.choose(begun=self.training_key(), trained=False, method=self.method.value)
        self.record = None
        self._set_verdict(None)
        thread = self._thread(train, order)
        thread.progressed.connect(self._take_progress)
        thread.succeeded.connect(self._take_trained)
        thread.died.connect(self._tell_death)
        thread.given_up.connect(self._tell_stop)
        thread.refused.connect(self._tell_refusal)
        thread.finished.connect(self._end_training)
        self._training = thread
        self.trained_on.emit("starting")
        thread.start()

    def stop_training(self) -> None:
        """End the training; what it has learnt stays, and it can go on from there."""
        if self._training is not None:
            self._training.give_up()

    def training_key(self) -> str:
        """Return the identity of a training: its labels and its numbers."""
        hashes = sorted(frame.content_hash + frame.label_hash for frame in self._flow.fitted())
        text = f"{self._flow.model} {self.method.value} {self._flow.choices.recipe} {' '.join(hashes)}"
        return hashlib.sha256(text.encode()).hexdigest()

    @Slot(object)
    def _take_progress(self, progress: TrainingProgress | str) -> None:
        if isinstance(progress, TrainingProgress):
            self._flow.choices = replace(self._flow.choices, passes=progress.record.epoch)
            if time.monotonic() - self._kept_at > _KEEP_EVERY:
                self._kept_at = time.monotonic()
                self._flow.choose()
        self.trained_on.emit(progress)

    @Slot(object)
    def _take_trained(self, trained: Trained) -> None:
        self.record, self._trained_verdict = trained.record, trained.verdict
        self._flow.choose(trained=True, passes=len(trained.record.epochs))
        self._set_verdict(trained.verdict)
        self.training_ended.emit(True, f"Trained: {trained.record.reason.replace('epoch', 'pass')}.")

    @Slot()
    def _tell_death(self) -> None:
        self._flow.choose()
        self.training_ended.emit(
            False, "The training was ended from outside (out of memory, or killed). Nothing is lost: go on from there."
        )

    @Slot()
    def _tell_stop(self) -> None:
        self._flow.choose()
        self.training_ended.emit(False, "Stopped. What was learnt is kept: go on from there at any time.")

    @Slot(object)
    def _tell_refusal(self, error: UserFacingError) -> None:
        self.training_ended.emit(False, problem_of(error))

    @Slot(object)
    def _take_estimate(self, estimate: TrainingEstimate) -> None:
        self.estimated.emit(estimate)

    @Slot()
    def _end_estimate(self) -> None:
        self._estimating = None

    @Slot()
    def _end_training(self) -> None:
        self._training = None

    def shut_down(self) -> None:
        """End everything and wait for it; a training can go on the next time."""
        for thread in (self._training, self._estimating, self._trying):
            if thread is not None:
                thread.give_up()
                thread.wait()

    def _thread(self, work: object, order: object) -> ProcessThread:
        thread = ProcessThread(work, order, self)  # type: ignore[arg-type]
        thread.refused.connect(self.refused)
        thread.crashed.connect(self._tell_crash)
        thread.finished.connect(thread.deleteLater)
        return thread

    @Slot(object)
    def _tell_crash(self, error: Exception) -> None:
        sender = self.sender()
        if sender is self._training:
            self.training_ended.emit(False, "The training failed because of a bug in Temper.")
        self.crashed.emit(error)
