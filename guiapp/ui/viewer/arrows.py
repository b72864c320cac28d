"""Force arrows as plain numbers: how long one eV/Å is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LENGTHS = tuple(m * 10.0**e for e in range(-3, 3) for m in (1.0, 2.0, 5.0))
"""Steps of the arrow scale, Å drawn per eV/Å."""

_SMALLEST_FORCE = 1e-3  # eV/Å; below that an arrow would show the noise of the calculation


@dataclass(frozen=True, eq=False)
class ForceArrows:
    """The forces of one source on every atom of a frame."""

    title: str
    forces: Floats
    """(n_atoms, 3) eV/Å."""
    color: tuple[int, int, int] | None = None
    """Red, green and blue from 0 to 255; None for DFT, which takes the text colour of the theme and to which models are compared."""
    corrected: bool = False
    """Whether the model is the corrected copy of another, whose colour it has."""

    @property
    def is_reference(self) -> bool:
        """True for DFT."""
        return self.color is None


def suggest_length(largest_force: float, radius: float) -> float:
    """Return the step of the arrow scale that draws the largest force at about a third of the structure's radius.

    Args:
        largest_force: Length of the longest force vector, eV/Å.
        radius: Radius of the structure, Å.

    Returns:
        Å drawn per eV/Å; steps of 1, 2, 5 keep it the same for frames that are alike, so that they can be compared.
    """
    if not np.isfinite(largest_force) or largest_force < _SMALLEST_FORCE:
        return 1.0
    # rounding to a step may add a factor of 1.5, so a third is aimed at and half is never passed
    wanted = min(0.36 * radius, 4.0) / largest_force
    steps = np.array(LENGTHS)
    return float(steps[np.abs(np.log(steps / wanted)).argmin()])


def step_length(current: float, step: int) -> float:
    """Return the next longer (step 1) or shorter (step -1) arrow scale, Å per eV/Å."""
    steps = np.array(LENGTHS)
    place = int(np.abs(np.log(steps / current)).argmin()) + step
    return float(steps[np.clip(place, 0, len(steps) - 1)])


def longest(forces: Floats) -> float:
    """Return the length of the longest force vector, eV/Å; 0 where there is none."""
    lengths = np.linalg.norm(forces, axis=1)
    lengths = lengths[np.isfinite(lengths)]
    return float(lengths.max()) if len(lengths) else 0.0
