"""Vacancies, antisites and interstitials in a supercell of any crystal, and fcc vacancies of a table of DFT values."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from ase.data import atomic_numbers

from guiapp.benchmarks.defect_recognition import DEFECT, ELEMENTAL, PERFECT
from guiapp.benchmarks.defects import REFERENCE
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Floats, Frame
from guiapp.frames.reference_set import Provenance, ReferenceSet

LEAST_LENGTH = 8.0
"""Å; a defect that is nearer than this to its own image is not a point defect."""
_SYMPREC = 1e-3
_INTERSTITIAL_GRID = 12


def supercell_repeats(bulk: Frame, least_length: float = LEAST_LENGTH) -> tuple[int, int, int]:
    """Return the fewest repeats at which the planes of the cell are far enough apart.

    Args:
        bulk: Unit cell.
        least_length: Least distance of a defect from its images, Å.
    """
    heights = 1 / np.linalg.norm(np.linalg.inv(bulk.cell), axis=0)
    first, second, third = (int(np.ceil(least_length / height - 1e-9)) for height in heights)
    return max(first, 1), max(second, 1), max(third, 1)


def point_defects(
    bulk: Frame,
    phases: Sequence[Frame] = (),
    *,
    repeats: tuple[int, int, int] | None = None,
    antisites: bool = True,
    interstitials: bool = False,
) -> tuple[Frame, ...]:
    """Make one of each symmetry-distinct native point defect.

    Args:
        bulk: Relaxed unit cell.
        phases: Elemental phases; an elemental bulk needs none.
        repeats: Repeats of the unit cell along each vector; by default, as far as ``LEAST_LENGTH`` asks.
        antisites: Whether each element is put on the sites of every other.
        interstitials: Whether each element is put into the largest hole.

    Returns:
        Elemental phases, perfect supercell and defects, without labels, as planned frames of the family.
    """
    import spglib  # noqa: PLC0415 - a quarter of a second

    host, counts = bulk.formula, repeats or supercell_repeats(bulk)
    scaled = np.linalg.solve(bulk.cell.T, bulk.positions.T).T
    found = spglib.get_symmetry_dataset((bulk.cell, scaled, bulk.numbers), symprec=_SYMPREC)
    sites = range(bulk.n_atoms) if found is None else sorted(set(found.equivalent_atoms.tolist()))
    perfect = _repeated(bulk, counts)
    n_cells = perfect.n_atoms // bulk.n_atoms
    made = [_marked(phase, host, ELEMENTAL, phase.symbols[0]) for phase in phases if phase.elements <= bulk.elements]
    made.append(_marked(perfect, host, PERFECT, "perfect"))
    for site in sites:
        atom, element = site * n_cells, bulk.symbols[site]
        label = element if sum(bulk.symbols[other] == element for other in sites) == 1 else f"{element}{site + 1}"
        keep = np.arange(perfect.n_atoms) != atom
        vacancy = perfect.with_changes(numbers=perfect.numbers[keep], positions=perfect.positions[keep])
        made.append(_marked(vacancy, host, DEFECT, f"V_{label}"))
        for guest in sorted(bulk.elements - {element}) if antisites else ():
            numbers = np.array(perfect.numbers)
            numbers[atom] = atomic_numbers[guest]
            made.append(_marked(perfect.with_changes(numbers=numbers), host, DEFECT, f"{guest}_{label}"))
    if interstitials:
        hole = largest_hole(bulk)
        for element in sorted(bulk.elements):
            cell = perfect.with_changes(
                numbers=np.append(perfect.numbers, atomic_numbers[element]), positions=np.vstack([perfect.positions, hole])
            )
            made.append(_marked(cell, host, DEFECT, f"{element}_i"))
    return tuple(made)


def largest_hole(bulk: Frame) -> Floats:
    """Return the place farthest from every atom, (3,) Å, on a fine grid of the unit cell.

    In fcc it is the octahedral site, in diamond the tetrahedral one.
    """
    from guiapp.physics.reaction_path import displacements  # noqa: PLC0415 - keeps names short above

    steps = np.arange(_INTERSTITIAL_GRID) / _INTERSTITIAL_GRID
    grid = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3) @ bulk.cell
    nearest = np.full(len(grid), np.inf)
    for position in bulk.positions:
        start = np.broadcast_to(position, grid.shape)
        nearest = np.minimum(nearest, np.linalg.norm(displacements(np.array(start), grid, bulk.cell), axis=1))
    place: Floats = grid[int(np.argmax(nearest.round(6)))]
    return place


def fcc_vacancies(table: Path, *, repeats: int = 3) -> ReferenceSet:
    """Return vacancies of fcc elements whose formation energies (relaxed, by DFT) a table lists.

    Args:
        table: CSV with the columns ``symbol``, ``volume_per_atom`` (Å^3) and ``e_vacform`` (eV), as of Angsten et al.
        repeats: Repeats of the cubic cell along each vector.

    Returns:
        Perfect and defective supercells without labels; the value is in the defect's ``info``, and is compared in relaxed mode.

    Raises:
        UserFacingError: Where the table lacks a column or a number.
    """
    frames: list[Frame] = []
    try:
        with table.open(encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file):
                symbol, value = line["symbol"], line["e_vacform"]
                if not value:
                    continue
                constant = (4 * float(line["volume_per_atom"])) ** (1 / 3)
                corners = constant * np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
                number = atomic_numbers[symbol.partition("_")[0]]  # Co_mag: a ferromagnetic calculation of its own
                cubic = Frame(np.full(4, number), corners, constant * np.eye(3), compound=symbol)
                perfect, vacancy = point_defects(cubic, repeats=(repeats, repeats, repeats))
                system = f"fcc {symbol}"
                frames += [
                    perfect.with_changes(info={**perfect.info, "system": system}),
                    vacancy.with_changes(info={**vacancy.info, "system": system, REFERENCE: float(value)}),
                ]
    except (OSError, KeyError, ValueError) as error:
        raise UserFacingError(
            f"This is no table of vacancy energies ({error}).",
            advice="It needs the columns symbol, volume_per_atom and e_vacform.",
            path=table,
        ) from error
    provenance = Provenance(
        functional="PBE",
        code="VASP",
        licence="CC-BY",
        citation="Angsten et al., New J. Phys. 16, 015018 (2014)",
        recipe="fcc supercells at the DFT volume with one vacancy; values only, of relaxed cells.",
        source=str(table),
    )
    return ReferenceSet("fcc-vacancies", "Vacancies in fcc elements", tuple(frames), provenance, "defects")


def _repeated(bulk: Frame, repeats: tuple[int, int, int]) -> Frame:
    """Return the supercell, the copies of each atom next to each other."""
    shifts = np.array([(i, j, k) for i in range(repeats[0]) for j in range(repeats[1]) for k in range(repeats[2])]) @ bulk.cell
    return Frame(
        numbers=np.repeat(bulk.numbers, len(shifts)),
        positions=(bulk.positions[:, None, :] + shifts[None]).reshape(-1, 3),
        cell=np.array(repeats)[:, None] * bulk.cell,
        compound=bulk.compound,
    )


def _marked(frame: Frame, host: str, role: str, name: str) -> Frame:
    info = {**frame.info, "system": host, "role": role, "frame": f"{host}/{name}"}
    if role == DEFECT:
        info |= {"defect": name, "state": "unrelaxed"}
    return frame.with_changes(name=f"{host}/{name}", compound=frame.compound or host, info=info)
