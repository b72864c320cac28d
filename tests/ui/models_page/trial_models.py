"""Executors for self-tests in the window: a Morse potential that answers at once, rightly or with forces of the opposite sign."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from guiapp.engine.executor import BatchOutcome, BatchTask
from guiapp.engine.frame_predictor import failure
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction

_DEPTH, _WIDTH, _REST, _CUTOFF = 0.25, 1.4, 2.4, 5.0
_SITE = {8: -5.35, 12: -5.35, 14: -5.1, 29: -3.7}  # eV; puts MgO, Si and Cu where PBE has them


def morse(frame: Frame) -> Prediction:
    """Return Morse pairs with a smooth cut-off."""
    fractional = np.linalg.solve(frame.cell.T, frame.positions.T).T
    most = np.ceil(_CUTOFF * np.linalg.norm(np.linalg.inv(frame.cell), axis=0) + np.ptp(fractional, axis=0)).astype(int)
    images = np.stack(np.meshgrid(*(np.arange(-n, n + 1) for n in most), indexing="ij"), axis=-1).reshape(-1, 3) @ frame.cell
    vectors = (frame.positions[None] - frame.positions[:, None])[:, :, None, :] + images
    distances = np.sqrt((vectors**2).sum(axis=-1))
    first, second, image = np.nonzero((distances < _CUTOFF) & (distances > 1e-6))
    d, v = distances[first, second, image], vectors[first, second, image]
    decay = np.exp(-_WIDTH * (d - _REST))
    bond, slope = _DEPTH * (decay**2 - 2 * decay), 2 * _DEPTH * _WIDTH * (decay - decay**2)
    fade, fade_slope = (
        np.cos(np.pi * d / (2 * _CUTOFF)) ** 4,
        -(2 * np.pi / _CUTOFF) * np.cos(np.pi * d / (2 * _CUTOFF)) ** 3 * np.sin(np.pi * d / (2 * _CUTOFF)),
    )
    slope = slope * fade + bond * fade_slope
    forces = np.zeros((frame.n_atoms, 3))
    np.add.at(forces, first, slope[:, None] * v / d[:, None])
    stress = np.einsum("b,bi,bj->ij", slope / 2, v / d[:, None], v) / abs(np.linalg.det(frame.cell))
    return Prediction(sum(_SITE[z] for z in frame.numbers.tolist()) + (bond * fade).sum() / 2, forces, stress)


class TrialExecutor:
    """Answers in a thread; ``hold`` keeps it from answering until it is cancelled or let go."""

    slots = 1

    def __init__(self, *, flipped: bool = False) -> None:
        self.flipped = flipped
        self.held = threading.Event()
        self.held.set()
        self.cancelled = False
        self.asked = self.submitted = 0
        self._thread = ThreadPoolExecutor(1)

    def hold(self) -> None:
        self.held.clear()

    def submit(self, task: BatchTask, note) -> Future[BatchOutcome]:
        note(f"loading {task.source.title}")
        self.submitted += 1
        return self._thread.submit(self._predict, task)

    def cancel(self, _job: str) -> None:
        self.cancelled = True
        self.held.set()

    def close(self) -> None:
        self.held.set()
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _predict(self, task: BatchTask) -> BatchOutcome:
        self.held.wait(30)
        if self.cancelled:
            raise CancelledError
        self.asked += len(task.frames)
        return BatchOutcome(tuple(self._one(frame) for frame in task.frames), 0.01, "cpu", 1234)

    def _one(self, frame: Frame):
        if any(z not in _SITE for z in frame.numbers.tolist()):
            return failure(frame, "The model does not know an element.")
        answer = morse(frame)
        return replace(answer, forces=-answer.forces) if self.flipped else answer
