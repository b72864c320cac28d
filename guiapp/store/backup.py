"""The copy of a project that lies beside it: complete or absent, at most a day behind."""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import closing
from pathlib import Path

from guiapp.store.connections import connect
from guiapp.store.database import Database
from guiapp.store.errors import DiskFullError, ProjectError, in_plain_words
from guiapp.store.schema import SUFFIX

_MARK = ".backup"
DAY = 86400.0
_ABANDONED = 3600.0  # seconds after which the unfinished copy of a killed program is deleted


def backup_path(path: Path) -> Path:
    """Return where the backup of a project lies, e.g. ``demo.backup.temper``."""
    return path.with_name(f"{path.name.removesuffix(SUFFIX)}{_MARK}{SUFFIX}")


def is_due(path: Path, *, now: float | None = None) -> bool:
    """Say whether a project changed since its backup and the backup is missing or older than a day.

    Args:
        path: The project; a backup itself is never due.
        now: Time of the question, seconds since 1970; None for the present.
    """
    if path.name.endswith(f"{_MARK}{SUFFIX}"):
        return False
    backup = backup_path(path)
    if not backup.exists():
        return True
    made = backup.stat().st_mtime
    return (time.time() if now is None else now) - made > DAY and _changed_at(path) > made


def make_backup(database: Database, path: Path) -> Path:
    """Copy a project to its backup while others may go on using it.

    Args:
        database: An open connection to the project, outside a transaction.
        path: The project's path.

    Returns:
        The backup's path.

    Raises:
        ProjectError: Where there is no room or no right to write; an older backup is still there then.
    """
    target = backup_path(path)
    try:
        _copy(database, path, target)
    except (OSError, DiskFullError) as error:
        raise ProjectError(
            f"No backup could be made beside the project ({_reason(error)}).",
            advice="Free some space and check that you may write to the folder.",
            path=path,
        ) from error
    return target


def copy_project(database: Database, path: Path, target: Path) -> None:
    """Copy a project to a new file while others may go on using it.

    Args:
        database: An open connection to the project, outside a transaction.
        path: The project's path.
        target: Where the copy goes.

    Raises:
        ProjectError: Where there is a file already, or no room or no right to write; nothing is left behind then.
    """
    if target.exists():  # its journal, if it is a project in use, would be taken for that of the copy
        raise ProjectError("There is a file of that name already; it was not touched.", advice="Choose another name.", path=target)
    try:
        _copy(database, path, target)
    except (OSError, DiskFullError) as error:
        raise ProjectError(
            f"The project could not be copied ({_reason(error)}).",
            advice="Free some space and check that you may write to the folder.",
            path=target,
        ) from error


def _copy(database: Database, path: Path, target: Path) -> None:
    prefix = f".{target.stem}."
    for leftover in target.parent.glob(f"{prefix}*.partial*"):
        if time.time() - leftover.stat().st_mtime > _ABANDONED:
            leftover.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(prefix=prefix, suffix=".partial", dir=target.parent)
    os.close(handle)
    unfinished = Path(name)
    try:
        with in_plain_words(path), closing(connect(unfinished)) as copy:
            database.conn.backup(copy.conn)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, whole by itself
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _reason(error: Exception) -> str:
    if isinstance(error, DiskFullError):
        return "the disk is full"
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _changed_at(path: Path) -> float:
    """Return the time of the newest change, seconds since 1970; it may be in the journal only."""
    files = [path, Path(f"{path}-wal")]
    return max(file.stat().st_mtime for file in files if file.exists())
