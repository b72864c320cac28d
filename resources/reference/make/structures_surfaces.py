"""Symmetric, stoichiometric 1x1 slabs of the DFT-relaxed crystals, each with the bulk cell that shares its in-plane cell and k-mesh."""

from __future__ import annotations

from itertools import combinations, product
from math import ceil, gcd
from pathlib import Path

import numpy as np
import spglib
from ase import Atoms
from settings import settings_for

SURFACES = (
    ("MgO", (1, 0, 0)),
    ("LiF", (1, 0, 0)),
    ("NaCl", (1, 0, 0)),
    ("CaO", (1, 0, 0)),
    ("Al", (1, 1, 1)),
    ("Si", (1, 1, 1)),
    ("Al", (1, 0, 0)),
    ("Si", (1, 0, 0)),
    ("SiC", (1, 1, 0)),
    ("Cu", (1, 1, 1)),
    ("CsF", (1, 0, 0)),
    ("GaAs", (1, 1, 0)),
    ("MgO", (1, 1, 0)),
    ("Al", (1, 1, 0)),
    ("Cu", (1, 0, 0)),
    ("TiC", (1, 0, 0)),
    ("LiF", (1, 1, 0)),
)
"""Crystal and Miller indices in the conventional cubic cell, in the order in which they are computed."""
THICKNESS = 10.0
"""Smallest number of layers times their distance, Å (the paper's value)."""
VACUUM = 10.0
"""Vacuum added to that, Å (the paper's value)."""


def primitive_indices(cell: np.ndarray, constant: float, miller: tuple[int, int, int]) -> tuple[int, int, int]:
    """Return Miller indices in the basis of a primitive cell.

    Args:
        cell: Primitive vectors as rows, along the conventional cubic axes, (3, 3) Å.
        constant: Conventional lattice constant, Å.
        miller: Indices in the conventional cell.

    Returns:
        Coprime indices in the primitive cell: each primitive vector times the plane's normal.
    """
    products = np.rint(2 * (cell / constant) @ np.array(miller)).astype(int)
    divisor = gcd(*(int(n) for n in products)) or 1
    h, k, m = (int(n) // divisor for n in products)
    return h, k, m


def cut_at_widest_gap(crystal: Atoms, miller: tuple[int, int, int]) -> Atoms:
    """Return the crystal shifted so that planes through the origin run through the widest gap between atomic planes.

    Diamond (111) is so cut through its single bonds (the shuffle planes), not through the three of each double layer.
    """
    heights = np.sort((crystal.get_scaled_positions() @ np.array(miller)) % 1.0)
    gaps = np.append(heights[1:], heights[0] + 1.0) - heights
    middle = heights[int(np.argmax(gaps))] + gaps.max() / 2
    reciprocal = np.array(miller) @ np.linalg.inv(crystal.cell.array).T
    shifted = crystal.copy()
    shifted.translate(-middle * reciprocal / (reciprocal @ reciprocal))
    return shifted


def oriented(crystal: Atoms, miller: tuple[int, int, int]) -> Atoms:
    """Return the crystal in the shortest basis whose first two vectors lie in a plane, turned so that the plane is horizontal.

    Args:
        crystal: Primitive cell.
        miller: Indices in that cell.

    Returns:
        The same crystal (same number of atoms): first vector along x, second in the xy plane, third the shortest that leads to
        the next plane.
    """
    vectors = [np.array(n) for n in product(range(-2, 3), repeat=3)]
    length = {tuple(n): float(np.linalg.norm(n @ crystal.cell.array)) for n in vectors}
    in_plane = sorted((n for n in vectors if n @ miller == 0 and n.any()), key=lambda n: length[tuple(n)])
    upwards = sorted((n for n in vectors if n @ miller == 1), key=lambda n: length[tuple(n)])
    for first, second in combinations(in_plane[:12], 2):  # sorted by length, so the first basis that fits is the shortest
        basis = np.array([first, second, upwards[0]])
        if round(abs(np.linalg.det(basis))) != 1:
            continue
        if np.linalg.det(basis) < 0:
            basis[1] *= -1
        scaled = crystal.get_scaled_positions() @ np.linalg.inv(basis)
        turned = Atoms(crystal.get_chemical_symbols(), cell=basis @ crystal.cell.array, scaled_positions=scaled % 1.0, pbc=True)
        turned.set_cell(turned.cell.standard_form()[0], scale_atoms=True)
        return turned
    raise RuntimeError(f"no surface basis for {crystal.symbols} {miller}")


def is_symmetric(slab: Atoms) -> bool:
    """Tell whether an operation of the slab's space group turns its two faces into each other."""
    operations = spglib.get_symmetry((slab.cell.array, slab.get_scaled_positions(), slab.numbers), symprec=1e-4)
    return bool((operations["rotations"][:, 2, 2] == -1).any())


def slab_and_bulk(crystal: Atoms, miller: tuple[int, int, int]) -> tuple[Atoms, Atoms, int]:
    """Build the thinnest symmetric slab of at least the wanted thickness and its bulk cell.

    Args:
        crystal: Primitive cell, its vectors along conventional cubic axes.
        miller: Indices in the primitive cell.

    Returns:
        Slab with vacuum along its third axis, bulk cell with the same in-plane vectors, number of layers.
    """
    bulk = oriented(cut_at_widest_gap(crystal, miller), miller)
    distance = float(bulk.cell.array[2, 2])
    layers = ceil(THICKNESS / distance)
    while True:
        slab = bulk.repeat((1, 1, layers))
        slab.set_cell([slab.cell[0], slab.cell[1], [0.0, 0.0, layers * distance + VACUUM]], scale_atoms=False)
        slab.center(axis=2)
        slab.wrap(pbc=(True, True, False))
        if is_symmetric(slab):
            return slab, bulk, layers
        layers += 1
        if layers > ceil(THICKNESS / distance) + 3:
            raise RuntimeError(f"no symmetric slab of {crystal.symbols} {miller}")


def conventional_constant(primitive: Atoms) -> float:
    """Return the cubic lattice constant of a face-centred primitive cell, Å."""
    return float((4 * primitive.get_volume()) ** (1 / 3))


def structures(relaxed: dict[str, Atoms], _folder: Path) -> list[Atoms]:
    """Return slab and bulk of each surface whose crystal has been relaxed.

    Args:
        relaxed: DFT-relaxed primitive cells by compound.

    Returns:
        Bulk and slab a surface; the slab is labelled as cut and with its positions relaxed.
    """
    frames = []
    for name, miller in SURFACES:
        if name not in relaxed:
            continue
        crystal = Atoms(relaxed[name].get_chemical_symbols(), positions=relaxed[name].positions, cell=relaxed[name].cell, pbc=True)
        indices = primitive_indices(crystal.cell.array, conventional_constant(crystal), miller)
        slab, bulk, layers = slab_and_bulk(crystal, indices)
        settings = settings_for(name, set(crystal.get_chemical_symbols()))
        n1, n2, _ = settings.mesh(slab.cell.array, vacuum_axis=2)
        n3 = settings.mesh(bulk.cell.array)[2]
        plane = "".join(map(str, miller))
        shared = {"system": f"{name}({plane})", "compound": name, "miller": f"({plane})", "state": "unrelaxed"}
        area = float(np.linalg.norm(np.cross(slab.cell.array[0], slab.cell.array[1])))
        bulk.info.update(shared, role="bulk", relax="none", kpts=f"{n1}x{n2}x{n3}", frame=f"{name}({plane})/bulk")
        slab.info.update(
            shared, role="slab", n_layers=layers, area=area, bulk_units=len(slab) / len(bulk), relax="positions", kpts=f"{n1}x{n2}x1",
            frame=f"{name}({plane})/slab",
        )  # fmt: skip
        for atoms in (bulk, slab):
            atoms.set_pbc(True)
            frames.append(atoms)
    return frames
