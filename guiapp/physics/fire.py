"""FIRE: a damped dynamics that runs downhill and stops when it goes up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_FIRST_STEP, _LONGEST_STEP = 0.1, 1.0  # time steps, in ase's units
_LONGEST_MOVE = 0.2  # Å, length of the whole displacement vector
_STEPS_BEFORE_FASTER = 5
_FASTER, _SLOWER = 1.1, 0.5
_FIRST_MIXING, _LESS_MIXING = 0.1, 0.99


class Fire:
    """The state of one minimisation; parameters and order of operations are those of ``ase.optimize.FIRE``.

    Source:
        Bitzek, Koskinen, Gähler, Moseler and Gumbsch, Phys. Rev. Lett. 97, 170201 (2006).
    """

    def __init__(self) -> None:
        """Start at rest."""
        self._velocity: Floats | None = None
        self._time_step = _FIRST_STEP
        self._mixing = _FIRST_MIXING
        self._steps_downhill = 0

    def step(self, forces: Floats) -> Floats:
        """Return how far to move.

        Args:
            forces: (n, 3) forces on the degrees of freedom, eV/Å.

        Returns:
            (n, 3) displacement, Å, at most 0.2 Å long as one vector.
        """
        velocity = np.zeros_like(forces) if self._velocity is None else self._steered(self._velocity, forces)
        velocity = velocity + self._time_step * forces
        self._velocity = velocity
        move = self._time_step * velocity
        length = float(np.sqrt(np.vdot(move, move)))
        return np.asarray(_LONGEST_MOVE * move / length if length > _LONGEST_MOVE else move)

    def _steered(self, velocity: Floats, forces: Floats) -> Floats:
        if not np.vdot(forces, velocity) > 0:
            self._mixing = _FIRST_MIXING
            self._time_step *= _SLOWER
            self._steps_downhill = 0
            return np.zeros_like(velocity)
        along = forces / np.sqrt(np.vdot(forces, forces)) * np.sqrt(np.vdot(velocity, velocity))
        steered = (1.0 - self._mixing) * velocity + self._mixing * along
        if self._steps_downhill > _STEPS_BEFORE_FASTER:
            self._time_step = min(self._time_step * _FASTER, _LONGEST_STEP)
            self._mixing *= _LESS_MIXING
        self._steps_downhill += 1
        return np.asarray(steered)
