"""Inversion of a labelled structure through a point: where a path is symmetric, half of its labels follow from the other half."""

from __future__ import annotations

import numpy as np
from ase import Atoms


def inverted(atoms: Atoms, centre: np.ndarray) -> Atoms:
    """Return the structure inverted through a point, with its labels: energy and stress stay, forces change sign.

    Args:
        atoms: Structure, with or without ``REF_`` labels.
        centre: Point of inversion, (3,) Å.

    Returns:
        Inverted copy, atoms in the same order.
    """
    copy = Atoms(atoms.get_chemical_symbols(), positions=2 * np.asarray(centre) - atoms.positions, cell=atoms.cell, pbc=atoms.pbc)
    copy.info.update(atoms.info)
    if "REF_forces" in atoms.arrays:
        copy.arrays["REF_forces"] = -atoms.arrays["REF_forces"]
    return copy
