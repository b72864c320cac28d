"""Vacancy hops of any crystal: end points and interpolated images, ready to be predicted, relaxed or turned into a band."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ase import Atoms

from guiapp.benchmarks.defect_cells import supercell_repeats
from guiapp.benchmarks.path_recognition import IMAGE, MOVING_ATOM, N_IMAGES
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame, Info


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
    from ase.mep import idpp_interpolate, interpolate  # noqa: PLC0415 - only the set-up needs it

    images = [first.copy() for _ in range(n_images - 1)] + [last.copy()]
    interpolate(images, mic=True)
    idpp_interpolate(images, traj=None, log=None, mic=True, fmax=0.05, steps=200)
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
