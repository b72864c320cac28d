"""Running a job whose frames are images of paths that the model finds by itself, with climbing-image nudged elastic bands.

All paths go on at the same time, each at its own pace: the images of all of them, and the ends that still relax, share the batches.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from guiapp.benchmarks.family import Evaluated, system_of
from guiapp.benchmarks.nudged_band import Band, climbing_band_steps
from guiapp.benchmarks.path_recognition import IMAGE, LEAST_IMAGES, N_IMAGES
from guiapp.benchmarks.relaxation import RelaxationFailure, relaxation_steps
from guiapp.benchmarks.relaxation_settings import RelaxationSettings
from guiapp.benchmarks.stepwise import Stepwise, side_by_side
from guiapp.engine.executor import Executor
from guiapp.engine.job import BenchmarkJob, FrameFailure, JobOutcome, KeptPredictions, Progress
from guiapp.engine.job_control import JobControl
from guiapp.engine.model_source import ModelSource
from guiapp.engine.stepped_run import Calculation, SteppedRun, UnderWay
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction


@dataclass(frozen=True, eq=False)
class BandFinished:
    """One path came to its end; every prediction on the way is kept when this is told."""

    job: str
    images: tuple[Evaluated, ...]


BandEvent = Progress | BandFinished | FrameFailure
Images = tuple[Evaluated, ...]


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
        executor: Where batches run; images of all paths share them.
        tell: Told ``BandFinished`` or one ``FrameFailure`` an image for each path, and ``Progress``, from this thread only.
        control: Pauses and cancels from another thread.
        source: Where the model comes from; by default the registry.

    Returns:
        How it ended, as of ``run_job``. A band that does not converge is done, with ``converged`` False.

    Raises:
        Exception: A bug, after the final ``Progress`` was told.
    """
    stages: dict[str, str] = {}
    """How far each path is, in words."""

    def words(moved: Sequence[UnderWay], count: int) -> str:
        going_on = [system_of(one.calculation.frames[0]) for one in moved]
        newest = next((f"{system}: {stages[system]}" for system in reversed(going_on) if stages[system]), "")
        return newest if count == 1 or not newest else f"{count} paths; {newest}"

    def paths() -> list[Calculation[Images]]:
        return [_path(job.id, system, images, stages) for system, images in _paths(job.frames).items()]

    return SteppedRun(job, kept, executor, tell, control, words=words).finish(source, paths)


def _paths(frames: Sequence[Frame]) -> dict[str, tuple[Frame, ...]]:
    paths: dict[str, list[Frame]] = {}
    for frame in frames:
        paths.setdefault(system_of(frame), []).append(frame)
    return {system: tuple(sorted(images, key=lambda frame: int(frame.info.get(IMAGE, 0)))) for system, images in paths.items()}


def _path(job: str, system: str, images: tuple[Frame, ...], stages: dict[str, str]) -> Calculation[Images]:
    def tell(words: str) -> None:
        stages[system] = words

    return Calculation(images, _path_steps(images, tell), lambda evaluated: [BandFinished(job, evaluated)])


def _path_steps(images: tuple[Frame, ...], tell: Callable[[str], None]) -> Stepwise[Images]:
    """Predict the images as given, relax the two ends, then the band between them.

    Args:
        images: In order along the path.
        tell: Told how far it is, in words.

    Returns:
        The images, each with the model's own place and energy.

    Raises:
        UserFacingError: Where the path cannot be followed.
    """
    expected = max(LEAST_IMAGES, int(images[0].info.get(N_IMAGES, LEAST_IMAGES)))
    if len(images) < expected:
        raise UserFacingError(f"{len(images)} of {expected} images are there.", advice="Add the missing images.")
    tell("images as given")
    given = yield images
    tell("relaxing its ends")
    first, last = yield from side_by_side([relaxation_steps(end, RelaxationSettings()) for end in (images[0], images[-1])])
    for end in (first, last):
        if isinstance(end, RelaxationFailure):
            raise UserFacingError(end.reason, advice=end.advice)
    assert not isinstance(first, RelaxationFailure)
    assert not isinstance(last, RelaxationFailure)
    start = (first.relaxed, *images[1:-1], last.relaxed)
    band = yield from climbing_band_steps(start, tell=lambda step, force: tell(f"step {step} of the band, largest force {force:.3f} eV/Å"))
    tell("")
    found = yield band.images
    return _evaluated(images, given, band, found, ends_converged=first.converged and last.converged)


def _evaluated(
    images: Sequence[Frame], given: Sequence[Prediction], band: Band, found: Sequence[Prediction], *, ends_converged: bool
) -> Images:
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
