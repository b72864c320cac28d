"""Cell and positions as one set of coordinates, so that both are minimised together.

The coordinates are the positions of the atoms in the undeformed cell, and the logarithm of the deformation gradient times the number of
atoms as three more rows; so a step of the cell and a step of an atom are alike in size.

Source:
    The formulation of ase's ``FrechetCellFilter`` (Ortner, JuLIP.jl ``expcell``; Shinohara, "Gradients of the log deformation
    tensor"), rewritten for arrays.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class CellStrain:
    """The deformation of one structure against its first cell."""

    def __init__(self, positions: Floats, cell: Floats) -> None:
        """Start undeformed.

        Args:
            positions: (n, 3) Å.
            cell: (3, 3) lattice vectors as rows, Å.
        """
        self._first_cell = np.array(cell)
        self._undeformed = np.array(positions)
        self._log_strain = np.zeros((3, 3))
        self._weight = float(len(positions))

    def geometry(self) -> tuple[Floats, Floats]:
        """Return positions (n, 3) and cell (3, 3), Å."""
        deformation = self._deformation()
        return self._undeformed @ deformation.T, self._first_cell @ deformation.T

    def forces(self, forces: Floats, stress: Floats) -> Floats:
        """Return the forces on the coordinates.

        Args:
            forces: (n, 3) on the atoms, eV/Å.
            stress: (3, 3) eV/Å^3, ase's sign.

        Returns:
            (n + 3, 3) eV/Å, those of the cell last.
        """
        from scipy.linalg import expm_frechet  # noqa: PLC0415 - a fixed cell needs no scipy

        deformation = self._deformation()
        volume = float(abs(np.linalg.det(self._first_cell @ deformation.T)))
        gradient = -volume * stress @ np.linalg.inv(deformation.T)
        on_cell = np.empty((3, 3))
        for i, j in product(range(3), repeat=2):
            direction = np.zeros((3, 3))
            direction[i, j] = 1.0
            on_cell[i, j] = float(np.sum(expm_frechet(self._log_strain, direction, compute_expm=False) * gradient))
        return np.vstack([forces @ deformation, on_cell / self._weight])

    def move(self, step: Floats) -> None:
        """Move the coordinates by (n + 3, 3) Å."""
        self._undeformed = self._undeformed + step[:-3]
        self._log_strain = self._log_strain + step[-3:] / self._weight

    def _deformation(self) -> Floats:
        from scipy.linalg import expm  # noqa: PLC0415 - as above

        return np.asarray(expm(self._log_strain))
