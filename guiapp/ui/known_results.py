"""What is known of each model on the frames of the project; force tables are made outside the Qt thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal, Slot

from guiapp.benchmarks.force_table import ForceTable
from guiapp.engine.job import KeptPredictions
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction
from guiapp.ui.background import Background
from guiapp.ui.model_results import ModelResults, find_results
from guiapp.ui.workers.task_thread import TaskState, TaskThread


@dataclass(eq=False)
class _LookUp:
    """One search for all that is known of a model, and what a job brought meanwhile."""

    task: TaskThread | None = None
    batches: list[tuple[Sequence[Frame], Sequence[Prediction]]] = field(default_factory=list)


class KnownResults(QObject):
    """Predictions and force components of every model of the project.

    Signals:
        changed: Something is known that was not, or the frames are others.
    """

    changed = Signal()

    def __init__(self, background: Background, frames_with: Callable[[str], Iterable[Frame]], parent: QObject | None = None) -> None:
        """Start without results.

        Args:
            background: Runs the look-ups.
            frames_with: Returns the project's frames of a content hash; several where two codes labelled one configuration.
            parent: Owner.
        """
        super().__init__(parent)
        self._background = background
        self._frames_with = frames_with
        self._frames: tuple[Frame, ...] = ()
        self._counted: frozenset[int] = frozenset()
        """Identities of the frames that count: others of the project share configurations with them."""
        self._kept: KeptPredictions | None = None
        self._results: dict[str, ModelResults] = {}
        self._look_ups: dict[str, _LookUp] = {}

    def replace_all(self, results: Mapping[str, ModelResults], frames: tuple[Frame, ...], kept: KeptPredictions | None) -> None:
        """Work for another project.

        Args:
            results: What is known of its models on its frames.
            frames: Its frames.
            kept: Where it keeps predictions.
        """
        for look_up in self._look_ups.values():
            _give_up(look_up)
        self._look_ups.clear()
        self._results = dict(results)
        self._frames, self._kept = frames, kept
        self._counted = frozenset(map(id, frames))

    def predictions(self, model: str) -> Mapping[str, Prediction]:
        """Return everything that is known of a model, by content hash."""
        results = self._results.get(model)
        return dict(results.predictions) if results is not None else {}

    def use_frames(self, frames: tuple[Frame, ...]) -> None:
        """Count other frames from now on, as after regrouping, removing or reading some."""
        self._frames, self._counted = frames, frozenset(map(id, frames))
        for model in list(self._results):
            self.look_up(model)

    def look_up(self, model: str) -> None:
        """Find everything that is known of a model on the present frames; ``changed`` tells when it is found."""
        before = self._results.setdefault(model, ModelResults(model))
        if (running := self._look_ups.pop(model, None)) is not None:
            _give_up(running)
            for frames, predictions in running.batches:
                before.predictions.update(zip((frame.content_hash for frame in frames), predictions, strict=True))
        known, frames_now, kept = dict(before.predictions), self._frames, self._kept
        look_up = self._look_ups[model] = _LookUp()

        def work(state: TaskState) -> tuple[_LookUp, ModelResults]:
            return look_up, find_results(model, frames_now, kept, known, stop=state.stop_if_cancelled)

        look_up.task = self._background.start(work, self._take_found)

    def forget(self, model: str) -> None:
        """Let a model go."""
        self._results.pop(model, None)
        if (running := self._look_ups.pop(model, None)) is not None:
            _give_up(running)

    def take_batch(self, model: str, frames: Sequence[Frame], predictions: Sequence[Prediction]) -> None:
        """Take in what a job computed; frames that left the project meanwhile are not counted."""
        results = self._results.setdefault(model, ModelResults(model))
        if (running := self._look_ups.get(model)) is not None:
            running.batches.append((frames, predictions))
        self._add(results, frames, predictions)
        self.changed.emit()

    def table(self, model: str) -> ForceTable | None:
        """Return the force components of a model, None where nothing was asked of it yet."""
        results = self._results.get(model)
        return results.table if results is not None else None

    def knows(self, model: str, frame: Frame) -> bool:
        """Say whether a model's prediction for a frame is known."""
        return self.prediction(model, frame) is not None

    def prediction(self, model: str, frame: Frame) -> Prediction | None:
        """Return what a model said about a frame, if it was asked."""
        results = self._results.get(model)
        return results.predictions.get(frame.content_hash) if results is not None else None

    def _add(self, results: ModelResults, frames: Sequence[Frame], predictions: Sequence[Prediction]) -> None:
        # The job holds the frames as they were when it was queued; since then they may have been regrouped or taken out.
        for frame, prediction in zip(frames, predictions, strict=True):
            results.predictions[frame.content_hash] = prediction
            for present in self._frames_with(frame.content_hash):
                if id(present) in self._counted:
                    results.table.add(present, prediction)

    @Slot(object)
    def _take_found(self, found: tuple[_LookUp, ModelResults]) -> None:
        look_up, results = found
        if self._look_ups.get(results.model) is not look_up:
            return
        del self._look_ups[results.model]
        for frames, predictions in look_up.batches:
            self._add(results, frames, predictions)
        self._results[results.model] = results
        self.changed.emit()


def _give_up(look_up: _LookUp) -> None:
    if look_up.task is not None:
        look_up.task.state.cancel()
