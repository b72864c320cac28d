"""Wulff shapes: the form that a small crystal takes for given surface energies, as plain numbers for tables and drawings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from guiapp.benchmarks.row import Row
from guiapp.benchmarks.slab_recognition import miller_of
from guiapp.frames.frame import Floats, Frame


@dataclass(frozen=True, eq=False)
class WulffShape:
    """The equilibrium form of a crystal of volume one in units of the surface energies."""

    fractions: Mapping[tuple[int, ...], float]
    """Part of the whole surface that each facet family takes, by Miller indices in the conventional cell; 0 where it does not appear."""
    mean_surface_energy: float
    """Weighted by area, in the unit of the surface energies given."""
    anisotropy: float
    """Standard deviation of the surface energy over the surface, relative to its mean."""
    polygons: tuple[tuple[tuple[int, ...], Floats], ...]
    """Miller indices of the family and corners, (n, 3), of every facet, in order around it."""


def wulff_shape(bulk: Frame, surface_energies: Mapping[tuple[int, ...], float]) -> WulffShape | None:
    """Construct the Wulff shape.

    Args:
        bulk: The crystal.
        surface_energies: By Miller indices in the conventional cell, any unit.

    Returns:
        The shape; None where there is no positive surface energy to build it from, or the facets enclose no volume.

    Source:
        Wulff, Z. Krist. 34, 449 (1901); Tran et al., Sci. Data 3, 160080 (2016), as pymatgen's ``WulffShape``.
    """
    from pymatgen.analysis.wulff import WulffShape as Construction  # noqa: PLC0415 - half a second
    from pymatgen.io.ase import AseAtomsAdaptor  # noqa: PLC0415
    from pymatgen.symmetry.analyzer import SpacegroupAnalyzer  # noqa: PLC0415
    from scipy.spatial import QhullError  # noqa: PLC0415

    known = {miller: value for miller, value in surface_energies.items() if np.isfinite(value)}
    if not known or min(known.values()) <= 0:
        return None
    structure = AseAtomsAdaptor.get_structure(bulk.to_atoms())
    lattice = SpacegroupAnalyzer(structure, symprec=1e-2).get_conventional_standard_structure().lattice
    unit = sum(known.values()) / len(known)  # the construction compares lengths with an absolute tolerance
    try:
        shape = Construction(lattice, list(known), [value / unit for value in known.values()])
    except QhullError:
        return None  # e.g. one plane of a hexagonal crystal: its two sides close no body
    order = [tuple(int(index) for index in miller) for miller in known]
    fractions = {miller: float(part) for miller, part in zip(order, shape.color_area, strict=True)}
    total = sum(fractions.values())
    polygons = tuple(
        (order[facet.index], _corners(np.array(shape.get_line_in_facet(facet), dtype=np.float64)))
        for facet in shape.facets
        if len(facet.points) > 0
    )
    return WulffShape(
        fractions={miller: part / total for miller, part in fractions.items()},
        mean_surface_energy=unit * float(shape.weighted_surface_energy),
        anisotropy=float(shape.anisotropy),
        polygons=polygons,
    )


def compared_shapes(bulk: Frame, rows: Iterable[Row], quantity: str = "surface energy") -> tuple[WulffShape | None, WulffShape | None]:
    """Return the Wulff shapes of the reference and of the model.

    Args:
        bulk: The crystal.
        rows: Of the surface family and one model; those of other crystals are left out. Of several terminations of a plane the
            cheapest counts, for each side its own.
        quantity: As in the card.

    Returns:
        Shape by DFT and shape by the model, each None where it cannot be built.
    """
    reference: dict[tuple[int, ...], float] = {}
    predicted: dict[tuple[int, ...], float] = {}
    for row in rows:
        miller = miller_of(row.system)
        if row.quantity != quantity or miller is None or row.system.partition("(")[0] != bulk.formula:
            continue
        for known, value in ((reference, row.reference), (predicted, row.predicted)):
            if np.isfinite(value):
                known[miller] = min(value, known.get(miller, value))
    return wulff_shape(bulk, reference), wulff_shape(bulk, predicted)


def _corners(lines: Floats) -> Floats:
    """Return the corners of a facet in order around it from pymatgen's list of edges."""
    unique = np.unique(lines.round(9), axis=0)
    centre = unique.mean(axis=0)
    first = unique[0] - centre
    first /= np.linalg.norm(first)
    spread = np.linalg.svd(unique - centre)[2]
    second = np.cross(spread[2], first)
    angles = np.arctan2((unique - centre) @ second, (unique - centre) @ first)
    ordered: Floats = unique[np.argsort(angles)]
    return ordered
