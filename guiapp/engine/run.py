"""Running a job: what is known is looked up, the rest is computed, kept and told, batch by batch."""

from __future__ import annotations

import queue
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future

from guiapp.engine.batches import CPU_BATCH, GPU_BATCH, plan_batches
from guiapp.engine.executor import BatchOutcome, BatchTask, Executor
from guiapp.engine.frame_predictor import failure
from guiapp.engine.job import BatchFinished, BenchmarkJob, Event, FrameFailure, JobOutcome, JobState, KeptPredictions, Progress
from guiapp.engine.job_control import JobControl
from guiapp.engine.job_ending import JobCancelled, run_to_the_end
from guiapp.engine.model_source import ModelSource, job_settings_hash, registry_source
from guiapp.engine.pace import Pace
from guiapp.engine.trouble import OUTSIDE_TROUBLE, explain
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction

__all__ = ["JobControl", "JobOutcome", "run_job"]

_LOOK_UP_AT_ONCE = 500
_REACTION_SECONDS = 0.1
_BATCHES_PER_SLOT = 2  # one that runs and one that waits, so that a worker never idles
_LABEL_FLAGS = {"no-forces"}  # a frame without labels can be predicted all the same

Batch = tuple[Frame, ...]


def run_job(
    job: BenchmarkJob,
    kept: KeptPredictions,
    executor: Executor,
    tell: Callable[[Event], None],
    control: JobControl,
    *,
    source: ModelSource | None = None,
) -> JobOutcome:
    """Run a job to its end.

    What is kept already is looked up first and told at once; a job whose frames are all kept never touches the executor. Every batch
    is kept before it is told, so whatever was told survives the end of the program. ``tell`` is called from this thread only, in this
    order: for each batch ``BatchFinished``, then a ``FrameFailure`` for each frame that failed, then ``Progress``; the last event is the
    ``Progress`` with the final state.

    Args:
        job: What to compute. A configuration that occurs several times is computed once.
        kept: Where finished predictions are.
        executor: Where batches run.
        tell: Told every event.
        control: Pauses and cancels from another thread, within 0.2 s.
        source: Where the model comes from; by default the registry.

    Returns:
        How it ended. Trouble from outside (an unknown model, a full disk, a model that cannot be loaded) ends in ``failed`` with a reason,
        an executor that was closed or lost meanwhile in ``interrupted``.

    Raises:
        Exception: A bug, after the final ``Progress`` was told.
    """
    return _Run(job, kept, executor, tell, control).finish(source)


class _Run:
    """One job while it runs."""

    def __init__(
        self, job: BenchmarkJob, kept: KeptPredictions, executor: Executor, tell: Callable[[Event], None], control: JobControl
    ) -> None:
        self._job, self._kept, self._executor, self._tell, self._control = job, kept, executor, tell, control
        self._start = time.monotonic()
        self._state = JobState.RUNNING
        self._done = self._from_kept = 0
        self._failures: list[FrameFailure] = []
        self._pace = Pace(executor.slots)
        self._same: dict[str, list[Frame]] = {}
        """Frames of one configuration by its hash; they may differ in their labels."""
        self._atoms_left = self._atoms_done = 0
        self._computing = 0.0
        self._device = ""
        self._note = ""
        self._inbox: queue.SimpleQueue[Future[BatchOutcome] | str] = queue.SimpleQueue()
        self._running: dict[Future[BatchOutcome], Batch] = {}

    def finish(self, source: ModelSource | None) -> JobOutcome:
        """Run to the end and say how it ended."""
        self._state, trouble = run_to_the_end(lambda: self._compute_all(source))
        if self._running:
            self._executor.cancel(self._job.id)
        reason, advice = explain(trouble)
        self._tell_progress(reason)
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
            atoms=self._atoms_done,
            computing_seconds=self._computing,
        )

    def _compute_all(self, source: ModelSource | None) -> None:
        self._tell_progress("looking up what is known")
        source = source if source is not None else registry_source(self._job)
        settings = job_settings_hash(self._job, source)
        self._sort_frames()
        unknown = [frame for chunk in self._chunks() for frame in self._look_up(chunk, source, settings)]
        if not unknown:
            return
        try:
            self._compute(unknown, source, settings)
        except (JobCancelled, CancelledError, UserFacingError):
            self._take_ended(source, settings)
            raise

    def _sort_frames(self) -> None:
        """Set frames apart that cannot be predicted, and gather those that are one configuration."""
        for frame in self._job.frames:
            flag = next((flag for flag in frame.flags if flag.excludes and flag.code not in _LABEL_FLAGS), None)
            if flag is not None:
                self._fail(failure(frame, flag.message, flag.advice))
            else:
                self._same.setdefault(frame.content_hash, []).append(frame)

    def _chunks(self) -> Iterator[list[str]]:
        hashes = list(self._same)
        for start in range(0, len(hashes), _LOOK_UP_AT_ONCE):
            yield hashes[start : start + _LOOK_UP_AT_ONCE]

    def _look_up(self, hashes: list[str], source: ModelSource, settings: str) -> list[Frame]:
        """Tell the predictions that are kept and return the frames of which none is."""
        self._obey()
        found = self._kept.find(source.weights_hash, settings, hashes)
        known = [(frame, found[key]) for key in hashes if key in found for frame in self._same[key]]
        self._from_kept += len(known)
        self._tell_batch(known)
        self._tell_progress("looking up what is known")
        return [self._same[key][0] for key in hashes if key not in found]

    def _compute(self, frames: Sequence[Frame], source: ModelSource, settings: str) -> None:
        self._atoms_left = sum(frame.n_atoms for frame in frames)
        size = GPU_BATCH if self._job.device == "cuda" else CPU_BATCH
        waiting = deque(plan_batches(frames, size.atoms, size.frames))
        self._tell_progress("starting")
        while waiting or self._running:
            self._obey()
            while waiting and not self._control.paused and len(self._running) < _BATCHES_PER_SLOT * self._executor.slots:
                self._submit(waiting.popleft(), source)
            for future in self._arrivals():
                self._take(self._running.pop(future), future.result(), source, settings)
            if self._device == "cuda" and size is not GPU_BATCH:
                # Only the worker could tell that "auto" means a GPU, which wants larger batches.
                size = GPU_BATCH
                waiting = deque(plan_batches([frame for batch in waiting for frame in batch], size.atoms, size.frames))

    def _submit(self, batch: Batch, source: ModelSource) -> None:
        future = self._executor.submit(BatchTask(self._job.id, source, batch), self._inbox.put)
        self._running[future] = batch
        future.add_done_callback(self._inbox.put)

    def _arrivals(self) -> Iterator[Future[BatchOutcome]]:
        """Wait a moment for something to happen and yield the batches that ended."""
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

    def _take_ended(self, source: ModelSource, settings: str) -> None:
        """Keep the batches that ended just before the job did."""
        ended = [future for future in self._running if future.done() and not future.cancelled() and future.exception() is None]
        for future in ended:
            self._take(self._running.pop(future), future.result(), source, settings)

    def _take(self, batch: Batch, outcome: BatchOutcome, source: ModelSource, settings: str) -> None:
        """Keep a finished batch, then tell it."""
        results = list(zip(batch, outcome.results, strict=True))
        good = [(frame, result) for frame, result in results if isinstance(result, Prediction)]
        if good:
            hashes, predictions = [frame.content_hash for frame, _ in good], [prediction for _, prediction in good]
            self._kept.keep(source.weights_hash, settings, hashes, predictions)
        atoms = sum(frame.n_atoms for frame in batch)
        self._atoms_left -= atoms
        self._atoms_done += atoms
        self._computing += outcome.seconds
        self._device = outcome.device or self._device
        self._pace.add(len(batch), atoms, outcome.seconds, self._executor.slots)
        self._tell_batch([(same, prediction) for frame, prediction in good for same in self._same[frame.content_hash]])
        for frame, result in results:
            if isinstance(result, FrameFailure):
                for same in self._same[frame.content_hash]:
                    self._fail(failure(same, result.reason, result.advice))
        self._tell_progress("")

    def _obey(self) -> None:
        """Do what the control says: end here, or note that the job stands still."""
        if self._control.cancelled:
            raise JobCancelled
        state = JobState.PAUSED if self._control.paused else JobState.RUNNING
        if state is not self._state:
            self._state = state
            self._tell_progress(self._note)

    def _tell_batch(self, pairs: Sequence[tuple[Frame, Prediction]]) -> None:
        if pairs:
            self._done += len(pairs)
            frames, predictions = zip(*pairs, strict=True)
            self._tell(BatchFinished(self._job.id, frames, predictions))

    def _fail(self, row: FrameFailure) -> None:
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
                seconds_left=0.0 if over else self._pace.seconds_left(self._atoms_left),
                note=note,
            )
        )
