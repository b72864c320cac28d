"""Frames along a straight path from one structure: an atom or a mode displaced, or the cell strained."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Floats, Frame, Info

SCAN, POSITION, KIND = "scan", "scan_position", "scan_kind"
"""Role of a frame, and the keys of ``info`` that say where on its path it is (Å or strain) and of which kind the path is."""
REFERENCE_CURVATURE = "reference_curvature"
"""Key of ``info``: the curvature along the path, eV/Å², that DFT is known to have although the frames are not labelled."""
DISPLACEMENT, STRAIN = "displacement", "strain"
REACH_DISPLACEMENT, REACH_STRAIN = 0.2, 0.03
"""Å and strain to both sides: far enough for the quartic term, near enough for atoms to stay apart."""
POINTS = 9
_STRAINS = {
    "hydrostatic": np.eye(3),
    "along x": np.diag([1.0, 0.0, 0.0]),
    "along y": np.diag([0.0, 1.0, 0.0]),
    "along z": np.diag([0.0, 0.0, 1.0]),
    "shear yz": np.array([[0, 0, 0], [0, 0, 0.5], [0, 0.5, 0]]),
    "shear xz": np.array([[0, 0, 0.5], [0, 0, 0], [0.5, 0, 0]]),
    "shear xy": np.array([[0, 0.5, 0], [0.5, 0, 0], [0, 0, 0]]),
}
STRAINS = tuple(_STRAINS)
"""Names of the strains that can be asked for."""


def displacement_scan(
    frame: Frame, atom: int, direction: ArrayLike, *, reach: float = REACH_DISPLACEMENT, points: int = POINTS
) -> tuple[Frame, ...]:
    """Return frames in which one atom moves along a direction.

    Args:
        frame: The structure; its labels are left behind.
        atom: Index of the atom that moves.
        direction: (3,) Cartesian; its length does not matter.
        reach: Å to both sides.
        points: Number of frames, odd so that the structure itself is one of them.

    Raises:
        UserFacingError: Where there is no such atom or the direction is zero.
    """
    if not 0 <= atom < frame.n_atoms:
        raise UserFacingError(f"There is no atom {atom} among {frame.n_atoms}.", advice="Atoms count from 0.")
    vectors = np.zeros((frame.n_atoms, 3))
    vectors[atom] = _unit(direction)
    words = " ".join(f"{value:.3g}" for value in vectors[atom])
    return mode_scan(frame, vectors, name=f"{frame.symbols[atom]}{atom} along ({words})", reach=reach, points=points)


def mode_scan(
    frame: Frame, vectors: ArrayLike, *, name: str = "mode", reach: float = REACH_DISPLACEMENT, points: int = POINTS
) -> tuple[Frame, ...]:
    """Return frames in which all atoms move along one vector, as along a phonon mode.

    Args:
        frame: The structure; its labels are left behind.
        vectors: (n_atoms, 3) Cartesian; scaled so that the atom that moves most moves by 1 Å for each Å of the path.
        name: What the path is called.
        reach: Å to both sides.
        points: Number of frames.

    Raises:
        UserFacingError: Where no atom moves.
    """
    moves = np.asarray(vectors, dtype=np.float64).reshape(-1, 3)
    longest = float(np.linalg.norm(moves, axis=1).max(initial=0.0))
    if moves.shape != frame.positions.shape or not longest > 0:
        raise UserFacingError("A mode needs one vector an atom, and at least one that is not zero.")
    return tuple(
        _named(frame.with_changes(positions=frame.positions + s * moves / longest), frame, name, DISPLACEMENT, s=s, index=index)
        for index, s in enumerate(np.linspace(-reach, reach, points).tolist())
    )


def strain_scan(frame: Frame, strain: str, *, reach: float = REACH_STRAIN, points: int = POINTS) -> tuple[Frame, ...]:
    """Return frames whose cell is strained, fractional coordinates kept.

    Args:
        frame: The structure; its labels are left behind.
        strain: One of ``STRAINS``; shears are engineering strains.
        reach: Strain to both sides.
        points: Number of frames.

    Raises:
        UserFacingError: For an unknown strain.
    """
    if strain not in _STRAINS:
        raise UserFacingError(f"There is no strain “{strain}”.", advice=f"The strains are: {', '.join(STRAINS)}.")
    scan = []
    for index, s in enumerate(np.linspace(-reach, reach, points).tolist()):
        deformation = np.eye(3) + s * _STRAINS[strain]
        changed = frame.with_changes(positions=frame.positions @ deformation, cell=frame.cell @ deformation)
        scan.append(_named(changed, frame, f"strain {strain}", STRAIN, s=s, index=index))
    return tuple(scan)


def tangent(frames: Sequence[Frame]) -> tuple[Floats, Floats]:
    """Return how positions (n_atoms, 3) and cell (3, 3) change along a path, per unit of its coordinate.

    Args:
        frames: Two or more frames of one straight path with ``info["scan_position"]``.
    """
    first, last = (min(frames, key=position_of), max(frames, key=position_of))
    length = position_of(last) - position_of(first)
    cell = (last.cell - first.cell) / length
    apart = np.linalg.solve(last.cell.T, last.positions.T).T - np.linalg.solve(first.cell.T, first.positions.T).T
    apart -= np.rint(apart)
    # Fractional coordinates move in one cell; positions also follow the cell.
    middle = (first.cell + last.cell) / 2
    return np.asarray(apart @ middle / length), np.asarray(cell)


def position_of(frame: Frame) -> float:
    """Return where on its path a frame is; NaN where it is on none."""
    value = frame.info.get(POSITION)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else float("nan")


def _unit(direction: ArrayLike) -> Floats:
    vector = np.asarray(direction, dtype=np.float64).reshape(-1)
    length = float(np.linalg.norm(vector))
    if vector.shape != (3,) or not (length > 0 and np.isfinite(length)):
        raise UserFacingError("A direction needs three numbers that are not all zero.")
    return np.asarray(vector / length)


def _named(changed: Frame, origin: Frame, path: str, kind: str, *, s: float, index: int) -> Frame:
    system = f"{origin.compound or origin.formula}: {path}"
    info: dict[str, Info] = {"system": system, "role": SCAN, KIND: kind, POSITION: s}
    return changed.with_changes(
        energy=None, forces=None, stress=None, magmoms=None, flags=(), name=f"{path} {index}", compound=origin.compound, info=info
    )
