"""ASE databases, SQLite and JSON, read without ase's decoder.

Both hold rows of plain numbers, so nothing here ever builds an object that the file names.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from shutil import copyfileobj
from typing import Any

import numpy as np

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Floats, Frame, Origin
from guiapp.frames.frame_from_atoms import plain_facts
from guiapp.frames.reading.data_file import DataFile
from guiapp.frames.reading.json_stream import entries
from guiapp.frames.reading.labels import stress_matrix, vectors
from guiapp.frames.reading.notes import Notes
from guiapp.frames.reference_set import Provenance

SQLITE_TITLE = "ASE database (SQLite)"
JSON_TITLE = "ASE database (JSON)"
UNITS = "energy eV (free energy where stored), forces eV/Å, stress eV/Å^3 in ase's sign"
_COLUMNS = ("id", "numbers", "positions", "cell", "pbc", "energy", "free_energy", "forces", "stress", "magmoms", "key_value_pairs")


def recognises_sqlite(file: DataFile) -> bool:
    """Tell whether the content is an SQLite file."""
    return file.head.startswith(b"SQLite format 3\0")


def recognises_json(file: DataFile) -> bool:
    """Tell whether the content is ase's JSON database, or its JSON of one structure."""
    return file.head.lstrip()[:1] == b"{" and b'"positions"' in file.head and b'"numbers"' in file.head


def read_sqlite(file: DataFile, notes: Notes) -> Iterator[Frame]:
    """Yield every row.

    Raises:
        UserFacingError: If the file is SQLite but no ASE database.
    """
    notes.provenance = Provenance(units_as_read=UNITS)
    if file.on_disk is not None:
        yield from _rows(file.on_disk, file, notes)
        return
    with tempfile.TemporaryDirectory() as folder:  # SQLite reads files, not streams
        unpacked = Path(folder) / "database.db"
        with file.open() as packed, unpacked.open("wb") as target:
            copyfileobj(packed, target)
        yield from _rows(unpacked, file, notes)


def _rows(path: Path, file: DataFile, notes: Notes) -> Iterator[Frame]:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        try:
            present = {row[1] for row in connection.execute("PRAGMA table_info(systems)")}
        except sqlite3.DatabaseError as error:
            raise UserFacingError(f"The database is damaged: {error}.", advice="Restore it from a copy.", path=file.shown) from error
        if not {"numbers", "positions", "cell", "pbc"} <= present:
            raise UserFacingError(
                "It is an SQLite file but no ASE database.", advice="Choose a database written by ase.db.", path=file.shown
            )
        columns = [column for column in _COLUMNS if column in present]
        statement = f"SELECT {', '.join(columns)} FROM systems ORDER BY id"  # noqa: S608 - the names come from the list above
        for index, values in enumerate(connection.execute(statement)):
            yield _frame(_decoded(dict(zip(columns, values, strict=True))), file, notes, index)


def _decoded(row: dict[str, Any]) -> dict[str, Any]:
    """Turn the blobs of one SQLite row into arrays; ase stores little-endian numbers, integers with 32 bits."""
    for key, kind in (("numbers", "<i4"), ("positions", "<f8"), ("cell", "<f8"), ("forces", "<f8"), ("stress", "<f8"), ("magmoms", "<f8")):
        if row.get(key) is not None:
            row[key] = np.frombuffer(row[key], dtype=kind)
    row["pbc"] = [bool(int(row["pbc"] or 0) & bit) for bit in (1, 2, 4)]
    pairs = row.get("key_value_pairs")
    row["key_value_pairs"] = json.loads(pairs) if pairs else {}
    return row


def read_json(file: DataFile, notes: Notes) -> Iterator[Frame]:
    """Yield every row of a JSON database, one at a time."""
    notes.provenance = Provenance(units_as_read=UNITS)
    index = 0
    with file.text() as stream:
        for _, value in entries(stream, file.shown):
            if isinstance(value, dict) and "positions" in value and "numbers" in value:
                yield _frame({key: _array(item) for key, item in value.items()}, file, notes, index)
                index += 1


def _array(value: Any) -> Any:
    """Return what ase wrapped as an array or cell as plain numbers; anything else stays as it is."""
    if isinstance(value, Mapping):
        if "__ndarray__" in value:
            shape, _, numbers = value["__ndarray__"]
            return np.asarray(numbers, dtype=np.float64).reshape(shape)
        if "array" in value:
            return _array(value["array"])
    return value


def _frame(row: Mapping[str, Any], file: DataFile, notes: Notes, index: int) -> Frame:
    numbers = np.asarray(row["numbers"], dtype=np.int64).ravel()
    n_atoms = len(numbers)
    energy_key = next((key for key in ("free_energy", "energy") if row.get(key) is not None), None)
    forces: Floats | None = None
    stress: Floats | None = None
    used = [energy_key] if energy_key else []
    try:
        if row.get("forces") is not None:
            forces = vectors(np.reshape(row["forces"], (-1, 3)), n_atoms, "forces")
            used.append("forces")
        if row.get("stress") is not None:
            stress = stress_matrix(row["stress"])
            used.append("stress")
    except ValueError as error:
        notes.problem(f"Labels of row {index + 1} were left out: {error}.", "Check how the database was written.", kind="labels")
    magmoms = row.get("magmoms")
    pairs = row.get("key_value_pairs")
    facts = plain_facts(pairs) if isinstance(pairs, Mapping) else {}
    pbc = [bool(value) for value in np.asarray(row.get("pbc", (True, True, True))).ravel()]
    return Frame(
        numbers=numbers,
        positions=vectors(np.reshape(row["positions"], (-1, 3)), n_atoms, "positions"),
        cell=np.reshape(row["cell"], (3, 3)) if row.get("cell") is not None else np.zeros((3, 3)),
        pbc=(pbc[0], pbc[1], pbc[2]),
        energy=float(row[energy_key]) if energy_key else None,
        forces=forces,
        stress=stress,
        magmoms=magmoms if magmoms is not None and np.shape(magmoms) == (n_atoms,) else None,
        name=f"row {row.get('id', index + 1)}",
        origin=Origin(file.shown, index, notes.use_keys(*used)),
        info=facts,
    )
