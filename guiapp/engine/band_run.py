"""Running a job whose frames are images of paths that the model finds by itself, with climbing-image nudged elastic bands.

Every step of a band is a static prediction of its images, kept like any other, so a killed job replays what is kept and goes on.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace

from guiapp.benchmarks.family import Evaluated, system_of
from guiapp.benchmarks.nudged_band import Band, climbing_band
from guiapp.benchmarks.path_recognition import IMAGE, LEAST_IMAGES, N_IMAGES
from guiapp.benchmarks.relaxation import RelaxationFailure, relax
from guiapp.benchmarks.relaxation_settings import RelaxationSettings
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


@dataclass(frozen=True, eq=False)
class BandFinished:
    """One path came to its end; every prediction on the way is kept when this is told."""

    job: str
    images: tuple[Evaluated, ...]


BandEvent = Progress | BandFinished | FrameFailure


def run_band_job(
    job: BenchmarkJob,
    kept: KeptPredictions,
    executor: Executor,
    tell: Callable[[BandEvent], None],
    control: JobControl,
    *,
    source: ModelSource | None = None,
) -> JobOutcome:
    """Let the model relax the ends of every path, and then its band.

    Args:
        job: Its frames are images, as ``image_paths`` returns them.
        kept: Where finished predictions are.
        executor: Where batches run; the images of a band share one.
        tell: Told ``BandFinished`` or one ``FrameFailure`` an image for each path, and ``Progress``, from this thread only.
        control: Pauses and cancels from another thread.
        source: Where the model comes from; by default the registry.

    Returns:
        How it ended, as of ``run_job``. A band that does not converge is done, with ``converged`` False.

    Raises:
        Exception: A bug, after the final ``Progress`` was told.
    """
    return _BandRun(job, kept, executor, tell, control).finish(source)


class _BandRun:
    """One job of bands while it runs."""

    def __init__(
        self, job: BenchmarkJob, kept: KeptPredictions, executor: Executor, tell: Callable[[BandEvent], None], control: JobControl
    ) -> None:
        self._job, self._kept, self._executor, self._tell, self._control = job, kept, executor, tell, control
        self._start = time.monotonic()
        self._state = JobState.RUNNING
        self._done = self._from_kept = self._atoms = self._computed = 0
        self._computing = 0.0
        self._device = self._settings = ""
        self._source: ModelSource | None = None
        self._failures: list[FrameFailure] = []
        self._pace = Pace(executor.slots)
        self._note = ""

    def finish(self, source: ModelSource | None) -> JobOutcome:
        """Run to the end and say how it ended."""
        self._state, trouble = run_to_the_end(lambda: self._follow_all(source))
        reason, advice = explain(trouble)
        self._say(reason)
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

    def _follow_all(self, source: ModelSource | None) -> None:
        self._source = source if source is not None else registry_source(self._job)
        self._settings = job_settings_hash(replace(self._job, mode="static"), self._source)
        self._say("starting")
        for system, images in self._paths().items():
            self._follow(system, images)

    def _paths(self) -> dict[str, list[Frame]]:
        paths: dict[str, list[Frame]] = {}
        for frame in self._job.frames:
            paths.setdefault(system_of(frame), []).append(frame)
        return {system: sorted(images, key=lambda frame: int(frame.info.get(IMAGE, 0))) for system, images in paths.items()}

    def _follow(self, system: str, images: Sequence[Frame]) -> None:
        """Find the path of one system and tell it."""
        before = self._computed
        try:
            evaluated = self._band(system, images)
        except _PathError as error:
            for image in images:
                row = failure(image, error.what, error.advice)
                self._failures.append(row)
                self._tell(row)
        else:
            self._tell(BandFinished(self._job.id, evaluated))
        self._done += len(images)
        if self._computed == before:
            self._from_kept += len(images)
        self._say("")

    def _band(self, system: str, images: Sequence[Frame]) -> tuple[Evaluated, ...]:
        expected = max(LEAST_IMAGES, int(images[0].info.get(N_IMAGES, LEAST_IMAGES)))
        if len(images) < expected:
            raise _PathError(f"{len(images)} of {expected} images are there.", "Add the missing images.")
        self._note = f"{system}: images as given"
        given = self._predict(images)
        self._note = f"{system}: relaxing its ends"
        ends = relax([images[0], images[-1]], RelaxationSettings(), self._predict)
        if isinstance(ends[0], RelaxationFailure) or isinstance(ends[1], RelaxationFailure):
            failed = next(end for end in ends if isinstance(end, RelaxationFailure))
            raise _PathError(failed.reason, failed.advice)
        first, last = ends[0], ends[1]
        start = [first.relaxed, *images[1:-1], last.relaxed]
        try:
            band = climbing_band(start, self._predict, tell=lambda step, force: self._tell_step(system, step, force))
        except UserFacingError as error:
            raise _PathError(error.what, error.advice) from error
        found = self._predict(band.images)
        return _evaluated(images, given, band, found, ends_converged=first.converged and last.converged)

    def _tell_step(self, system: str, step: int, force: float) -> None:
        self._note = f"{system}: step {step} of the band, largest force {force:.3f} eV/Å"
        self._say(self._note)

    def _predict(self, frames: Sequence[Frame]) -> list[Prediction]:
        """Return what is kept, and compute and keep the rest in one batch."""
        assert self._source is not None
        bare = [frame.with_changes(energy=None, forces=None, stress=None, magmoms=None, flags=()) for frame in frames]
        hashes = [frame.content_hash for frame in bare]
        known = self._kept.find(self._source.weights_hash, self._settings, hashes)
        missing = {frame_hash: frame for frame_hash, frame in zip(hashes, bare, strict=True) if frame_hash not in known}
        if missing:
            self._obey()
            outcome = self._compute(tuple(missing.values()))
            good = {h: result for h, result in zip(missing, outcome.results, strict=True) if isinstance(result, Prediction)}
            if good:
                self._kept.keep(self._source.weights_hash, self._settings, list(good), list(good.values()))
            refused = next((result for result in outcome.results if isinstance(result, FrameFailure)), None)
            if refused is not None:
                raise _PathError(refused.reason, refused.advice)
            known = {**known, **good}
        return [known[frame_hash] for frame_hash in hashes]

    def _compute(self, frames: tuple[Frame, ...]) -> BatchOutcome:
        assert self._source is not None
        inbox: queue.SimpleQueue[Future[BatchOutcome] | str] = queue.SimpleQueue()
        future = self._executor.submit(BatchTask(self._job.id, self._source, frames), inbox.put)
        future.add_done_callback(inbox.put)
        while not future.done():
            if self._control.cancelled:
                self._executor.cancel(self._job.id)
                raise JobCancelled
            try:
                item = inbox.get(timeout=_REACTION_SECONDS)
            except queue.Empty:
                continue
            if isinstance(item, str):
                self._say(item)
        outcome = future.result()
        atoms = sum(frame.n_atoms for frame in frames)
        self._atoms += atoms
        self._computed += len(frames)
        self._computing += outcome.seconds
        self._device = outcome.device or self._device
        self._pace.add(len(frames), atoms, outcome.seconds, self._executor.slots)
        return outcome

    def _obey(self) -> None:
        """Do what the control says: end here, or stand still until it is resumed."""
        while self._control.paused:
            if self._state is not JobState.PAUSED:
                self._state = JobState.PAUSED
                self._say(self._note)
            time.sleep(_REACTION_SECONDS)
        if self._control.cancelled:
            raise JobCancelled
        self._state = JobState.RUNNING

    def _say(self, note: str) -> None:
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
                # How many steps a band needs is not known beforehand.
                seconds_left=0.0 if over else None,
                note=note,
            )
        )


class _PathError(Exception):
    """One path cannot be followed; the others can."""

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what)
        self.what, self.advice = what, advice


def _evaluated(
    images: Sequence[Frame], given: Sequence[Prediction], band: Band, found: Sequence[Prediction], *, ends_converged: bool
) -> tuple[Evaluated, ...]:
    return tuple(
        Evaluated(
            image,
            prediction,
            relaxed,
            band.converged and ends_converged,
            band.steps,
            given_energy=before.energy,
            trace=band.trace,
        )
        for image, before, relaxed, prediction in zip(images, given, band.images, found, strict=True)
    )
