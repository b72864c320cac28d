"""Running a job: what is known is looked up, the rest is computed, kept and told, batch by batch."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence

from guiapp.engine.batches import CPU_BATCH, GPU_BATCH, plan_batches
from guiapp.engine.executor import BatchOutcome, BatchTask, Executor
from guiapp.engine.frame_predictor import failure
from guiapp.engine.job import BatchFinished, BenchmarkJob, Event, FrameFailure, JobOutcome, KeptPredictions
from guiapp.engine.job_control import JobControl
from guiapp.engine.model_source import ModelSource, job_settings_hash, registry_source
from guiapp.engine.running_job import BATCHES_PER_SLOT, RunningJob
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction

__all__ = ["JobControl", "JobOutcome", "run_job"]

_LOOK_UP_AT_ONCE = 500

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


class _Run(RunningJob[Batch]):
    """One job while it runs."""

    def __init__(
        self, job: BenchmarkJob, kept: KeptPredictions, executor: Executor, tell: Callable[[Event], None], control: JobControl
    ) -> None:
        super().__init__(job, kept, executor, tell, control)
        self._same: dict[str, list[Frame]] = {}
        """Frames of one configuration by its hash; they may differ in their labels."""
        self._atoms_left = 0

    def finish(self, source: ModelSource | None) -> JobOutcome:
        """Run to the end and say how it ended."""
        return self._end_of(lambda: self._compute_all(source))

    def _compute_all(self, source: ModelSource | None) -> None:
        self._tell_progress("looking up what is known")
        self._source = source if source is not None else registry_source(self._job)
        self._settings = job_settings_hash(self._job, self._source)
        self._sort_frames()
        unknown = [frame for chunk in self._chunks() for frame in self._look_up(chunk)]
        if unknown:
            with self._taking_what_ended():
                self._compute(unknown)

    def _sort_frames(self) -> None:
        """Set frames apart that cannot be predicted, and gather those that are one configuration."""
        for frame in self._job.frames:
            if frame.obstacle is not None:
                self._fail(failure(frame, frame.obstacle.message, frame.obstacle.advice))
            else:
                self._same.setdefault(frame.content_hash, []).append(frame)

    def _chunks(self) -> Iterator[list[str]]:
        hashes = list(self._same)
        for start in range(0, len(hashes), _LOOK_UP_AT_ONCE):
            yield hashes[start : start + _LOOK_UP_AT_ONCE]

    def _look_up(self, hashes: list[str]) -> list[Frame]:
        """Tell the predictions that are kept and return the frames of which none is."""
        self._obey()
        found = self._kept.find(self._source.weights_hash, self._settings, hashes)
        known = [(frame, found[key]) for key in hashes if key in found for frame in self._same[key]]
        self._from_kept += len(known)
        self._tell_batch(known)
        self._tell_progress("looking up what is known")
        return [self._same[key][0] for key in hashes if key not in found]

    def _compute(self, frames: Sequence[Frame]) -> None:
        self._atoms_left = sum(frame.n_atoms for frame in frames)
        size = GPU_BATCH if self._job.device == "cuda" else CPU_BATCH
        waiting = deque(plan_batches(frames, size.atoms, size.frames))
        self._tell_progress("starting")
        while waiting or self._running:
            self._obey()
            while waiting and not self._control.paused and len(self._running) < BATCHES_PER_SLOT * self._executor.slots:
                batch = waiting.popleft()
                self._send(batch, BatchTask(self._job.id, self._source, batch))
            self._receive()
            if self._device == "cuda" and size is not GPU_BATCH:
                # Only the worker could tell that "auto" means a GPU, which wants larger batches.
                size = GPU_BATCH
                waiting = deque(plan_batches([frame for batch in waiting for frame in batch], size.atoms, size.frames))

    def _take(self, batch: Batch, outcome: BatchOutcome) -> None:
        """Keep a finished batch, then tell it."""
        results = list(zip(batch, outcome.results, strict=True))
        good = [(frame, result) for frame, result in results if isinstance(result, Prediction)]
        if good:
            hashes, predictions = [frame.content_hash for frame, _ in good], [prediction for _, prediction in good]
            self._kept.keep(self._source.weights_hash, self._settings, hashes, predictions)
        atoms = sum(frame.n_atoms for frame in batch)
        self._atoms_left -= atoms
        self._count(len(batch), atoms, outcome)
        self._tell_batch([(same, prediction) for frame, prediction in good for same in self._same[frame.content_hash]])
        for frame, result in results:
            if isinstance(result, FrameFailure):
                for same in self._same[frame.content_hash]:
                    self._fail(failure(same, result.reason, result.advice))
        self._tell_progress("")

    def _tell_batch(self, pairs: Sequence[tuple[Frame, Prediction]]) -> None:
        if pairs:
            self._done += len(pairs)
            frames, predictions = zip(*pairs, strict=True)
            self._tell(BatchFinished(self._job.id, frames, predictions))

    def _seconds_left(self) -> float | None:
        return self._pace.seconds_left(self._atoms_left)
