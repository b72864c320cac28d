"""Softening scales of parts of the cloud: by element, by size of the DFT force, by strain.

Sorting atoms by their DFT force does not bias a slope: least squares of y on x stays right whatever is chosen by x, since
the errors of y are averaged at every x alike. Sorting by the model's force, or by the error, would bias it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from guiapp.physics.force_statistics import ForceStatistics, ForceSums, GroupedForceStatistics, force_sums, grouped_force_statistics

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FORCE_EDGES = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, float("inf"))
"""Edges of the bins of the DFT force, eV/Å. Doubling keeps the counts of a 1000 K run, which fall off steeply, comparable."""
STRAIN_EDGE = 0.005
"""Absolute strain from which a frame counts as strained: half a percent, well below the +-3 % of the paper's protocol."""
STRAIN_CLASSES = ("compressed", "unstrained", "stretched", "strain not recorded")


@dataclass(frozen=True)
class ForceBin:
    """Atoms whose DFT force vector is between two lengths."""

    low: float
    """Shortest force, eV/Å (included)."""
    high: float
    """eV/Å (not included); infinity for the last bin."""
    statistics: ForceStatistics


def slopes_by_element(dft: ArrayLike, model: ArrayLike, number: ArrayLike, *, sums: ForceSums | None = None) -> dict[int, ForceStatistics]:
    """Return the statistics of the atoms of each element.

    Args:
        dft: (n_atoms, 3) DFT forces, eV/Å.
        model: (n_atoms, 3) model forces, eV/Å.
        number: (n_atoms,) atomic numbers.
        sums: Per-atom sums where already known.

    Returns:
        Statistics by atomic number, in rising order.

    Source:
        The softening scale of ``softening``, restricted to one element.
    """
    z = np.asarray(number, dtype=np.int64)
    x, y, atom_sums = _by_axis(dft, model, sums)
    groups = _grouped(x, y, z, int(z.max(initial=0)) + 1, atom_sums)
    return {index: groups.at(index) for index in np.flatnonzero(groups.sums.n).tolist()}


def slopes_by_force(
    dft: ArrayLike, model: ArrayLike, edges: tuple[float, ...] = FORCE_EDGES, *, sums: ForceSums | None = None
) -> tuple[ForceBin, ...]:
    """Return the statistics of atoms in bins of the length of their DFT force vector.

    Args:
        dft: (n_atoms, 3) DFT forces, eV/Å.
        model: (n_atoms, 3) model forces, eV/Å.
        edges: Rising edges of the bins, eV/Å; atoms outside take no part.
        sums: Per-atom sums where already known.

    Returns:
        The bins that hold atoms, in rising order.

    Source:
        The softening scale of ``softening``, restricted to a range of |F_DFT|.
    """
    x, y, atom_sums = _by_axis(dft, model, sums)
    groups = _grouped(x, y, force_bins(atom_sums.xx, edges), len(edges) + 1, atom_sums)
    return tuple(
        ForceBin(edges[index], edges[index + 1], groups.at(index + 1)) for index in range(len(edges) - 1) if groups.sums.n[index + 1]
    )


def force_bins(squared_force: Floats, edges: tuple[float, ...] = FORCE_EDGES) -> Integers:
    """Return the bin of each atom.

    Args:
        squared_force: (n_atoms,) squared length of the DFT force vector, eV^2/Å^2.
        edges: Rising edges, eV/Å.

    Returns:
        (n_atoms,) i for the bin from ``edges[i - 1]`` to ``edges[i]``; 0 and ``len(edges)`` lie outside.
    """
    return np.searchsorted(np.square(edges), squared_force, side="right").astype(np.int64)


def strain_classes(strain: ArrayLike) -> Integers:
    """Return the index in ``STRAIN_CLASSES`` of each strain.

    Args:
        strain: (n,) linear strain as a fraction, NaN where it is not recorded.

    Returns:
        (n,) indices.
    """
    s = np.asarray(strain, dtype=np.float64)
    return np.select([np.isnan(s), s < -STRAIN_EDGE, s > STRAIN_EDGE], [3, 0, 2], default=1).astype(np.int64)


def slopes_by_strain(dft: ArrayLike, model: ArrayLike, strain: ArrayLike, *, sums: ForceSums | None = None) -> dict[str, ForceStatistics]:
    """Return the statistics of the atoms of compressed, unstrained and stretched frames.

    Args:
        dft: (n_atoms, 3) DFT forces, eV/Å.
        model: (n_atoms, 3) model forces, eV/Å.
        strain: (n_atoms,) strain of the atom's frame as a fraction, NaN where it is not recorded.
        sums: Per-atom sums where already known.

    Returns:
        Statistics by name of the class, only classes that hold atoms.

    Source:
        Deng et al., npj Comput. Mater. 11, 9 (2025), sampling of the high-energy states: 4 of 10 frames strained by +-3 %.
    """
    x, y, atom_sums = _by_axis(dft, model, sums)
    groups = _grouped(x, y, strain_classes(strain), len(STRAIN_CLASSES), atom_sums)
    return {STRAIN_CLASSES[index]: groups.at(index) for index in np.flatnonzero(groups.sums.n).tolist()}


def _by_axis(dft: ArrayLike, model: ArrayLike, sums: ForceSums | None) -> tuple[Floats, Floats, ForceSums]:
    """Return both sides as (3, n_atoms), where a sum over an atom runs along memory, and the sums of each atom."""
    x, y = np.asarray(dft, dtype=np.float64).T, np.asarray(model, dtype=np.float64).T
    return x, y, force_sums(x, y) if sums is None else sums


def _grouped(x: Floats, y: Floats, group: Integers, n_groups: int, atom_sums: ForceSums) -> GroupedForceStatistics:
    return grouped_force_statistics(x, y, group, atom_sums.grouped(group, n_groups))
