"""What a potential for crystals asks of a frame before it spends time on it."""

from __future__ import annotations

import numpy as np

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame

_THINNEST = 0.5
"""Å between opposite faces of the cell; a cell of 0.001 Å kept a neighbour search busy for 20 s."""


def check_periodic(frame: Frame, model: str, last_element: int) -> None:
    """Raise where a frame is no crystal of known elements.

    Args:
        frame: The frame.
        model: The potential's title, for the message.
        last_element: The largest atomic number that the potential knows.

    Raises:
        UserFacingError: What is the matter, in plain words.
    """
    if not frame.n_atoms:
        raise UserFacingError("The frame holds no atoms.", advice="Leave it out.")
    if not (np.isfinite(frame.positions).all() and np.isfinite(frame.cell).all()):
        raise UserFacingError("A position or the cell is not a number.", advice="Read the frame again from the original calculation.")
    unknown = [symbol for symbol, z in zip(frame.symbols, frame.numbers.tolist(), strict=True) if not 1 <= z <= last_element]
    if unknown:
        raise UserFacingError(f"{model} does not know the element {unknown[0]}.", advice="Use a potential that was trained on it.")
    thickness = min_thickness(frame)
    if thickness < _THINNEST:
        what = "The frame has no cell." if frame.volume == 0 else f"The cell is only {thickness:.2g} Å thick."
        raise UserFacingError(f"{what} {model} describes crystals.", advice="Give the frame a cell, for a molecule a large one.")


def min_thickness(frame: Frame) -> float:
    """Return the smallest distance between opposite faces of the cell, Å; 0 where the cell spans no volume."""
    normals = np.cross(frame.cell[[1, 2, 0]], frame.cell[[2, 0, 1]])
    areas = np.linalg.norm(normals, axis=1)
    if not areas.all():
        return 0.0
    return float((frame.volume / areas).min())
