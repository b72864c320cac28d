"""Nothing but a sound project is opened, and nothing else is ever changed."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from guiapp.errors import UserFacingError
from guiapp.store.backup import DAY, backup_path, is_due
from guiapp.store.errors import DamagedProjectError, NewerProjectError, NotAProjectError, ProjectError, ReadOnlyProjectError
from guiapp.store.opening import examine
from guiapp.store.project import open_project
from guiapp.store.schema import APPLICATION_ID


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def refuse(path: Path, kind: type[ProjectError]) -> ProjectError:
    """Open, expect a refusal in plain words, and check that neither the file nor its folder changed."""
    content = digest(path) if path.is_file() else ""
    beside = sorted(entry.name for entry in path.parent.iterdir())
    with pytest.raises(kind) as caught:
        open_project(path)
    assert (digest(path) if path.is_file() else "") == content
    assert sorted(entry.name for entry in path.parent.iterdir()) == beside
    error = caught.value
    assert isinstance(error, UserFacingError)
    assert error.path == path
    assert error.what.endswith(".")
    assert error.advice.endswith(".")
    return error


def filled(path: Path, make_prediction, count: int = 200) -> None:
    with open_project(path, back_up=False) as project:
        hashes = [f"{i:064x}" for i in range(count)]
        project.predictions.keep("w", "s", hashes, [make_prediction(i, n_atoms=30) for i in range(count)])


def test_a_new_project_is_made_with_its_folders(tmp_path):
    """Naming a file in a folder that is not there yet is enough."""
    path = tmp_path / "a" / "b" / "new.temper"
    with open_project(path) as project:
        assert not project.read_only
        assert project.notes == ()
        assert project.statistics().predictions == 0
    assert [entry.name for entry in path.parent.iterdir()] == ["new.temper"]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_missing_project_is_not_made_unasked(tmp_path):
    """A mistyped name must not become an empty project."""
    with pytest.raises(ProjectError, match="no such project"):
        open_project(tmp_path / "typo.temper", create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [b"my thesis, chapter 3\n" * 200, os.urandom(9000), b"x", b"SQLite format 3\x00" + os.urandom(5000), b"SQLite format 3\x00"],
    ids=["text", "noise", "one byte", "noise that says SQLite", "only the magic word"],
)
def test_a_file_that_is_no_database_is_left_alone(project_path, content):
    """Somebody else's file must never be overwritten, whatever its suffix."""
    project_path.write_bytes(content)
    assert refuse(project_path, ProjectError).what
    assert project_path.read_bytes() == content


def test_an_empty_file_and_a_folder_are_refused(project_path):
    """Nothing to lose, yet not ours; and a folder is not a file."""
    project_path.touch()
    assert refuse(project_path, NotAProjectError).what
    assert project_path.stat().st_size == 0
    project_path.unlink()
    project_path.mkdir()
    assert refuse(project_path, NotAProjectError).what
    assert list(project_path.iterdir()) == []


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_a_database_of_another_program_is_left_alone(project_path, journal):
    """SQLite files are everywhere (browsers, ase databases); opening one must not even leave a journal beside it."""
    with closing(sqlite3.connect(project_path)) as connection, connection:
        connection.execute(f"PRAGMA journal_mode = {journal}")
        connection.execute("CREATE TABLE settings (key, value)")
        connection.execute("PRAGMA user_version = 1")
    assert "another program" in refuse(project_path, NotAProjectError).what


def test_a_newer_project_is_left_alone(project_path):
    """An older program must not guess what a newer one stored."""
    open_project(project_path).close()
    with closing(sqlite3.connect(project_path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    assert "99" in refuse(project_path, NewerProjectError).what


def test_a_truncated_project_is_damaged_and_left_alone(project_path, make_prediction):
    """A copy that broke off: the rest can be recovered, so it must stay as it is."""
    filled(project_path, make_prediction)
    project_path.write_bytes(project_path.read_bytes()[: project_path.stat().st_size // 2])
    error = refuse(project_path, DamagedProjectError)
    assert "Recover" in error.advice


def test_flipped_bytes_in_the_middle_are_found(project_path, make_prediction):
    """A page whose structure is broken is found on opening, not in the middle of a night's run."""
    filled(project_path, make_prediction)
    content = bytearray(project_path.read_bytes())
    for page in range(8, 40, 4):
        content[4096 * page : 4096 * page + 64] = b"\xa5" * 64
    project_path.write_bytes(bytes(content))
    assert "Recover" in refuse(project_path, DamagedProjectError).advice


def test_a_project_without_one_of_its_tables_is_damaged(project_path):
    """The mark alone does not make a project."""
    open_project(project_path).close()
    with closing(sqlite3.connect(project_path)) as connection:
        connection.execute("DROP TABLE predictions")
    with pytest.raises(DamagedProjectError, match="predictions"):
        open_project(project_path)


def test_looking_at_a_file_drops_no_lock(project_path):
    """Closing a plain descriptor of a file drops this process's locks on it; then two programs would write at once."""
    with open_project(project_path) as project, project._connections.write() as database:
        database.execute("INSERT INTO settings VALUES ('a', '1')")
        examine(project_path)
        code = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], timeout=0); c.execute('BEGIN IMMEDIATE')"
        other = subprocess.run([sys.executable, "-c", code, str(project_path)], capture_output=True, text=True, check=False)
        assert "database is locked" in other.stderr


def test_a_second_program_may_have_the_project_open(project_path, make_prediction):
    """Opening while another connection writes must neither fail nor think the file read-only."""
    with open_project(project_path) as first, first._connections.write() as database:
        database.execute("INSERT INTO settings VALUES ('a', '1')")
        with open_project(project_path) as second:
            assert not second.read_only
            assert second.settings.get("a") is None
    with open_project(project_path) as third:
        assert third.settings.get("a") == 1


# -- reading only ---------------------------------------------------------------------------------------------------


@contextmanager
def as_nobody() -> Iterator[None]:
    """Drop the right to write everywhere, which root has; without root the file modes do it."""
    if not hasattr(os, "geteuid"):
        pytest.skip("file modes decide nothing on Windows")
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """Return a folder that everybody may enter; pytest's own are private."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


def check_reads_but_does_not_write(path: Path, make_prediction) -> None:
    before = digest(path)
    with as_nobody(), open_project(path) as project:
        assert project.read_only
        assert "reading only" in project.notes[0]
        assert len(project.predictions.find("w", "s", [f"{1:064x}"])) == 1
        assert project.unfinished_jobs() == ()
        with pytest.raises(ReadOnlyProjectError, match="reading only"):
            project.predictions.keep("w", "s", ["f"], [make_prediction(1)])
        with pytest.raises(ReadOnlyProjectError):
            project.settings.set("a", 1)
    assert digest(path) == before


@pytest.mark.parametrize("place", ["file", "folder"])
def test_what_cannot_be_written_opens_for_reading(shared_folder, make_prediction, place):
    """A project on a read-only share or in a colleague's folder can be looked at; storing is refused in plain words."""
    path = shared_folder / "p.temper"
    filled(path, make_prediction)
    path.chmod(0o444 if place == "file" else 0o666)
    shared_folder.chmod(0o777 if place == "file" else 0o555)
    check_reads_but_does_not_write(path, make_prediction)


def test_the_journal_of_a_killed_program_is_read_even_where_nothing_can_be_written(shared_folder, make_prediction):
    """The newest results may be in the journal only; a read-only folder must not hide them."""
    path = shared_folder / "p.temper"
    code = """
import os, sys
sys.path.insert(0, sys.argv[2])
import numpy as np
from guiapp.potentials.potential import Prediction
from guiapp.store.project import open_project
project = open_project(sys.argv[1])
project.predictions.keep("w", "s", [f"{1:064x}"], [Prediction(0.0, np.zeros((1, 3)), np.zeros((3, 3)))])
os._exit(0)
"""
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", code, str(path), str(root)], check=True)
    assert Path(f"{path}-wal").stat().st_size > 0
    Path(f"{path}-shm").unlink()
    for file in shared_folder.iterdir():
        file.chmod(0o444)
    shared_folder.chmod(0o555)
    check_reads_but_does_not_write(path, make_prediction)
    assert Path(f"{path}-wal").stat().st_size > 0


def test_reading_only_can_be_asked_for(project_path, make_prediction):
    """The command line looks into a project without touching it."""
    filled(project_path, make_prediction)
    with open_project(project_path, read_only=True) as project:
        assert project.read_only
        assert project.notes == ()
        with pytest.raises(ReadOnlyProjectError):
            project.reference_sets.remove("a")
        assert project.statistics().predictions == 200


def test_a_folder_that_takes_no_files_is_told(shared_folder):
    """Creating a project where one may not write is the user's matter, not a crash."""
    shared_folder.chmod(0o555)
    with as_nobody(), pytest.raises(ProjectError, match="cannot be created") as caught:
        open_project(shared_folder / "new.temper")
    assert "may write" in caught.value.advice


# -- backups --------------------------------------------------------------------------------------------------------


def age(path: Path, seconds: float) -> None:
    moment = time.time() - seconds
    os.utime(path, (moment, moment))


def test_a_backup_is_made_on_opening_at_most_once_a_day_and_only_of_changes(project_path, make_prediction):
    """The backup is sound, whole in one file, and not refreshed without need."""
    filled(project_path, make_prediction)
    backup = backup_path(project_path)
    assert backup.name == "Li study.backup.temper"
    assert not backup.exists()
    open_project(project_path).close()
    with open_project(backup) as copy:  # a backup is a project; it gets no backup of its own
        assert copy.statistics().predictions == 200
    assert sorted(entry.name for entry in project_path.parent.iterdir()) == [backup.name, project_path.name]

    before = digest(backup)
    with open_project(project_path) as project:
        project.predictions.keep("w", "s", ["new"], [make_prediction(1)])
    open_project(project_path).close()
    assert digest(backup) == before  # changed, but the backup is fresh
    age(backup, DAY + 60)
    open_project(project_path).close()
    with open_project(backup, read_only=True) as copy:
        assert copy.statistics().predictions == 201
    age(backup, DAY + 60)
    age(project_path, 2 * DAY)
    assert not is_due(project_path)  # old, but nothing changed


def test_a_failing_backup_does_not_keep_the_project_closed(project_path, make_prediction, monkeypatch):
    """No room for a backup: told, and work goes on."""
    filled(project_path, make_prediction)
    backup_path(project_path).mkdir()  # cannot be replaced by a file
    age(backup_path(project_path), DAY + 60)
    with open_project(project_path) as project:
        assert "backup" in project.notes[0]
        assert project.statistics().predictions == 200
    assert [entry.suffix for entry in project_path.parent.iterdir()] == [".temper", ".temper"]


def test_a_backup_may_be_made_while_another_connection_writes(project_path, make_prediction):
    """A backup is one moment of the file, never half a transaction."""
    filled(project_path, make_prediction)
    with open_project(project_path, back_up=False) as project, open_project(project_path, back_up=False) as other:
        with other._connections.write() as database:
            database.execute("DELETE FROM predictions")
            backup = project.back_up()
        with open_project(backup, read_only=True) as copy:
            assert copy.statistics().predictions == 200
            copy.check()
