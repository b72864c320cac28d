"""Predicting a batch so that one bad frame costs only itself."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence

import numpy as np

from guiapp.engine.job import FrameFailure
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Potential, Prediction

_LOG = logging.getLogger(__name__)
_MEMORY_WORDS = ("out of memory", "can't allocate memory", "not enough memory")

FrameResult = Prediction | FrameFailure


class FramePredictor:
    """A loaded potential that answers for every frame: with a prediction, or with why there is none."""

    def __init__(self, potential: Potential) -> None:
        """Wrap a potential."""
        self.potential = potential
        self._most_atoms: int | None = None
        """What fitted into memory after a batch did not."""

    def predict(self, frames: Sequence[Frame]) -> list[FrameResult]:
        """Return one result a frame, in order.

        Where the model refuses a batch, it is halved until the frame that is to blame stands alone; where memory runs out, the
        halves are computed one after the other, and later batches are halved beforehand.
        """
        if not frames:
            return []
        if len(frames) > 1 and self._most_atoms is not None and sum(frame.n_atoms for frame in frames) > self._most_atoms:
            return self._halves(frames)
        try:
            predictions = self.potential.predict(frames)
            return [_checked(frame, prediction) for frame, prediction in zip(frames, predictions, strict=True)]
        except UserFacingError as error:
            what, advice = error.what, error.advice
        except Exception as error:  # noqa: BLE001 - a model package may raise anything on an odd frame, and a failed frame is a row
            what, advice = self._explain(error, frames)
        # Outside of the handler, so that the error's traceback no longer holds the batch's memory.
        if len(frames) == 1:
            return [failure(frames[0], what, advice)]
        return self._halves(frames)

    def _halves(self, frames: Sequence[Frame]) -> list[FrameResult]:
        middle = len(frames) // 2
        return self.predict(frames[:middle]) + self.predict(frames[middle:])

    def _explain(self, error: Exception, frames: Sequence[Frame]) -> tuple[str, str]:
        if _is_out_of_memory(error):
            atoms = sum(frame.n_atoms for frame in frames)
            self._most_atoms = max(1, min(self._most_atoms or atoms, atoms) // 2)
            _free_cached_memory()
            return f"The frame does not fit into memory ({atoms} atoms).", "Close other programs, or use a machine with more memory."
        if len(frames) == 1:
            _LOG.exception("the model stopped on frame %s", frames[0].name)
        title = self.potential.card.title
        return f"{title} stopped with an error: {type(error).__name__}: {error}", "Check the frame for overlapping or missing atoms."


def failure(frame: Frame, reason: str, advice: str = "") -> FrameFailure:
    """Return the row of a frame that could not be predicted."""
    return FrameFailure(frame.content_hash, frame.name, frame.compound, reason, advice)


def _checked(frame: Frame, prediction: Prediction) -> FrameResult:
    finite = np.isfinite(prediction.energy) and np.isfinite(prediction.forces).all() and np.isfinite(prediction.stress).all()
    if finite and prediction.forces.shape == (frame.n_atoms, 3):
        return prediction
    return failure(
        frame,
        "The model's answer is not a number for some atom.",
        "Atoms probably lie on top of each other; check the shortest distance in the frame.",
    )


def _is_out_of_memory(error: Exception) -> bool:
    # torch's own class is matched by name, because torch may never have been imported here.
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"
        or (isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _MEMORY_WORDS))
    )


def _free_cached_memory() -> None:
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
