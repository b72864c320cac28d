"""The table of formats: how each is recognised and who reads it, in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from guiapp.frames.frame import Frame
from guiapp.frames.reading import ase_database, extxyz, json_records, outcar, phonopy_files, structure_files, trajectory, vasprun
from guiapp.frames.reading.data_file import DataFile
from guiapp.frames.reading.notes import Notes


@dataclass(frozen=True)
class Format:
    """One kind of file."""

    title: str
    recognises: Callable[[DataFile], bool]
    read: Callable[[DataFile, Notes], Iterator[Frame]]
    names: tuple[str, ...] = ()
    """Beginnings or endings of a lower-case file name that decide where the content does not."""
    family: str = ""
    """Of formats whose frames belong together: the benchmark family of a set of them. They are read whole whatever the stride."""


FORMATS: tuple[Format, ...] = (
    Format(trajectory.TITLE, trajectory.recognises, trajectory.read, (".traj",)),
    Format(ase_database.SQLITE_TITLE, ase_database.recognises_sqlite, ase_database.read_sqlite, (".db",)),
    Format(vasprun.TITLE, vasprun.recognises, vasprun.read, ("vasprun",)),
    Format(phonopy_files.TITLE, phonopy_files.recognises, phonopy_files.read, ("phonopy",), phonopy_files.FAMILY),
    Format(outcar.TITLE, outcar.recognises, outcar.read, ("outcar",)),
    Format(ase_database.JSON_TITLE, ase_database.recognises_json, ase_database.read_json),
    Format(json_records.TITLE, json_records.recognises, json_records.read, (".json", ".jsonl")),
    Format(structure_files.CIF_TITLE, structure_files.recognises_cif, structure_files.read_cif, (".cif",)),
    Format(extxyz.TITLE, extxyz.recognises, extxyz.read, (".xyz", ".extxyz")),
    Format(structure_files.POSCAR_TITLE, structure_files.recognises_poscar, structure_files.read_poscar, ("poscar", "contcar", ".vasp")),
)


def detect(file: DataFile) -> Format | None:
    """Return the format of a file by its content, else by its name, or None where neither tells."""
    if not file.head:
        return None
    for known in FORMATS:
        if known.recognises(file):
            return known
    name = file.name.lower()
    return next(
        (known for known in FORMATS if any(name.endswith(mark) if mark.startswith(".") else name.startswith(mark) for mark in known.names)),
        None,
    )
