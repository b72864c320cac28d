"""From numbers as files hold them to labels as a frame wants them: shapes, units and signs."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from guiapp.frames.frame import Floats

KBAR = 1.0 / 1602.1766208
"""One kBar in eV/Å^3. VASP prints pressure-like stress (positive: the cell wants to grow), ase's sign is the opposite."""

VoigtOrder = Literal["voigt", "vasp"]

_ORDERS: dict[VoigtOrder, tuple[tuple[int, int], ...]] = {
    "voigt": ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)),
    "vasp": ((0, 0), (1, 1), (2, 2), (0, 1), (1, 2), (0, 2)),
}


def vectors(value: Any, n_atoms: int, what: str) -> Floats:
    """Return one vector for each atom.

    Args:
        value: Nested lists or an array from a file.
        n_atoms: How many vectors there must be.
        what: Name of the quantity for the message.

    Returns:
        (n_atoms, 3) array in the unit of the file.

    Raises:
        ValueError: If the shape is another one.
    """
    array = np.asarray(value, dtype=np.float64)
    if array.shape != (n_atoms, 3):
        raise ValueError(f"the {what} have the shape {'×'.join(map(str, array.shape)) or 'of a single number'} for {n_atoms} atoms")
    return array


def stress_matrix(value: Any, order: VoigtOrder = "voigt") -> Floats:
    """Return a stress as a symmetric matrix from the three ways files write it.

    Args:
        value: 3 x 3, or 9 numbers, or 6 numbers.
        order: Meaning of six numbers: ``voigt`` is xx, yy, zz, yz, xz, xy (ase, MatPES); ``vasp`` is xx, yy, zz, xy, yz, zx
            (OUTCAR, mlearn).

    Returns:
        (3, 3) in the unit and sign of the file.

    Raises:
        ValueError: If it is none of the three.
    """
    array = np.asarray(value, dtype=np.float64)
    if array.size == 9:
        matrix = array.reshape(3, 3)
        return np.asarray((matrix + matrix.T) / 2, dtype=np.float64)
    if array.size != 6:
        raise ValueError(f"the stress has {array.size} numbers; 6 or 9 were expected")
    result = np.empty((3, 3))
    for (row, column), component in zip(_ORDERS[order], array.ravel(), strict=True):
        result[row, column] = result[column, row] = component
    return result


def from_kbar(stress: Floats) -> Floats:
    """Convert a stress in kBar with VASP's sign to eV/Å^3 with ase's sign."""
    return np.asarray(stress * -KBAR, dtype=np.float64)


def from_virial(virial: Floats, volume: float) -> Floats:
    """Convert a virial in eV to a stress in eV/Å^3 with ase's sign: minus virial over volume.

    Raises:
        ValueError: If the cell has no volume.
    """
    if not volume:
        raise ValueError("a virial needs a cell with a volume")
    return np.asarray(-virial / volume, dtype=np.float64)


def plain(value: Any) -> str | float | int | bool | None:
    """Return a single fact in plain Python types, or None where it is not a single fact."""
    if isinstance(value, np.generic):
        value = value.item()
    return value if isinstance(value, (str, float, int, bool)) else None
