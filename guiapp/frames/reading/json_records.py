"""Structures with labels in JSON, in every packaging of ``json_layouts``, one record at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ase.data import atomic_numbers

from guiapp.frames.frame import Frame, Info, Origin
from guiapp.frames.frame_from_atoms import Labels, plain_facts
from guiapp.frames.reading.data_file import DataFile
from guiapp.frames.reading.json_layouts import Layout, labels_of, layout_of, magmoms_of
from guiapp.frames.reading.json_stream import entries
from guiapp.frames.reading.json_structure import DisorderedError, is_structure, plain_structure
from guiapp.frames.reading.notes import Notes
from guiapp.frames.reading.vasp_settings import functional
from guiapp.frames.reference_set import Provenance

TITLE = "JSON of structures"
_DEEPEST = 4  # lists and dictionaries around a record
_ONE_RECORD = {"structure", "structures", "lattice", "sites", "outputs", "composition", "parameters"}
_MATERIAL = ("material_id", "mp_id", "wbm_id")
_TEMPERATURE = re.compile(r"\bat (\d+(?:\.\d+)?) K\b")
_LONGEST_FACT = 300  # characters; longer text is a document, not a fact
_NOT_A_FACT = ("@module", "@class", "@version", "charge", "_id", "nsites", "num_atoms", "nelements")


def recognises(file: DataFile) -> bool:
    """Tell whether the content is JSON with a list or dictionary."""
    start = file.head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return start in {b"{", b"["} and b"\0" not in file.head


def read(file: DataFile, notes: Notes) -> Iterator[Frame]:
    """Yield every record that holds an ordered structure; one that does not becomes a problem."""
    index = 0
    with file.text() as stream:
        for ids, record in _records_of(entries(stream, file.shown)):
            try:
                frame = _frame(ids, record, file, notes, index)
            except DisorderedError as error:
                notes.problem(
                    f"Record {_called(ids, index)} was left out: {error}.", "Make an ordered approximant first.", kind="disordered"
                )
            except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
                notes.problem(
                    f"Record {_called(ids, index)} was left out: its structure is malformed ({type(error).__name__}: {error}).",
                    "Write the record again.",
                    kind="malformed",
                )
            else:
                yield frame
            index += 1


def _called(ids: tuple[str, ...], index: int) -> str:
    return "/".join(ids) or str(index + 1)


def _records_of(pairs: Iterator[tuple[str | None, Any]]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Find the records; a file that is one single record is put together again."""
    whole: dict[str, Any] = {}
    for first, (key, value) in enumerate(pairs):
        if whole or (first == 0 and key is not None and (key in _ONE_RECORD or key.startswith("@") or not _may_hold_records(value))):
            whole[str(key)] = value
        else:
            yield from _records(value, () if key is None else (key,))
    if whole:
        yield from _records(whole, ())


def _may_hold_records(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value))


def _records(value: Any, ids: tuple[str, ...], depth: int = 0) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Yield the records inside plain data, with the keys that lead to each."""
    if depth > _DEEPEST:
        return
    if isinstance(value, Mapping):
        structures = value.get("structure", value.get("structures"))
        if is_structure(value):
            yield ids, {"structure": value}
        elif is_structure(structures):
            yield ids, value
        elif isinstance(structures, list):
            for number, structure in enumerate(structures, start=1):
                yield (*ids, str(number)), {"structure": structure}
        else:
            for key, item in value.items():
                yield from _records(item, (*ids, str(key)), depth + 1)
    elif isinstance(value, list):
        for number, item in enumerate(value, start=1):
            yield from _records(item, (*ids, str(number)), depth + 1)


def _frame(ids: tuple[str, ...], record: Mapping[str, Any], file: DataFile, notes: Notes, index: int) -> Frame:
    structure = plain_structure(record["structure"])
    n_atoms = len(structure.numbers)
    layout = layout_of(record)
    try:
        labels = labels_of(record, layout, n_atoms)
    except (TypeError, ValueError) as error:
        notes.problem(
            f"The labels of record {_called(ids, index)} were left out: {error}.", "Check how the file was written.", kind="labels"
        )
        labels = Labels()
    if labels.keys:
        notes.provenance = _provenance(record, layout)
    info = _facts(record, labels)
    material = _material(record, ids)
    if material:
        info["source_id"] = material
    return Frame(
        numbers=structure.numbers,
        positions=structure.positions,
        cell=structure.cell,
        pbc=structure.pbc,
        energy=labels.energy,
        forces=labels.forces,
        stress=labels.stress,
        magmoms=magmoms_of(record, n_atoms),
        name=_name(record, ids, index),
        origin=Origin(file.shown, index, notes.use_keys(*labels.keys)),
        info=info,
    )


def _material(record: Mapping[str, Any], ids: tuple[str, ...]) -> str:
    """Return the source's id of the compound, empty where it gives none."""
    for key in _MATERIAL:
        if isinstance(record.get(key), str):
            return str(record[key])
    provenance = record.get("provenance")
    if isinstance(provenance, Mapping) and isinstance(provenance.get("original_mp_id"), str):
        return str(provenance["original_mp_id"])
    return ids[0] if len(ids) > 1 else ""


def _name(record: Mapping[str, Any], ids: tuple[str, ...], index: int) -> str:
    given = record.get("matpes_id", record.get("frame_id", ids[-1] if ids else None))
    if given is None:
        return f"frame {index + 1}"
    return f"frame {given}" if str(given).isdecimal() else str(given)


def _facts(record: Mapping[str, Any], labels: Labels) -> dict[str, Info]:
    """Keep single facts of the record, and derive the kind and temperature of a configuration."""
    facts = {
        key: value
        for key, value in plain_facts(record).items()
        if key not in _NOT_A_FACT and key not in labels.keys and not (isinstance(value, str) and len(value) > _LONGEST_FACT)
    }
    tags = record.get("tags")
    if isinstance(tags, list):
        facts["tags"] = ", ".join(str(tag) for tag in tags)
    group = facts.get("group")
    kind = group if isinstance(group, str) and group not in atomic_numbers else facts.get("tags")
    if kind is not None and "kind" not in facts:
        facts["kind"] = kind
    described = _TEMPERATURE.search(str(facts.get("description", "")))
    if described and "temperature" not in facts:
        facts["temperature"] = float(described.group(1))
    return facts


def _provenance(record: Mapping[str, Any], layout: Layout) -> Provenance:
    """Add what one record says about its settings to what its packaging says."""
    found = layout.provenance
    if isinstance(record.get("functional"), str):
        found = replace(found, functional=record["functional"])
    parameters = record.get("params", record.get("parameters"))
    if not isinstance(parameters, Mapping):
        return found
    potentials = [str(title) for title in parameters.get("potcar_symbols") or ()]
    hubbard = "T" if parameters.get("is_hubbard") else "F"
    settings = []
    if "e_cut" in parameters:
        settings.append(f"ENCUT {parameters['e_cut']}")
    if "k_prod" in parameters:
        settings.append(f"k-point product {parameters['k_prod']} Å")
    if isinstance(parameters.get("pp"), Mapping):
        settings.append("POTCAR " + ", ".join(str(name) for name in parameters["pp"].values()))
    if potentials:
        settings.append("POTCAR " + ", ".join(potentials))
        found = replace(found, functional=functional({"LDAU": hubbard}, potentials))
    return replace(found, settings="; ".join(settings))
