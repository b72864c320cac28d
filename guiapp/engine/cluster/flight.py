"""One batch on its way through a cluster, and the search for the frame that kills workers."""

from __future__ import annotations

from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field, replace

from guiapp.engine.executor import BatchOutcome, BatchTask, Note
from guiapp.engine.frame_predictor import FrameResult, failure
from guiapp.errors import UserFacingError


@dataclass(eq=False)
class Order:
    """A submitted batch, from the queue to its outcome."""

    task: BatchTask
    note: Note
    future: Future[BatchOutcome] = field(default_factory=Future)
    absences: int = 0
    """How often a worker answered that it lacks the model."""

    def give(self, outcome: BatchOutcome) -> None:
        """Hand over the outcome, unless the order was given up."""
        if not self.future.done():
            self.future.set_result(outcome)

    def fail(self, error: BaseException) -> None:
        """Tell why there is no outcome, unless the order was given up."""
        if not self.future.done():
            self.future.set_exception(error)

    def give_up(self) -> None:
        """End the order without an outcome."""
        if not self.future.cancel():
            self.fail(CancelledError())


class Isolation:
    """A batch of which workers died, asked for piece by piece: first the model alone, then every frame alone.

    Nothing else may run meanwhile, so that each death has one possible cause.
    """

    def __init__(self, order: Order) -> None:
        """Begin with loading the model."""
        self.order = order
        self._results: list[FrameResult] = []
        self._last = BatchOutcome((), 0.0, "")
        self._seconds = 0.0
        self._loaded = False

    @property
    def piece(self) -> BatchTask | None:
        """What is to be asked next; None where every frame was."""
        task, k = self.order.task, len(self._results)
        if not self._loaded:
            return BatchTask(task.job, task.source, ())
        return BatchTask(task.job, task.source, task.frames[k : k + 1]) if k < len(task.frames) else None

    @property
    def outcome(self) -> BatchOutcome:
        """What became of the batch."""
        return replace(self._last, results=tuple(self._results), seconds=self._seconds)

    def answered(self, outcome: BatchOutcome) -> None:
        """Take the answer to the piece."""
        self._loaded = True
        self._results += outcome.results
        self._seconds += outcome.seconds
        self._last = outcome

    def killed(self, *, beyond_repair: bool) -> None:
        """Note that the piece killed workers.

        Args:
            beyond_repair: Whether so many frames did before that none can be to blame.

        Raises:
            UserFacingError: Where no frame is to blame, as when it was the model alone.
        """
        title = self.order.task.source.title
        if beyond_repair or not self._loaded:
            raise UserFacingError(
                f"Workers of the cluster ended again and again while {'computing with' if self._loaded else 'loading'} {title}.",
                advice="Check that they have enough memory; their log says what they printed last.",
            )
        frame = self.order.task.frames[len(self._results)]
        advice = "Check the frame for overlapping atoms; a very large frame may need workers with more memory."
        self._results.append(failure(frame, f"{title} brought a worker of the cluster down on this frame.", advice))
