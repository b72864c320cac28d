"""Whether two frames are one configuration, though a DFT program wrote the atoms in another order or turned the cell."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from guiapp.frames.frame import Floats, Frame, Integers

SAME_WITHIN = 0.01
"""Å; files give positions to 1e-4 Å or better, and forces change by about 0.1 eV/Å over this distance at most."""
_SAME_CELL = 0.01  # Å, in lengths of lattice vectors


@dataclass(frozen=True, eq=False)
class StructureMatch:
    """How the atoms of one frame lie on those of another."""

    same: bool
    distance: float
    """Largest distance between an atom and its counterpart, Å; infinity where there is none."""
    reason: str
    """Why they are not the same, in words."""
    order: Integers
    """(n_atoms,) place in the first frame of each atom of the second."""
    rotation: Floats
    """(3, 3) that turns vectors (as rows, from the right) of the first frame into the second's."""

    @property
    def reordered(self) -> bool:
        """Whether the order of the atoms differs."""
        return not np.array_equal(self.order, np.arange(len(self.order)))

    @property
    def turned(self) -> bool:
        """Whether the cell is turned in space."""
        return not np.allclose(self.rotation, np.eye(3), atol=1e-4)


def match_structures(found: Frame, wanted: Frame) -> StructureMatch:
    """Lay one frame over another.

    Args:
        found: What a file holds.
        wanted: What it should hold.

    Returns:
        The best assignment of atoms, element by element, under the periodicity of the cell, with no common shift allowed: a shifted
        crystal is the same physics, but its file does not belong to this input.
    """
    if Counter(found.symbols) != Counter(wanted.symbols):
        return _different(f"it holds {_formula(found)} instead of {_formula(wanted)}")
    rotation = _rotation(found.cell, wanted.cell)
    if rotation is None:
        lengths = [" × ".join(f"{x:.3f}" for x in np.linalg.norm(frame.cell, axis=1)) for frame in (found, wanted)]
        return _different(f"its cell is {lengths[0]} Å instead of {lengths[1]} Å, or has other angles")
    order, distance = _assignment(found, wanted)
    reason = "" if distance <= SAME_WITHIN else f"an atom is {distance:.2f} Å away from where it should be"
    return StructureMatch(distance <= SAME_WITHIN, distance, reason, order, rotation)


def in_frame_of(found: Frame, match: StructureMatch) -> Frame:
    """Return a frame's labels in the atom order and orientation of the other frame of a match."""
    turn, order = match.rotation, match.order
    return found.with_changes(
        numbers=found.numbers[order],
        positions=(found.positions @ turn)[order],
        cell=found.cell @ turn,
        forces=(found.forces @ turn)[order] if found.forces is not None else None,
        stress=turn.T @ found.stress @ turn if found.stress is not None else None,
        magmoms=found.magmoms[order] if found.magmoms is not None else None,
    )


def _different(reason: str) -> StructureMatch:
    return StructureMatch(False, float("inf"), reason, np.zeros(0, dtype=np.int64), np.eye(3))


def _formula(frame: Frame) -> str:
    return " ".join(f"{symbol}{count}" for symbol, count in sorted(Counter(frame.symbols).items()))


def _rotation(found: Floats, wanted: Floats) -> Floats | None:
    """Return the proper rotation that takes one cell to the other, or None where they differ in shape."""
    if abs(np.linalg.det(found)) < 1e-6 or abs(np.linalg.det(wanted)) < 1e-6:
        return None
    if np.abs(found - wanted).max() <= _SAME_CELL:
        return np.eye(3)
    u, _, v = np.linalg.svd(found.T @ wanted)
    rotation = np.asarray(u @ v)
    if np.linalg.det(rotation) < 0 or np.abs(found @ rotation - wanted).max() > _SAME_CELL:
        return None
    return rotation


def _assignment(found: Frame, wanted: Frame) -> tuple[Integers, float]:
    """Return where each atom of the second frame is in the first, and the largest distance of a pair, Å."""
    from scipy.optimize import linear_sum_assignment

    f = found.positions @ np.linalg.inv(found.cell)
    w = wanted.positions @ np.linalg.inv(wanted.cell)
    order = np.zeros(wanted.n_atoms, dtype=np.int64)
    largest = 0.0
    for z in np.unique(wanted.numbers).tolist():
        mine, theirs = np.flatnonzero(wanted.numbers == z), np.flatnonzero(found.numbers == z)
        difference = w[mine][:, None, :] - f[theirs][None, :, :]
        distance = np.linalg.norm((difference - np.rint(difference)) @ wanted.cell, axis=2)
        rows, columns = linear_sum_assignment(distance**2)
        order[mine[rows]] = theirs[columns]
        largest = max(largest, float(distance[rows, columns].max()))
    return order, largest
