"""A program killed at any moment loses no finished batch, and several may write one file."""

from __future__ import annotations

import importlib.util
import random
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from guiapp.store.project import Project, open_project

WRITER = Path(__file__).with_name("writer.py")
_spec = importlib.util.spec_from_file_location("store_test_writer", WRITER)
writer = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(writer)


def start(path: Path, name: str, count: int) -> subprocess.Popen:
    process = subprocess.Popen(
        [sys.executable, str(WRITER), str(path), name, str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "open\n"
    return process


def assert_all_there(project: Project, name: str, numbers: range) -> None:
    for number in numbers:
        hashes, predictions = writer.batch(name, number)
        found = project.predictions.find("w", "s", hashes)
        assert set(found) == set(hashes)
        assert all(np.array_equal(found[key].forces, p.forces) for key, p in zip(hashes, predictions, strict=True))


@pytest.mark.parametrize("rounds", [3, pytest.param(40, marks=pytest.mark.slow)])
def test_kill_9_at_any_moment_loses_no_batch_that_was_told(project_path, rounds):
    """Whatever the program said was stored is found, every batch is whole, and the file is sound without repair."""
    chance = random.Random(1)
    for attempt in range(rounds):
        process = start(project_path, f"r{attempt}", -1)
        process.stdin.write("go\n")
        process.stdin.flush()
        told = [process.stdout.readline() for _ in range(chance.randint(1, 60))]
        threading.Event().wait(chance.random() * 0.01)  # somewhere between two messages
        process.kill()
        rest = process.stdout.read().splitlines()
        process.wait()
        process.stdout.close()
        process.stdin.close()
        count = len(told) + len(rest)
        with open_project(project_path, back_up=False) as project:
            assert project._connections.read("PRAGMA integrity_check") == [("ok",)]
            assert_all_there(project, f"r{attempt}", range(count))
            (extra,) = project._connections.read("SELECT count(*) FROM predictions WHERE frame_hash LIKE ?", (f"r{attempt}-%",))
            assert extra[0] % 8 == 0  # a batch is there whole or not at all
            assert project.damage == ()


def test_three_programs_write_one_file(project_path):
    """A window and two command lines on one project: nobody fails, nothing is lost."""
    names = ["a", "b", "c"]
    processes = [start(project_path, name, 40) for name in names]
    with open_project(project_path) as project:
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        for number in range(40):  # and this one makes the fourth
            project.predictions.keep("w", "s", *writer.batch("d", number))
            assert_all_there(project, "d", range(number, number + 1))
        for process in processes:
            out, _ = process.communicate(timeout=120)
            assert process.returncode == 0
            assert out.split() == [str(number) for number in range(40)]
        for name in [*names, "d"]:
            assert_all_there(project, name, range(40))
        assert project.predictions.count() == 4 * 40 * 8
        assert project._connections.read("PRAGMA integrity_check") == [("ok",)]


def test_programs_that_create_the_same_project_at_once_share_it(project_path):
    """Two starts at once must not make two projects of which one is lost."""
    processes = [
        subprocess.Popen(
            [sys.executable, str(WRITER), str(project_path), name, "3"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for name in ("a", "b", "c")
    ]
    for process in processes:
        out, _ = process.communicate("go\n", timeout=120)
        assert (process.returncode, out.split()) == (0, ["open", "0", "1", "2"])
    with open_project(project_path, back_up=False) as project:
        assert project.predictions.count() == 3 * 3 * 8
    assert [entry.suffix for entry in project_path.parent.iterdir() if "backup" not in entry.name] == [".temper"]


def test_threads_have_connections_of_their_own(project):
    """Workers of the window write while it reads; a thread that ended leaves no connection behind."""
    errors: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for number in range(15):
                project.predictions.keep("w", "s", *writer.batch(name, number))
                assert_all_there(project, name, range(number + 1))
        except BaseException as error:  # noqa: BLE001 - carried to the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=work, args=(f"t{i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert project.predictions.count() == 4 * 15 * 8
    assert len(project._connections._open) == 1


def test_a_closed_project_says_so(project_path):
    """Using a project after closing it is a bug and must not silently open it again."""
    project = open_project(project_path)
    project.close()
    project.close()
    with pytest.raises(RuntimeError, match="closed"):
        project.predictions.count()


def test_nested_writes_are_one_transaction(project, make_frame):
    """A set and its frames are stored together or not at all."""
    from guiapp.frames.reference_set import ReferenceSet

    good = make_frame(1)
    bad = make_frame(2, magmoms=np.zeros(9))
    with pytest.raises(ValueError, match="magmoms"):
        project.reference_sets.save(ReferenceSet("s", "S", (good,) * 600 + (bad,)))
    assert project.reference_sets.summaries() == ()
    assert project.frames.count() == 0
