"""Write frames as extended xyz with ``REF_`` labels, so that reading gives back the same labels and the same content."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

import numpy as np

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame, Info

_QUOTED = set(" \t\"'=,{}[]\\")
_OWN_KEYS = {"lattice", "properties", "pbc", "ref_energy", "ref_forces", "ref_stress", "frame_id", "source_id"}


def write_extxyz(frames: Iterable[Frame], path: Path) -> None:
    """Write frames to one file, whole or not at all.

    Every number is written with the digits that give back exactly the same double. The name and the compound of a frame are
    written as ``frame_id`` and ``source_id``.

    Args:
        frames: Frames to write.
        path: Target; an existing file is replaced only once the new one is complete.

    Raises:
        UserFacingError: If the file cannot be written.
    """
    path = Path(path)
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
                for frame in frames:
                    _write(frame, stream)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UserFacingError(
            f"The file cannot be written: {error.strerror}.", advice="Choose a folder you may write to.", path=path
        ) from error


def _write(frame: Frame, stream: TextIO) -> None:
    properties = ["species:S:1", "pos:R:3"]
    columns = [frame.positions]
    if frame.forces is not None:
        properties.append("REF_forces:R:3")
        columns.append(frame.forces)
    if frame.magmoms is not None:
        properties.append("REF_magmoms:R:1")
        columns.append(frame.magmoms[:, None])
    facts = [
        f'Lattice="{_numbers(frame.cell)}"',
        f"Properties={':'.join(properties)}",
        f'pbc="{" ".join("FT"[flag] for flag in frame.pbc)}"',
    ]
    if frame.energy is not None:
        facts.append(f"REF_energy={float(frame.energy)!r}")
    if frame.stress is not None:
        facts.append(f'REF_stress="{_numbers(frame.stress)}"')
    facts += [f"frame_id={_text(frame.name)}"] if frame.name else []
    facts += [f"source_id={_text(frame.compound)}"] if frame.compound else []
    facts += [f"{key}={_text(value)}" for key, value in frame.info.items() if key.lower() not in _OWN_KEYS and not _QUOTED & set(key)]
    stream.write(f"{frame.n_atoms}\n{' '.join(facts)}\n")
    rows = np.hstack(columns) if len(columns) > 1 else columns[0]
    stream.writelines(f"{symbol} {' '.join(map(repr, row))}\n" for symbol, row in zip(frame.symbols, rows.tolist(), strict=True))


def _numbers(array: np.ndarray) -> str:
    return " ".join(map(repr, array.ravel().tolist()))


def _text(value: Info) -> str:
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, (int, float)):
        return repr(value)
    clean = " ".join(value.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{clean}"' if not clean or _QUOTED & set(clean) or clean != value else clean
