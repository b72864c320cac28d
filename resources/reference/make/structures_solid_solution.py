"""Rocksalt (Ca,Mg)O: end members and all symmetry-distinct orderings of the cubic 8-atom cell and of the 2x2x2 primitive 16-atom cell."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import spglib
from ase import Atoms
from ase.build import bulk

MESH = "3x3x3"
"""One k-mesh for every cell of one size: what k-density 2 asks for from MgO to CaO."""


def distinct_occupations(parent: Atoms, sites: list[int], n_calcium: int) -> list[tuple[int, ...]]:
    """Return one occupation of each class that the parent's space group (translations too) turns into each other.

    Args:
        parent: Supercell with one kind of cation.
        sites: Indices of the cation sites.
        n_calcium: Cations that become Ca.

    Returns:
        For each class the sites of Ca, the first in lexical order.
    """
    operations = spglib.get_symmetry((parent.cell.array, parent.get_scaled_positions(), parent.numbers), symprec=1e-5)
    scaled = parent.get_scaled_positions()[sites]
    permutations = set()
    for rotation, translation in zip(operations["rotations"], operations["translations"], strict=True):
        moved = scaled @ rotation.T + translation
        difference = moved[:, None, :] - scaled[None, :, :]
        permutations.add(tuple(int(i) for i in np.argmin(np.abs(difference - np.rint(difference)).sum(axis=2), axis=1)))
    seen: set[tuple[int, ...]] = set()
    distinct = []
    for chosen in combinations(range(len(sites)), n_calcium):
        if chosen in seen:
            continue
        distinct.append(tuple(sites[i] for i in chosen))
        seen.update(tuple(sorted(p[i] for i in chosen)) for p in permutations)
    return distinct


def lattice_constant(mgo: float, cao: float, fraction: float) -> float:
    """Return the lattice constant whose volume lies between the end members' in proportion (Vegard's rule for volumes), Å."""
    return float((mgo**3 + fraction * (cao**3 - mgo**3)) ** (1 / 3))


def structures(relaxed: dict[str, Atoms], _folder: Path) -> list[Atoms]:
    """Return end members and orderings; none while MgO and CaO are not both relaxed.

    Args:
        relaxed: DFT-relaxed primitive cells by compound.

    Returns:
        The 8-atom cells (nothing but the volume is free there, and DFT relaxes it), then the 16-atom cells at the volume of Vegard's
        rule, their positions to be relaxed.
    """
    if not {"MgO", "CaO"} <= set(relaxed):
        return []
    mgo, cao = (float((4 * relaxed[name].get_volume()) ** (1 / 3)) for name in ("MgO", "CaO"))
    frames = []
    for size, shape in ((8, "cubic"), (16, "primitive 2x2x2")):
        n_sites = size // 2
        for n_calcium in sorted(range(n_sites + 1), key=lambda n: (n not in (0, n_sites), abs(n / n_sites - 0.5), n)):
            fraction = n_calcium / n_sites
            constant = lattice_constant(mgo, cao, fraction)
            parent = bulk("MgO", "rocksalt", a=constant, cubic=True) if size == 8 else bulk("MgO", "rocksalt", a=constant).repeat(2)
            sites = [i for i, symbol in enumerate(parent.get_chemical_symbols()) if symbol == "Mg"]
            end_member = n_calcium in (0, n_sites)
            for number, calcium in enumerate(distinct_occupations(parent, sites, n_calcium)):
                cell = parent.copy()
                cell.symbols[list(calcium)] = "Ca"
                cell.info.update(
                    system="(Ca,Mg)O", compound="(Ca,Mg)O", role="end member" if end_member else "ordering", x_ca=fraction, cell_atoms=size,
                    cell_shape=shape, ordering=number, kpts=MESH, relax="none" if end_member else "volume" if size == 8 else "positions",
                    state="relaxed" if size == 8 else "unrelaxed", frame=f"(Ca,Mg)O/{size}-atom/x{fraction:.3f}/{number}",
                )  # fmt: skip
                frames.append(cell)
    return frames
