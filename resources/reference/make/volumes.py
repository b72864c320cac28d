"""The volumes of an equation of state."""

from __future__ import annotations

from ase import Atoms

PERCENT = (94, 96, 98, 102, 104, 106)
"""Volumes beside the relaxed one, per cent of it."""


def scaled_volumes(relaxed: Atoms) -> list[Atoms]:
    """Return copies of a relaxed cell at other volumes: every length scaled alike, fractional coordinates and c/a kept.

    Args:
        relaxed: The relaxed cell, its k-mesh in ``kpts``: all volumes share one mesh, so that E(V) is smooth.

    Returns:
        One cell a volume, without labels.
    """
    cells = []
    for percent in PERCENT:
        cell = Atoms(relaxed.get_chemical_symbols(), positions=relaxed.positions, cell=relaxed.cell, pbc=True)
        cell.set_cell(relaxed.cell.array * (percent / 100) ** (1 / 3), scale_atoms=True)
        cell.info.update({key: relaxed.info[key] for key in ("system", "compound", "family", "kpts")})
        cell.info.update(role="scaled", state="unrelaxed", volume_percent=percent, frame=f"{relaxed.info['system']}/{percent}")
        cells.append(cell)
    return cells
