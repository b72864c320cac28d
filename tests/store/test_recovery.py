"""What is readable of a damaged project is copied, nothing wrong is, and the damaged file stays as it is."""

from __future__ import annotations

import os
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from guiapp.benchmarks.row import Row
from guiapp.engine.job import BenchmarkJob, FrameFailure
from guiapp.frames.reference_set import ReferenceSet
from guiapp.store.errors import NotAProjectError, ProjectError
from guiapp.store.project import open_project
from guiapp.store.recovery import recover

N_RESULTS = 400


@pytest.fixture
def rich(project_path, make_frame, make_prediction) -> Path:
    """Return a project with something in every table."""
    with open_project(project_path, back_up=False) as project:
        frames = tuple(make_frame(seed, n_atoms=12) for seed in range(150))
        project.reference_sets.save(ReferenceSet("a", "A", frames[:100]))
        project.reference_sets.save(ReferenceSet("b", "B", frames[80:]))
        project.reference_sets.regroup("a", frames[:5], "mine")
        project.jobs.create(BenchmarkJob("j", "high-energy", "m", frames[:40], settings={"x": 1}))
        project.jobs.add_failures("j", [FrameFailure("h", "n", "c", "r", "a")])
        project.rows.keep("j", [Row("high-energy", "Li", "m", "static", "softening scale", 0.8, 1.0, "", 3)], reducer="1")
        project.predictions.keep("w", "s", [str(i) for i in range(N_RESULTS)], [make_prediction(i, n_atoms=25) for i in range(N_RESULTS)])
        project.settings.set("filter", {"max_force": 30.0})
    return project_path


def check_copy(path: Path, make_frame, make_prediction) -> int:
    """Check that a recovered copy is sound and holds nothing wrong; return how many results it has."""
    with open_project(path) as project:
        assert project._connections.read("PRAGMA integrity_check") == [("ok",)]
        assert project._connections.read("PRAGMA foreign_key_check") == []
        found = project.predictions.find("w", "s", [str(i) for i in range(N_RESULTS)])
        for key, prediction in found.items():
            assert np.array_equal(prediction.forces, make_prediction(int(key), n_atoms=25).forces)
        for loaded in project.reference_sets.load_all():
            for frame in loaded.frames:
                original = make_frame(frame.origin.index, n_atoms=12)
                assert np.array_equal(frame.forces, original.forces)
                assert frame.name == original.name
        for record in project.jobs.records():
            project.jobs.load(record.id)
        assert project.damage == ()
        return len(found)


def test_a_sound_project_is_recovered_whole(rich, make_frame, make_prediction):
    """Recovery of a file that is not damaged is a copy."""
    before = rich.read_bytes()
    report = recover(rich)
    assert report.path.name == "Li study.recovered.temper"
    assert report.lost == {}
    assert report.backup is None
    assert check_copy(report.path, make_frame, make_prediction) == N_RESULTS
    with open_project(report.path) as project:
        a = project.reference_sets.load("a")
        assert [f.compound for f in a.frames[:6]] == ["mine"] * 5 + ["Li4"]
        assert len(a.frames) == 100
        assert len(project.jobs.load("j").frames) == 40
        assert project.jobs.failures("j") == (FrameFailure("h", "n", "c", "r", "a"),)
        assert len(project.rows.find()) == 1
        assert project.settings.get("filter") == {"max_force": 30.0}
    assert rich.read_bytes() == before
    assert recover(rich).path.name == "Li study.recovered-2.temper"


@pytest.mark.parametrize("share", [0.9, 0.6, 0.3])
def test_a_truncated_project_gives_what_is_left(rich, make_frame, make_prediction, share):
    """A copy that broke off keeps the results of the part that arrived."""
    whole = rich.stat().st_size
    os.truncate(rich, int(whole * share))
    before = rich.read_bytes()
    report = recover(rich)
    found = check_copy(report.path, make_frame, make_prediction)
    if share == 0.9:
        assert found > N_RESULTS // 2
    assert report.recovered["predictions"] == found
    assert rich.read_bytes() == before
    assert report.path.name in report.describe()


@pytest.mark.parametrize("seed", range(6))
def test_flipped_bytes_cost_only_what_they_hit(rich, make_frame, make_prediction, seed):
    """Bad sectors anywhere behind the first pages: most is saved, nothing wrong is, and the copy opens cleanly."""
    chance = random.Random(seed)
    content = bytearray(rich.read_bytes())
    for _ in range(12):
        at = chance.randrange(30 * 4096, len(content) - 200)
        content[at : at + 100] = chance.randbytes(100)
    rich.write_bytes(bytes(content))
    report = recover(rich)
    assert check_copy(report.path, make_frame, make_prediction) >= N_RESULTS // 3


def test_the_newest_results_in_the_journal_are_recovered(rich, make_frame, make_prediction):
    """A killed program leaves results in the journal only; recovery must look there too."""
    project = open_project(rich, back_up=False)
    project.predictions.keep("w", "s", ["399"], [make_prediction(399, n_atoms=25)])
    project.settings.set("late", True)
    assert Path(f"{rich}-wal").stat().st_size > 0
    report = recover(rich)
    with open_project(report.path) as copy:
        assert copy.settings.get("late") is True
    project.close()


def test_beyond_recovery_is_said_and_the_backup_named(rich):
    """Where the list of tables is gone nothing can be found; the backup is the way."""
    with open_project(rich) as project:
        project.back_up()
    content = bytearray(rich.read_bytes())
    content[100:4096] = b"\xee" * 3996
    rich.write_bytes(bytes(content))
    with pytest.raises(ProjectError) as caught:
        recover(rich)
    assert "Li study.backup.temper" in str(caught.value)
    content[:100] = b"\xee" * 100
    rich.write_bytes(bytes(content))
    with pytest.raises(NotAProjectError, match=r"backup\.temper"):
        recover(rich)
    assert sorted(entry.name for entry in rich.parent.iterdir()) == ["Li study.backup.temper", "Li study.temper"]


def test_what_is_no_project_is_not_recovered(project_path):
    """Recovery makes copies of projects only."""
    with pytest.raises(ProjectError, match="no such"):
        recover(project_path)
    with closing(sqlite3.connect(project_path)) as connection, connection:
        connection.execute("CREATE TABLE a (b)")
    with pytest.raises(NotAProjectError):
        recover(project_path)


def test_the_report_names_the_backup(rich):
    """The user learns where else to look."""
    with open_project(rich) as project:
        backup = project.back_up()
    report = recover(rich)
    assert report.backup == backup
    assert backup.name in report.describe()
    assert f"{N_RESULTS} results" in report.describe()
