"""A potential that costs nothing: the DFT forces times a number, with a little noise; it can be held up and made to fail."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor

import numpy as np

from guiapp.engine.executor import BatchOutcome, BatchTask
from guiapp.engine.frame_predictor import failure
from guiapp.engine.job import FrameFailure
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction

SCALES = {"chgnet-0.2.0": 0.7, "chgnet-0.3.0": 0.8}
BAD = "The model stopped on this frame."


class SoftModel:
    """An ``Executor`` whose models are SCALES of the labels; ``asked`` counts every frame that is computed."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails: Callable[[Frame], bool] = lambda _frame: False
        self.refuses: UserFacingError | None = None
        self.labels: dict[str, Frame] = {}
        """Labelled frames by content hash, for frames that come without labels, as a relaxation sends them."""
        self._open = threading.Semaphore(0)
        self._held = False
        self._waiting: list[tuple[BatchTask, Future[BatchOutcome]]] = []
        self._gone: set[int] = set()
        self._start()

    def _start(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._closed = False

    @property
    def slots(self) -> int:
        return 1

    def hold(self, batches: int = 0) -> None:
        """Compute only that many batches until ``let_go``."""
        self._held = True
        self._open = threading.Semaphore(batches)

    def go_on(self, batches: int) -> None:
        """Compute that many more."""
        self._open.release(batches)

    def let_go(self) -> None:
        """Compute everything."""
        self._held = False
        self._open.release(10_000)

    def submit(self, task: BatchTask, note: Callable[[str], None]) -> Future[BatchOutcome]:
        if self._closed:
            self._start()  # the next window takes it into use again
        note(f"loading {task.source.title}")
        future = self._thread.submit(self._predict, task)
        self._waiting = [(t, f) for t, f in self._waiting if not f.done()] + [(task, future)]
        return future

    def cancel(self, job: str) -> None:
        self._gone |= {id(task) for task, future in self._waiting if task.job == job and not future.done()}
        self._open.release(100)

    def close(self) -> None:
        self._closed = True
        self._open.release(10_000)
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _predict(self, task: BatchTask) -> BatchOutcome:
        if self._held:
            self._open.acquire()
        if id(task) in self._gone:
            raise CancelledError
        if self.refuses is not None:
            raise self.refuses
        return BatchOutcome(tuple(self._one(task.source.model, frame) for frame in task.frames), 0.01, "cpu")

    def _one(self, model: str, frame: Frame) -> Prediction | FrameFailure:
        self.asked.append(frame.content_hash)
        if self.fails(frame):
            return failure(frame, BAD, "Take another one.")
        rng = np.random.default_rng(int(frame.content_hash[:8], 16))
        known = self.labels.get(frame.content_hash, frame)
        if known.forces is None:
            return Prediction(SCALES[model] * (known.energy or 0.0), np.zeros((frame.n_atoms, 3)), np.zeros((3, 3)), None)
        forces = SCALES[model] * known.forces + rng.normal(scale=0.02, size=known.forces.shape)
        return Prediction(SCALES[model] * (known.energy or 0.0), forces, np.zeros((3, 3)), None)
