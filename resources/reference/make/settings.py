"""The DFT settings of every label: one plane-wave cut-off, k-density and smearing a compound, so that its energies compare.

The values come from the convergence runs in ``convergence.py``: sharp valence states (first-row anions, H, 3d metals) need 800 eV for
energies and stresses, small gaps and metals need more k-points. Plain Python, so that every script here may import it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, pi
from typing import Any

import numpy as np

HARD = frozenset({"H", "B", "C", "N", "O", "F", "Ni", "Cu", "Zn", "Ti"})
"""Elements whose valence states need 800 eV: forces then hold to 2 meV/Å and stresses to 0.2 GPa."""
METALS = frozenset({"Al", "Cu", "AlNi", "TiC", "Li", "Mg", "Ni", "Na", "Ca"})
SMALL_GAP = frozenset({"Si", "GaAs", "Mg2Si"})
MEDIUM_GAP = frozenset({"SiC", "MgH2"})
LATE_STRESS = frozenset({"LiF", "CsF", "CaF2", "Mg2Si", "BN"})
"""Compounds whose stress converges far later with the cut-off than their energy: at the minimum of E(V) the pressure is wrong by 1.3 GPa
or more, so cells are relaxed by energy."""
MAGNETIC = {"Ni": 0.7}
"""Elemental phases that are ferromagnetic, with the starting moment of an atom in Bohr magnetons."""


@dataclass(frozen=True)
class Settings:
    """What one compound is computed with."""

    cutoff: int
    """Plane-wave cut-off, eV."""
    density: float
    """k-points per Å^-1 of reciprocal length (2 pi included)."""
    width: float
    """Fermi-Dirac smearing, eV."""

    def mesh(self, cell: np.ndarray, *, vacuum_axis: int | None = None) -> tuple[int, int, int]:
        """Return the Gamma-centred k-mesh of a cell.

        Args:
            cell: Lattice vectors as rows, (3, 3) Å.
            vacuum_axis: Axis along which a slab has vacuum, so that one k-point is enough; None for a bulk cell.

        Returns:
            Number of k-points along each reciprocal vector.
        """
        lengths = 2 * pi * np.linalg.norm(np.linalg.inv(np.asarray(cell)).T, axis=1)
        # 1e-9: a cell that was written to a file and read back must get the same mesh
        sizes = [max(1, ceil(self.density * length - 1e-9)) for length in lengths]
        if vacuum_axis is not None:
            sizes[vacuum_axis] = 1
        return sizes[0], sizes[1], sizes[2]

    def describe(self, version: str = "22.8.0") -> str:
        """Return the settings as every frame carries them, e.g. ``GPAW 22.8.0 PBE PAW 0.9.20000 PW800 k2 FD0.05``."""
        return f"GPAW {version} PBE PAW 0.9.20000 PW{self.cutoff} k{self.density:g} FD{self.width:g}"


def settings_for(compound: str, symbols: set[str] | frozenset[str]) -> Settings:
    """Return the settings of a compound.

    Args:
        compound: Reduced formula as the set names it, e.g. ``MgO``.
        symbols: Elements that take part.

    Returns:
        Cut-off, k-density and smearing.
    """
    if symbols & HARD:
        cutoff = 800
    elif compound in METALS | SMALL_GAP:
        cutoff = 400
    else:
        cutoff = 600
    density = 6.0 if compound in METALS else 4.0 if compound in SMALL_GAP else 3.0 if compound in MEDIUM_GAP else 2.0
    return Settings(cutoff, density, 0.1 if compound in METALS else 0.05)


def calculator_arguments(
    settings: Settings, mesh: tuple[int, int, int], *, symmetric: bool = True, small: bool = True, log: str | None = None
) -> dict[str, Any]:
    """Return the arguments of ``gpaw.GPAW`` for these settings.

    Args:
        settings: Cut-off, k-density and smearing.
        mesh: Gamma-centred k-mesh.
        symmetric: Whether the point group of the cell is used; off for frames of molecular dynamics, which have none.
        small: Whether the cell is short and not spin-polarised, see ``iterations``.
        log: File for GPAW's own log; None for no log.

    Returns:
        Keyword arguments. GPAW is imported here, so that this module loads without it.
    """
    from gpaw import PW, FermiDirac  # noqa: PLC0415 - the product's environment has no GPAW

    return {
        "mode": PW(settings.cutoff),
        "xc": "PBE",
        "kpts": {"size": mesh, "gamma": True},
        "occupations": FermiDirac(settings.width),
        "symmetry": {"tolerance": 1e-6} if symmetric else {"point_group": False},
        "convergence": {"density": 1e-5, "eigenstates": 1e-8, "energy": 1e-6},
        "maxiter": 250,
        "txt": log,
        **iterations(small=small),
    }


LONGEST_SMALL_CELL = 15.0
"""Å; along a longer axis charge sloshes, and the density has to be mixed with care."""


def iterations(*, small: bool = True) -> dict[str, Any]:
    """Return how GPAW walks to self-consistency; where it arrives is set by its convergence thresholds alone.

    Against GPAW's own choice (one tenth of the mixing, two Davidson steps an iteration) frames of LiF, Si and Al took 0.36 to 0.42 of
    the processor time and differed by 1e-8 eV/atom and 0.6 meV/Å at most, far below the 10 meV/Å to which cut-off and k-points hold.
    SrTiO3 took 0.6 of it; ZnS, with its d states, gained nothing.

    Args:
        small: Whether no axis is longer than ``LONGEST_SMALL_CELL`` and the spins are paired; others keep GPAW's careful mixing.

    Returns:
        Keyword arguments of ``gpaw.GPAW``.
    """
    from gpaw import Mixer  # noqa: PLC0415 - the product's environment has no GPAW
    from gpaw.eigensolvers import Davidson  # noqa: PLC0415

    return {"eigensolver": Davidson(1)} | ({"mixer": Mixer(0.5, 7, 1.0)} if small else {})
