"""Neutral point defects in supercells of 15 to 32 atoms, with the perfect host and the elemental reference phases."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.build import bulk
from settings import settings_for


@dataclass(frozen=True)
class Host:
    """A crystal and the defects made in it."""

    repeats: int
    """Repeats of the cell along each vector."""
    cubic: bool
    """Whether the conventional cubic cell is repeated instead of the primitive one."""
    vacancies: tuple[str, ...]
    """Elements of which one atom is taken out."""
    antisites: tuple[tuple[str, str], ...] = ()
    """(what sits there, on whose site)."""
    interstitials: tuple[tuple[str, tuple[float, float, float]], ...] = ()
    """(element, fractional place in the repeated cell's unit cell)."""


HOSTS = {
    "Mg2Si": Host(2, cubic=False, vacancies=("Mg", "Si"), antisites=(("Mg", "Si"), ("Si", "Mg")), interstitials=(("Mg", (0.5, 0.5, 0.5)),)),
    "Si": Host(2, cubic=False, vacancies=("Si",), interstitials=(("Si", (0.5, 0.5, 0.5)),)),
    "Al": Host(2, cubic=True, vacancies=("Al",), interstitials=(("Al", (0.5, 0.5, 0.5)),)),
    "AlNi": Host(2, cubic=False, vacancies=("Al", "Ni"), antisites=(("Al", "Ni"), ("Ni", "Al"))),
    "Cu": Host(2, cubic=True, vacancies=("Cu",)),
}
"""In the order in which they are computed."""
ELEMENTAL = {
    "Mg": lambda: bulk("Mg", "hcp", a=3.19, c=5.18),
    "Si": lambda: bulk("Si", "diamond", a=5.47),
    "Al": lambda: bulk("Al", "fcc", a=4.04),
    "Ni": lambda: bulk("Ni", "fcc", a=3.52),
    "Cu": lambda: bulk("Cu", "fcc", a=3.63),
}
"""Elemental phases near their PBE lattice constants."""
MAGNETIC_START = {"Ni": 0.7}
"""Elements with a ferromagnetic reference phase: starting moment, Bohr magnetons an atom."""


def defect_cells(perfect: Atoms, host: Host, unit_repeats: int) -> list[tuple[str, Atoms, dict[str, int]]]:
    """Return the defects of a host.

    Args:
        perfect: Perfect supercell.
        host: What to make.
        unit_repeats: Repeats of the unit cell in ``perfect`` along each vector.

    Returns:
        Name in the usual notation (``V_Mg``, ``Mg_Si``, ``Mg_i``), cell and change of the number of atoms of each element.
    """
    symbols = perfect.get_chemical_symbols()
    made = []
    for element in host.vacancies:
        cell = perfect.copy()
        del cell[symbols.index(element)]
        made.append((f"V_{element}", cell, {element: -1}))
    for guest, site in host.antisites:
        cell = perfect.copy()
        cell.symbols[symbols.index(site)] = guest
        made.append((f"{guest}_{site}", cell, {guest: 1, site: -1}))
    for element, place in host.interstitials:
        cell = perfect + Atoms(element, positions=[np.array(place) / unit_repeats @ perfect.cell.array])
        made.append((f"{element}_i", cell, {element: 1}))
    return made


def structures(relaxed: dict[str, Atoms], _folder: Path) -> list[Atoms]:
    """Return elemental phases, perfect hosts and defects of every host that has been relaxed.

    Args:
        relaxed: DFT-relaxed primitive cells by compound.

    Returns:
        For each host its elemental phases (with the host's cut-off, so that energies compare), the perfect supercell and the defects, whose
        positions are to be relaxed in the fixed cell.
    """
    frames = []
    for name, host in HOSTS.items():
        if name not in relaxed:
            continue
        primitive = Atoms(relaxed[name].get_chemical_symbols(), positions=relaxed[name].positions, cell=relaxed[name].cell, pbc=True)
        elements = sorted(set(primitive.get_chemical_symbols()))
        unit = bulk(name, "fcc", a=float((4 * primitive.get_volume()) ** (1 / 3)), cubic=True) if host.cubic else primitive
        perfect = unit.repeat(host.repeats)
        mesh = "x".join(map(str, settings_for(name, set(elements)).mesh(perfect.cell.array)))
        shared = {"compound": name, "host": name, "settings_elements": "-".join(elements), "state": "unrelaxed"}
        if len(elements) > 1:
            for element in elements:
                phase = ELEMENTAL[element]()
                phase = Atoms(phase.get_chemical_symbols(), positions=phase.positions, cell=phase.cell, pbc=True)
                phase.info.update(
                    shared,
                    compound=element,
                    system=name,
                    role="elemental phase",
                    relax="cell" if element == "Mg" else "volume",
                    frame=f"{name}/{element}",
                )
                if element in MAGNETIC_START:
                    phase.info["start_moment"] = MAGNETIC_START[element]
                frames.append(phase)
        perfect.info.update(shared, system=name, role="perfect", relax="none", kpts=mesh, frame=f"{name}/perfect")
        frames.append(perfect)
        for defect, cell, change in defect_cells(perfect, host, host.repeats):
            added = " ".join(f"{element}{count:+d}" for element, count in sorted(change.items()))
            cell.info.update(
                shared, system=name, role="defect", defect=defect, atoms_added=added, relax="positions", kpts=mesh, frame=f"{name}/{defect}"
            )
            frames.append(cell)
    return frames
