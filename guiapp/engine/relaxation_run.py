"""Running a job whose structures the model relaxes: many at once, in the same workers, restartable at every step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from guiapp.benchmarks.relaxation import RelaxationFailure, RelaxationOutcome, relaxation_steps
from guiapp.benchmarks.relaxation_settings import RelaxationSettings
from guiapp.engine.executor import Executor
from guiapp.engine.frame_predictor import failure
from guiapp.engine.job import BenchmarkJob, FrameFailure, JobOutcome, KeptPredictions, Progress
from guiapp.engine.job_control import JobControl
from guiapp.engine.model_source import ModelSource
from guiapp.engine.stepped_run import Calculation, SteppedRun, UnderWay
from guiapp.frames.frame import Frame

_AS_IT_IS = RelaxationSettings(fmax=float("inf"), most_steps=0)


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
    run = SteppedRun(job, kept, executor, tell, control, words=_words)
    return run.finish(source, lambda: _relaxations(job, plan, run))


def _relaxations(job: BenchmarkJob, plan: Plan, run: SteppedRun) -> list[Calculation[RelaxationOutcome | RelaxationFailure]]:
    """Return one relaxation for each distinct start, small ones first, and fail frames that cannot be predicted."""
    same: dict[tuple[str, RelaxationSettings], list[Frame]] = {}
    for frame in job.frames:
        if frame.obstacle is not None:
            run.fail([frame], frame.obstacle.message, frame.obstacle.advice)
        else:
            same.setdefault((frame.content_hash, plan(frame) or _AS_IT_IS), []).append(frame)
    relaxations = [_relaxation(job.id, tuple(frames), settings) for (_, settings), frames in same.items()]
    return sorted(relaxations, key=lambda one: one.frames[0].n_atoms)


def _relaxation(job: str, frames: tuple[Frame, ...], settings: RelaxationSettings) -> Calculation[RelaxationOutcome | RelaxationFailure]:
    """Return the relaxation of frames that start at the same place."""

    def events(end: RelaxationOutcome | RelaxationFailure) -> Iterator[RelaxationEvent]:
        for frame in frames:
            if isinstance(end, RelaxationFailure):
                yield failure(frame, f"{end.reason} (step {end.steps})", end.advice)
            else:
                yield RelaxationFinished(job, replace(end, start=frame))

    return Calculation(frames, relaxation_steps(frames[0], settings), events)


def _words(moved: Sequence[UnderWay], count: int) -> str:
    steps: Iterable[int] = (one.steps for one in moved)
    return f"{count} still moving, step {max(steps, default=0)}"
