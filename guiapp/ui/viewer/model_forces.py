"""The forces of one model on the frame shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor


@dataclass(frozen=True, eq=False)
class ModelForces:
    """A model's forces, or that it has not been run on this frame yet."""

    title: str
    """E.g. ``CHGNet 0.3.0``."""
    color: QColor
    """The model's colour everywhere in the window."""
    forces: NDArray[np.float64] | None
    """(n_atoms, 3) eV/Å; None where the model has not predicted this frame."""
