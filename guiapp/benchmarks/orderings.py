"""Orderings of two elements on a parent lattice, one of each class that symmetry turns into each other.

Source:
    Hart and Forcade, Phys. Rev. B 77, 224115 (2008): superlattices by their Hermite normal forms, labelings up to the symmetry that each
    keeps.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from guiapp.benchmarks.pseudo_binary import END_MEMBER, ORDERING
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Floats, Frame, Info, Integers

MOST_LABELINGS = 200_000
"""Occupations of one cell and composition; more take minutes and memory."""
_SYMPREC = 1e-4  # Å


def orderings(parent: Frame, host: str, guest: str, largest: int, *, guest_parent: Frame | None = None) -> tuple[Frame, ...]:
    """Enumerate every ordering of a guest on the sites of a host, in all cells of up to ``largest`` primitive cells.

    Args:
        parent: Primitive cell of the pure host.
        host: Element whose sites are mixed.
        guest: Element that takes some of them.
        largest: Most primitive cells in one ordering.
        guest_parent: The pure guest; where given, its volume sets that of the orderings by Vegard's rule for volumes.

    Returns:
        The two end members and the orderings, small cells first, as planned frames of the solid-solution family.

    Raises:
        UserFacingError: Where there is no such site, or too many orderings.
    """
    if host not in parent.elements or guest in parent.elements:
        raise UserFacingError(f"{parent.formula} has no sites of {host} on which {guest} could go.", advice="Choose two other elements.")
    rotations, translations = _operations(parent)
    found: list[Frame] = []
    for size in range(1, largest + 1):
        for matrix in superlattices(size, rotations):
            cell = _supercell(parent, matrix)
            sites = [index for index, symbol in enumerate(cell.symbols) if symbol == host]
            permutations = _permutations(cell, sites, matrix, rotations, translations)
            for count in range(len(sites) + 1):
                found += [
                    _ordered(parent, cell, chosen, guest, guest_parent) for chosen in distinct_occupations(sites, count, *permutations)
                ]
    system = f"({host},{guest}){''.join(sorted(parent.elements - {host}))}"
    return tuple(_numbered(frame, system, number) for number, frame in enumerate(found))


def superlattices(size: int, rotations: Integers) -> list[Integers]:
    """Return one superlattice of each class under the parent's rotations.

    Args:
        size: Primitive cells in one cell.
        rotations: (m, 3, 3) acting on fractional coordinates (columns).

    Returns:
        Hermite normal forms, (3, 3): rows are lattice vectors in the primitive basis.
    """
    seen: set[tuple[int, ...]] = set()
    distinct = []
    for a in (n for n in range(1, size + 1) if size % n == 0):
        for b in (n for n in range(1, size // a + 1) if (size // a) % n == 0):
            c = size // a // b
            for d in range(b):
                for e in range(c):
                    for f in range(c):
                        matrix = np.array([[a, d, e], [0, b, f], [0, 0, c]], dtype=np.int64)
                        if tuple(_hermite(matrix).ravel().tolist()) in seen:
                            continue
                        distinct.append(matrix)
                        seen |= {tuple(_hermite(matrix @ rotation.T).ravel().tolist()) for rotation in rotations}
    return distinct


def distinct_occupations(
    sites: list[int], count: int, permutations: set[tuple[int, ...]], shifts: set[tuple[int, ...]]
) -> Iterator[tuple[int, ...]]:
    """Yield one occupation of each class, leaving out those that repeat within the cell.

    Args:
        sites: Atoms of the mixing sites.
        count: How many of them the guest takes.
        permutations: Of the positions in ``sites``, by every symmetry operation of parent and cell.
        shifts: Those of them that are translations of the parent inside the cell; an occupation that one of them keeps belongs to a
            smaller cell.

    Raises:
        UserFacingError: Where there are too many.
    """
    from math import comb  # noqa: PLC0415 - one function

    if comb(len(sites), count) > MOST_LABELINGS:
        raise UserFacingError(
            f"{len(sites)} sites have more than {MOST_LABELINGS:,} occupations.",
            advice="Choose smaller cells, or bring orderings of your own.",
        )
    seen: set[tuple[int, ...]] = set()
    for chosen in combinations(range(len(sites)), count):
        if chosen in seen:
            continue
        seen.update(tuple(sorted(permutation[i] for i in chosen)) for permutation in permutations)
        if not any(tuple(sorted(shift[i] for i in chosen)) == chosen for shift in shifts):
            yield tuple(sites[i] for i in chosen)


def _operations(parent: Frame) -> tuple[Integers, Floats]:
    import spglib  # noqa: PLC0415 - a quarter of a second

    scaled = _scaled(parent.positions, parent.cell)
    found = spglib.get_symmetry((parent.cell, scaled, parent.numbers), symprec=_SYMPREC)
    if found is None:
        raise UserFacingError(f"The symmetry of {parent.formula} could not be found.", advice="Check the structure for atoms that overlap.")
    return np.asarray(found["rotations"], dtype=np.int64), np.asarray(found["translations"], dtype=np.float64)


def _hermite(matrix: Integers) -> Integers:
    """Return the row Hermite normal form: upper triangular, positive diagonal, entries above a pivot smaller than it."""
    form = matrix.copy()
    for column in range(3):
        while True:
            rows = [row for row in range(column, 3) if form[row, column]]
            pivot = min(rows, key=lambda row: abs(int(form[row, column])))
            form[[column, pivot]] = form[[pivot, column]]
            if form[column, column] < 0:
                form[column] *= -1
            below = form[column + 1 :, column] // form[column, column]
            form[column + 1 :] -= below[:, None] * form[column]
            if not form[column + 1 :, column].any():
                break
        form[:column] -= (form[:column, column] // form[column, column])[:, None] * form[column]
    return form


def _supercell(parent: Frame, matrix: Integers) -> Frame:
    """Return the cell spanned by ``matrix`` times the parent's vectors; for a Hermite form its cells are counted by the diagonal."""
    shifts = np.array([(i, j, k) for i in range(matrix[0, 0]) for j in range(matrix[1, 1]) for k in range(matrix[2, 2])])
    positions = (parent.positions[:, None, :] + shifts[None] @ parent.cell).reshape(-1, 3)
    return Frame(numbers=np.repeat(parent.numbers, len(shifts)), positions=positions, cell=matrix @ parent.cell, compound=parent.compound)


def _permutations(
    cell: Frame, sites: list[int], matrix: Integers, rotations: Integers, translations: Floats
) -> tuple[set[tuple[int, ...]], set[tuple[int, ...]]]:
    """Return what the symmetry that the superlattice keeps does to the sites, and its translations inside the cell without the identity."""
    inverse = np.linalg.inv(matrix)
    primitive = cell.positions[sites] @ np.linalg.inv(inverse @ cell.cell)  # fractional in the parent
    moves = {(0, 0, 0)}
    moves |= {(i, j, k) for i in range(matrix[0, 0]) for j in range(matrix[1, 1]) for k in range(matrix[2, 2])}
    here = primitive @ inverse
    everything: set[tuple[int, ...]] = set()
    shifts: set[tuple[int, ...]] = set()
    for rotation, translation in zip(rotations, translations, strict=True):
        kept = matrix @ rotation.T @ inverse
        if np.abs(kept - np.rint(kept)).max() > 1e-8:
            continue
        pure = bool((rotation == np.eye(3)).all()) and not np.abs(translation - np.rint(translation)).max() > 1e-8
        for move in moves:
            there = (primitive @ rotation.T + translation + np.array(move)) @ inverse
            apart = there[:, None, :] - here[None, :, :]
            permutation = tuple(int(i) for i in np.abs(apart - np.rint(apart)).sum(axis=2).argmin(axis=1))
            everything.add(permutation)
            if pure and move != (0, 0, 0):
                shifts.add(permutation)
    return everything, shifts


def _ordered(parent: Frame, cell: Frame, chosen: tuple[int, ...], guest: str, guest_parent: Frame | None) -> Frame:
    from ase.data import atomic_numbers  # noqa: PLC0415 - not needed to import the family

    numbers = np.array(cell.numbers)
    numbers[list(chosen)] = atomic_numbers[guest]
    host = cell.symbols[chosen[0]] if chosen else ""
    fraction = len(chosen) / cell.symbols.count(host) if chosen else 0.0
    if guest_parent is None:
        stretch = 1.0
    else:
        per_atom, other = parent.volume / parent.n_atoms, guest_parent.volume / guest_parent.n_atoms
        stretch = (((1 - fraction) * per_atom + fraction * other) / per_atom) ** (1 / 3)
    info: dict[str, Info] = {f"x_{guest.lower()}": fraction, "role": END_MEMBER if fraction in {0.0, 1.0} else ORDERING, "relax": "cell"}
    return Frame(numbers=numbers, positions=stretch * cell.positions, cell=stretch * cell.cell, info=info)


def _numbered(frame: Frame, system: str, number: int) -> Frame:
    name = f"{frame.n_atoms}-atom/{number}"
    return frame.with_changes(name=name, compound=system, info={**frame.info, "system": system, "frame": name, "ordering": number})


def _scaled(positions: Floats, cell: Floats) -> NDArray[np.float64]:
    return np.asarray(np.linalg.solve(cell.T, positions.T).T)
