"""The forces on the frame shown: the labels, and those of one model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from guiapp.frames.frame import Frame


@dataclass(frozen=True, eq=False)
class ModelForces:
    """A model's forces, or that it has not been run on this frame yet."""

    title: str
    """E.g. ``CHGNet 0.3.0``."""
    color: QColor
    """The model's colour everywhere in the window."""
    forces: NDArray[np.float64] | None
    """(n_atoms, 3) eV/Å; None where the model has not predicted this frame."""
    corrected: bool = False
    """Whether it is the corrected copy of a model, whose colour it has: its arrows are pale inside."""


def dft_forces(frame: Frame | None) -> NDArray[np.float64] | None:
    """Return a frame's DFT forces, (n_atoms, 3) eV/Å; None where there are none or they belong to another number of atoms."""
    if frame is None or frame.forces is None or frame.forces.shape != (frame.n_atoms, 3):
        return None
    return frame.forces
