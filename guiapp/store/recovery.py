"""Copying what can still be read out of a damaged project.

SQLite refuses a whole query where it meets one bad page. So a table is read by ranges of its rowid, and a range that
fails is halved until the unreadable rows stand alone. Every blob must pass its checksum, and what refers to a lost row
is lost with it, so that the copy is a sound project. The damaged file itself is only read.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guiapp.store.arrays import is_intact
from guiapp.store.backup import backup_path
from guiapp.store.connections import connect
from guiapp.store.database import Database
from guiapp.store.errors import DamagedProjectError, ProjectError, in_plain_words
from guiapp.store.frames import description_digest
from guiapp.store.migrations import MIGRATIONS, Migration, migrate
from guiapp.store.opening import copy_with_journal, create_file, examine
from guiapp.store.schema import SUFFIX

_RANGE = 1000  # rowids read at once
_ROWS_A_PAGE = 64  # where even the last rowid cannot be read, no table has more rows than this a page
_LARGEST_ROWID = 1 << 31  # a damaged number must not send the search through empty ranges for hours

_Row = tuple[Any, ...]


@dataclass(frozen=True)
class RecoveryReport:
    """What a recovery found."""

    path: Path
    """The recovered copy, a sound project."""
    recovered: Mapping[str, int]
    """Rows copied, by table."""
    lost: Mapping[str, int]
    """Rows known to be lost, by table; rows that left no trace are not counted."""
    backup: Path | None
    """The backup beside the damaged file, if there is one: it may hold what the copy lacks."""

    def describe(self) -> str:
        """Return the outcome in plain words."""
        found = self.recovered
        sentence = (
            f"Recovered {found['predictions']} results, {found['frames']} frames and {found['jobs']} jobs into {self.path.name}; "
            f"{sum(self.lost.values())} damaged entries were left out."
        )
        return sentence + (f" The backup {self.backup.name} may hold what is lacking." if self.backup is not None else "")


def recover(path: Path | str, *, steps: Sequence[Migration] = MIGRATIONS) -> RecoveryReport:
    """Copy everything readable of a damaged project into ``<name>.recovered.temper`` beside it.

    Args:
        path: The damaged project; it stays as it is.
        steps: The migrations; other than the program's own only in tests.

    Returns:
        What was copied and what is lost.

    Raises:
        ProjectError: Where the file is no project, or so damaged that not even its tables can be found.
    """
    place = Path(path).expanduser().resolve()
    if not place.exists():
        raise ProjectError("There is no such project file.", advice="Check the name.", path=place)
    version = examine(place, steps)
    target = _free_name(place)
    backup = backup_path(place)
    with tempfile.TemporaryDirectory(prefix="temper-", ignore_cleanup_errors=True) as folder, in_plain_words(place):
        try:
            source_path = copy_with_journal(place, Path(folder))
        except OSError as error:
            raise ProjectError(
                f"The project cannot be copied ({error.strerror}).", advice="Free some space on the disk for temporary files.", path=place
            ) from error
        salvaged = Path(folder) / "salvaged.temper"
        create_file(salvaged, steps, version=version)
        with closing(connect(source_path, lenient=True)) as source, closing(connect(salvaged)) as copy:
            tables = _tables(source, copy, place, backup)
            copy.execute("PRAGMA foreign_keys = OFF")
            copy.execute("BEGIN IMMEDIATE")
            lost = {table: _copy_table(source, copy, table) for table in tables}
            for table, count in _drop_unsound(copy).items():
                lost[table] = lost.get(table, 0) + count
            migrate(copy, steps)
            recovered = {table: int(copy.execute(f"SELECT count(*) FROM {table}").fetchone()[0]) for table in tables}  # noqa: S608
            copy.execute("COMMIT")
            copy.execute("PRAGMA foreign_keys = ON")
            _publish(copy, target, steps)
    return RecoveryReport(target, recovered, {table: count for table, count in lost.items() if count}, backup if backup.exists() else None)


def _publish(copy: Database, target: Path, steps: Sequence[Migration]) -> None:
    """Write the finished copy under a name that no other file has."""
    create_file(target, steps)
    with closing(connect(target)) as published:
        copy.conn.backup(published.conn)


def _free_name(path: Path) -> Path:
    stem = path.name.removesuffix(SUFFIX)
    number = 1
    while True:
        candidate = path.with_name(f"{stem}.recovered{'' if number == 1 else f'-{number}'}{SUFFIX}")
        if not candidate.exists():
            return candidate
        number += 1


def _tables(source: Database, copy: Database, path: Path, backup: Path) -> list[str]:
    """Return the tables that both files have, parents first; without any there is nothing to recover."""
    wanted = [row[0] for row in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid")]
    try:
        present = {row[0] for row in source.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.DatabaseError:
        present = set()
    tables = [table for table in wanted if table in present]
    if not tables:
        raise DamagedProjectError(
            "The project is damaged where it says what it holds, so nothing can be recovered from it. The file was not changed.",
            advice=f"Open the backup {backup.name}." if backup.exists() else "Restore it from a backup of your own.",
            path=path,
        )
    return tables


def _copy_table(source: Database, copy: Database, table: str) -> int:
    """Copy the readable rows of a table; return how many are known to be lost."""
    columns = ", ".join(row[1] for row in copy.execute(f"PRAGMA table_info({table})"))
    marks = ", ".join("?" * (columns.count(",") + 2))
    insert = f"INSERT OR IGNORE INTO {table} (rowid, {columns}) VALUES ({marks})"  # noqa: S608 - names of our own schema
    query = f"SELECT rowid, {columns} FROM {table} WHERE rowid BETWEEN ? AND ?"  # noqa: S608
    lost: list[int] = []

    def read(low: int, high: int) -> list[_Row]:
        rows: list[_Row] = source.execute(query, (low, high)).fetchall()
        return rows

    last = _last_rowid(source, table)
    for low in range(1, last + 1, _RANGE):
        for rows in _readable(read, low, min(low + _RANGE - 1, last), lost):
            for row in rows:
                try:
                    copy.conn.execute(insert, row)
                except (sqlite3.Error, OverflowError):  # damage that broke a rule of the table
                    lost.append(row[0])
    return len(lost)


def _readable(read: Callable[[int, int], list[_Row]], low: int, high: int, lost: list[int]) -> Iterator[list[_Row]]:
    try:
        yield read(low, high)
    except sqlite3.DatabaseError:
        if low == high:
            lost.append(low)
            return
        middle = (low + high) // 2
        yield from _readable(read, low, middle, lost)
        yield from _readable(read, middle + 1, high, lost)


def _last_rowid(source: Database, table: str) -> int:
    """Return the largest rowid, or where its page is damaged a bound from the size of the file."""
    try:
        row = source.execute(f"SELECT rowid FROM {table} ORDER BY rowid DESC LIMIT 1").fetchone()  # noqa: S608 - our own schema
    except sqlite3.DatabaseError:
        (pages,) = source.execute("PRAGMA page_count").fetchone()
        return int(pages) * _ROWS_A_PAGE
    return min(int(row[0]), _LARGEST_ROWID) if row is not None else 0


def _drop_unsound(copy: Database) -> dict[str, int]:
    """Delete rows whose checksum fails and rows that refer to a lost one; return how many by table."""
    lost: dict[str, int] = {}
    checks = {
        "configurations": "SELECT id, arrays, checksum, n_atoms, pbc, labels, content_hash, label_hash FROM configurations",
        "predictions": (
            "SELECT p.id, p.arrays, p.checksum, p.n_atoms, p.magmoms, e.weights_hash, e.settings_hash, p.frame_hash"
            " FROM predictions p JOIN evaluations e ON e.id = p.evaluation_id"
        ),
    }
    for table, query in checks.items():
        bad = [(row[0],) for row in copy.execute(query) if not is_intact(*row[1:])]
        copy.conn.executemany(f"DELETE FROM {table} WHERE id = ?", bad)  # noqa: S608 - one of the two names above
        lost[table] = len(bad)
    described = "SELECT f.id, f.digest, c.digest, f.description FROM frames f JOIN configurations c ON c.id = f.configuration_id"
    bad = [(row[0],) for row in copy.execute(described) if description_digest(*row[2:]) != row[1]]
    copy.conn.executemany("DELETE FROM frames WHERE id = ?", bad)
    lost["frames"] = len(bad)
    while orphans := copy.execute("PRAGMA foreign_key_check").fetchall():
        for table, rowid, *_ in orphans:
            lost[table] = lost.get(table, 0) + copy.execute(f"DELETE FROM {table} WHERE rowid = ?", (rowid,)).rowcount  # noqa: S608
    return lost
