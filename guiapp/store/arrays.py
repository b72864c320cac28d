"""Arrays of frames and predictions as checked blobs.

float64 and not float32: labels come as float64, and a result read back must give the numbers of the run that made it.
"""

from __future__ import annotations

import zlib
from typing import NamedTuple

import numpy as np

from guiapp.frames.frame import Floats, Frame, Integers
from guiapp.potentials.potential import Prediction

_WORD = 8  # bytes of one number
_ENERGY, _FORCES, _STRESS, _MAGMOMS = 1, 2, 4, 8


class DamagedBlobError(Exception):
    """A blob's length or checksum is not what its row says."""


class FrameArrays(NamedTuple):
    """The arrays of a frame, as ``Frame`` names them; they cannot be written to."""

    numbers: Integers
    positions: Floats
    cell: Floats
    energy: float | None
    forces: Floats | None
    stress: Floats | None
    magmoms: Floats | None


def checksum(blob: bytes, *bound: object) -> int:
    """Return the CRC-32 of a blob and of the other values of its row that must belong to it."""
    return zlib.crc32("|".join(map(str, bound)).encode("utf-8", "backslashreplace"), zlib.crc32(blob))


def is_intact(blob: object, check: object, *bound: object) -> bool:
    """Say whether a row is what was stored; damage may even have changed the kinds of its values."""
    return isinstance(blob, bytes) and checksum(blob, *bound) == check


def pack_prediction(prediction: Prediction) -> tuple[int, int, bytes]:
    """Return number of atoms, 1 or 0 for magnetic moments, and the blob: energy, stress, forces, moments.

    Raises:
        ValueError: Where a shape is not what ``Prediction`` promises.
    """
    forces = np.asarray(prediction.forces)
    n_atoms = len(forces)
    parts = [
        _shaped(prediction.energy, (), "energy"),
        _shaped(prediction.stress, (3, 3), "stress"),
        _shaped(forces, (n_atoms, 3), "forces"),
    ]
    if prediction.magmoms is not None:
        parts.append(_shaped(prediction.magmoms, (n_atoms,), "magmoms"))
    return n_atoms, int(prediction.magmoms is not None), b"".join(parts)


def unpack_prediction(n_atoms: int, magmoms: int, blob: bytes) -> Prediction:
    """Return the prediction of a blob whose checksum holds; its arrays cannot be written to.

    Raises:
        DamagedBlobError: Where the length does not fit the number of atoms.
    """
    _require_length(blob, 10 + 3 * n_atoms + (n_atoms if magmoms else 0))
    values = _floats(blob)
    end = 10 + 3 * n_atoms
    return Prediction(
        energy=float(values[0]),
        stress=values[1:10].reshape(3, 3),
        forces=values[10:end].reshape(n_atoms, 3),
        magmoms=values[end:] if magmoms else None,
    )


def pack_frame(frame: Frame) -> tuple[int, bytes]:
    """Return the bits that say which labels are present, and the blob: numbers, positions, cell, then the labels.

    Raises:
        ValueError: Where a shape is not what ``Frame`` promises.
    """
    n = frame.n_atoms
    labels = 0
    parts = [
        frame.numbers.astype("<i8", copy=False).tobytes(),
        _shaped(frame.positions, (n, 3), "positions"),
        _shaped(frame.cell, (3, 3), "cell"),
    ]
    for bit, name, shape in (
        (_ENERGY, "energy", ()),
        (_FORCES, "forces", (n, 3)),
        (_STRESS, "stress", (3, 3)),
        (_MAGMOMS, "magmoms", (n,)),
    ):
        value = getattr(frame, name)
        if value is not None:
            labels |= bit
            parts.append(_shaped(value, shape, name))
    return labels, b"".join(parts)


def unpack_frame(n_atoms: int, labels: int, blob: bytes) -> FrameArrays:
    """Return the arrays of a blob whose checksum holds.

    Raises:
        DamagedBlobError: Where the length does not fit the number of atoms and labels.
    """
    n = n_atoms
    end = 4 * n + 9
    words = end + (labels & _ENERGY) + (3 * n if labels & _FORCES else 0) + (9 if labels & _STRESS else 0) + (n if labels & _MAGMOMS else 0)
    _require_length(blob, words)
    values = _floats(blob)
    energy = forces = stress = magmoms = None
    if labels & _ENERGY:
        energy, end = float(values[end]), end + 1
    if labels & _FORCES:
        forces, end = values[end : end + 3 * n].reshape(n, 3), end + 3 * n
    if labels & _STRESS:
        stress, end = values[end : end + 9].reshape(3, 3), end + 9
    if labels & _MAGMOMS:
        magmoms = values[end:]
    numbers = np.frombuffer(blob, "<i8", n).astype(np.int64, copy=False)
    return FrameArrays(numbers, values[n : 4 * n].reshape(n, 3), values[4 * n : 4 * n + 9].reshape(3, 3), energy, forces, stress, magmoms)


def _floats(blob: bytes) -> Floats:
    values = np.frombuffer(blob, "<f8").astype(np.float64, copy=False)
    values.setflags(write=False)  # a copy, made on big-endian machines only, could be written to
    return values


def _shaped(value: object, shape: tuple[int, ...], name: str) -> bytes:
    array = np.asarray(value, dtype="<f8")
    if array.shape != shape:
        raise ValueError(f"{name} has shape {array.shape} where {shape} belongs")
    return array.tobytes()


def _require_length(blob: bytes, words: int) -> None:
    if len(blob) != words * _WORD:
        raise DamagedBlobError(f"{len(blob)} bytes where {words * _WORD} belong")
