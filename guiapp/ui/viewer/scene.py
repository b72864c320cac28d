"""What is there to see of a frame, as plain arrays: atoms, copies on the far faces, bonds and cell edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from ase.data import covalent_radii
from ase.data.colors import jmol_colors
from ase.geometry import complete_cell
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ATOM_RADIUS = 0.4
"""Drawn radius as a share of the covalent radius: neighbours stay apart and bonds are seen."""
BOND_RADIUS = 0.09
"""Drawn radius of a bond, Å."""
BOND_TOLERANCE = 1.1
"""Atoms closer than this times the sum of their covalent radii are bonded (Si to Si in silicon needs 1.06)."""
METAL_TOLERANCE = 1.05
"""The same between two metals: 1.06 would bond Mg to Mg in MgO."""
FACE_TOLERANCE = 0.35
"""An atom this close to a face (Å) counts as lying on it: the size of a thermal displacement at 1000 K."""

_NOT_METALS = np.array(
    [1, 2, *range(5, 11), *range(14, 19), *range(32, 37), *range(52, 55), 85, 86]  # with the metalloids but Sb: they form bonds
)
_SMALLEST_RADIUS = 1.5  # Å: a lone atom does not fill the window
_BONDS_PER_ATOM = 20  # twelve neighbours and some; more means atoms on top of each other, where bonds say nothing


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything that is drawn and does not depend on the point of view; n drawn atoms, the frame's own first."""

    positions: Floats
    """(n, 3) Å, the frame's own atoms moved into the cell along periodic directions."""
    numbers: Integers
    """Atomic numbers, (n,); 0 for what is no element."""
    radii: Floats
    """Drawn radii, (n,) Å."""
    colors: Floats
    """Red, green and blue from 0 to 1, (n, 3)."""
    owner: Integers
    """Index of the frame's atom that each drawn atom shows, (n,)."""
    is_copy: NDArray[np.bool_]
    """True for periodic copies, (n,)."""
    bonds: Integers
    """Pairs of drawn atoms, (m, 2)."""
    edges: Floats
    """Cell edges from end to end, (k, 2, 3) Å."""
    lattice: Floats
    """Lattice vectors as rows, (3, 3) Å; zeros where there is no cell."""
    center: Floats
    """Middle of the picture, (3,) Å."""
    radius: float
    """Radius of a sphere around the centre that holds everything, Å."""

    @property
    def n_drawn(self) -> int:
        """Number of atoms drawn, copies included."""
        return len(self.numbers)

    def first_drawn(self, atom: int) -> int | None:
        """Return the drawn atom that is the frame's own atom, or None where its position is not a number."""
        found = np.flatnonzero((self.owner == atom) & ~self.is_copy)
        return int(found[0]) if len(found) else None


def build_scene(
    numbers: Integers,
    positions: Floats,
    cell: Floats,
    pbc: Sequence[bool],
    *,
    images: bool = True,
    repeats: tuple[int, int, int] = (1, 1, 1),
) -> Scene:
    """Lay out one configuration for drawing.

    Args:
        numbers: Atomic numbers, (n_atoms,).
        positions: Cartesian positions, (n_atoms, 3) Å; atoms at positions that are no numbers are left out.
        cell: Lattice vectors as rows, (3, 3) Å; zero rows where there are none.
        pbc: Which lattice vectors repeat.
        images: Show atoms on a face, edge or corner on the opposite ones too.
        repeats: How often the cell is shown along each periodic lattice vector.
    """
    kept = np.flatnonzero(np.isfinite(positions).all(axis=1)) if len(positions) else np.zeros(0, dtype=np.int64)
    lattice = np.where(np.isfinite(cell), cell, 0.0)
    periodic = np.asarray(pbc, dtype=bool) & (np.linalg.norm(lattice, axis=1) > 1e-6)
    full = complete_cell(lattice)
    if abs(np.linalg.det(full)) < 1e-9:  # lattice vectors in one plane or on one line: nothing can be repeated
        periodic[:] = False
    placed, owner, is_copy = _place(positions[kept], full, periodic, images=images, repeats=repeats)
    owner = kept[owner]
    element = np.where((numbers >= 0) & (numbers < len(covalent_radii)), numbers, 0)[owner].astype(np.int64)
    covalent = covalent_radii[element]
    shown = tuple(n if p else 1 for n, p in zip(repeats, periodic, strict=True))
    edges = _cell_edges(lattice, shown)
    center, radius = _bounding_sphere(placed, ATOM_RADIUS * covalent, edges)
    return Scene(
        positions=placed,
        numbers=element,
        radii=ATOM_RADIUS * covalent,
        colors=_colors(element),
        owner=owner,
        is_copy=is_copy,
        bonds=_find_bonds(placed, element, covalent),
        edges=edges,
        lattice=lattice,
        center=center,
        radius=radius,
    )


def empty_scene() -> Scene:
    """Return a scene with nothing in it."""
    return build_scene(np.zeros(0, dtype=np.int64), np.zeros((0, 3)), np.zeros((3, 3)), (False, False, False))


def _place(
    positions: Floats, lattice: Floats, periodic: NDArray[np.bool_], *, images: bool, repeats: tuple[int, int, int]
) -> tuple[Floats, Integers, NDArray[np.bool_]]:
    """Move atoms into the cell and copy them; returns positions, the atom each shows, and which are copies."""
    n = len(positions)
    if not n or not periodic.any():
        return np.array(positions, dtype=float).reshape(-1, 3), np.arange(n), np.zeros(n, dtype=bool)
    inverse = np.linalg.inv(lattice)
    spacing = 1 / np.linalg.norm(inverse, axis=0)  # distance between opposite faces, Å
    tolerance = np.minimum(FACE_TOLERANCE / spacing, 0.25)
    fractional = positions @ inverse
    fractional -= np.where(periodic, np.floor(fractional + tolerance), 0.0)
    on_face = fractional < tolerance
    counts = [repeats[k] if periodic[k] else 1 for k in range(3)]
    last = [counts[k] + (1 if images and periodic[k] else 0) for k in range(3)]
    parts, owners = [], []
    for shift in product(*(range(m) for m in last)):
        beyond = np.array([shift[k] == counts[k] for k in range(3)])
        chosen = np.flatnonzero((on_face | ~beyond).all(axis=1))
        parts.append(fractional[chosen] + shift)
        owners.append(chosen)
    owner = np.concatenate(owners)
    return np.concatenate(parts) @ lattice, owner, np.arange(len(owner)) >= n


def _colors(numbers: Integers) -> Floats:
    """Return the jmol colours; elements beyond the table take its last colour, what is no element is grey."""
    colors = np.array(jmol_colors[np.minimum(numbers, len(jmol_colors) - 1)], dtype=float)
    colors[numbers == 0] = 0.6
    return colors


def _find_bonds(positions: Floats, numbers: Integers, covalent: Floats) -> Integers:
    """Return the pairs of drawn atoms within the natural cut-offs, without those that hide inside the spheres."""
    none = np.zeros((0, 2), dtype=np.int64)
    n = len(positions)
    if n < 2:
        return none
    from scipy.spatial import cKDTree  # noqa: PLC0415 - a fifth of a second that the first window need not wait for

    tree = cKDTree(positions)
    reach = 2 * BOND_TOLERANCE * float(covalent.max())
    if tree.count_neighbors(tree, reach) > 2 * n * 40 * _BONDS_PER_ATOM:
        return none
    pairs = tree.query_pairs(reach, output_type="ndarray").astype(np.int64)
    distance = np.linalg.norm(positions[pairs[:, 0]] - positions[pairs[:, 1]], axis=1)
    contact = covalent[pairs].sum(axis=1)
    tolerance = np.where(_is_metal(numbers)[pairs].all(axis=1), METAL_TOLERANCE, BOND_TOLERANCE)
    found = pairs[(distance < tolerance * contact) & (distance > ATOM_RADIUS * contact)]
    return found if len(found) <= n * _BONDS_PER_ATOM else none


def _is_metal(numbers: Integers) -> NDArray[np.bool_]:
    return ~np.isin(numbers, _NOT_METALS)


def _cell_edges(lattice: Floats, repeats: tuple[int, ...]) -> Floats:
    """Return the edges of every cell shown, each straight line once, (k, 2, 3) Å; none where the cell is flat."""
    if abs(np.linalg.det(lattice)) < 1e-6:
        return np.zeros((0, 2, 3))
    lines = []
    for axis in range(3):
        others = [k for k in range(3) if k != axis]
        for u, v in product(range(repeats[others[0]] + 1), range(repeats[others[1]] + 1)):
            start = u * lattice[others[0]] + v * lattice[others[1]]
            lines.append([start, start + repeats[axis] * lattice[axis]])
    return np.array(lines)


def _bounding_sphere(positions: Floats, radii: Floats, edges: Floats) -> tuple[Floats, float]:
    corners = edges.reshape(-1, 3)
    if not len(positions) and not len(corners):
        return np.zeros(3), _SMALLEST_RADIUS
    outline = corners if len(corners) else positions
    center = (outline.min(axis=0) + outline.max(axis=0)) / 2
    if len(corners):  # the middle of the cell, also where it is skewed
        center = corners.mean(axis=0)
    reach = [float(np.linalg.norm(corners - center, axis=1).max())] if len(corners) else []
    if len(positions):
        reach.append(float((np.linalg.norm(positions - center, axis=1) + radii).max()))
    return center, max(*reach, _SMALLEST_RADIUS)
