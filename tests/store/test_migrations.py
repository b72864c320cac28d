"""A file of an older version is brought up to date: after a backup, whole or not at all."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from guiapp.store.backup import backup_path
from guiapp.store.errors import NewerProjectError, ProjectError
from guiapp.store.migrations import MIGRATIONS, Migration, newest_version
from guiapp.store.project import open_project
from guiapp.store.recovery import recover


def add_remarks(database) -> None:
    database.execute("ALTER TABLE jobs ADD COLUMN remark TEXT NOT NULL DEFAULT ''")
    database.execute("CREATE TABLE remarks (id INTEGER PRIMARY KEY, text TEXT)")
    database.execute("INSERT INTO remarks (text) SELECT 'results: ' || count(*) FROM predictions")


TWO = (*MIGRATIONS, Migration(2, "remarks", add_remarks))


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA user_version").fetchone()[0]


@pytest.fixture
def old(project_path, make_prediction) -> Path:
    """Return a version 1 file with results and no backup."""
    with open_project(project_path, back_up=False) as project:
        project.predictions.keep("w", "s", ["a", "b"], [make_prediction(1), make_prediction(2)])
    return project_path


def test_versions_are_the_numbers_from_one():
    """A gap or a repeated number would leave files behind."""
    assert [step.version for step in MIGRATIONS] == list(range(1, newest_version() + 1))


def test_an_old_file_is_migrated_after_a_backup(old):
    """Content stays, the new table knows the old content, and the backup is the old file."""
    with open_project(old, steps=TWO, back_up=False) as project:
        assert len(project.predictions.find("w", "s", ["a", "b"])) == 2
        assert project._connections.read("SELECT text FROM remarks") == [("results: 2",)]
    assert version(old) == 2
    assert version(backup_path(old)) == 1
    with pytest.raises(NewerProjectError):
        open_project(old)
    with open_project(backup_path(old)) as kept:
        assert kept.predictions.count() == 2


def test_a_fresh_file_goes_through_the_same_steps(project_path):
    """There is one way to a schema, so old and new files cannot differ."""
    with open_project(project_path, steps=TWO) as project:
        assert project._connections.read("SELECT text FROM remarks") == [("results: 0",)]
    assert version(project_path) == 2


def test_a_migration_that_fails_changes_nothing(old):
    """Half a migration would be a file that no program can read."""

    def fail(database) -> None:
        database.execute("DROP TABLE predictions")
        raise RuntimeError("a bug in a migration")

    with pytest.raises(RuntimeError):
        open_project(old, steps=(*TWO, Migration(3, "broken", fail)))
    assert version(old) == 1
    with open_project(old) as project:
        assert project.predictions.count() == 2


def test_no_migration_without_a_backup(old, monkeypatch):
    """If the backup cannot be made, the old file stays as it is and the user is told."""
    backup_path(old).mkdir()
    with pytest.raises(ProjectError, match="backup"):
        open_project(old, steps=TWO)
    assert version(old) == 1


def test_an_old_file_that_cannot_be_written_is_migrated_in_a_copy(old):
    """Looking into an old project must not change it."""
    before = old.read_bytes()
    with open_project(old, steps=TWO, read_only=True) as project:
        assert project._connections.read("SELECT text FROM remarks") == [("results: 2",)]
        assert project.read_only
        with pytest.raises(ProjectError, match="reading only"):
            project.settings.set("a", 1)
        copy = project._access.path
        assert copy != old
    assert old.read_bytes() == before
    assert not copy.exists()


def test_a_damaged_old_file_is_recovered_and_migrated(old):
    """Recovery reads the version it finds and writes the newest."""
    os.truncate(old, old.stat().st_size - 4096)
    report = recover(old, steps=TWO)
    assert version(report.path) == 2
    with open_project(report.path, steps=TWO) as project:
        assert len(project._connections.read("SELECT text FROM remarks")) == 1
