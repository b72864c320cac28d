"""Start cells of the equation of state; the volumes follow from the cell that DFT relaxes, see ``volumes.py``."""

from __future__ import annotations

from pathlib import Path

from ase import Atoms
from compounds import CUBIC_FIXED, names, start_cell
from settings import LATE_STRESS


def structures(_relaxed: dict[str, Atoms], _folder: Path) -> list[Atoms]:
    """Return the primitive cell of each compound, to be relaxed."""
    cells = []
    for name in names():
        cell = start_cell(name)
        relax = "cell" if name not in CUBIC_FIXED else "energy" if name in LATE_STRESS else "volume"
        cell.info.update(
            system=name, compound=name, role="equilibrium", state="relaxed", relax=relax, volume_percent=100, frame=f"{name}/100"
        )
        cells.append(cell)
    return cells
