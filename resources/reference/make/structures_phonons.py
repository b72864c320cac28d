"""Displaced supercells: phonopy's own minimal displacements of the DFT-relaxed primitive cells."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from ase import Atoms
from phonopy import Phonopy
from phonopy.structure.atoms import PhonopyAtoms

SUPERCELLS = {"MgO": 2, "NaCl": 2, "Si": 2, "LiF": 2, "CaO": 2, "CsF": 2, "SiC": 2, "Al": 3, "GaAs": 2, "Cu": 3, "BN": 2, "AlNi": 2}
"""Repeats of the primitive cell along each of its vectors, in the order in which they are computed."""
DISTANCE = 0.03
"""Displacement, Å: three times phonopy's default, so that forces stand well above what is left of the electronic convergence."""


def structures(relaxed: dict[str, Atoms], folder: Path) -> list[Atoms]:
    """Return the perfect and the displaced supercells and write phonopy's description of each compound.

    Args:
        relaxed: DFT-relaxed primitive cells by compound; those that are missing are left out.
        folder: Where ``COMPOUND/phonopy_disp.yaml`` goes.

    Returns:
        For each compound the perfect supercell and one supercell a displacement, in phonopy's order of displacements.
    """
    frames = []
    for name, repeats in SUPERCELLS.items():
        if name not in relaxed:
            continue
        cell = relaxed[name]
        unit = PhonopyAtoms(symbols=cell.get_chemical_symbols(), scaled_positions=cell.get_scaled_positions(), cell=cell.cell.array)
        phonon = Phonopy(unit, supercell_matrix=np.eye(3, dtype=int) * repeats, primitive_matrix=np.eye(3))
        phonon.generate_displacements(distance=DISTANCE)
        (folder / name).mkdir(parents=True, exist_ok=True)
        phonon.save(folder / name / "phonopy_disp.yaml", settings={"force_sets": False, "displacements": True})
        shared = {"system": name, "compound": name, "supercell": f"{repeats}x{repeats}x{repeats}", "relax": "none", "state": "unrelaxed"}
        perfect = _atoms(phonon.supercell)
        perfect.info.update(shared, role="perfect", frame=f"{name}/perfect")
        frames.append(perfect)
        for index, supercell in enumerate(phonon.supercells_with_displacements or []):
            displaced = _atoms(supercell)
            entry = phonon.dataset["first_atoms"][index]
            displaced.info.update(
                shared, role="displaced", displacement=index, displaced_atom=int(entry["number"]), frame=f"{name}/displaced-{index}"
            )
            frames.append(displaced)
    return frames


def _atoms(cell: PhonopyAtoms) -> Atoms:
    return Atoms(cell.symbols, scaled_positions=cell.scaled_positions, cell=cell.cell, pbc=True)
