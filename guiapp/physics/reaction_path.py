"""Profiles of migration paths: reaction coordinate and kinetically resolved barrier."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_NEIGHBOURS = np.array(list(product((-1, 0, 1), repeat=3)), dtype=np.float64)


def displacements(start: Floats, end: Floats, cell: Floats) -> Floats:
    """Return the shortest displacement of every atom over all periodic images.

    Args:
        start: (n, 3) Å.
        end: (n, 3) Å, the same atoms in the same order.
        cell: Lattice vectors as rows, (3, 3) Å, in a fairly reduced basis.

    Returns:
        (n, 3) Å.
    """
    scaled = np.linalg.solve(cell.T, (end - start).T).T
    candidates = (scaled - np.rint(scaled))[:, None, :] @ cell + (_NEIGHBOURS @ cell)[None]
    nearest = np.argmin(np.linalg.norm(candidates, axis=2), axis=1)
    shortest: Floats = candidates[np.arange(len(start)), nearest]
    return shortest


def reaction_coordinate(images: Sequence[Floats], cell: Floats) -> Floats:
    """Return the length of the path up to each image.

    Args:
        images: Positions, each (n, 3) Å.
        cell: (3, 3) Å.

    Returns:
        (n_images,) Å: the sum of the distances of successive images in the space of all coordinates, as nudged elastic band codes print it.
    """
    steps = [np.linalg.norm(displacements(a, b, cell)) for a, b in pairwise(images)]
    return np.concatenate([[0.0], np.cumsum(steps)])


def resolved_barrier(energies: Floats) -> float:
    """Return the kinetically resolved barrier: the highest image between the ends, minus the mean of the two ends.

    Args:
        energies: (n_images,) eV, at least three; the ends do not count as the top, so that a path without a barrier shows as negative.

    Source:
        Van der Ven et al., Phys. Rev. B 64, 184307 (2001), eq. 11.
    """
    return float(energies[1:-1].max() - 0.5 * (energies[0] + energies[-1]))
