"""Opening a project file: what it is, whether it is sound, whether it can be written.

A file is looked at before anything is done with it, in a mode in which SQLite neither locks nor writes (``immutable``).
Opening it by Python instead would be wrong: closing any descriptor of a file drops all locks that this process holds on
it, those of SQLite included. The mark of a project is always in the file itself and never only in its journal, because
a new project is completed under another name first.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from guiapp.store.backup import backup_path
from guiapp.store.connections import UriOptions, connect, file_uri
from guiapp.store.database import Database
from guiapp.store.errors import NewerProjectError, NotAProjectError, ProjectError, damaged, explain, in_plain_words
from guiapp.store.migrations import MIGRATIONS, Migration, file_version, migrate, newest_version
from guiapp.store.schema import APPLICATION_ID, SUFFIX, TABLES

_LINKS_UNKNOWN = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV}


@dataclass(frozen=True)
class Access:
    """How a project file can be used."""

    path: Path
    """The file that is opened: the project, or a copy of it where the journal cannot be read in place."""
    options: UriOptions
    """URI options of SQLite."""
    writable: bool
    copy: tempfile.TemporaryDirectory[str] | None = None
    """Where the copy lies, if there is one; deleted with this object."""


def examine(path: Path, steps: Sequence[Migration] = MIGRATIONS) -> int:
    """Return the version of a project file without touching it.

    Raises:
        NotAProjectError: Where the file is something else.
        NewerProjectError: Where a newer program wrote it.
        ProjectError: Where it cannot be read.
    """
    if path.is_dir():
        raise NotAProjectError(
            "This is a folder, not a project file.", advice=f"Choose a file that ends in {SUFFIX}, or a new name.", path=path
        )
    with in_plain_words(path):
        if path.stat().st_size == 0:
            raise NotAProjectError("The file is empty, so it is no project.", advice="Delete it, or choose another name.", path=path)
        try:
            with closing(sqlite3.connect(file_uri(path, {"mode": "ro", "immutable": 1}), uri=True)) as connection:
                # Otherwise a file shorter than its header says is refused, and that is legal while a journal lies beside it.
                connection.execute("PRAGMA writable_schema = ON")
                (mark,) = connection.execute("PRAGMA application_id").fetchone()
                (version,) = connection.execute("PRAGMA user_version").fetchone()
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
                raise
            raise _foreign(path, "The file is not a Temper project (or its beginning is destroyed)") from error
    if mark != APPLICATION_ID:
        raise _foreign(path, "The file is a database of another program, not a Temper project")
    if version > newest_version(steps):
        raise NewerProjectError(
            f"The project was written by a newer Temper (file version {version}; this one knows {newest_version(steps)})."
            " Nothing was changed in it.",
            advice="Update Temper, or open the project on the machine that wrote it and export what you need.",
            path=path,
        )
    if version < 1:
        raise damaged(path, "its version number is missing")
    return int(version)


def create_file(path: Path, steps: Sequence[Migration] = MIGRATIONS, *, version: int | None = None) -> None:
    """Create an empty project unless the file appears meanwhile; it is complete or absent, never half written.

    Args:
        path: Where it shall lie; missing folders are made.
        steps: All migrations.
        version: File version; None for the newest.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=".partial", dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise _cannot_create(path, error) from error
    unfinished = Path(name)
    try:
        with in_plain_words(path), closing(connect(unfinished)) as database:
            database.execute("BEGIN IMMEDIATE")
            database.execute(f"PRAGMA application_id = {APPLICATION_ID:d}")
            migrate(database, steps, up_to=version)
            database.execute("COMMIT")
            database.execute("PRAGMA journal_mode = WAL")
        unfinished.chmod(0o666 & ~_umask())
        _place(unfinished, path)
    except OSError as error:
        raise _cannot_create(path, error) from error
    finally:
        unfinished.unlink(missing_ok=True)


def choose_access(path: Path, *, read_only: bool = False) -> Access:
    """Find out how a project file can be opened: for writing, in place for reading, or as a copy for reading."""
    if not read_only and _is_writable(path):
        return Access(path, {"mode": "rw"}, writable=True)
    journal = Path(f"{path}-wal")
    in_place: tuple[UriOptions, ...] = ({"mode": "ro"}, {"mode": "ro", "immutable": 1})
    for options in in_place:
        if "immutable" in options and journal.exists() and journal.stat().st_size:
            continue  # immutable ignores the journal, which holds the newest results
        try:
            with closing(connect(path, options)) as database:
                database.execute("SELECT count(*) FROM sqlite_master")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
                raise explain(error, path) from error
        except sqlite3.DatabaseError as error:
            raise explain(error, path) from error
        else:
            return Access(path, options, writable=False)
    return copied(path)


def copied(path: Path) -> Access:
    """Return access to a private copy of a project and its journal, for reading only."""
    folder = tempfile.TemporaryDirectory(prefix="temper-", ignore_cleanup_errors=True)
    try:
        copy = copy_with_journal(path, Path(folder.name))
    except OSError as error:
        folder.cleanup()
        raise ProjectError(f"The project cannot be read ({error.strerror}).", advice="Ask for the right to read it.", path=path) from error
    return Access(copy, {"mode": "rw"}, writable=False, copy=folder)


def copy_with_journal(path: Path, folder: Path) -> Path:
    """Copy a project and, where there is one, its journal into a folder; return the copy."""
    copy = folder / path.name
    shutil.copyfile(path, copy)
    journal = Path(f"{path}-wal")
    if journal.exists():
        shutil.copyfile(journal, f"{copy}-wal")
    return copy


def check_pages(database: Database, path: Path) -> None:
    """Check that the file is sound; it reads the whole file.

    Raises:
        DamagedProjectError: Where SQLite finds it malformed.
    """
    with in_plain_words(path):
        (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise damaged(path, str(verdict).removeprefix("*** in database main ***").strip())


def check_tables(database: Database, path: Path) -> None:
    """Check that every table is there.

    Raises:
        DamagedProjectError: Where one is missing.
    """
    with in_plain_words(path):
        missing = sorted(set(TABLES) - set(database.table_names()))
    if missing:
        raise damaged(path, f"table {missing[0]} is missing")


def _is_writable(path: Path) -> bool:
    """Ask SQLite itself: rights, read-only media and folders in which no journal can be made all count."""
    try:
        with closing(connect(path)) as database:
            database.execute("PRAGMA busy_timeout = 0")
            database.execute("BEGIN IMMEDIATE")
            # On a file that it could open for reading only, SQLite complains at the first change and not before.
            database.execute(f"PRAGMA user_version = {file_version(database):d}")
            database.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        code = error.sqlite_errorcode & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):  # somebody writes right now, so one can
            return True
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
            return False
        raise explain(error, path) from error
    except sqlite3.DatabaseError as error:
        raise explain(error, path) from error
    return True


def _place(unfinished: Path, path: Path) -> None:
    """Give a finished file its name unless the name is taken."""
    try:
        os.link(unfinished, path)
    except FileExistsError:
        return
    except OSError as error:
        if error.errno not in _LINKS_UNKNOWN:
            raise
        try:
            path.touch(exist_ok=False)  # FAT and some network folders know no links: reserve the name, then replace it
        except FileExistsError:
            return
        unfinished.replace(path)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _foreign(path: Path, what: str) -> NotAProjectError:
    backup = backup_path(path)
    hint = f", or open the backup {backup.name} if this was one" if backup.exists() else ""
    return NotAProjectError(f"{what}. Nothing was changed in it.", advice=f"Choose another file or a new name{hint}.", path=path)


def _cannot_create(path: Path, error: OSError) -> ProjectError:
    return ProjectError(
        f"The project cannot be created here ({error.strerror or error}).",
        advice="Choose a folder that you may write to and that has room.",
        path=path,
    )
