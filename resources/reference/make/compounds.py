"""The 24 compounds of the shipped set: primitive cells with start values near their PBE lattice constants."""

from __future__ import annotations

from collections.abc import Callable

from ase import Atoms
from ase.build import bulk
from ase.spacegroup import crystal


def _cubic(kind: str, a: float) -> Callable[[str], Atoms]:
    return lambda name: bulk(name, kind, a=a)


def _fluorite(corner: str, inside: str, a: float) -> Callable[[str], Atoms]:
    sites = [(0, 0, 0), (0.25, 0.25, 0.25)]
    return lambda _: crystal([corner, inside], sites, spacegroup=225, cellpar=[a, a, a, 90, 90, 90], primitive_cell=True)


def _rutile(metal: str, anion: str, a: float, c: float, u: float) -> Callable[[str], Atoms]:
    return lambda _: crystal([metal, anion], [(0, 0, 0), (u, u, 0)], spacegroup=136, cellpar=[a, a, c, 90, 90, 90])


def _perovskite(a: float) -> Callable[[str], Atoms]:
    sites = [(0, 0, 0), (0.5, 0.5, 0.5), (0.5, 0.5, 0)]
    return lambda _: crystal(["Sr", "Ti", "O"], sites, spacegroup=221, cellpar=[a, a, a, 90, 90, 90])


def _corundum(a: float, c: float) -> Callable[[str], Atoms]:
    sites = [(0, 0, 0.352), (0.306, 0, 0.25)]
    return lambda _: crystal(["Al", "O"], sites, spacegroup=167, cellpar=[a, a, c, 90, 90, 120], primitive_cell=True)


def _lithium_nitride(a: float, c: float) -> Callable[[str], Atoms]:
    sites = [(0, 0, 0.5), (1 / 3, 2 / 3, 0), (0, 0, 0)]
    return lambda _: crystal(["Li", "Li", "N"], sites, spacegroup=191, cellpar=[a, a, c, 90, 90, 120])


_BUILDERS: dict[str, Callable[[str], Atoms]] = {
    "MgO": _cubic("rocksalt", 4.25),
    "LiF": _cubic("rocksalt", 4.07),
    "NaCl": _cubic("rocksalt", 5.70),
    "CaO": _cubic("rocksalt", 4.83),
    "Si": _cubic("diamond", 5.47),
    "Al": _cubic("fcc", 4.04),
    "CsF": _cubic("rocksalt", 6.10),
    "SiC": _cubic("zincblende", 4.38),
    "Cu": _cubic("fcc", 3.63),
    "AlNi": _cubic("cesiumchloride", 2.89),
    "Mg2Si": _fluorite("Si", "Mg", 6.36),
    "Li2O": _fluorite("O", "Li", 4.63),
    "GaAs": _cubic("zincblende", 5.76),
    "BN": _cubic("zincblende", 3.62),
    "ZnS": _cubic("zincblende", 5.45),
    "CaF2": _fluorite("Ca", "F", 5.51),
    "Na2S": _fluorite("S", "Na", 6.56),
    "TiC": _cubic("rocksalt", 4.33),
    "SrTiO3": _perovskite(3.94),
    "AlN": lambda name: bulk(name, "wurtzite", a=3.13, c=5.02),
    "Li3N": _lithium_nitride(3.64, 3.87),
    "MgH2": _rutile("Mg", "H", 4.50, 3.00, 0.304),
    "TiO2": _rutile("Ti", "O", 4.65, 2.97, 0.305),
    "Al2O3": _corundum(4.81, 13.12),
}

CUBIC_FIXED = frozenset(_BUILDERS) - {"AlN", "Li3N", "MgH2", "TiO2", "Al2O3"}
"""Compounds whose symmetry leaves nothing free but the lattice constant."""


def names() -> tuple[str, ...]:
    """Return the compounds in the order in which they are computed: those that other families need come first."""
    return tuple(_BUILDERS)


def start_cell(name: str) -> Atoms:
    """Return the primitive cell of a compound with its start lattice constants, without any stored information.

    Args:
        name: One of ``names()``.

    Returns:
        The cell, periodic in three directions.
    """
    built = _BUILDERS[name](name)
    return Atoms(built.get_chemical_symbols(), positions=built.positions, cell=built.cell, pbc=True)
