"""Running a job whose structures the model relaxes: many at once, in the same workers, restartable at every step.

A relaxation is a sequence of static predictions, each determined by the ones before. Every one of them is kept like any other prediction,
so after a kill the same job replays what is kept without a model and goes on with the first step that is not.
"""

from __future__ import annotations

import queue
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, replace

from guiapp.benchmarks.relaxation import RelaxationFailure, RelaxationOutcome, Relaxing
from guiapp.benchmarks.relaxation_settings import RelaxationSettings
from guiapp.engine.batches import CPU_BATCH, GPU_BATCH
from guiapp.engine.executor import BatchOutcome, BatchTask, Executor
from guiapp.engine.frame_predictor import failure
from guiapp.engine.job import BenchmarkJob, FrameFailure, JobOutcome, JobState, KeptPredictions, Progress
from guiapp.engine.job_control import JobControl
from guiapp.engine.job_ending import JobCancelled, run_to_the_end
from guiapp.engine.model_source import ModelSource, job_settings_hash, registry_source
from guiapp.engine.pace import Pace
from guiapp.engine.trouble import OUTSIDE_TROUBLE, explain
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction

_REACTION_SECONDS = 0.1
_BATCHES_PER_SLOT = 2
_LABEL_FLAGS = {"no-forces"}
_AS_IT_IS = RelaxationSettings(fmax=float("inf"), most_steps=0)

Batch = tuple[Relaxing, ...]


@dataclass(frozen=True, eq=False)
class RelaxationFinished:
    """One structure came to its end; every prediction on the way is kept when this is told."""

    job: str
    outcome: RelaxationOutcome


RelaxationEvent = Progress | RelaxationFinished | FrameFailure
Plan = Callable[[Frame], RelaxationSettings | None]


def run_relaxed_job(
    job: BenchmarkJob,
    kept: KeptPredictions,
    executor: Executor,
    tell: Callable[[RelaxationEvent], None],
    control: JobControl,
    *,
    plan: Plan,
    source: ModelSource | None = None,
) -> JobOutcome:
    """Relax the frames of a job with its model.

    Args:
        job: What to relax; its ``mode`` does not enter the keys, since each step is a static prediction.
        kept: Where finished predictions are.
        executor: Where batches run.
        tell: Told ``RelaxationFinished`` or ``FrameFailure`` for each frame, and ``Progress`` after each batch, from this thread only.
        control: Pauses and cancels from another thread.
        plan: How each frame is relaxed; None for a frame that is predicted as it is.
        source: Where the model comes from; by default the registry.

    Returns:
        How it ended, as of ``run_job``. A structure that does not converge is done, with ``converged`` False.

    Raises:
        Exception: A bug, after the final ``Progress`` was told.
    """
    return _RelaxationRun(job, kept, executor, tell, control, plan=plan).finish(source)


class _RelaxationRun:
    """One relaxed job while it runs."""

    def __init__(
        self,
        job: BenchmarkJob,
        kept: KeptPredictions,
        executor: Executor,
        tell: Callable[[RelaxationEvent], None],
        control: JobControl,
        *,
        plan: Plan,
    ) -> None:
        self._job, self._plan, self._kept, self._executor, self._tell, self._control = job, plan, kept, executor, tell, control
        self._start = time.monotonic()
        self._state = JobState.RUNNING
        self._done = self._from_kept = self._atoms = 0
        self._computing = 0.0
        self._device = ""
        self._note = ""
        self._failures: list[FrameFailure] = []
        self._pace = Pace(executor.slots)
        self._same: dict[tuple[str, RelaxationSettings], list[Frame]] = {}
        self._ready: deque[Relaxing] = deque()
        """Structures whose next prediction is not known."""
        self._running: dict[Future[BatchOutcome], Batch] = {}
        self._inbox: queue.SimpleQueue[Future[BatchOutcome] | str] = queue.SimpleQueue()

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
            atoms=self._atoms,
            computing_seconds=self._computing,
        )

    def _compute_all(self, source: ModelSource | None) -> None:
        chosen = source if source is not None else registry_source(self._job)
        self._compute(chosen, job_settings_hash(replace(self._job, mode="static"), chosen))

    def _compute(self, source: ModelSource, settings: str) -> None:
        self._tell_progress("looking up what is known")
        for relaxing in self._structures():
            self._obey()
            before = self._done
            self._go_on(relaxing, source, settings)
            self._from_kept += self._done - before
        self._tell_progress("starting")
        try:
            while self._ready or self._running:
                self._obey()
                while self._ready and not self._control.paused and len(self._running) < _BATCHES_PER_SLOT * self._executor.slots:
                    self._submit(source)
                for future in self._arrivals():
                    self._take(self._running.pop(future), future.result(), source, settings)
        except (JobCancelled, CancelledError, UserFacingError):
            for future in [one for one in self._running if one.done() and not one.cancelled() and one.exception() is None]:
                self._take(self._running.pop(future), future.result(), source, settings)
            raise

    def _structures(self) -> list[Relaxing]:
        """Return one relaxation for each distinct start, small ones first, and fail frames that cannot be predicted."""
        for frame in self._job.frames:
            flag = next((flag for flag in frame.flags if flag.excludes and flag.code not in _LABEL_FLAGS), None)
            if flag is not None:
                self._fail(failure(frame, flag.message, flag.advice))
            else:
                self._same.setdefault((frame.content_hash, self._settings(frame)), []).append(frame)
        starts = [Relaxing(frames[0], settings) for (_, settings), frames in self._same.items()]
        return sorted(starts, key=lambda one: one.start.n_atoms)

    def _settings(self, frame: Frame) -> RelaxationSettings:
        return self._plan(frame) or _AS_IT_IS

    def _go_on(self, relaxing: Relaxing, source: ModelSource, settings: str, known: Prediction | None = None) -> None:
        """Move a structure on as far as predictions are known, and queue it for the first that is not."""
        while True:
            if known is None:
                hash_now = relaxing.geometry.content_hash
                known = self._kept.find(source.weights_hash, settings, [hash_now]).get(hash_now)
            if known is None:
                self._ready.append(relaxing)
                return
            end = relaxing.take(known)
            known = None
            if end is not None:
                self._end(relaxing, end)
                return

    def _submit(self, source: ModelSource) -> None:
        size = GPU_BATCH if "cuda" in {self._job.device, self._device} else CPU_BATCH
        batch: list[Relaxing] = []
        atoms = 0
        while self._ready and len(batch) < size.frames and (not batch or atoms + self._ready[0].start.n_atoms <= size.atoms):
            batch.append(self._ready.popleft())
            atoms += batch[-1].start.n_atoms
        future = self._executor.submit(BatchTask(self._job.id, source, tuple(one.geometry for one in batch)), self._inbox.put)
        self._running[future] = tuple(batch)
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

    def _take(self, batch: Batch, outcome: BatchOutcome, source: ModelSource, settings: str) -> None:
        """Keep one step of a batch, then move its structures on."""
        good: Mapping[str, Prediction] = {
            one.geometry.content_hash: result for one, result in zip(batch, outcome.results, strict=True) if isinstance(result, Prediction)
        }
        if good:
            self._kept.keep(source.weights_hash, settings, list(good), list(good.values()))
        atoms = sum(one.start.n_atoms for one in batch)
        self._atoms += atoms
        self._computing += outcome.seconds
        self._device = outcome.device or self._device
        self._pace.add(len(batch), atoms, outcome.seconds, self._executor.slots)
        for one, result in zip(batch, outcome.results, strict=True):
            if isinstance(result, Prediction):
                self._go_on(one, source, settings, result)
            else:
                self._end(one, RelaxationFailure(one.start, result.reason, result.advice, one.steps))
        moving = len(self._ready) + sum(len(running) for running in self._running.values())
        self._tell_progress(f"{moving} still moving, step {max((one.steps for one in batch), default=0)}" if moving else "")

    def _end(self, relaxing: Relaxing, end: RelaxationOutcome | RelaxationFailure) -> None:
        """Tell the end of a relaxation for every frame that starts there."""
        for frame in self._same[relaxing.start.content_hash, relaxing.settings]:
            if isinstance(end, RelaxationFailure):
                self._fail(failure(frame, f"{end.reason} (step {end.steps})", end.advice))
            else:
                self._done += 1
                self._tell(RelaxationFinished(self._job.id, replace(end, start=frame)))

    def _obey(self) -> None:
        """Do what the control says: end here, or note that the job stands still."""
        if self._control.cancelled:
            raise JobCancelled
        state = JobState.PAUSED if self._control.paused else JobState.RUNNING
        if state is not self._state:
            self._state = state
            self._tell_progress(self._note)

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
                # How many steps a structure needs is not known beforehand.
                seconds_left=0.0 if over else None,
                note=note,
            )
        )
