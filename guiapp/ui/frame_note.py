"""The line under the viewer: how soft one frame is by itself."""

from __future__ import annotations

from collections.abc import Iterable

from guiapp.frames.frame import Frame
from guiapp.physics.force_statistics import force_statistics
from guiapp.potentials.potential import Prediction


def frame_note(frame: Frame, predictions: Iterable[tuple[str, Prediction | None]]) -> str:
    """Return the frame's own scale and error for the first model that was asked; empty where none was.

    Args:
        frame: What the viewer shows.
        predictions: Title of each shown model and what it said of the frame.
    """
    for title, prediction in predictions:
        if prediction is not None and frame.forces is not None:
            numbers = force_statistics(frame.forces.ravel(), prediction.forces.ravel())
            known = f"scale {numbers.scale:.2f}"
            scale = known if numbers.signal.enough else f"not enough signal for a scale ({numbers.signal.reason})"
            return f"This frame, {title}: {scale}, MAE {numbers.mae:.3f} eV/Å over {numbers.n} components"
    return ""
