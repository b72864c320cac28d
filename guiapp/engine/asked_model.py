"""Asking a model about many frames as one job, wherever it runs, with every answer kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from guiapp.engine.batches import CPU_BATCH, GPU_BATCH, plan_batches
from guiapp.engine.executor import Executor
from guiapp.engine.frame_predictor import FramePredictor
from guiapp.engine.job import BatchFinished, BenchmarkJob, Event, FrameFailure, JobState, KeptPredictions, Progress
from guiapp.engine.job_control import JobControl
from guiapp.engine.run import run_job
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Potential, Prediction


@dataclass(frozen=True, eq=False)
class Answers:
    """What a model says about frames, and why it says nothing about others."""

    predictions: Mapping[str, Prediction]
    """By content hash."""
    failures: tuple[FrameFailure, ...] = ()

    def has(self, frame: Frame) -> bool:
        """Return whether there is a prediction for a frame."""
        return frame.content_hash in self.predictions

    def of(self, frames: Sequence[Frame]) -> list[Prediction]:
        """Return the predictions of frames, in order.

        Raises:
            UserFacingError: Where the model has none for one of them.
        """
        missing = next((frame for frame in frames if not self.has(frame)), None)
        if missing is not None:
            failed = next((one for one in self.failures if one.frame_hash == missing.content_hash), None)
            raise UserFacingError(
                f"{missing.name}: {failed.reason if failed is not None else 'the model was not asked about it.'}",
                advice=failed.advice if failed is not None else "",
            )
        return [self.predictions[frame.content_hash] for frame in frames]

    def and_also(self, other: Answers) -> Answers:
        """Return these and the answers about other frames."""
        return Answers({**self.predictions, **other.predictions}, (*self.failures, *other.failures))

    def times(self, c: float) -> Answers:
        """Return everything that the model says times c: what it says where the scalar is applied outside of it."""
        scaled = {key: Prediction(c * p.energy, c * p.forces, c * p.stress, p.magmoms) for key, p in self.predictions.items()}
        return Answers(scaled, self.failures)


def ask_here(potential: Potential, frames: Sequence[Frame]) -> Answers:
    """Predict frames in this process, in batches; one that the model cannot take costs only itself.

    Args:
        potential: A loaded model.
        frames: Any number.
    """
    predictor, size = FramePredictor(potential), GPU_BATCH if potential.device == "cuda" else CPU_BATCH
    predictions: dict[str, Prediction] = {}
    failures: list[FrameFailure] = []
    for batch in plan_batches(frames, size.atoms, size.frames):
        for frame, result in zip(batch, predictor.predict(batch), strict=True):
            if isinstance(result, FrameFailure):
                failures.append(result)
            else:
                predictions[frame.content_hash] = result
    return Answers(predictions, tuple(failures))


def ask_model(
    job: BenchmarkJob,
    kept: KeptPredictions,
    executor: Executor,
    tell: Callable[[Progress], None] = lambda _progress: None,
    control: JobControl | None = None,
) -> Answers:
    """Predict the frames of a job and return all answers at once.

    Args:
        job: The model and the frames.
        kept: Where finished predictions are; what is there is not computed again.
        executor: Where batches run.
        tell: Told how far it is, from this thread only.
        control: Cancels from another thread.

    Raises:
        UserFacingError: Where it stops before the end; what was computed is kept.
    """
    predictions: dict[str, Prediction] = {}

    def take(event: Event) -> None:
        if isinstance(event, BatchFinished):
            predictions.update((frame.content_hash, one) for frame, one in zip(event.frames, event.predictions, strict=True))
        elif isinstance(event, Progress):
            tell(event)

    outcome = run_job(job, kept, executor, take, control or JobControl())
    if outcome.state is not JobState.DONE:
        raise UserFacingError(
            f"The model was not asked about all frames: {outcome.reason or outcome.state}",
            advice=f"{outcome.advice} What was computed is kept; the same again goes on from there.".strip(),
        )
    return Answers(predictions, outcome.failures)
