"""How a model relaxes a structure: the protocol as data, so that it can be kept beside the numbers."""

from __future__ import annotations

from dataclasses import dataclass

PROTOCOL_FMAX = 0.05
"""eV/Å; the largest force at which the paper's relaxations stop (Deng et al. 2025, Methods)."""


@dataclass(frozen=True)
class RelaxationSettings:
    """A relaxation with FIRE until forces (and, with a variable cell, the cell's forces) are small."""

    fmax: float = PROTOCOL_FMAX
    """Largest force vector at the end, eV/Å; for a variable cell that of ase's cell filters as well."""
    most_steps: int = 500
    """Steps after which the structure counts as not converged."""
    variable_cell: bool = False
    """Relax cell and positions together, as ase's ``FrechetCellFilter`` does; else the cell is fixed."""
    fixed_atoms: tuple[int, ...] = ()
    """Indices of atoms that keep their place (the moving ion of an ApproxNEB image)."""
