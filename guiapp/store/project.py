"""A project: one file that keeps everything a user did."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from guiapp.store.backup import copy_project, is_due, make_backup
from guiapp.store.connections import Connections
from guiapp.store.damage import DamageLog
from guiapp.store.database import Database
from guiapp.store.errors import ProjectError, in_plain_words
from guiapp.store.frames import FrameStore
from guiapp.store.jobs import JobRecord, JobStore
from guiapp.store.migrations import MIGRATIONS, Migration, migrate, newest_version
from guiapp.store.opening import Access, check_pages, check_tables, choose_access, copied, create_file, examine
from guiapp.store.predictions import PredictionStore
from guiapp.store.reference_sets import ReferenceSetStore
from guiapp.store.rows import RowStore
from guiapp.store.settings import SettingStore

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class ProjectStatistics:
    """Counts for the status bar."""

    predictions: int
    """Results kept."""
    frames: int
    reference_sets: int
    jobs: int
    rows: int
    size: int
    """Bytes on the disk, journal included."""
    damaged: int
    """Rows found unreadable since the project was opened."""


class Project:
    """An open project file; every part of it may be used from any thread.

    Each thread works on its own connection, and writes are short transactions that wait for each other, also for those
    of other programs on the same file.
    """

    def __init__(self, path: Path, access: Access, connections: Connections, notes: Sequence[str] = ()) -> None:
        """Use ``open_project`` instead, which checks the file first.

        Args:
            path: The project as the user knows it.
            access: How the file is opened.
            connections: The connections to it.
            notes: What the user should know about the opening.
        """
        self.path = path
        self.read_only = not access.writable
        self.notes = tuple(notes)
        self._access = access
        self._connections = connections
        self._damage = DamageLog()
        self.predictions = PredictionStore(self._connections, self._damage)
        self.frames = FrameStore(self._connections, self._damage)
        self.reference_sets = ReferenceSetStore(self._connections, self.frames)
        self.jobs = JobStore(self._connections, self.frames)
        self.rows = RowStore(self._connections)
        self.settings = SettingStore(self._connections)

    @property
    def damage(self) -> tuple[str, ...]:
        """What was found unreadable since the project was opened, in words for the user."""
        return self._damage.entries

    def unfinished_jobs(self) -> tuple[JobRecord, ...]:
        """Return the jobs that a closed or killed program left and that can be resumed."""
        return self.jobs.unfinished()

    def statistics(self) -> ProjectStatistics:
        """Return counts and the size on the disk."""
        tables = ("predictions", "frames", "reference_sets", "jobs", "benchmark_rows")
        counts = ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)  # noqa: S608 - constants
        predictions, frames, reference_sets, jobs, rows = self._connections.read(f"SELECT {counts}")[0]
        files = (self._access.path, Path(f"{self._access.path}-wal"))
        size = sum(file.stat().st_size for file in files if file.exists())
        return ProjectStatistics(predictions, frames, reference_sets, jobs, rows, size, len(self.damage))

    def back_up(self) -> Path:
        """Copy the project to ``<name>.backup.temper`` beside it and return that path.

        Raises:
            ProjectError: Where there is no room or no right; an older backup is still there then.
        """
        return make_backup(self._connections.database(), self.path)

    def copy_to(self, target: Path) -> None:
        """Copy the project to a new file.

        Raises:
            ProjectError: Where there is a file of that name, or no room or no right to write.
        """
        copy_project(self._connections.database(), self.path, target)

    def check(self) -> None:
        """Check that the file is sound; it reads the whole file.

        Raises:
            DamagedProjectError: Where it is not.
        """
        check_pages(self._connections.database(), self.path)
        check_tables(self._connections.database(), self.path)

    def close(self) -> None:
        """Close the file; jobs still under way count as interrupted."""
        self.jobs.close()
        self._connections.close()
        if self._access.copy is not None:
            self._access.copy.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def open_project(
    path: Path | str,
    *,
    create: bool = True,
    read_only: bool = False,
    back_up: bool = True,
    steps: Sequence[Migration] = MIGRATIONS,
) -> Project:
    """Open a project, or make a new one; a file that is anything else is refused and stays as it is.

    Args:
        path: The file, by custom with the suffix ``.temper``.
        create: Make a new project where there is no file.
        read_only: Open for reading even where the file could be written.
        back_up: Refresh the backup where it is older than a day and the project changed. Before a migration one is
            made in any case.
        steps: The migrations; other than the program's own only in tests.

    Returns:
        The open project; where the file or its folder cannot be written, ``read_only`` is true.

    Raises:
        ProjectError: Where the file is no project, is damaged, is newer than this program, or cannot be read or made.
    """
    place = Path(path).expanduser().resolve()
    is_new = not place.exists()
    if is_new:
        if not create or read_only:
            raise ProjectError("There is no such project file.", advice="Check the name, or create a new project.", path=place)
        create_file(place, steps)
    is_old = examine(place, steps) < newest_version(steps)
    access = choose_access(place, read_only=read_only)
    notes = []
    if not access.writable and not read_only:
        notes.append("The project or its folder cannot be written, so it is open for reading only.")
    if is_old and not access.writable and access.copy is None:
        access = copied(place)  # the copy is migrated, the file stays as it is
    connections = Connections(access.path, access.options, writable=access.writable or is_old)
    try:
        database = connections.database()
        check_pages(database, place)
        if access.writable:
            _use_journal(database, place)
            notes += _refresh_backup(database, place, is_old=is_old, wanted=back_up and not is_new)
        if is_old:
            with connections.write():
                _LOG.info("%s: migrated to version %s", place, migrate(database, steps))
        check_tables(database, place)
    except BaseException:
        connections.close()
        raise
    connections.writable = access.writable
    return Project(place, access, connections, notes)


def _use_journal(database: Database, path: Path) -> None:
    """Let readers and a writer work at once; a backup opened as a project comes without."""
    with in_plain_words(path):
        if database.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            database.execute("PRAGMA journal_mode = WAL")


def _refresh_backup(database: Database, path: Path, *, is_old: bool, wanted: bool) -> list[str]:
    """Make a backup where one is due; return what the user should know.

    Raises:
        ProjectError: Where the file is about to be migrated and no backup can be made.
    """
    if is_old:
        make_backup(database, path)
    elif wanted and is_due(path):
        try:
            make_backup(database, path)
        except ProjectError as error:  # the project itself is sound: work goes on
            _LOG.warning("no backup: %s", error)
            return [f"{error.what} {error.advice}"]
    return []
