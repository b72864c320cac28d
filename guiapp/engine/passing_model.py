"""Models that lie on the disk only while workers use them, and what a program that was killed left of such.

A corrected model is written as a file for the workers, and where its family's files run code when they are opened, its hash is consented
to for as long. Both are taken back at the end, which a killed program does not reach. So each is noted before it is made, in a note that
is locked by the process that made it: the system releases the lock however that ends, and whoever finds a note unlocked clears up.
"""

from __future__ import annotations

import logging
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from guiapp.errors import UserFacingError
from guiapp.potentials.kept_json import read_json_object, write_json_object
from guiapp.potentials.lock_file import try_lock
from guiapp.potentials.trust import is_trusted, revoke, trust, trusted
from guiapp.potentials.user_folders import config_folder

_NOTES = "passing-models"
_LOCK, _NOTE = ".lock", ".json"
_TRIES = 3
_MADE_HERE = ", made by this program"
_LOG = logging.getLogger(__name__)


class PassingModel:
    """A folder for one model, with the consents that its files need."""

    def __init__(self, place: Path, note: Path) -> None:
        """Note the folder and make it.

        Args:
            place: The folder.
            note: The file that tells of it.

        Raises:
            UserFacingError: Where one of them cannot be written.
        """
        self.place, self._note = place, note
        self._consents: list[str] = []
        self._write()
        try:
            place.mkdir(mode=0o700)
        except OSError as error:
            raise UserFacingError(f"The corrected model cannot be written: {error.strerror}.", path=place.parent) from error

    def consent(self, sha256: str, title: str) -> None:
        """Consent to open a file, for as long as the model lies there; a consent that the user gave stays what it is.

        Raises:
            UserFacingError: Where it cannot be kept.
        """
        if is_trusted(sha256) and sha256 not in _made_here():
            return
        self._consents.append(sha256)
        self._write()  # first, so that no consent is ever without a note
        trust(sha256, f"{title}{_MADE_HERE}")

    def _write(self) -> None:
        write_json_object(self._note, {"place": str(self.place), "consents": self._consents})


@contextmanager
def passing_model(folder: Path) -> Iterator[PassingModel]:
    """Hold a new folder for a model, and take it away at the end with its consents.

    Args:
        folder: Where to make it.

    Raises:
        UserFacingError: Where nothing can be written there, or in the settings.
    """
    with _locked_note() as note:
        try:
            yield PassingModel(folder.absolute() / f"corrected-{note.stem}", note)
        finally:
            _clear(note)


def clear_left_models() -> int:
    """Take away what killed programs of this user left: folders, consents, notes; what a live one uses stays.

    Returns:
        How many models were left.
    """
    left, given = 0, _made_here()  # before the notes are read: each of these had its note before it was given
    for lock in sorted(_notes().glob(f"*{_LOCK}")):
        note = lock.with_suffix(_NOTE)
        try:
            with lock.open("r+b") as file:
                if not _is_ours(file):
                    continue
                left += note.exists()
                _clear(note)
                _remove(lock)
            lock.unlink(missing_ok=True)
        except (OSError, UserFacingError) as error:
            _LOG.warning("a corrected model that was left cannot be taken away: %s", error)
    for sha256 in given - _noted():  # earlier versions left consents without a note
        revoke(sha256)
    return left


@contextmanager
def _locked_note() -> Iterator[Path]:
    """Reserve the name of a note and hold its lock."""
    for _ in range(_TRIES):
        lock = _notes() / f"{uuid.uuid4().hex}{_LOCK}"
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)
            file = lock.open("ab")
        except OSError as error:
            raise UserFacingError(f"The settings cannot be written: {error.strerror}.", path=lock) from error
        with file:
            if not _is_ours(file) or not lock.exists():
                continue  # whoever clears up just now took it for one that was left
            try:
                yield lock.with_suffix(_NOTE)
            finally:
                _remove(lock)
        lock.unlink(missing_ok=True)
        return
    raise UserFacingError(
        "Nothing can be locked in the folder of settings, so a corrected model is not written for workers.",
        advice="Let TEMPER_CONFIG_DIR name a folder on a disk of this machine.",
        path=_notes(),
    )


def _clear(note: Path) -> None:
    """Take away what a note tells of, and the note."""
    place = Path(str(read_json_object(note).get("place", "")))
    if place.name == f"corrected-{note.stem}":  # nothing else is ever deleted, whatever a note says
        shutil.rmtree(place, ignore_errors=True)
    wanted = _consents(note)
    note.unlink(missing_ok=True)
    for sha256 in wanted & _made_here() - _noted():  # one that the user gave meanwhile, or that another one needs, stays
        revoke(sha256)


def _consents(note: Path) -> set[str]:
    found = read_json_object(note).get("consents", [])
    return {str(one) for one in found} if isinstance(found, list) else set()


def _noted() -> set[str]:
    """Return the consents of all notes."""
    return {sha256 for note in _notes().glob(f"*{_NOTE}") for sha256 in _consents(note)}


def _made_here() -> set[str]:
    """Return the consents that this program gave for what it made."""
    return {one.sha256 for one in trusted() if one.note.endswith(_MADE_HERE)}


def _remove(lock: Path) -> None:
    """Remove a lock file while it is held, so that nobody can lock it in between; Windows allows that only after it is closed."""
    if os.name == "posix":
        lock.unlink(missing_ok=True)


def _is_ours(file: IO[bytes]) -> bool:
    try:
        return try_lock(file)
    except OSError:  # some network file systems know no locks, and then nothing proves that an owner is gone
        return False


def _notes() -> Path:
    return config_folder() / _NOTES
