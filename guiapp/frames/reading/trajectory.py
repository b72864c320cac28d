"""ASE trajectories in the ulm format; the old pickled ones are refused."""

from __future__ import annotations

import io
from collections.abc import Iterator

from ase.io.trajectory import TrajectoryReader

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame, Origin
from guiapp.frames.frame_from_atoms import frame_from_atoms
from guiapp.frames.reading.data_file import DataFile
from guiapp.frames.reading.notes import Notes
from guiapp.frames.reference_set import Provenance

TITLE = "ASE trajectory"
UNITS = "energy eV (free energy where stored), forces eV/Å, stress eV/Å^3 in ase's sign"
_ULM = b"- of Ulm"
_OLD = b"PickleTrajectory"


def recognises(file: DataFile) -> bool:
    """Tell whether the content is an ase trajectory, also an old one."""
    return file.head.startswith((_ULM, _OLD))


def read(file: DataFile, notes: Notes) -> Iterator[Frame]:
    """Yield every configuration.

    Raises:
        UserFacingError: If it is an old pickled trajectory, because opening that could run code from the file.
    """
    if file.head.startswith(_OLD):
        raise UserFacingError(
            "It is an old pickled trajectory, and opening one can run code hidden in it.",
            advice="Convert it with ase (python -m ase.io.trajectory FILE) where you trust it, then open the result.",
            path=file.shown,
        )
    notes.provenance = Provenance(units_as_read=UNITS)
    with file.open() as opened:
        # ase jumps about in the file, which a packed one does not allow
        stream = opened if file.on_disk is not None else io.BytesIO(opened.read())
        trajectory = TrajectoryReader(stream)
        for index, atoms in enumerate(trajectory):
            frame = frame_from_atoms(atoms, name=f"frame {index + 1}", origin=Origin(file.shown, index))
            notes.use_keys(*frame.origin.keys)
            yield frame
