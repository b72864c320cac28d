"""What surrounds each atom, as a short vector: enough to say whether one frame holds the surroundings of another.

The vector of an atom holds, for each neighbouring element and each of six shells, how many neighbours there are, how lopsided they
lie and how far from a sphere: zeroth, first and second moments of the neighbour directions. All three are unchanged by turning
the crystal and by renumbering atoms, and smooth as an atom crosses the cut-off.

Source: the moments are the lowest ones of Shapeev, Multiscale Model. Simul. 14, 1153 (2016), equation 3.1, with Gaussian shells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from guiapp.frames.frame import Floats, Frame, Integers

CUTOFF = 5.0
"""Å; two shells of neighbours in most crystals, and what a model with a 5 to 6 Å cut-off sees directly."""
_CENTRES = np.linspace(1.5, CUTOFF - 0.5, 6)  # Å
_WIDTH = 0.6  # Å
_MOMENTS = 3


@dataclass(frozen=True, eq=False)
class Environments:
    """The surroundings of all atoms of a frame."""

    numbers: Integers
    """(n_atoms,) atomic numbers of the centres."""
    vectors: Floats
    """(n_atoms, n_elements * 18) dimensionless, by neighbouring element, shell and moment."""


def describe_environments(frame: Frame, elements: Sequence[int]) -> Environments:
    """Describe the surroundings of every atom of a frame.

    Args:
        frame: A frame with finite positions; without a cell the atoms count as isolated.
        elements: Atomic numbers that get columns of their own, in this order; neighbours of other elements are left out.

    Returns:
        One vector an atom.
    """
    from pymatgen.optimization.neighbors import find_points_in_spheres

    columns = len(elements) * len(_CENTRES) * _MOMENTS
    if not frame.n_atoms or frame.volume == 0:
        return Environments(frame.numbers, np.zeros((frame.n_atoms, columns)))
    positions, cell = np.ascontiguousarray(frame.positions), np.ascontiguousarray(frame.cell)
    centre, neighbour, images, length = find_points_in_spheres(
        positions, positions, r=CUTOFF, pbc=np.array(frame.pbc, dtype=np.int64), lattice=cell, tol=1e-8
    )
    place = {z: index for index, z in enumerate(elements)}
    channel = np.array([place.get(z, -1) for z in frame.numbers.tolist()])[neighbour]
    kept = (length > 1e-8) & (channel >= 0)
    centre, neighbour, images, length, channel = centre[kept], neighbour[kept], images[kept], length[kept], channel[kept]
    direction = (positions[neighbour] + images @ cell - positions[centre]) / length[:, None]
    # The cosine takes every shell to zero at the cut-off.
    shell = np.exp(-(((length[:, None] - _CENTRES) / _WIDTH) ** 2)) * (0.5 + 0.5 * np.cos(np.pi * length / CUTOFF))[:, None]
    cell_of_sum, n_sums = centre * len(elements) + channel, frame.n_atoms * len(elements)
    vectors = _moments(cell_of_sum, n_sums, shell, direction)
    return Environments(frame.numbers, vectors.reshape(frame.n_atoms, columns))


def _moments(target: Integers, n_targets: int, shell: Floats, direction: Floats) -> Floats:
    """Return counts and the lengths of the first and second moments, (n_targets, n_shells, 3)."""

    def summed(weights: Floats) -> Floats:
        return np.asarray(np.bincount(target, weights=weights, minlength=n_targets), dtype=np.float64)

    result = np.zeros((n_targets, shell.shape[1], _MOMENTS))
    for k in range(shell.shape[1]):
        weight = shell[:, k]
        count = summed(weight)
        first = sum(summed(weight * direction[:, i]) ** 2 for i in range(3))
        second = sum(summed(weight * direction[:, i] * direction[:, j]) ** 2 for i in range(3) for j in range(3)) - count**2 / 3
        result[:, k, 0] = count
        result[:, k, 1] = np.sqrt(np.maximum(first, 0))
        result[:, k, 2] = np.sqrt(np.maximum(second, 0))
    return result


def coverage(label: Sequence[Environments], target: Sequence[Environments]) -> float:
    """Say how much of the target's surroundings a set of frames holds.

    For each atom of the target the nearest atom of the same element is looked up. One that is no farther than half of the
    spread of the target's own surroundings counts fully, one at 1.5 spreads or more not at all.

    Args:
        label: Surroundings in the frames that would be labelled.
        target: Surroundings in the frames that shall become accurate.

    Returns:
        Between 0 and 1; 1 where the target holds no atoms.
    """
    held, held_numbers = _joined(label)
    wanted, wanted_numbers = _joined(target)
    if not len(wanted):
        return 1.0
    covered = np.zeros(len(wanted))
    for z in np.unique(wanted_numbers).tolist():
        mine, theirs = wanted[wanted_numbers == z], held[held_numbers == z]
        if not len(theirs):
            continue
        spread = float(np.sqrt(((mine - mine.mean(axis=0)) ** 2).sum(axis=1).mean()))
        nearest = _nearest(mine, theirs)
        ratio = nearest / spread if spread > 0 else np.where(nearest > 0, np.inf, 0.0)
        covered[wanted_numbers == z] = np.clip(1.5 - ratio, 0, 1)
    return float(covered.mean())


def _joined(environments: Sequence[Environments]) -> tuple[Floats, Integers]:
    if not environments:
        return np.zeros((0, 0)), np.zeros(0, dtype=np.int64)
    return np.concatenate([one.vectors for one in environments]), np.concatenate([one.numbers for one in environments])


def _nearest(points: Floats, others: Floats) -> Floats:
    from scipy.spatial import cKDTree

    distances, _ = cKDTree(others).query(points)
    return np.asarray(distances, dtype=np.float64)
