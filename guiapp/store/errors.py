"""What can be wrong with a project file, in words for the user."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from guiapp.errors import UserFacingError

_FEW_BYTES = 4 << 20  # a disk with less than 4 MiB free cannot hold a batch and its journal


class ProjectError(UserFacingError):
    """Something is wrong with a project file or with the disk it lies on."""


class NotAProjectError(ProjectError):
    """The file belongs to something else; it was not touched."""


class NewerProjectError(ProjectError):
    """The file was written by a newer version of the program; it was not touched."""


class DamagedProjectError(ProjectError):
    """The file is a project but parts of it cannot be read; ``recover`` copies the rest."""


class ReadOnlyProjectError(ProjectError):
    """The project was opened for reading only."""


class ProjectBusyError(ProjectError):
    """Another program keeps the file locked."""


class DiskFullError(ProjectError):
    """There is no room for the change; everything stored earlier is still there."""


def damaged(path: Path, detail: str) -> DamagedProjectError:
    """Return the error for a damaged project: what is wrong, what is safe, what to do."""
    return DamagedProjectError(
        f"The project file is damaged ({detail}). Nothing was changed in it.",
        advice="Copy what can still be read (in the window: File, Recover a damaged project), or open the backup that lies beside it.",
        path=path,
    )


def read_only(path: Path) -> ReadOnlyProjectError:
    """Return the error for writing into a project that can only be read."""
    return ReadOnlyProjectError(
        "The project is open for reading only, so nothing can be stored in it.",
        advice="Make the file and its folder writable and open it again, or copy the file to a folder of yours.",
        path=path,
    )


def explain(error: sqlite3.Error, path: Path) -> Exception:
    """Turn an error of the database into one that a user understands.

    Args:
        error: What sqlite3 raised.
        path: The project file.

    Returns:
        A ``ProjectError`` where the world outside is the cause, else the error itself: then it is a bug.
    """
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the upper bits only refine the cause
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _disk_is_full(path)):
        return DiskFullError(
            "There is no room left on the disk, so the last change was not stored. Everything stored before is safe.",
            advice="Free some space and continue: finished work is not repeated.",
            path=path,
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return damaged(path, str(error))
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return read_only(path)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return ProjectBusyError(
            "Another program has kept the project file locked for over a minute, so the last change was not stored.",
            advice="Close the other program, or wait until it has finished writing, and try again.",
            path=path,
        )
    if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
        return ProjectError(
            f"The project file cannot be read or written ({error}). Everything stored before is safe.",
            advice="Check that the disk or network folder is connected and that you may write to it.",
            path=path,
        )
    return error


def _disk_is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _FEW_BYTES
    except OSError:  # the folder is gone: then room is not what is lacking
        return False


@contextmanager
def in_plain_words(path: Path) -> Iterator[None]:
    """Re-raise what sqlite3 raises inside the block as an error that a user understands."""
    try:
        yield
    except sqlite3.Error as error:
        explained = explain(error, path)
        if explained is error:
            raise
        raise explained from error
