"""A job while it runs, whatever it computes: batches go out and come back, the control is obeyed, the end is told."""

from __future__ import annotations

import queue
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from guiapp.engine.executor import BatchOutcome, BatchTask, Executor
from guiapp.engine.job import BenchmarkJob, FrameFailure, JobOutcome, JobState, KeptPredictions, Progress
from guiapp.engine.job_control import JobControl
from guiapp.engine.job_ending import JobCancelled, run_to_the_end
from guiapp.engine.model_source import ModelSource
from guiapp.engine.pace import Pace
from guiapp.engine.trouble import OUTSIDE_TROUBLE, explain
from guiapp.errors import UserFacingError

BATCHES_PER_SLOT = 2
"""One that runs and one that waits, so that a worker never idles."""
_REACTION_SECONDS = 0.1

Batch = TypeVar("Batch")


class RunningJob(ABC, Generic[Batch]):
    """Counts, batches under way and events of one job; a subclass decides what is computed and what its answers lead to."""

    _source: ModelSource
    """Where the model comes from; the subclass sets it, and ``_settings``, before anything is looked up or computed."""
    _settings: str
    """Hash of the settings under which predictions are kept."""

    def __init__(
        self,
        job: BenchmarkJob,
        kept: KeptPredictions,
        executor: Executor,
        tell: Callable[[Any], None],
        control: JobControl,
    ) -> None:
        """Prepare.

        Args:
            job: What it is for.
            kept: Where finished predictions are.
            executor: Where batches run.
            tell: Told every event, from this thread only.
            control: Pauses and cancels from another thread.
        """
        self._job, self._kept, self._executor, self._tell, self._control = job, kept, executor, tell, control
        self._start = time.monotonic()
        self._state = JobState.RUNNING
        self._done = self._from_kept = self._atoms = 0
        self._computing = 0.0
        self._device = self._note = ""
        self._ways: dict[str, None] = {}
        self._failures: list[FrameFailure] = []
        self._pace = Pace(executor.slots)
        self._running: dict[Future[BatchOutcome], Batch] = {}
        self._inbox: queue.SimpleQueue[Future[BatchOutcome] | str] = queue.SimpleQueue()

    @abstractmethod
    def _take(self, batch: Batch, outcome: BatchOutcome) -> None:
        """Keep a finished batch, then go on from it."""

    @abstractmethod
    def _seconds_left(self) -> float | None:
        """Return how long it will take; None where that is not known."""

    def _end_of(self, work: Callable[[], None]) -> JobOutcome:
        """Do all of the work and say how it ended.

        Raises:
            Exception: A bug, after the final ``Progress`` was told.
        """
        self._state, trouble = run_to_the_end(work)
        if self._running:
            self._executor.cancel(self._job.id)
        reason, advice = explain(trouble)
        computed_by = " · ".join(self._ways)
        self._tell_progress(reason or computed_by)  # the last note is kept with the job, so it says how the numbers were made
        if trouble is not None and not isinstance(trouble, OUTSIDE_TROUBLE):
            raise trouble
        return JobOutcome(
            state=self._state,
            done=self._done,
            kept=self._from_kept,
            failures=tuple(self._failures),
            seconds=time.monotonic() - self._start,
            reason=reason,
            advice=advice,
            device=self._device,
            atoms=self._atoms,
            computing_seconds=self._computing,
            computed_by=computed_by,
        )

    # ---- the batches

    def _send(self, batch: Batch, task: BatchTask) -> None:
        future = self._executor.submit(task, self._inbox.put)
        self._running[future] = batch
        future.add_done_callback(self._inbox.put)

    def _receive(self) -> None:
        """Wait a moment for something to happen and take the batches that ended."""
        for future in self._arrivals():
            self._take(self._running.pop(future), future.result())

    def _arrivals(self) -> Iterator[Future[BatchOutcome]]:
        try:
            item = self._inbox.get(timeout=_REACTION_SECONDS)
            while True:
                if isinstance(item, str):
                    self._tell_progress(item)
                else:
                    yield item
                item = self._inbox.get_nowait()
        except queue.Empty:
            return

    @contextmanager
    def _taking_what_ended(self) -> Iterator[None]:
        """Keep the batches that ended just before the job did."""
        try:
            yield
        except (JobCancelled, CancelledError, UserFacingError):
            for future in [one for one in self._running if one.done() and not one.cancelled() and one.exception() is None]:
                self._take(self._running.pop(future), future.result())
            raise

    def _count(self, frames: int, atoms: int, outcome: BatchOutcome) -> None:
        """Add a finished batch to what the job tells of itself."""
        self._atoms += atoms
        self._computing += outcome.seconds
        self._device = outcome.device or self._device
        if outcome.computed_by:
            self._ways[outcome.computed_by] = None
        self._pace.add(frames, atoms, outcome.seconds, self._executor.slots)

    # ---- what is told

    def _obey(self) -> None:
        """Do what the control says: end here, or note that the job stands still."""
        if self._control.cancelled:
            raise JobCancelled
        state = JobState.PAUSED if self._control.paused else JobState.RUNNING
        if state is not self._state:
            self._state = state
            self._tell_progress(self._note)

    def _fail(self, row: FrameFailure) -> None:
        """Settle a frame that cannot be computed."""
        self._done += 1
        self._failures.append(row)
        self._tell(row)

    def _tell_progress(self, note: str) -> None:
        self._note = note
        over = self._state not in {JobState.RUNNING, JobState.PAUSED}
        self._tell(
            Progress(
                job=self._job.id,
                state=self._state,
                done=self._done,
                total=len(self._job.frames),
                kept=self._from_kept,
                failed=len(self._failures),
                rate=self._pace.rate,
                seconds_left=0.0 if over else self._seconds_left(),
                note=note,
            )
        )
