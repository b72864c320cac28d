"""The identity of a potential: the hash of its weights, one file or a folder of them."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from guiapp.errors import UserFacingError
from guiapp.potentials.potential import PotentialCard

_READ_SIZE = 1 << 20
FOLDER_FILES = ("model.json", "model.pt", "state.pt")
"""What makes up a matgl model; other files in such a folder, as a README, determine no number."""


def weights_hash(card: PotentialCard) -> str:
    """Return the SHA-256 of a card's weights, the identity under which its predictions are kept.

    Raises:
        UserFacingError: Where a file is missing or unreadable.
    """
    if card.weights is None and card.identity:
        return card.identity
    if card.weights is None:
        raise UserFacingError(f"{card.title} cannot be used: {card.state}.")
    return place_hash(card.weights)


def place_hash(place: Path) -> str:
    """Return the SHA-256 of a weights file or folder.

    The hash of a folder is that of the lines ``<SHA-256>  <name>`` of its files, as ``sha256sum`` prints them.

    Raises:
        UserFacingError: Where a file is missing or unreadable.
    """
    if not place.is_dir():
        return file_hash(place)
    lines = "".join(f"{file_hash(place / name)}  {name}\n" for name in FOLDER_FILES)
    return hashlib.sha256(lines.encode()).hexdigest()


def weights_files(place: Path) -> tuple[Path, ...]:
    """Return the files of which a model's weights consist."""
    return tuple(place / name for name in FOLDER_FILES) if place.is_dir() else (place,)


def file_hash(path: Path) -> str:
    """Return the SHA-256 of one file; a file that did not change is read once.

    Raises:
        UserFacingError: Where it is missing or unreadable.
    """
    try:
        status = path.stat()
        return _file_hash(path, status.st_mtime_ns, status.st_size)
    except OSError as error:
        raise UserFacingError(f"The weights cannot be read: {error.strerror}.", path=path) from error


@lru_cache(maxsize=256)
def _file_hash(path: Path, _mtime_ns: int, _size: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_READ_SIZE):
            digest.update(block)
    return digest.hexdigest()


def scaled_hash(base: str, c: float) -> str:
    """Return the identity of a potential whose interaction energy is multiplied by c."""
    return hashlib.sha256(f"{base} interaction scale {c!r}".encode()).hexdigest()
