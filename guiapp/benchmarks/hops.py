"""Vacancy and interstitial hops of any crystal: ends and interpolated images, to be predicted, relaxed or made a band."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers

from guiapp.benchmarks.defect_cells import largest_hole, supercell_repeats
from guiapp.benchmarks.path_recognition import IMAGE, MOVING_ATOM, N_IMAGES
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Floats, Frame, Info
from guiapp.physics.reaction_path import displacements

_SYMPREC = 1e-3  # Å
_SHORTEST_HOP = 0.5  # Å; nearer images of a hole are the same hole on a coarse grid
_CLEAR_OF_ATOMS = 1.0  # Å; a straight way that comes nearer leads through an atom, and no interpolation bends around it
_POINTS_ON_WAY = 21


def vacancy_hop(
    bulk: Frame, ion: str, *, repeats: tuple[int, int, int] | None = None, n_images: int = 5, shell: int = 1
) -> tuple[Frame, ...]:
    """Set up the hop of an ion into a vacant site of its own kind.

    Args:
        bulk: Relaxed unit cell.
        ion: Element that moves.
        repeats: Repeats of the unit cell; by default as for point defects.
        n_images: Images with the two ends, an odd number so that one lies in the middle.
        shell: Which neighbour: 1 the nearest, 2 the next distance ...

    Returns:
        The images, the moving ion first, ``idpp``-interpolated between unrelaxed ends.

    Raises:
        UserFacingError: Where there is no such neighbour.
    """
    supercell = bulk.to_atoms().repeat(repeats or supercell_repeats(bulk))
    sites = [index for index, symbol in enumerate(supercell.get_chemical_symbols()) if symbol == ion]
    if len(sites) < 2:
        raise UserFacingError(f"{bulk.formula} has no two sites of {ion} in this supercell.", advice="Choose a larger supercell.")
    vacancy = sites[0]
    vectors = supercell.get_distances(vacancy, sites[1:], mic=True, vector=True)
    lengths = np.linalg.norm(vectors, axis=1).round(4)
    shells = np.unique(lengths)
    if not 1 <= shell <= len(shells):
        raise UserFacingError(f"There are {len(shells)} shells of neighbours in this supercell.", advice="Choose a larger supercell.")
    neighbour = int(np.argmax(lengths == shells[shell - 1]))
    mover = sites[1 + neighbour]
    rest = [index for index in range(len(supercell)) if index not in {vacancy, mover}]
    first = supercell[[mover, *rest]]
    last = first.copy()
    first.positions[0] = supercell.positions[vacancy] + vectors[neighbour]
    last.positions[0] = supercell.positions[vacancy]
    return interpolated(first, last, system=f"{bulk.formula} {ion} vacancy hop {shells[shell - 1]:.2f} Å", n_images=n_images)


def interstitial_hop(
    bulk: Frame, ion: str, *, repeats: tuple[int, int, int] | None = None, n_images: int = 5, shell: int = 1
) -> tuple[Frame, ...]:
    """Set up the hop of an extra ion from the largest hole to a symmetry-equivalent one.

    Args:
        bulk: Relaxed unit cell.
        ion: Element that is added, of the crystal or not.
        repeats: Repeats of the unit cell; by default as for point defects.
        n_images: Images with the two ends.
        shell: Which equivalent hole: 1 the nearest that a straight line reaches without passing through an atom, 2 the next distance ...

    Returns:
        The images, the moving ion first, ``idpp``-interpolated between unrelaxed ends.

    Raises:
        UserFacingError: Where there is no such hole.
    """
    if ion not in atomic_numbers:
        raise UserFacingError(f"There is no element “{ion}”.", advice="Give the symbol of the ion that moves, e.g. Li.")
    hole = largest_hole(bulk)
    vectors = _to_equivalent_holes(bulk, hole)
    lengths = np.linalg.norm(vectors, axis=1).round(4)
    clear = np.array([_least_approach(bulk, hole, vector) > _CLEAR_OF_ATOMS for vector in vectors])
    shells = np.unique(lengths[clear])
    if not 1 <= shell <= len(shells):
        raise UserFacingError(
            f"{bulk.formula} has {len(shells)} kinds of hops between its largest holes.", advice="Choose a smaller shell, or give images."
        )
    vector = vectors[clear][int(np.argmax(lengths[clear] == shells[shell - 1]))]
    supercell = bulk.to_atoms().repeat(repeats or supercell_repeats(bulk))
    first = Atoms([ion], positions=[hole], cell=supercell.cell, pbc=True) + supercell
    last = first.copy()
    last.positions[0] = hole + vector
    return interpolated(first, last, system=f"{bulk.formula} {ion} interstitial hop {shells[shell - 1]:.2f} Å", n_images=n_images)


def _to_equivalent_holes(bulk: Frame, hole: Floats) -> Floats:
    """Return the vectors, (n, 3) Å, from a hole to those that symmetry and translations make of it, in the cells around it."""
    import spglib  # noqa: PLC0415 - a quarter of a second

    scaled = np.linalg.solve(bulk.cell.T, bulk.positions.T).T
    found = spglib.get_symmetry((bulk.cell, scaled, bulk.numbers), symprec=_SYMPREC)
    rotations, translations = (np.eye(3)[None], np.zeros((1, 3))) if found is None else (found["rotations"], found["translations"])
    place = np.linalg.solve(bulk.cell.T, hole)
    images = (rotations @ place + translations - place) % 1.0
    cells = np.array([(i, j, k) for i in (-1, 0, 1) for j in (-1, 0, 1) for k in (-1, 0, 1)])
    vectors = (images[:, None, :] + cells[None]).reshape(-1, 3) @ bulk.cell
    away: Floats = vectors[np.linalg.norm(vectors, axis=1) > _SHORTEST_HOP]
    return away


def _least_approach(bulk: Frame, hole: Floats, vector: Floats) -> float:
    """Return the least distance, Å, of the straight way to any atom."""
    way = hole + np.linspace(0, 1, _POINTS_ON_WAY)[:, None] * vector
    distances = [np.linalg.norm(displacements(np.repeat(atom[None], len(way), axis=0), way, bulk.cell), axis=1) for atom in bulk.positions]
    return float(np.min(distances))


def interpolated(first: Atoms, last: Atoms, *, system: str, n_images: int = 5, moving: int = 0) -> tuple[Frame, ...]:
    """Return images between two ends whose atomic distances change as evenly as can be.

    Args:
        first: One end.
        last: The other, the same atoms in the same order.
        system: What the path is called.
        n_images: Images with the ends.
        moving: Index of the atom that hops.

    Source:
        Image dependent pair potential: Smidstrup et al., J. Chem. Phys. 140, 214106 (2014), as in ``ase.mep``.
    """
    from ase.mep import NEB, idpp_interpolate, interpolate  # noqa: PLC0415 - only the set-up needs it

    images = [first.copy() for _ in range(n_images - 1)] + [last.copy()]
    interpolate(images, mic=True)
    idpp_interpolate(NEB(images, method="improvedtangent"), traj=None, log=None, mic=True, fmax=0.05, steps=200)
    return tuple(_image(image, system, number, n_images, moving) for number, image in enumerate(images))


def _image(image: Atoms, system: str, number: int, n_images: int, moving: int) -> Frame:
    info: dict[str, Info] = {
        "system": system,
        "role": "image",
        IMAGE: number,
        N_IMAGES: n_images,
        MOVING_ATOM: moving,
        "frame": f"{system}/image-{number}",
    }
    return Frame(
        numbers=image.numbers,
        positions=image.positions,
        cell=image.cell.array,
        name=f"{system}/image-{number}",
        compound=system.partition(" ")[0],
        info=info,
    )


def as_images(frames: Sequence[Frame], images: Sequence[Atoms]) -> tuple[Frame, ...]:
    """Return the frames of a path at the places of the given images, without labels."""
    return tuple(
        frame.with_changes(positions=image.positions, energy=None, forces=None, stress=None, magmoms=None)
        for frame, image in zip(frames, images, strict=True)
    )
