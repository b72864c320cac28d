"""Bonds and bond angles of many frames as flat arrays, the way CHGNet looks at a crystal.

CHGNet works on two graphs: atoms joined by bonds within a long cut-off, and bonds within a short cut-off joined by angles. Here both
are built with numpy for a whole batch; chgnet's own converter makes a Python object of every bond and was measured to be 18 to 96 times
slower.

Source: Deng et al., Nature Machine Intelligence 5, 1031 (2023), section “Methods”.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pymatgen.optimization.neighbors import find_points_in_spheres

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Floats, Frame, Integers

_SAME_PLACE = 1e-8  # Å; an atom is no neighbour of itself


@dataclass(frozen=True, eq=False)
class BondList:
    """The bonds of one frame, each once and not in both directions; the n_short shortest kind first."""

    first: Integers
    """(n_bonds,) atom at one end."""
    second: Integers
    """(n_bonds,) atom at the other end."""
    vectors: Floats
    """(n_bonds, 3) Å, from the second atom (or its periodic image) to the first."""
    n_short: int
    """How many bonds are within the short cut-off."""


@dataclass(frozen=True, eq=False)
class FrameBonds(BondList):
    """The bonds of one frame and the angles between its short ones."""

    angle_from: Integers
    """(n_angles,) directed short bond that an angle starts with: k < n_short runs from ``first``, k + n_short from ``second``."""
    angle_to: Integers
    """(n_angles,) directed short bond that it ends with."""
    angle_at: Integers
    """(n_angles,) atom at the corner."""


def frame_bonds(frame: Frame, bond_cutoff: float, angle_cutoff: float, model: str) -> FrameBonds:
    """Find the bonds and angles of one frame; arguments and errors are those of ``bond_list``."""
    bonds = bond_list(frame, bond_cutoff, angle_cutoff, model)
    short = slice(bonds.n_short)
    angles = _angles(bonds.first[short], bonds.second[short], frame.n_atoms)
    return FrameBonds(bonds.first, bonds.second, bonds.vectors, bonds.n_short, *angles)


def bond_list(frame: Frame, bond_cutoff: float, angle_cutoff: float, model: str) -> BondList:
    """Find the bonds of one frame.

    Args:
        frame: A periodic frame.
        bond_cutoff: Å; atoms this close are bonded.
        angle_cutoff: Å; bonds this short form angles.
        model: The potential's title, for the message.

    Raises:
        UserFacingError: Where an atom has no neighbour at all.
    """
    first, second, images, lengths = find_points_in_spheres(
        np.ascontiguousarray(frame.positions),
        np.ascontiguousarray(frame.positions),
        r=float(bond_cutoff),
        pbc=np.array(frame.pbc, dtype=np.int64),
        lattice=np.ascontiguousarray(frame.cell),
        tol=_SAME_PLACE,
    )
    alone = np.bincount(first[~((first == second) & (lengths < _SAME_PLACE))], minlength=frame.n_atoms) == 0
    if alone.any():
        raise isolated_atom(frame, int(np.argmax(alone)), bond_cutoff, model)
    # The search returns every bond from both ends; of an atom and its own image the lexicographically positive one is kept.
    x, y, z = images.T
    positive = (x > 0) | ((x == 0) & ((y > 0) | ((y == 0) & (z > 0))))
    once = np.flatnonzero((first < second) | ((first == second) & positive))
    once = once[np.argsort(lengths[once] > angle_cutoff, kind="stable")]
    first, second, images, lengths = first[once], second[once], images[once], lengths[once]
    n_short = int((lengths <= angle_cutoff).sum())
    vectors = frame.positions[first] - frame.positions[second] - images @ frame.cell
    return BondList(first, second, vectors, n_short)


def isolated_atom(frame: Frame, atom: int, cutoff: float, model: str) -> UserFacingError:
    """Return the error for an atom without neighbours."""
    return UserFacingError(
        f"An atom ({frame.symbols[atom]}) has no neighbour within {cutoff:g} Å, which {model} cannot describe.",
        advice="Leave the frame out, or use a potential that can describe isolated atoms.",
    )


def _angles(first: Integers, second: Integers, n_atoms: int) -> tuple[Integers, Integers, Integers]:
    """Pair every directed short bond with every other one that starts at the same atom."""
    corners = np.concatenate([first, second])
    by_corner = np.argsort(corners, kind="stable")
    partners = np.bincount(corners, minlength=n_atoms)
    starts = np.cumsum(partners) - partners
    counts = partners[corners[by_corner]]
    one = np.repeat(np.arange(len(corners)), counts)
    within = np.arange(len(one)) - np.repeat(np.cumsum(counts) - counts, counts)
    other = starts[corners[by_corner[one]]] + within
    differ = one != other
    one, other = by_corner[one[differ]], by_corner[other[differ]]
    return one, other, corners[one]


@dataclass(frozen=True, eq=False)
class JoinedBonds:
    """The bonds of several frames side by side: all short bonds first, then the long ones."""

    numbers: Integers
    """(n_atoms,) atomic numbers."""
    frame_of_atom: Integers
    """(n_atoms,)"""
    first: Integers
    """(n_bonds,)"""
    second: Integers
    """(n_bonds,)"""
    vectors: Floats
    """(n_bonds, 3) Å."""
    n_short: int
    atoms_per_frame: Integers
    """(n_frames,)"""
    volumes: Floats
    """(n_frames,) Å^3."""


@dataclass(frozen=True, eq=False)
class BondBatch(JoinedBonds):
    """The bonds of several frames side by side, and the angles between the short ones."""

    frame_of_bond: Integers
    """(n_bonds,)"""
    angle_from: Integers
    """(n_angles,) directed short bond; the directions from ``second`` come after all those from ``first``."""
    angle_to: Integers
    """(n_angles,)"""
    angle_at: Integers
    """(n_angles,)"""
    has_angles: np.ndarray
    """(n_frames,) bool."""


def join_bond_lists(frames: Sequence[Frame], bonds: Sequence[BondList]) -> JoinedBonds:
    """Put frames and their bonds side by side."""
    atoms = np.array([frame.n_atoms for frame in frames])
    atom_start = np.cumsum(atoms) - atoms
    return JoinedBonds(
        numbers=np.concatenate([frame.numbers for frame in frames]),
        frame_of_atom=np.repeat(np.arange(len(frames)), atoms),
        first=_short_then_long([bond.first + start for bond, start in zip(bonds, atom_start, strict=True)], bonds),
        second=_short_then_long([bond.second + start for bond, start in zip(bonds, atom_start, strict=True)], bonds),
        vectors=_short_then_long([bond.vectors for bond in bonds], bonds),
        n_short=sum(bond.n_short for bond in bonds),
        atoms_per_frame=atoms,
        volumes=np.array([frame.volume for frame in frames]),
    )


def join_bonds(frames: Sequence[Frame], bonds: Sequence[FrameBonds]) -> BondBatch:
    """Put frames, their bonds and their angles side by side."""
    joined = join_bond_lists(frames, bonds)
    atom_start = np.cumsum(joined.atoms_per_frame) - joined.atoms_per_frame
    short = np.array([bond.n_short for bond in bonds])
    short_start = np.cumsum(short) - short

    def directed(bond: FrameBonds, start: int, ends: Integers) -> Integers:
        return np.where(ends < bond.n_short, ends + start, ends - bond.n_short + start + joined.n_short)

    return BondBatch(
        numbers=joined.numbers,
        frame_of_atom=joined.frame_of_atom,
        first=joined.first,
        second=joined.second,
        vectors=joined.vectors,
        n_short=joined.n_short,
        atoms_per_frame=joined.atoms_per_frame,
        volumes=joined.volumes,
        frame_of_bond=_short_then_long([np.full(len(bond.first), k) for k, bond in enumerate(bonds)], bonds),
        angle_from=np.concatenate([directed(bond, start, bond.angle_from) for bond, start in zip(bonds, short_start, strict=True)]),
        angle_to=np.concatenate([directed(bond, start, bond.angle_to) for bond, start in zip(bonds, short_start, strict=True)]),
        angle_at=np.concatenate([bond.angle_at + start for bond, start in zip(bonds, atom_start, strict=True)]),
        has_angles=np.array([len(bond.angle_at) > 0 for bond in bonds]),
    )


def _short_then_long(arrays: Sequence[np.ndarray], bonds: Sequence[BondList]) -> np.ndarray:
    cuts = [(array, bond.n_short) for array, bond in zip(arrays, bonds, strict=True)]
    return np.concatenate([array[:n] for array, n in cuts] + [array[n:] for array, n in cuts])
