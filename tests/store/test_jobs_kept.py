"""Jobs are remembered with their frames and failures, and what a killed program left is found again."""

from __future__ import annotations

import dataclasses
import os
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from guiapp.engine.job import BenchmarkJob, FrameFailure, JobState, Progress
from guiapp.store import jobs as jobs_module
from guiapp.store.heart import Heart
from guiapp.store.owner import SILENCE, THIS_PROGRAM, Owner, process_exists
from guiapp.store.project import open_project

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def job(make_frame) -> BenchmarkJob:
    frames = tuple(make_frame(seed, compound="mine") for seed in range(3))
    return BenchmarkJob("j1", "high-energy", "chgnet-0.3.0", frames, "cpu", "relaxed", {"precision": "float32", "fmax": 0.05})


def progress(state: JobState, done: int = 0, job: str = "j1", **changes: object) -> Progress:
    return dataclasses.replace(Progress(job, state, done, 3, 1, 0, 2.5, None, "loading"), **changes)


def test_a_job_comes_back_ready_to_run(project_path, job):
    """Resuming needs everything that determined the job: frames in order with their compounds, settings, mode."""
    with open_project(project_path) as project:
        record = project.jobs.create(job)
        assert (record.state, record.total, record.done, record.started, record.finished) == (JobState.WAITING, 3, 0, None, None)
        assert abs(record.created - time.time()) < 60
    with open_project(project_path) as project:
        again = project.jobs.load("j1")
    assert [(f.content_hash, f.label_hash, f.name, f.compound) for f in again.frames] == [
        (f.content_hash, f.label_hash, f.name, f.compound) for f in job.frames
    ]
    for name in ("id", "family", "model", "device", "mode", "settings"):
        assert getattr(again, name) == getattr(job, name)


def test_a_job_is_created_once(project, job):
    """Two jobs under one id would mix their failures."""
    project.jobs.create(job)
    with pytest.raises(ValueError, match="j1"):
        project.jobs.create(job)
    with pytest.raises(KeyError):
        project.jobs.record("nothing")
    with pytest.raises(KeyError):
        project.jobs.load("nothing")
    with pytest.raises(KeyError):
        project.jobs.claim("nothing")


def test_progress_is_kept_from_start_to_end(project, job):
    """Times are set when the job starts and ends, and never move."""
    project.jobs.create(job)
    project.jobs.update(progress(JobState.RUNNING, 1))
    started = project.jobs.record("j1").started
    assert started is not None
    project.jobs.update(progress(JobState.PAUSED, 1))
    project.jobs.update(progress(JobState.RUNNING, 2))
    assert project.jobs.record("j1").finished is None
    project.jobs.update(progress(JobState.DONE, 3, failed=1, note=""))
    record = project.jobs.record("j1")
    assert (record.state, record.done, record.kept, record.failed, record.note) == (JobState.DONE, 3, 1, 1, "")
    assert record.started == started <= record.finished


def test_frequent_progress_is_written_once_a_second_but_never_a_change_of_state(project, job, monkeypatch):
    """Progress comes twenty times a second, and every write waits for the disk."""
    project.jobs.create(job)
    clock = [100.0]
    monkeypatch.setattr(jobs_module.time, "monotonic", lambda: clock[0])
    project.jobs.update(progress(JobState.RUNNING, 1))
    project.jobs.update(progress(JobState.RUNNING, 2))
    assert project.jobs.record("j1").done == 1
    clock[0] += 1.1
    project.jobs.update(progress(JobState.RUNNING, 2))
    assert project.jobs.record("j1").done == 2
    project.jobs.update(progress(JobState.DONE, 3))
    assert project.jobs.record("j1").done == 3


def test_failures_are_kept_with_reason_and_advice(project, job):
    """A failed frame is a row; failing again replaces it, a new attempt starts without it."""
    project.jobs.create(job)
    first = FrameFailure("h1", "frame 1", "mine", "the cell has no volume", "check the file")
    other = FrameFailure("h2", "frame 2", "mine", "out of memory")
    project.jobs.add_failures("j1", [first, other])
    again = dataclasses.replace(first, reason="worse")
    project.jobs.add_failures("j1", [again])
    assert project.jobs.failures("j1") == (again, other)
    assert project.jobs.failures("j2") == ()
    assert project.jobs.claim("j1")
    assert project.jobs.failures("j1") == ()


def test_closing_under_way_offers_to_resume(project_path, job):
    """Closing the window in the middle loses nothing; the next start finds the job."""
    with open_project(project_path) as project:
        project.jobs.create(job)
        project.jobs.create(dataclasses.replace(job, id="j2"))
        project.jobs.update(progress(JobState.RUNNING, 1))
        project.jobs.update(progress(JobState.DONE, 3, job="j2"))
        assert project.unfinished_jobs() == ()
    with open_project(project_path) as project:
        (left,) = project.unfinished_jobs()
        assert (left.id, left.state, left.done) == ("j1", JobState.INTERRUPTED, 1)
        assert project.jobs.claim("j1")
        assert project.unfinished_jobs() == ()
        project.jobs.update(progress(JobState.RUNNING, 2))
        assert project.jobs.record("j1").state is JobState.RUNNING
    with open_project(project_path) as project:
        project.jobs.discard("j1")
        assert project.unfinished_jobs() == ()
        assert project.jobs.record("j1").state is JobState.CANCELLED


CHILD = """
import sys
sys.path.insert(0, sys.argv[2])
import numpy as np
from guiapp.engine.job import BenchmarkJob, JobState, Progress
from guiapp.frames.frame import Frame
from guiapp.store.project import open_project
frame = Frame(np.array([3]), np.zeros((1, 3)), np.eye(3), name="a", compound="Li")
project = open_project(sys.argv[1])
project.jobs.create(BenchmarkJob("child", "high-energy", "m", (frame,)))
project.jobs.update(Progress("child", JobState.RUNNING, 0, 1, 0, 0, 0.0, None))
print("running", flush=True)
sys.stdin.read()
"""


def test_a_job_of_another_live_program_is_its_own_and_of_a_killed_one_is_ours(project):
    """The command line may run a job on the file that the window has open; killed, its job can be resumed here."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(project.path), str(ROOT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert child.stdout.readline() == "running\n"
        assert project.unfinished_jobs() == ()
        assert not project.jobs.claim("child")
        assert project.jobs.record("child").state is JobState.RUNNING
    finally:
        child.kill()
        child.wait()
        child.stdin.close()
        child.stdout.close()
    (left,) = project.unfinished_jobs()
    assert (left.id, left.state) == ("child", JobState.INTERRUPTED)
    assert project.jobs.record("child").state is JobState.INTERRUPTED
    assert project.jobs.claim("child")
    assert [frame.name for frame in project.jobs.load("child").frames] == ["a"]


def test_life_is_judged_by_process_heartbeat_and_instance():
    """Process numbers are used again, machines share folders, and in containers every program has the same number."""
    me = THIS_PROGRAM
    now = time.time()
    assert me.is_alive(0.0)
    assert not dataclasses.replace(me, instance="an earlier program with my number").is_alive(now)
    assert dataclasses.replace(me, pid=os.getppid(), instance="parent").is_alive(now)
    assert not dataclasses.replace(me, pid=os.getppid(), instance="number used again").is_alive(now - SILENCE - 1)
    assert Owner("another machine", 1, "x").is_alive(now)
    assert not Owner("another machine", 1, "x").is_alive(now - SILENCE - 1)
    assert process_exists(os.getpid())
    assert not process_exists(0)
    assert not process_exists(2**22 + 1)


def test_the_heart_beats_until_stopped_and_survives_a_locked_file():
    """A job whose program is alive must keep saying so, also after a moment in which nothing could be written."""
    from guiapp.store.errors import ProjectBusyError

    beats: list[float] = []
    enough = threading.Event()

    def beat() -> None:
        beats.append(time.monotonic())
        if len(beats) == 1:
            raise ProjectBusyError("locked")
        if len(beats) == 3:
            enough.set()

    heart = Heart(beat, interval=0.01)
    heart.start()
    heart.start()
    assert enough.wait(10)
    heart.stop()
    count = len(beats)
    time.sleep(0.05)
    assert len(beats) == count
    heart.start()
    time.sleep(0.03)
    assert len(beats) == count


def test_a_beat_renews_the_sign_of_life_of_unfinished_jobs_only(project, job):
    """A finished job needs none."""
    project.jobs.create(job)
    project.jobs.create(dataclasses.replace(job, id="j2"))
    project.jobs.update(progress(JobState.DONE, 3, job="j2"))
    with closing(sqlite3.connect(project.path)) as connection, connection:
        connection.execute("UPDATE jobs SET heartbeat = 5.0")
    project.jobs.beat()
    beats = dict(project._connections.read("SELECT id, heartbeat FROM jobs"))
    assert beats["j2"] == 5.0
    assert time.time() - beats["j1"] < 60


def test_removing_a_job_keeps_its_results(project, job, make_prediction):
    """Predictions belong to model and frame, not to the job that computed them."""
    project.jobs.create(job)
    project.predictions.keep("w", "s", [job.frames[0].content_hash], [make_prediction(1)])
    project.jobs.add_failures("j1", [FrameFailure("h", "n", "c", "r")])
    project.jobs.remove("j1")
    statistics = project.statistics()
    assert (statistics.jobs, statistics.frames, statistics.predictions) == (0, 0, 1)
    assert project.jobs.failures("j1") == ()
