"""Where batches run: the interface, and the simplest case, a thread of this process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from guiapp.engine.frame_predictor import FrameResult
from guiapp.engine.loaded_potentials import DEFAULT_MODELS_KEPT, LoadedPotentials
from guiapp.engine.model_source import ModelSource
from guiapp.frames.frame import Frame

Note = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class BatchTask:
    """One batch to predict; the same task gives the same outcome wherever and however often it runs."""

    job: str
    source: ModelSource
    frames: tuple[Frame, ...]


@dataclass(frozen=True, eq=False)
class BatchOutcome:
    """What became of one batch."""

    results: tuple[FrameResult, ...]
    """A prediction or a failure for each frame of the task, in order."""
    seconds: float
    """Time spent predicting, loading not included."""
    device: str
    """Where it ran, ``cpu`` or ``cuda``; empty where every frame killed its worker."""
    n_parameters: int | None = None
    """Number of the model's weights; None where its package does not tell."""
    computed_by: str = ""
    """Which of several ways to the same numbers computed, and why not another; empty where there is only one."""


class Executor(Protocol):
    """Runs batches somewhere; may be used by several jobs one after the other."""

    @property
    def slots(self) -> int:
        """How many batches can run at the same time."""
        ...

    def submit(self, task: BatchTask, note: Note) -> Future[BatchOutcome]:
        """Queue a batch.

        Args:
            task: The batch.
            note: Told in words what is going on, e.g. ``loading CHGNet 0.3.0``; may be called from any thread.

        Returns:
            A future that holds the outcome, or UserFacingError where the model cannot be loaded or workers keep dying.

        Raises:
            CancelledError: Where the executor is closed.
        """
        ...

    def cancel(self, job: str) -> None:
        """Give up a job's batches and return at once: waiting ones never start, running ones are not waited for."""
        ...

    def close(self) -> None:
        """Give up everything and free what is held."""
        ...


def warm_up(executor: Executor, source: ModelSource, note: Note) -> Future[BatchOutcome]:
    """Have a model loaded before it is needed, so that the first result of a job comes at once.

    Args:
        executor: Where it shall be loaded.
        source: The model.
        note: Told ``loading CHGNet 0.3.0``.

    Returns:
        A future of an empty outcome that tells the device, or UserFacingError.
    """
    return executor.submit(BatchTask(f"load {source.title}", source, ()), note)


class InThisProcess:
    """Runs batches one after the other on a thread of this process; a crash of the model takes the program along."""

    def __init__(self, models_kept: int = DEFAULT_MODELS_KEPT) -> None:
        """Start without a model.

        Args:
            models_kept: How many loaded models may be held at once.
        """
        self._potentials = LoadedPotentials(models_kept)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="predict")
        self._waiting: dict[Future[BatchOutcome], str] = {}
        self._lock = threading.Lock()

    @property
    def slots(self) -> int:
        """One batch at a time."""
        return 1

    def submit(self, task: BatchTask, note: Note) -> Future[BatchOutcome]:
        """Queue a batch; see ``Executor.submit``."""
        try:
            future = self._thread.submit(predict_batch, task.source, task.frames, self._potentials, note)
        except RuntimeError as error:  # after close
            raise CancelledError from error
        with self._lock:
            self._waiting[future] = task.job
        future.add_done_callback(self._forget)
        return future

    def cancel(self, job: str) -> None:
        """Drop a job's waiting batches; the running one ends by itself and is ignored."""
        with self._lock:
            futures = [future for future, owner in self._waiting.items() if owner == job]
        for future in futures:
            future.cancel()

    def close(self) -> None:
        """Drop what waits; the running batch ends by itself."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _forget(self, future: Future[BatchOutcome]) -> None:
        with self._lock:
            self._waiting.pop(future, None)


def predict_batch(source: ModelSource, frames: tuple[Frame, ...], potentials: LoadedPotentials, note: Note) -> BatchOutcome:
    """Predict one batch in this process.

    Args:
        source: Where the model comes from.
        frames: The batch.
        potentials: The models that are loaded already.
        note: Told what is going on.

    Raises:
        UserFacingError: Where the model cannot be loaded.
    """
    predictor = potentials.get(source, note)
    start = time.perf_counter()
    results = predictor.predict(frames)
    return BatchOutcome(
        tuple(results),
        time.perf_counter() - start,
        predictor.potential.device,
        getattr(predictor.potential, "n_parameters", None),
        getattr(predictor.potential, "computed_by", ""),
    )
