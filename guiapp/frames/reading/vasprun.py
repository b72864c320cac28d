"""Every ionic step of a vasprun.xml, whole, cut off, or trimmed to its results.

The energy of a step is ``e_fr_energy``, the free energy, because the forces are its derivative; ``e_0_energy`` of the last
electronic step is extrapolated to no smearing, and in the step's own summary VASP 5 writes something else under that name.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Floats, Frame, Origin
from guiapp.frames.reading.data_file import DataFile
from guiapp.frames.reading.elements import atomic_number
from guiapp.frames.reading.labels import from_kbar, stress_matrix, vectors
from guiapp.frames.reading.notes import Notes
from guiapp.frames.reading.vasp_settings import INTERESTING, one_line, provenance

TITLE = "VASP vasprun.xml"
_ENERGIES = ("e_fr_energy", "e_wo_entrp", "e_0_energy")
_BULKY = {"r", "scstep", "eigenvalues", "dos", "projected", "kpoints", "dielectricfunction", "dynmat"}


def recognises(file: DataFile) -> bool:
    """Tell whether the content is a vasprun.xml."""
    return b"<modeling" in file.head


@dataclass
class _Run:
    """What has been read of the run so far."""

    tags: dict[str, str] = field(default_factory=dict)
    potentials: list[str] = field(default_factory=list)
    symbols: list[str] = field(default_factory=list)
    version: str = ""
    electronic_steps: int = 0


def read(file: DataFile, notes: Notes) -> Iterator[Frame]:
    """Yield every complete ionic step.

    Raises:
        UserFacingError: If the file declares XML entities, which VASP never does and which can blow up.
    """
    if re.search(rb"<!(DOCTYPE|ENTITY)", file.head):
        raise UserFacingError("It declares XML entities, which no vasprun.xml does.", advice="Do not open this file.", path=file.shown)
    run, index, cut = _Run(), 0, False
    with file.open() as stream:
        events = ET.iterparse(stream, events=("end",))  # noqa: S314 - entities are refused above, expat is safe without them
        while True:
            try:
                _, element = next(events)
            except StopIteration:
                break
            except ET.ParseError:
                cut = True
                break
            if element.tag == "calculation":
                frame = _frame(element, run, notes, file, index)
                element.clear()
                if frame is not None:
                    yield frame
                    index += 1
            else:
                _gather(element, run)
    if cut:
        notes.problem(
            f"The file ends in the middle of a step; {index} complete step{'s were' if index != 1 else ' was'} read.",
            "The run was probably stopped: the steps before are fine to use.",
        )


def _gather(element: ET.Element, run: _Run) -> None:
    """Take settings and species from an element that just ended, and drop what is bulky."""
    name = element.get("name", "")
    if (element.tag == "i" and name in INTERESTING and (element.text or "").strip()) or (element.tag == "v" and name in INTERESTING):
        run.tags[name] = (element.text or "").strip()
    elif element.tag == "i" and name == "version":
        run.version = (element.text or "").strip()
    elif element.tag == "array" and name == "atoms":
        run.symbols = [(entry[0].text or "").strip() for entry in element.iter("rc")]
    elif element.tag == "array" and name == "atomtypes":
        run.potentials = [(entry[-1].text or "").strip() for entry in element.iter("rc")]
    if element.tag == "scstep":
        run.electronic_steps += 1
    if element.tag in _BULKY:
        element.clear()


def _frame(step: ET.Element, run: _Run, notes: Notes, file: DataFile, index: int) -> Frame | None:
    """Make a frame of one ``calculation`` element, or note why it cannot be one."""
    electronic_steps, run.electronic_steps = run.electronic_steps, 0
    cell = _rows(step.find("structure/crystal/varray[@name='basis']"))
    scaled = _rows(step.find("structure/varray[@name='positions']"))
    if cell is None or scaled is None or not run.symbols:
        notes.problem(f"Step {index + 1} has no structure and was left out.", kind="no structure")
        return None
    found = provenance(run.tags, run.potentials, run.version)
    notes.provenance = found
    numbers = [atomic_number(symbol) for symbol in run.symbols]
    energies = {i.get("name"): _number(i.text) for i in step.findall("energy/i")}
    key = next((key for key in _ENERGIES if key in energies), None)
    forces = _rows(step.find("varray[@name='forces']"))
    stress = _rows(step.find("varray[@name='stress']"))
    keys = notes.use_keys(*([key] if key else []), *(["forces"] if forces is not None else []), *(["stress"] if stress is not None else []))
    info: dict[str, str | int | bool] = {"dft": one_line(found)} if found.code or found.functional else {}
    limit = run.tags.get("NELM", "")
    if limit.isdecimal() and electronic_steps and int(limit) > 1:
        info["converged"] = electronic_steps < int(limit)
    return Frame(
        numbers=np.array(numbers),
        positions=vectors(scaled, len(numbers), "positions") @ cell,
        cell=cell,
        energy=energies[key] if key else None,
        forces=vectors(forces, len(numbers), "forces") if forces is not None else None,
        stress=from_kbar(stress_matrix(stress)) if stress is not None else None,
        name=f"step {index + 1}",
        origin=Origin(file.shown, index, keys),
        info=info,
    )


def _rows(element: ET.Element | None) -> Floats | None:
    if element is None:
        return None
    return np.array([[_number(word) for word in (row.text or "").split()] for row in element.findall("v")], dtype=np.float64)


def _number(text: str | None) -> float:
    """Return the number, or NaN where Fortran printed stars because the value did not fit."""
    try:
        return float(text or "nan")
    except ValueError:
        return float("nan")
