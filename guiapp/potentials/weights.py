"""The identity of a potential: the hash of its weights file."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from guiapp.errors import UserFacingError
from guiapp.potentials.potential import PotentialCard

_READ_SIZE = 1 << 20


def weights_hash(card: PotentialCard) -> str:
    """Return the SHA-256 of a card's weights file, the identity under which its predictions are kept.

    Raises:
        UserFacingError: Where the file is missing or unreadable.
    """
    if card.weights is None:
        raise UserFacingError(f"{card.title} cannot be used: {card.state}.")
    try:
        status = card.weights.stat()
        return _file_hash(card.weights, status.st_mtime_ns, status.st_size)
    except OSError as error:
        raise UserFacingError(f"The weights cannot be read: {error.strerror}.", path=card.weights) from error


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
