"""Vacancy hops: five images each, the moving ion fixed on the line between two neighbouring sites, the rest relaxed around it.

The idea of ApproxNEB: every image is relaxed on its own. Here CHGNet relaxes (the DFT labels come after, on fixed geometries), with
the moving ion held and the centre of all other atoms too. Holding one far atom instead, as in large cells, lets a small crystal slide under
the ion: by 0.5 Å in 15 atoms of MgO. The inversion through the middle of the hop
turns the first half of the path into the second, so only three images need a calculation.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator
from ase.constraints import FixAtoms
from ase.io import read
from ase.optimize import FIRE
from inversion import inverted
from settings import settings_for

HOPS = {"MgO": ("Mg", 2), "LiF": ("Li", 2), "NaCl": ("Na", 2), "CaO": ("Ca", 2), "Li2O": ("Li", 2), "Al": ("Al", 3)}
"""Moving ion, and repeats of the primitive cell along each of its vectors, in the order in which they are computed."""
N_IMAGES = 5
FORCE_TOLERANCE = 0.03
"""CHGNet's largest force when an image counts as relaxed, eV/Å."""


def vacancy_hop(primitive: Atoms, ion: str, repeats: int) -> list[Atoms]:
    """Return the images of the shortest hop of an ion into a neighbouring vacancy, the other atoms on their sites.

    Args:
        primitive: Relaxed primitive cell.
        ion: Chemical symbol of the moving ion.
        repeats: Repeats of the primitive cell along each vector.

    Returns:
        ``N_IMAGES`` cells of one atom less than the supercell, the moving ion first.
    """
    supercell = Atoms(primitive.get_chemical_symbols(), positions=primitive.positions, cell=primitive.cell, pbc=True).repeat(repeats)
    sites = [i for i, symbol in enumerate(supercell.get_chemical_symbols()) if symbol == ion]
    vacancy = sites[0]
    vectors = supercell.get_distances(vacancy, sites[1:], mic=True, vector=True)
    neighbour = int(np.argmin(np.linalg.norm(vectors, axis=1).round(6)))
    moving, hop = sites[1:][neighbour], vectors[neighbour]
    rest = [i for i in range(len(supercell)) if i not in (vacancy, moving)]
    images = []
    for step in np.linspace(0.0, 1.0, N_IMAGES):
        image = supercell[[moving, *rest]]
        image.positions[0] = supercell.positions[vacancy] + (1.0 - step) * hop
        images.append(image)
    return images


def relax_around(image: Atoms, calculator: Calculator) -> None:
    """Relax an image in place with its first atom and the centre of the others held; its symmetry is kept, so that DFT can use it."""
    from ase.constraints import FixSubsetCom, FixSymmetry  # noqa: PLC0415 - imports spglib

    rest = list(range(1, len(image)))
    image.set_constraint([FixSymmetry(image, symprec=1e-4, adjust_cell=False), FixSubsetCom(rest), FixAtoms([0])])
    image.calc = calculator
    if not FIRE(image, logfile=None).run(fmax=FORCE_TOLERANCE, steps=300):
        warnings.warn(f"an image of {image.symbols} is not relaxed", stacklevel=2)
    image.calc = None
    image.set_constraint()


def structures(relaxed: dict[str, Atoms], folder: Path) -> list[Atoms]:
    """Return the images of every hop whose crystal has been relaxed; the second half names the image that it mirrors.

    Args:
        relaxed: DFT-relaxed primitive cells by compound.
        folder: Folder of the family; hops whose images are there already are taken over, because their labels belong to them.

    Returns:
        Five images a hop.
    """
    from chgnet.model.dynamics import CHGNetCalculator  # noqa: PLC0415 - loads torch

    calculator = CHGNetCalculator(use_device="cpu")
    before = folder / "structures.extxyz"
    known = list(read(str(before), ":", format="extxyz")) if before.exists() else []
    frames = []
    for name, (ion, repeats) in HOPS.items():
        if name not in relaxed:
            continue
        taken_over = [image for image in known if image.info["compound"] == name]
        if len(taken_over) == N_IMAGES:
            frames += taken_over
            continue
        images = vacancy_hop(relaxed[name], ion, repeats)
        middle = (images[0].positions[0] + images[-1].positions[0]) / 2
        system = f"{name} {ion} vacancy hop"
        mesh = "x".join(map(str, settings_for(name, set(relaxed[name].get_chemical_symbols())).mesh(images[0].cell.array)))
        for index, ideal in enumerate(images):
            mirror = N_IMAGES - 1 - index
            image = ideal
            if index <= mirror:
                relax_around(image, calculator)
            else:
                image = inverted(images[mirror], middle)
            images[index] = image
            image.info.update(
                system=system, compound=name, role="image", image=index, n_images=N_IMAGES, moving_atom=0, relax="none",
                state="relaxed with CHGNet 0.3.0, moving ion fixed", kpts=mesh, frame=f"{system}/image-{index}",
            )  # fmt: skip
            if index > mirror:
                image.info.update(inversion_of=f"{system}/image-{mirror}", inversion_centre=" ".join(f"{x:.12f}" for x in middle))
            frames.append(image)
    return frames
