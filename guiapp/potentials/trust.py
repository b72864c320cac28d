"""The user's consent to open files that run code when opened, by the SHA-256 of each file; it can be taken back."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Collection, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from guiapp.errors import UserFacingError
from guiapp.potentials.kept_json import read_json_object, write_json_object
from guiapp.potentials.pickle_scan import PickleScan, scan_pickle
from guiapp.potentials.user_folders import config_folder

__all__ = [
    "PickleScan",
    "TrustedFile",
    "consents_of_sender",
    "file_sha256",
    "is_trusted",
    "require_trust",
    "revoke",
    "scan_pickle",
    "scan_words",
    "trust",
    "trusted",
]

_FILE = "trusted-files.json"
_READ_SIZE = 1 << 20
_NAMES_SHOWN = 8
_HASH_LENGTH = 64
_lock = threading.Lock()
_sender: ContextVar[frozenset[str] | None] = ContextVar("consents of whoever sent the work", default=None)


@dataclass(frozen=True)
class TrustedFile:
    """One consent."""

    sha256: str
    note: str
    """What the user saw when consenting, usually the file's name."""
    since: str
    """When, ISO 8601 in UTC."""


def is_trusted(sha256: str, folder: Path | None = None) -> bool:
    """Tell whether the user has consented to open a file of this content.

    Args:
        sha256: Of the whole file.
        folder: Where consents are kept; None for the user's settings.
    """
    sent = _sender.get()
    if sent is not None:
        return sha256 in sent
    return any(file.sha256 == sha256 for file in trusted(folder))


@contextlib.contextmanager
def consents_of_sender(sha256s: Collection[str]) -> Iterator[None]:
    """Let only these consents count in this thread, for work that was sent from another machine.

    The consent is the sender's and goes with the hash: a worker neither keeps it nor falls back on those of its own user.

    Args:
        sha256s: What the sender's user consented to.
    """
    token = _sender.set(frozenset(sha256s))
    try:
        yield
    finally:
        _sender.reset(token)


def trust(sha256: str, note: str, folder: Path | None = None) -> None:
    """Remember the user's consent.

    Args:
        sha256: Of the whole file.
        note: For the list of consents, usually the file's name.
        folder: Where consents are kept; None for the user's settings.

    Raises:
        UserFacingError: Where the consent cannot be kept.
    """
    if not _is_hash(sha256):
        raise UserFacingError(f"“{sha256}” is not a SHA-256.", advice="It has 64 hexadecimal digits.")
    with _lock:
        content = read_json_object(_path(folder))
        content[sha256] = {"note": note, "since": datetime.now(UTC).isoformat(timespec="seconds")}
        write_json_object(_path(folder), content)


def revoke(sha256: str, folder: Path | None = None) -> bool:
    """Take a consent back; return whether there was one.

    Raises:
        UserFacingError: Where the change cannot be kept.
    """
    with _lock:
        content = read_json_object(_path(folder))
        if content.pop(sha256, None) is None:
            return False
        write_json_object(_path(folder), content)
        return True


def trusted(folder: Path | None = None) -> list[TrustedFile]:
    """Return every consent, oldest first; a damaged settings file counts as no consent at all."""
    files = [
        TrustedFile(sha256, str(entry.get("note", "")), str(entry.get("since", "")))
        for sha256, entry in read_json_object(_path(folder)).items()
        if _is_hash(sha256) and isinstance(entry, dict)
    ]
    return sorted(files, key=lambda file: (file.since, file.sha256))


def require_trust(path: Path, sha256: str, family: str = "weights", folder: Path | None = None) -> None:
    """Return only where the file has the content that the user consented to; call it right before unpickling, in the worker process.

    The file is hashed again, so that a file exchanged since is noticed.

    Args:
        path: The file that would be unpickled.
        sha256: The hash under which it is known.
        family: Whose allow-list it is compared with, see ``pickle_scan.ALLOWED``.
        folder: Where consents are kept; None for the user's settings.

    Raises:
        UserFacingError: Without consent: what the file would import, and how to consent.
    """
    if file_sha256(path) != sha256:
        raise UserFacingError("The file changed while it was being opened.", advice="Start again.", path=path)
    if is_trusted(sha256, folder):
        return
    scan = scan_pickle(path, family)
    raise UserFacingError(
        f"The file was not opened, because opening this kind of file runs what its author put in. {scan_words(scan)}",
        advice=f"If you trust where it comes from, consent with: models trust {path.name} (SHA-256 {sha256[:12]}…).",
        path=path,
    )


def scan_words(scan: PickleScan) -> str:
    """Return in a sentence or two what a file would import and whether anything stands out."""
    words = f"It would import {len(scan.imports)} names from {', '.join(scan.packages) or 'nothing'}."
    if scan.runs_text:
        words += " It holds source code that runs when the file is opened, as every file of this kind does."
    if scan.suspicious:
        shown = ", ".join(scan.suspicious[:_NAMES_SHOWN])
        more = len(scan.suspicious) - _NAMES_SHOWN
        words += f" WARNING, no genuine file needs: {shown}{f' and {more} more' if more > 0 else ''}."
    return words


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content.

    Raises:
        UserFacingError: Where it cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_READ_SIZE):
                digest.update(block)
    except OSError as error:
        raise UserFacingError(f"The file cannot be read: {error.strerror}.", path=path) from error
    return digest.hexdigest()


def _path(folder: Path | None) -> Path:
    return (folder if folder is not None else config_folder()) / _FILE


def _is_hash(text: str) -> bool:
    return len(text) == _HASH_LENGTH and all(digit in "0123456789abcdef" for digit in text)
