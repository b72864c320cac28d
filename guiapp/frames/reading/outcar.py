"""Every ionic step of an OUTCAR, read with ase.

The energy of a step is TOTEN, the free energy, because the forces are its derivative; ``energy(sigma->0)`` is an extrapolation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TextIO

from ase.io import ParseError
from ase.io.vasp_parsers.vasp_outcar_parsers import OUTCARChunk, OutcarChunkParser, OutcarHeaderParser, build_chunk, build_header

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame, Origin
from guiapp.frames.frame_from_atoms import frame_from_atoms
from guiapp.frames.reading.data_file import DataFile
from guiapp.frames.reading.notes import Notes
from guiapp.frames.reading.vasp_settings import INTERESTING, one_line, provenance
from guiapp.frames.reference_set import Provenance

TITLE = "VASP OUTCAR"
_VERSION = re.compile(r"^\s*vasp\.(\S+)", re.MULTILINE)
_TAG = re.compile(r"\b([A-Z]\w+)\s*=\s*(\S+)")
_POTENTIAL = re.compile(r"TITEL\s*=\s*(.+)")
_END = "General timing and accounting"
_ITERATION = "Iteration"


def recognises(file: DataFile) -> bool:
    """Tell whether the content is an OUTCAR: it begins with the version of VASP."""
    return re.search(rb"^\s*vasp\.\d+\.", file.head[:2000], re.MULTILINE) is not None and b"<modeling" not in file.head[:2000]


class _Lines:
    """The lines of the file, remembering what shows whether the run came to its end."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.finished = False
        self.iterations = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._stream)
        if _ITERATION in line:
            self.iterations += 1
        elif _END in line:
            self.finished = True
        return line


def read(file: DataFile, notes: Notes) -> Iterator[Frame]:
    """Yield every complete ionic step.

    Raises:
        UserFacingError: If the run stopped before its first ionic step.
    """
    with file.text() as stream:
        lines = _Lines(stream)
        try:
            head = build_header(lines)
            header = OutcarHeaderParser(workdir=None).build(head)
        except ParseError as error:
            raise UserFacingError(
                "The OUTCAR ends before the first ionic step.", advice="The run was stopped early: run it again.", path=file.shown
            ) from error
        notes.provenance, limit = _settings("".join(head))
        parser, index = OutcarChunkParser(), 0
        iterations_before = 0
        while True:
            try:
                step = build_chunk(lines)
            except StopIteration:
                break
            electronic_steps, iterations_before = lines.iterations - iterations_before, lines.iterations
            atoms = OUTCARChunk(step, header, parser=parser).build()
            frame = frame_from_atoms(
                atoms, name=f"step {index + 1}", origin=Origin(file.shown, index), info={"dft": one_line(notes.provenance)}
            )
            if limit > 1:
                frame = frame.with_changes(info={**frame.info, "converged": electronic_steps < limit})
            notes.use_keys(*frame.origin.keys)
            yield frame
            index += 1
    if not lines.finished:
        notes.problem(
            f"The run did not come to its end; {index} complete step{'s were' if index != 1 else ' was'} read.",
            "The run was probably stopped: the steps before are fine to use.",
        )


def _settings(head: str) -> tuple[Provenance, int]:
    """Return what the header says about the labels, and the limit of electronic steps."""
    tags = {key: value.rstrip(";") for key, value in reversed(_TAG.findall(head)) if key in INTERESTING}
    version = _VERSION.search(head)
    potentials = list(dict.fromkeys(title.strip() for title in _POTENTIAL.findall(head)))
    limit = tags.get("NELM", "")
    return provenance(tags, potentials, version.group(1) if version else ""), int(limit) if limit.isdecimal() else 0
