"""Running the job of a family: predict or relax its frames, then whatever it builds on the relaxed ones, as one job with one progress."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, replace

from guiapp.benchmarks.collected import CollectedFrames, place_in_order
from guiapp.benchmarks.family import NEB, RELAXED, STATIC, Evaluated, Family, TwoStageFamily
from guiapp.engine.band_run import BandFinished, run_band_job
from guiapp.engine.executor import BatchOutcome, BatchTask, Executor, Note
from guiapp.engine.job import BatchFinished, BenchmarkJob, FrameFailure, JobOutcome, JobState, KeptPredictions, Progress
from guiapp.engine.job_control import JobControl
from guiapp.engine.model_source import ModelSource
from guiapp.engine.relaxation_run import RelaxationFinished, run_relaxed_job
from guiapp.engine.run import run_job
from guiapp.frames.frame import Frame


@dataclass(frozen=True, eq=False)
class FramesPlanned:
    """A stage of a job begins: these frames are to come."""

    job: str
    frames: tuple[Frame, ...]


@dataclass(frozen=True, eq=False)
class FramesEvaluated:
    """Frames that are done, with their relaxed geometries where they have any; every prediction is kept when this is told."""

    job: str
    evaluated: tuple[Evaluated, ...]


FamilyEvent = Progress | FramesPlanned | FramesEvaluated | FrameFailure


def run_family_job(
    job: BenchmarkJob,
    kept: KeptPredictions,
    executor: Executor,
    tell: Callable[[FamilyEvent], None],
    control: JobControl,
    *,
    family: Family,
    source: ModelSource | None = None,
) -> JobOutcome:
    """Run a job of a family to its end; killed at any moment, the same job goes on from what is kept.

    Args:
        job: Its frames are what ``family.plan`` returned, its mode is one of the family's.
        kept: Where finished predictions are.
        executor: Where batches run.
        tell: Told every event, from this thread only: ``FramesPlanned`` once a stage, then ``FramesEvaluated``, ``FrameFailure`` and
            ``Progress`` of both stages together.
        control: Pauses and cancels from another thread.
        family: How frames are relaxed, and what is predicted on relaxed ones.
        source: Where the model comes from; by default the registry.

    Returns:
        How it ended, both stages together.

    Raises:
        Exception: A bug, after the final ``Progress`` was told.
    """
    return _FamilyRun(job, kept, executor, tell, control, family=family, source=source).finish()


def kept_frames(job: BenchmarkJob, kept: KeptPredictions, *, family: Family, source: ModelSource | None = None) -> CollectedFrames:
    """Return what is kept of a job, without a model: relaxations are replayed step by step as far as they are known.

    Args:
        job: The job, maybe unfinished.
        kept: Where finished predictions are.
        family: Of the job.
        source: Where the model comes from; by default the registry.

    Returns:
        Everything that was evaluated; nothing where the model is no longer known or what is kept cannot be read.

    Raises:
        UserFacingError: Where the second stage of what is kept cannot be planned.
    """
    collected = CollectedFrames(family, job.model, job.mode)

    def take(event: FamilyEvent) -> None:
        if isinstance(event, FramesPlanned):
            collected.plan(event.frames)
        elif isinstance(event, FramesEvaluated):
            collected.add(event.evaluated)

    _FamilyRun(job, kept, _NoExecutor(), take, JobControl(), family=family, source=source, replays=True).finish()
    return collected


class _NoExecutor:
    """Where nothing runs: a job on it ends at the first frame that is not kept."""

    slots = 1

    def submit(self, _task: BatchTask, _note: Note) -> Future[BatchOutcome]:
        raise CancelledError

    def cancel(self, _job: str) -> None:
        """Cancel nothing."""

    def close(self) -> None:
        """Close nothing."""


class _FamilyRun:
    """One job of a family while it runs."""

    def __init__(
        self,
        job: BenchmarkJob,
        kept: KeptPredictions,
        executor: Executor,
        tell: Callable[[FamilyEvent], None],
        control: JobControl,
        *,
        family: Family,
        source: ModelSource | None,
        replays: bool = False,
    ) -> None:
        self._job, self._family, self._kept, self._executor = job, family, kept, executor
        self._tell, self._control, self._source, self._replays = tell, control, source, replays
        self._evaluated: list[Evaluated] = []
        self._has_more = isinstance(family, TwoStageFamily) and job.mode == RELAXED
        self._before: Progress | None = None
        """Where the first stage ended, once it has."""

    def finish(self) -> JobOutcome:
        """Run both stages and say how they ended."""
        self._tell(FramesPlanned(self._job.id, self._job.frames))
        if self._job.mode == RELAXED:
            plan = self._family.relaxation
            first = run_relaxed_job(self._job, self._kept, self._executor, self._take, self._control, plan=plan, source=self._source)
        elif self._job.mode == NEB:
            first = run_band_job(self._job, self._kept, self._executor, self._take, self._control, source=self._source)
        else:
            first = run_job(self._job, self._kept, self._executor, self._take, self._control, source=self._source)
        ended = first.state is JobState.DONE or (self._replays and first.state is JobState.INTERRUPTED)
        if not self._has_more or not ended or not isinstance(self._family, TwoStageFamily):
            return first
        frames = self._family.second_stage(place_in_order(self._evaluated, self._job.frames))
        self._has_more = False
        if not frames:
            if self._before is not None:
                self._tell(replace(self._before, state=first.state, note=""))
            return first
        self._tell(FramesPlanned(self._job.id, frames))
        # Predictions on relaxed geometries are static ones.
        second = run_job(
            replace(self._job, frames=frames, mode=STATIC), self._kept, self._executor, self._take, self._control, source=self._source
        )
        return _together(first, second)

    def _take(self, event: Progress | FrameFailure | BatchFinished | RelaxationFinished | BandFinished) -> None:
        if isinstance(event, BatchFinished):
            self._add([Evaluated(frame, prediction) for frame, prediction in zip(event.frames, event.predictions, strict=True)])
        elif isinstance(event, RelaxationFinished):
            end = event.outcome
            relaxed = end.relaxed if self._family.relaxation(end.start) is not None else None
            trace = tuple(step.largest_force for step in end.trace)
            given = end.trace[0].energy if relaxed is not None else None
            self._add([Evaluated(end.start, end.prediction, relaxed, end.converged, end.steps, given, trace)])
        elif isinstance(event, BandFinished):
            self._add(list(event.images))
        elif isinstance(event, FrameFailure):
            self._tell(event)
        else:
            self._tell_progress(event)

    def _add(self, evaluated: list[Evaluated]) -> None:
        self._evaluated += evaluated
        self._tell(FramesEvaluated(self._job.id, tuple(evaluated)))

    def _tell_progress(self, progress: Progress) -> None:
        """Tell the progress of both stages as one: the end of the first is not the job's end where a second follows."""
        if self._has_more and progress.state is JobState.DONE:
            self._before = progress
            self._tell(replace(progress, state=JobState.RUNNING, seconds_left=None, note="preparing the second stage"))
        elif self._before is not None and not self._has_more:
            before = self._before
            self._tell(
                replace(
                    progress,
                    done=before.done + progress.done,
                    total=before.total + progress.total,
                    kept=before.kept + progress.kept,
                    failed=before.failed + progress.failed,
                )
            )
        else:
            self._tell(progress)


def _together(first: JobOutcome, second: JobOutcome) -> JobOutcome:
    return replace(
        second,
        done=first.done + second.done,
        kept=first.kept + second.kept,
        failures=first.failures + second.failures,
        seconds=first.seconds + second.seconds,
        device=second.device or first.device,
        computed_by=" · ".join(dict.fromkeys(way for one in (first, second) for way in one.computed_by.split(" · ") if way)),
        atoms=first.atoms + second.atoms,
        computing_seconds=first.computing_seconds + second.computing_seconds,
    )
