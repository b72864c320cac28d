"""Weights that came to a worker from elsewhere, each under the hash of its content; these functions run on the worker."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
from pathlib import Path, PurePosixPath

from guiapp.errors import UserFacingError
from guiapp.potentials.user_folders import cache_folder
from guiapp.potentials.weights import place_hash

_FOLDER = "cluster-models"
_HASH_LENGTH = 64


def place_of(sha256: str) -> Path | None:
    """Return the weights file or folder of that hash; None where it is not here."""
    folder = _folder(sha256)
    try:
        return next(iter(sorted(folder.iterdir())), None)
    except OSError:
        return None


def look_for(sha256: str) -> tuple[str, bool]:
    """Return which store this is, the same for all workers that share it, and whether it has the weights."""
    return f"{socket.gethostname()} {_root()}", place_of(sha256) is not None


def receive(sha256: str, transfer: str, name: str, offset: int, chunk: bytes) -> None:
    """Write a part of a file of weights that are on their way.

    Args:
        sha256: What the weights as a whole will be known by.
        transfer: Which transfer it belongs to, so that two at once do not mix.
        name: The file's name; one folder may come before it, as ``model/state.pt``.
        offset: Where the chunk begins, bytes.
        chunk: The content there.

    Raises:
        UserFacingError: Where the name is none, or nothing can be written here.
    """
    parts = PurePosixPath(name).parts
    if not 1 <= len(parts) <= 2 or any(part in {".", "..", "/"} or set(part) & set('\\:*?"<>|') for part in parts):
        raise UserFacingError(f"“{name}” is no name for a file of weights.")
    path = _part(sha256, transfer).joinpath(*parts)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("r+b" if offset else "wb") as file:
            file.seek(offset)
            file.write(chunk)
    except OSError as error:
        raise UserFacingError(
            f"The weights cannot be kept on {socket.gethostname()}: {error.strerror}.",
            advice="Free some space there, or let TEMPER_CACHE_DIR name another folder on the workers.",
            path=path,
        ) from error


def finish(sha256: str, transfer: str) -> None:
    """Check what has come, and keep it under its hash only where it is what was announced.

    Raises:
        UserFacingError: Where it is something else.
    """
    part = _part(sha256, transfer)
    try:
        arrived = next(iter(sorted(part.iterdir())), None) if part.is_dir() else None
        if arrived is None or place_hash(arrived) != sha256:
            raise UserFacingError("The weights were damaged on their way to a worker.", advice="Start the job again.", path=arrived)
        with contextlib.suppress(OSError):  # another worker of this machine may have been quicker
            part.rename(_folder(sha256))
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _root() -> Path:
    return cache_folder() / _FOLDER


def _folder(sha256: str) -> Path:
    if len(sha256) != _HASH_LENGTH or not all(digit in "0123456789abcdef" for digit in sha256):
        raise UserFacingError(f"“{sha256}” is not a SHA-256.")
    return _root() / sha256


def _part(sha256: str, transfer: str) -> Path:
    safe = "".join(letter for letter in transfer if letter.isalnum())
    return _folder(sha256).with_name(f"{sha256}.{safe}.{os.getpid()}.part")
