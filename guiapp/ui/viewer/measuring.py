"""Distances and angles between picked atoms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from ase.geometry import complete_cell, minkowski_reduce
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Measurement:
    """A distance between two atoms or the angle at the middle one of three."""

    points: Floats
    """Where the line of the drawing runs, (2 or 3, 3) Å; with the nearest image the ends may lie outside the cell."""
    value: float
    """Å for a distance, degrees for an angle."""

    @property
    def is_angle(self) -> bool:
        """True for an angle."""
        return len(self.points) == 3

    @property
    def text(self) -> str:
        """The value with its unit."""
        return f"{self.value:.1f}°" if self.is_angle else f"{self.value:.3f} Å"


def measure(positions: Floats, chosen: Sequence[int], cell: Floats, pbc: Sequence[bool], *, nearest_image: bool) -> Measurement | None:
    """Measure the distance (two atoms) or the angle at the second of three.

    Args:
        positions: Drawn atoms, (n, 3) Å.
        chosen: Indices of two or three of them, in the order of picking.
        cell: Lattice vectors as rows, (3, 3) Å.
        pbc: Which of them repeat.
        nearest_image: Measure to the nearest periodic image (minimum image convention) and not to the atom clicked.

    Returns:
        None for another number of atoms, or an angle with an atom on top of the middle one.
    """
    points = positions[list(chosen)]
    if len(points) not in (2, 3):
        return None
    middle = points[0] if len(points) == 2 else points[1]
    ends = points[1:] if len(points) == 2 else points[[0, 2]]
    arms = ends - middle
    if nearest_image:
        arms = shortest_images(arms, cell, pbc)
    lengths = np.linalg.norm(arms, axis=1)
    if len(points) == 2:
        return Measurement(np.array([middle, middle + arms[0]]), float(lengths[0]))
    if lengths.min() < 1e-9:
        return None
    cosine = float(np.clip(arms[0] @ arms[1] / lengths.prod(), -1, 1))
    return Measurement(np.array([middle + arms[0], middle, middle + arms[1]]), float(np.degrees(np.arccos(cosine))))


def shortest_images(vectors: Floats, cell: Floats, pbc: Sequence[bool]) -> Floats:
    """Return the shortest of each vector's periodic images.

    ase's ``find_mic`` skips the reduction of the cell where a rounded vector is shorter than half a lattice vector, and then misses
    shorter images in strongly skewed cells; here the cell is always reduced, after which the neighbouring cells hold the answer.

    Args:
        vectors: (n, 3) Å.
        cell: Lattice vectors as rows, (3, 3) Å.
        pbc: Which of them repeat.

    Source: Nguyen and Stehle, ACM Trans. Algorithms 5, 46 (2009), for the reduction.
    """
    periodic = np.asarray(pbc, dtype=bool) & (np.linalg.norm(cell, axis=1) > 1e-6)
    # directions at right angles stand in for those that do not repeat, so that they do not enter the rounding
    full = complete_cell(np.where(periodic[:, None], cell, 0.0))
    if not periodic.any() or abs(np.linalg.det(full)) < 1e-9:
        return vectors
    reduced, _ = minkowski_reduce(full, pbc=periodic)
    fractional = vectors @ np.linalg.inv(reduced)
    wrapped = (fractional - np.where(periodic, np.rint(fractional), 0.0)) @ reduced
    shifts = np.array(list(product(*((-1, 0, 1) if repeats else (0,) for repeats in periodic)))) @ reduced
    images = wrapped[:, None] + shifts[None]
    nearest = (images**2).sum(axis=2).argmin(axis=1)
    return np.asarray(images[np.arange(len(vectors)), nearest])
