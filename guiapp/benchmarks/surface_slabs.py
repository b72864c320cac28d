"""Slabs of any crystal along its low-index planes, cut by pymatgen to the protocol of the surface family."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from guiapp.benchmarks.slab_recognition import BULK, BULK_SYSTEM, SLAB
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame

Plane = tuple[int, ...]
"""Miller indices."""
THICKNESS = VACUUM = 10.0
"""Å; the paper's values (Deng et al. 2025, Methods)."""
MOST_ATOMS = 200
"""Larger slabs are left out: high-index planes of large cells, which no DFT set holds either."""


def surface_slabs(
    bulk: Frame,
    max_miller: int = 2,
    *,
    thickness: float = THICKNESS,
    vacuum: float = VACUUM,
    most_atoms: int = MOST_ATOMS,
    planes: Sequence[Plane] = (),
) -> tuple[Frame, ...]:
    """Cut symmetric, stoichiometric slabs along every distinct plane.

    Args:
        bulk: Relaxed crystal; its labels stay with it.
        max_miller: Largest Miller index, in the conventional cell.
        thickness: Least thickness, Å.
        vacuum: Least vacuum, Å.
        most_atoms: Slabs with more atoms are left out.
        planes: Only these planes, in the conventional cell, instead of all up to ``max_miller``.

    Returns:
        The bulk and its slabs as planned frames of the surface family (``role``, ``system``, ``miller``, ``facet`` in ``info``). Planes
        without a symmetric stoichiometric cut are missing.

    Raises:
        UserFacingError: Where no plane has such a cut.

    Source:
        Sun and Ceder, Surf. Sci. 617, 53 (2013), as pymatgen's ``SlabGenerator``.
    """
    from pymatgen.core.surface import SlabGenerator, get_symmetrically_distinct_miller_indices  # noqa: PLC0415 - a second
    from pymatgen.io.ase import AseAtomsAdaptor  # noqa: PLC0415
    from pymatgen.symmetry.analyzer import SpacegroupAnalyzer  # noqa: PLC0415

    name = bulk.formula
    structure = AseAtomsAdaptor.get_structure(bulk.to_atoms())
    conventional = SpacegroupAnalyzer(structure, symprec=1e-3).get_conventional_standard_structure()
    slabs: list[Frame] = []
    distinct = sorted(get_symmetrically_distinct_miller_indices(conventional, max_miller), key=lambda hkl: (sum(map(abs, hkl)), hkl))
    for plane in planes or distinct:
        indices = tuple(int(index) for index in plane)
        cutter = SlabGenerator(conventional, indices, thickness, vacuum, center_slab=True, primitive=True, lll_reduce=True)
        cuts = [cut for cut in cutter.get_slabs() if _fits(cut, structure, most_atoms)]
        facet = f"{name}({''.join(map(str, indices))})"
        for number, cut in enumerate(cuts, 1):
            system = facet if len(cuts) == 1 else f"{facet} termination {number}"
            info = {
                "system": system,
                "facet": system,
                "role": SLAB,
                BULK_SYSTEM: name,
                "miller": " ".join(map(str, indices)),
                "state": "unrelaxed",
                "frame": f"{system}/slab",
            }
            slabs.append(_frame(cut, name=system, compound=name, info=info))
    if not slabs:
        asked = f"along {', '.join(map(str, planes))}" if planes else f"up to Miller index {max_miller}"
        raise UserFacingError(
            f"{name} has no symmetric stoichiometric slab {asked} with {most_atoms} atoms or fewer.",
            advice="Allow higher indices or more atoms, or bring slabs of your own.",
        )
    return (bulk.with_changes(compound=name, info={**bulk.info, "system": name, "role": BULK}), *slabs)


def slabs_by_thickness(
    bulk: Frame, miller: Plane, thicknesses: Sequence[float] = (6.0, 10.0, 14.0, 18.0), *, vacuum: float = VACUUM
) -> tuple[Frame, ...]:
    """Cut one plane at several thicknesses, to see whether the surface energy has converged.

    Args:
        bulk: Relaxed crystal.
        miller: Indices in the conventional cell.
        thicknesses: Least thicknesses, Å; those that give the same number of layers are made once.
        vacuum: Least vacuum, Å.

    Returns:
        The bulk and the slabs of the first termination, thin ones first.

    Raises:
        UserFacingError: Where there is no such slab.
    """
    facet = f"{bulk.formula}({''.join(map(str, miller))})"
    made: dict[int, Frame] = {}
    start = bulk
    for thickness in thicknesses:
        start, *slabs = surface_slabs(bulk, thickness=thickness, vacuum=vacuum, planes=(miller,))
        first = slabs[0]
        if first.n_atoms not in made:
            info = {**first.info, "system": f"{facet} {first.n_atoms} atoms", "facet": facet, "frame": f"{facet}/{first.n_atoms}"}
            made[first.n_atoms] = first.with_changes(info=info, name=f"{facet} {first.n_atoms} atoms")
    return (start, *made.values())


def _fits(cut: Any, bulk: Any, most_atoms: int) -> bool:
    return (
        len(cut) <= most_atoms
        and cut.composition.reduced_formula == bulk.composition.reduced_formula
        and bool(cut.is_symmetric(symprec=1e-2))
    )


def _frame(structure: Any, *, name: str, compound: str, info: dict[str, str]) -> Frame:
    return Frame(
        numbers=np.array(structure.atomic_numbers),
        positions=np.array(structure.cart_coords),
        cell=np.array(structure.lattice.matrix),
        name=name,
        compound=compound,
        info=info,
    )
