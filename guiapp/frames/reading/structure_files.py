"""Structures without labels: POSCAR, CONTCAR and CIF."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ase import Atoms
from ase.io.cif import parse_cif
from ase.io.vasp import read_vasp

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame, Origin
from guiapp.frames.frame_from_atoms import frame_from_atoms
from guiapp.frames.reading.data_file import DataFile
from guiapp.frames.reading.notes import Notes

POSCAR_TITLE = "VASP POSCAR or CONTCAR"
CIF_TITLE = "CIF"
_NUMBER = rb"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][-+]?\d+)?"
_VECTOR = rb"[ \t]*" + rb"[ \t]+".join([_NUMBER] * 3) + rb"[ \t]*(?:[!#][^\n]*)?\r?\n"
_POSCAR = re.compile(rb"[^\n]*\n[ \t]*" + _NUMBER + rb"(?:[ \t]+" + _NUMBER + rb"){0,2}[^\n]*\n(?:" + _VECTOR + rb"){3}")
_CIF = re.compile(rb"^data_", re.MULTILINE)
_FULL = 0.99  # occupation of a site that counts as one


def recognises_poscar(file: DataFile) -> bool:
    """Tell whether the content begins as a POSCAR: a comment, a scale, three lattice vectors."""
    return _POSCAR.match(file.head) is not None


def read_poscar(file: DataFile, notes: Notes) -> Iterator[Frame]:
    """Yield the structure.

    Raises:
        UserFacingError: If the element names are missing (VASP 4), because then nobody knows the species.
    """
    del notes  # a single structure: either it can be read or it cannot
    with file.text() as stream:
        lines = stream.read().splitlines()
    if len(lines) > 5 and all(word.isdecimal() for word in lines[5].split()) and not re.search(r"[A-Z]", lines[0]):
        raise UserFacingError(
            "The POSCAR names no elements (VASP 4).", advice="Add a line of element names above the counts.", path=file.shown
        )
    with file.text() as stream:
        yield frame_from_atoms(read_vasp(stream), name=file.name, origin=Origin(file.shown))


def recognises_cif(file: DataFile) -> bool:
    """Tell whether the content is a CIF."""
    return _CIF.search(file.head) is not None and b"_cell_length_a" in file.head


def read_cif(file: DataFile, notes: Notes) -> Iterator[Frame]:
    """Yield the structure of every data block; a block with shared or part-empty sites becomes a problem."""
    with file.open() as stream:
        blocks = [block for block in parse_cif(stream) if block.has_structure()]
    for index, block in enumerate(blocks):
        name = block.name if len(blocks) > 1 and block.name else file.name
        atoms: Atoms = block.get_atoms(fractional_occupancies=True)
        occupations = atoms.info.pop("occupancy", {})
        if any(len(site) > 1 or sum(site.values()) < _FULL for site in occupations.values()):
            notes.problem(
                f"Structure “{name}” is disordered (sites shared or part empty) and was left out.",
                "Make an ordered approximant first.",
                kind="disordered",
            )
            continue
        atoms.info.clear()
        yield frame_from_atoms(
            Atoms(atoms.numbers, positions=atoms.positions, cell=atoms.cell, pbc=True), name=name, origin=Origin(file.shown, index)
        )
