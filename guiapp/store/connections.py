"""Connections to one project file: one a thread, writes in short transactions that wait for each other.

SQLite lets many connections read while one writes (WAL). A connection must not be used by two threads at once, so every
thread gets its own on first use, which is closed when the thread ends (Qt's threads included) or the project is closed.

``synchronous`` is FULL: a commit reaches the disk before ``write`` returns, so a stored batch survives a power cut and
not only a killed program. It costs one fsync a batch (about a millisecond) against the tenth of a second and more that
computing a batch takes.
"""

from __future__ import annotations

import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from guiapp.store.database import Database
from guiapp.store.errors import in_plain_words, read_only

BUSY_TIMEOUT = 30.0
"""Seconds that SQLite itself waits for another writer."""
_PATIENCE = 75.0  # seconds until a locked file becomes an error; SQLite gives up at once where it sees a deadlock
_PAUSE = 0.05

SqlValue = str | int | float | bytes | None
UriOptions = Mapping[str, str | int]
_EXISTING: UriOptions = {"mode": "rw"}  # a file is only ever made under a temporary name and whole


def file_uri(path: Path, options: UriOptions) -> str:
    """Return the SQLite address of a file, also for drives and network shares of Windows."""
    posix = path.as_posix()
    query = "&".join(f"{key}={value}" for key, value in options.items())
    return f"file://{'' if posix.startswith('/') else '/'}{quote(posix)}?{query}"


_PRAGMAS = ("foreign_keys = ON", "synchronous = FULL", "trusted_schema = OFF", "temp_store = MEMORY", "cache_size = -16384")


def connect(path: Path, options: UriOptions = _EXISTING, *, lenient: bool = False) -> Database:
    """Open one connection with the settings that every connection of the program has.

    Args:
        path: The file; it must exist.
        options: URI options of SQLite, e.g. ``{"mode": "ro"}``.
        lenient: Read also a file that is shorter than its header says; only for recovery.
    """
    connection = sqlite3.connect(
        file_uri(path, options),
        uri=True,
        timeout=BUSY_TIMEOUT,
        isolation_level=None,  # transactions are opened by ``write`` and nowhere else
        check_same_thread=False,  # each thread has its own; only closing happens from elsewhere
    )
    connection.text_factory = _text  # damaged text must fail the checksum of its row, not the whole query
    try:
        database = Database(connection, execute_plugins=False)
        for pragma in ("writable_schema = ON", *_PRAGMAS) if lenient else _PRAGMAS:
            database.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return database


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


class _Holder:
    """What a thread owns: when the thread ends this object goes, and with it the connection."""

    def __init__(self, database: Database) -> None:
        self.database = database


def _release(opened: set[Database], database: Database) -> None:
    opened.discard(database)
    database.close()


class Connections:
    """The connections of this process to one file."""

    def __init__(self, path: Path, options: UriOptions, *, writable: bool) -> None:
        """Prepare; nothing is opened yet.

        Args:
            path: The database file that is opened.
            options: URI options of SQLite.
            writable: False where writing shall be refused.
        """
        self.path = path
        self.writable = writable
        self._options = options
        self._own = threading.local()
        self._open: set[Database] = set()
        self._lock = threading.Lock()
        self._closed = False

    def database(self) -> Database:
        """Return this thread's connection."""
        holder: _Holder | None = getattr(self._own, "holder", None)
        if holder is not None and not self._closed:
            return holder.database
        with self._lock:
            if self._closed:
                raise RuntimeError(f"the project {self.path} is closed")
            with in_plain_words(self.path):
                holder = _Holder(connect(self.path, self._options))
            self._open.add(holder.database)
        weakref.finalize(holder, _release, self._open, holder.database)
        self._own.holder = holder
        return holder.database

    def read(self, sql: str, parameters: Sequence[SqlValue] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        with in_plain_words(self.path):
            rows: list[tuple[Any, ...]] = self.database().execute(sql, parameters).fetchall()
        return rows

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """Give a connection on which several queries see one and the same state of the file."""
        database = self.database()
        if database.conn.in_transaction:
            yield database
            return
        with in_plain_words(self.path):
            database.execute("BEGIN")
            try:
                yield database
            finally:
                _roll_back(database)

    @contextmanager
    def write(self) -> Iterator[Database]:
        """Give a connection in a write transaction: committed at the end of the block, undone if it raises.

        Blocks may be nested; the outermost commits.

        Raises:
            ProjectError: Where the file cannot be written, the disk is full, or another program keeps it locked.
        """
        if not self.writable:
            raise read_only(self.path)
        database = self.database()
        if database.conn.in_transaction:
            yield database
            return
        with in_plain_words(self.path):
            _patiently(database, "BEGIN IMMEDIATE")
            try:
                yield database
                _patiently(database, "COMMIT")
            except BaseException:
                _roll_back(database)
                raise

    def close(self) -> None:
        """Close every connection; the last one merges the journal into the file."""
        with self._lock:
            self._closed = True
            for database in list(self._open):
                database.close()
            self._open.clear()


def _roll_back(database: Database) -> None:
    if database.conn.in_transaction:  # a full disk ends the transaction by itself
        database.execute("ROLLBACK")


def _patiently(database: Database, statement: str) -> None:
    """Execute BEGIN or COMMIT, again while another program holds the lock."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            database.execute(statement)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE)
        else:
            return
