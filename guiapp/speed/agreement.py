"""Whether two ways give the same numbers: a ratio of times says nothing where they do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from guiapp.potentials.potential import Prediction

ENERGY_LIMIT = 1e-5
"""eV/atom."""
FORCE_LIMIT = 5e-4
"""eV/Å; what float32 leaves of forces of 10 eV/Å, whichever way they are computed."""


@dataclass(frozen=True)
class Agreement:
    """The largest differences between two ways over all frames."""

    energy: float
    """eV/atom."""
    force: float
    """eV/Å, over all components."""

    @property
    def holds(self) -> bool:
        """Whether the ways may be called equal; false where a number is NaN."""
        return self.energy <= ENERGY_LIMIT and self.force <= FORCE_LIMIT

    @property
    def words(self) -> str:
        """Return the differences, or why there is no ratio."""
        found = f"largest difference {self.energy:.1e} eV/atom, {self.force:.1e} eV/Å"
        if self.holds:
            return found
        return f"NOT TIMED, the numbers differ: {found} (allowed {ENERGY_LIMIT:g} and {FORCE_LIMIT:g})"


def agreement(ours: Sequence[Prediction], theirs: Sequence[Prediction]) -> Agreement:
    """Compare two predictions of every frame.

    Raises:
        ValueError: Where the numbers of frames or atoms differ.
    """
    pairs = list(zip(ours, theirs, strict=True))
    energies = [abs(a.energy - b.energy) / len(a.forces) for a, b in pairs]
    forces = [np.abs(a.forces - b.forces).max() for a, b in pairs]
    return Agreement(float(np.max(energies)), float(np.max(forces)))
