"""A full disk is told in plain words and costs nothing that was stored."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from guiapp.store.errors import DiskFullError, ProjectError
from guiapp.store.project import Project, open_project

ROOT = Path(__file__).resolve().parents[2]


def fill(project: Project, make_prediction) -> int:
    """Keep batches until the disk is full; return how many were kept."""
    batch = [make_prediction(i, n_atoms=200) for i in range(10)]
    for number in range(10_000):
        try:
            project.predictions.keep("w", "s", [f"{number}-{i}" for i in range(10)], batch)
        except DiskFullError as full:
            told = str(full)
            break
    else:
        raise AssertionError("the disk never filled up")
    assert "safe" in told
    assert "space" in told
    return number


def check_kept(project: Project, number: int) -> None:
    assert len(project.predictions.find("w", "s", [f"{n}-{i}" for n in range(number) for i in range(10)])) == 10 * number
    assert project.predictions.count() == 10 * number
    assert project._connections.read("PRAGMA integrity_check") == [("ok",)]


def test_no_room_in_the_file(project, make_prediction):
    """SQLite's own limit behaves as a full disk does, on every system: told, undone, and work goes on with room."""
    project._connections.database().execute("PRAGMA max_page_count = 300")
    number = fill(project, make_prediction)
    assert number > 2
    check_kept(project, number)
    project._connections.database().execute("PRAGMA max_page_count = 10000")
    project.predictions.keep("w", "s", [f"{number}-{i}" for i in range(10)], [make_prediction(1)] * 10)
    check_kept(project, number + 1)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a file system of two megabytes, where one may be mounted."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if not sys.platform.startswith("linux") or os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no small file system can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_is_really_full(small_disk, make_prediction):
    """The journal cannot grow: told, nothing lost, still readable, and a new project is refused in plain words."""
    path = small_disk / "p.temper"
    with open_project(path, back_up=False) as project:
        number = fill(project, make_prediction)
        assert number > 2
        check_kept(project, number)
        rest = os.statvfs(small_disk)
        (small_disk / "filler").write_bytes(b"x" * (rest.f_bavail * rest.f_bsize))
        with pytest.raises(ProjectError):
            project.back_up()
        with pytest.raises(ProjectError):
            open_project(small_disk / "other.temper")
    assert sorted(entry.name for entry in small_disk.iterdir() if not entry.name.endswith(("-wal", "-shm"))) == ["filler", "p.temper"]
    with open_project(path) as project:
        check_kept(project, number)
        assert "backup" in project.notes[0]


LIMITED = """
import resource, signal, sys
sys.path.insert(0, sys.argv[2])
import numpy as np
from guiapp.potentials.potential import Prediction
from guiapp.store.errors import ProjectError
from guiapp.store.project import open_project
project = open_project(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
batch = [Prediction(0.0, np.zeros((200, 3)), np.zeros((3, 3)))] * 10
for number in range(1000):
    try:
        project.predictions.keep("w", "s", [f"{number}-{i}" for i in range(10)], batch)
    except ProjectError as error:
        print(number)
        print(error)
        break
project.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are a POSIX matter")
def test_a_quota_behaves_like_a_full_disk(project_path):
    """A user's quota gives another error than a full disk; it is told as well and loses nothing."""
    run = subprocess.run([sys.executable, "-c", LIMITED, str(project_path), str(ROOT)], capture_output=True, text=True, check=True)
    number, message = run.stdout.splitlines()
    assert "safe" in message
    with open_project(project_path, back_up=False) as project:
        check_kept(project, int(number))
    assert int(number) > 2
