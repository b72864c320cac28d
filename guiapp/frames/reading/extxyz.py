"""Extended xyz: label keys of any common naming are found by themselves.

The numbers are those ase's reader gives, in a fraction of its time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, TextIO

import numpy as np

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame, Origin
from guiapp.frames.frame_from_atoms import find_labels, plain_facts
from guiapp.frames.reading.data_file import DataFile
from guiapp.frames.reading.elements import atomic_number
from guiapp.frames.reading.extxyz_comment import parse_comment
from guiapp.frames.reading.notes import Notes
from guiapp.frames.reference_set import Provenance

TITLE = "extended xyz"
UNITS = "energy eV, forces eV/Å, stress eV/Å^3 in ase's sign (virial eV)"
_NAMES = ("frame_id", "mptrj_snapshot_id", "internal_id", "alexandria_id", "config_name", "identifier")
"""Keys whose value names one configuration."""
_STRUCTURE_KEYS = {"lattice", "properties", "pbc", "cell", "origin"}
_KINDS = {"R": float, "I": int}
_START = re.compile(rb"\s*\d+[ \t]*\r?\n([^\n]*)\n([^\n]*)")
_ATOM = re.compile(rb"\s*([A-Za-z]{1,3}|\d{1,3})(\s+[-+.\deE]+){3}")
_MAGMOMS = ("magmoms", "magmom", "ref_magmoms", "dft_magmoms")


def recognises(file: DataFile) -> bool:
    """Tell whether the content begins with a number of atoms and a line of an xyz file."""
    match = _START.match(file.head)
    return match is not None and (b"Lattice=" in match[1] or b"Properties=" in match[1] or _ATOM.match(match[2]) is not None)


def read(file: DataFile, notes: Notes) -> Iterator[Frame]:
    """Yield every configuration.

    Raises:
        UserFacingError: If a configuration is cut off or malformed; those before were yielded.
    """
    notes.provenance = Provenance(units_as_read=UNITS)
    index = 0
    with file.text() as stream:
        for line in stream:
            if not line.strip():
                continue
            if not line.strip().isdecimal():
                raise _malformed(file, index, f"a number of atoms was expected, not “{line.strip()[:40]}”")
            frame = _configuration(int(line), stream, file, notes, index)
            notes.use_keys(*frame.origin.keys)
            yield frame
            index += 1


def _malformed(file: DataFile, index: int, why: str) -> UserFacingError:
    read_before = f" The {index} before it were read." if index else ""
    return UserFacingError(
        f"Configuration {index + 1} is malformed: {why}.{read_before}", advice="Repair or shorten the file.", path=file.shown
    )


def _configuration(n_atoms: int, stream: TextIO, file: DataFile, notes: Notes, index: int) -> Frame:
    comment = next(stream, "")
    lines = list(islice(stream, n_atoms))
    if len(lines) < n_atoms:
        raise _malformed(file, index, f"the file ends after {len(lines)} of {n_atoms} atoms")
    try:
        facts = parse_comment(comment)
        arrays = _columns(lines, str(facts.get("Properties", facts.get("properties", "species:S:1:pos:R:3"))))
        return _frame(facts, arrays, file, notes, index)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise _malformed(file, index, str(error).strip("'\"") or type(error).__name__) from error


def _columns(lines: list[str], properties: str) -> dict[str, Any]:
    """Return the per-atom arrays that ``Properties`` describes.

    Raises:
        ValueError: If a row is short or holds text in place of a number.
    """
    fields = properties.split(":")
    names, kinds, widths = fields[0::3], fields[1::3], [int(width) for width in fields[2::3]]
    words = [line.split() for line in lines]
    total = sum(widths)
    if any(len(row) < total for row in words):
        raise ValueError(f"a line has fewer than the {total} columns that Properties promises")
    arrays: dict[str, Any] = {}
    start = 0
    for name, kind, width in zip(names, kinds, widths, strict=True):
        rows = [row[start : start + width] for row in words]
        start += width
        if kind in _KINDS:
            values: np.ndarray = np.array(rows, dtype=_KINDS[kind])
            arrays[name] = values[:, 0] if width == 1 and len(values) else values
        else:
            arrays[name] = [row[0] for row in rows]
    return arrays


def _frame(facts: Mapping[str, Any], arrays: Mapping[str, Any], file: DataFile, notes: Notes, index: int) -> Frame:
    lattice = facts.get("Lattice", facts.get("lattice"))
    cell = np.zeros((3, 3)) if lattice is None else np.asarray(lattice, dtype=float)
    cell = cell.T if cell.ndim == 2 else cell.reshape(3, 3)
    pbc = facts.get("pbc", lattice is not None)
    periodic = (bool(pbc),) * 3 if isinstance(pbc, (bool, int)) else tuple(bool(value) for value in pbc)
    if len(periodic) != 3:
        raise ValueError("pbc needs three values")
    if "species" in arrays:
        numbers = [atomic_number(species) for species in arrays["species"]]
    else:
        numbers = [int(z) for z in arrays["Z" if "Z" in arrays else "numbers"]]
    n_atoms = len(numbers)
    try:
        labels = find_labels(facts, arrays, n_atoms, float(abs(np.linalg.det(cell))))
    except (ValueError, TypeError) as error:
        notes.problem(f"The labels of configuration {index + 1} were left out: {error}.", "Check the columns of the file.", kind="labels")
        labels = find_labels({}, {}, n_atoms, 0.0)
    if not labels.keys:
        _hint_at_other_keys(facts, arrays, notes)
    magmoms = next((arrays[key] for key in arrays if key.lower() in _MAGMOMS and np.shape(arrays[key]) == (n_atoms,)), None)
    info = {key: fact for key, fact in plain_facts(facts).items() if key.lower() not in _STRUCTURE_KEYS and key not in labels.keys}
    number = info.get("frame")
    name = next((str(info[key]) for key in _NAMES if key in info), f"frame {number if isinstance(number, int) else index + 1}")
    return Frame(
        numbers=np.array(numbers),
        positions=np.asarray(arrays["pos" if "pos" in arrays else "positions"], dtype=float),
        cell=cell,
        pbc=(periodic[0], periodic[1], periodic[2]),
        energy=labels.energy,
        forces=labels.forces,
        stress=labels.stress,
        magmoms=magmoms,
        name=name,
        origin=Origin(file.shown, index, labels.keys),
        info=info,
    )


def _hint_at_other_keys(facts: Mapping[str, Any], arrays: Mapping[str, Any], notes: Notes) -> None:
    unknown = [key for key in (*facts, *arrays) if any(word in key.lower() for word in ("force", "energy"))]
    unknown = [key for key in unknown if not key.lower().endswith("_unit")]
    if unknown:
        notes.problem(
            f"No known label key; {', '.join(unknown)} may be labels but might also be a model's own.",
            "Rename the DFT labels to REF_energy, REF_forces and REF_stress.",
            kind="unknown keys",
        )
