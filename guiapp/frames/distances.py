"""Nearest-neighbour distances in a periodic cell, exact where a check needs them and cheap elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from guiapp.frames.frame import Floats

_PAIR_LIMIT = 256  # atoms; above it the quadratic table costs more than a tree


def cell_heights(cell: Floats) -> Floats:
    """Return the distances between opposite faces of the cell.

    Args:
        cell: (3, 3) lattice vectors as rows, Å, linearly independent.

    Returns:
        (3,) heights along the three lattice directions, Å.
    """
    return np.asarray(1.0 / np.linalg.norm(np.linalg.inv(cell), axis=0), dtype=np.float64)


def nearest_neighbour_distances(positions: Floats, cell: Floats, pbc: Sequence[bool], *, exact_below: float, exact_above: float) -> Floats:
    """Return how far the nearest neighbour (or own periodic image) of every atom is.

    A table of pairs with rounded fractional differences gives an upper bound for every distance. It is exact for any distance
    below half the smallest height of the cell: if the shortest image vector is d, each of its fractional components is at most
    |d| divided by the height in that direction, so below one half, and rounding finds exactly that image. Only where this
    does not settle the question (a flat cell, or an atom that seems isolated) a tree of the atoms and
    their images is searched.

    Args:
        positions: (n_atoms, 3) Å.
        cell: (3, 3) Å, with a volume.
        pbc: Periodicity along the three lattice vectors.
        exact_below: Distances below this are exact, Å.
        exact_above: Distances are never reported above this unless they are, Å.

    Returns:
        (n_atoms,) distances in Å. Between the two limits a value may be an upper bound; infinity stands for "none within
        ``exact_above``".
    """
    periodic = np.array(pbc, dtype=bool)
    heights = cell_heights(cell)[periodic]
    if len(positions) > _PAIR_LIMIT or (len(heights) and heights.min() < 2 * exact_below):
        return _listed(positions, cell, periodic, exact_above)
    nearest = _rounded(positions, cell, periodic)
    return nearest if nearest.max() <= exact_above else _listed(positions, cell, periodic, exact_above)


def _rounded(positions: Floats, cell: Floats, periodic: np.ndarray) -> Floats:
    fractional = positions @ np.linalg.inv(cell)
    difference = fractional[:, None, :] - fractional[None, :, :]
    difference -= np.where(periodic, np.rint(difference), 0.0)
    cartesian = difference @ cell
    squared = np.einsum("ijk,ijk->ij", cartesian, cartesian)
    np.fill_diagonal(squared, np.square(cell[periodic]).sum(axis=1).min() if periodic.any() else np.inf)
    return np.asarray(np.sqrt(squared.min(axis=1)), dtype=np.float64)


def _listed(positions: Floats, cell: Floats, periodic: np.ndarray, reach: float) -> Floats:
    """Search a tree of all atoms and of those periodic images that lie within reach of the cell."""
    from scipy.spatial import cKDTree  # noqa: PLC0415 - seldom needed

    fractional = positions @ np.linalg.inv(cell)
    fractional -= np.where(periodic, np.floor(fractional), 0.0)
    margin = np.where(periodic, reach / cell_heights(cell), 0.0)
    images = fractional
    for axis in np.flatnonzero(periodic):
        steps = np.arange(-np.ceil(margin[axis]), np.ceil(margin[axis]) + 1)
        images = (images[None] + np.eye(3)[axis] * steps[:, None, None]).reshape(-1, 3)
        near = (images[:, axis] > -margin[axis]) & (images[:, axis] < 1 + margin[axis])
        images = images[near]
    # each atom finds itself at distance 0 first, and the nearest other atom or image second
    distances, _ = cKDTree(images @ cell).query(fractional @ cell, k=2, distance_upper_bound=reach)
    return np.asarray(distances[:, 1], dtype=np.float64)
