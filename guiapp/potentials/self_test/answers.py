"""Asking a model for frames in a self-test: one bad frame costs itself only."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Potential, Prediction

Answer = Prediction | str
"""A prediction, or why there is none."""
Ask = Callable[[Sequence[Frame]], list[Answer]]
"""Predict one batch; each frame has an answer."""


def ask_potential(potential: Potential) -> Ask:
    """Return how to ask a potential that is loaded in this process."""

    def ask(frames: Sequence[Frame]) -> list[Answer]:
        try:
            return list(potential.predict(frames))
        except UserFacingError as error:
            reason = error.what
        except Exception as error:  # noqa: BLE001 - a model package may raise anything on an odd frame, which is what is tested
            reason = f"{type(error).__name__}: {error}"
        if len(frames) == 1:
            return [reason]
        middle = len(frames) // 2
        return ask(frames[:middle]) + ask(frames[middle:])

    return ask


def finite(answer: Answer, frame: Frame) -> bool:
    """Tell whether an answer is a prediction of the right shape without NaN or infinity."""
    if isinstance(answer, str) or answer.forces.shape != (frame.n_atoms, 3) or answer.stress.shape != (3, 3):
        return False
    return bool(np.isfinite(answer.energy) and np.isfinite(answer.forces).all() and np.isfinite(answer.stress).all())
