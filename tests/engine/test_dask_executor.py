"""Batches on a real cluster of separate processes: same numbers, and nothing lost when workers or the scheduler die."""

from __future__ import annotations

import os
import signal
import time

import numpy as np
import pytest
from cheap_potentials import KILLED, NAN, REFUSED, SLOW, asked, copper, spring_source
from dask_processes import wait_for_workers

from guiapp.engine.cluster.connection import connect
from guiapp.engine.executor import BatchTask
from guiapp.engine.executor_lost import ExecutorLostError
from guiapp.engine.in_memory import InMemoryPredictions
from guiapp.engine.job import BatchFinished, BenchmarkJob, FrameFailure, JobState, Progress
from guiapp.engine.run import JobControl, run_job
from guiapp.engine.worker_processes import WorkerProcesses
from guiapp.errors import UserFacingError
from guiapp.potentials.potential import Prediction
from guiapp.store.project import open_project

posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")


def silent(_: str) -> None:
    return


def predict(connection, frames, source, note=silent):
    return connection.executor.submit(BatchTask("job", source, tuple(frames)), note).result(timeout=60)


def workers_of(log):
    return {int(line.split()[0]) for line in log.read_text(encoding="utf-8").splitlines()}


def test_workers_answer_with_the_exact_numbers_load_once_and_failures_are_rows(cluster, connection, tmp_path):
    notes, log = [], tmp_path / "log"
    future = connection.executor.submit(BatchTask("job", spring_source(log), (copper(0),)), notes.append)
    time.sleep(1.5)
    assert notes == ["waiting for a worker of the cluster"]
    cluster.start_worker("first", nanny=False)
    assert isinstance(future.result(timeout=60).results[0], Prediction)
    assert notes == ["waiting for a worker of the cluster", "loading Springs", ""]
    assert connection.executor.slots == 1
    frames = [copper(k, atoms=1 + k % 3, number={4: NAN, 6: REFUSED}.get(k, 29)) for k in range(9)]
    outcome = predict(connection, frames, spring_source(log), notes.append)
    assert notes.count("loading Springs") == 1
    assert outcome.device == "cpu"
    for frame, result in zip(frames, outcome.results, strict=True):
        if frame.numbers[0] in {NAN, REFUSED}:
            assert isinstance(result, FrameFailure)
            assert (result.frame_hash, result.frame_name) == (frame.content_hash, frame.name)
        else:
            np.testing.assert_array_equal(result.forces, -frame.positions)
            assert result.energy == (frame.positions**2).sum() / 2
            assert (result.magmoms is None) == (frame.n_atoms % 2 == 0)
    with pytest.raises(UserFacingError, match="damaged"):
        predict(connection, [copper(0)], spring_source(log, "load_refused"))
    with pytest.raises(RuntimeError, match=r"(?s)ZeroDivisionError.*load_with_a_bug"):
        predict(connection, [copper(0)], spring_source(log, "load_with_a_bug"))
    assert os.getpid() not in workers_of(log)


@pytest.mark.slow
@posix
def test_a_worker_killed_in_the_middle_costs_a_second_try_and_nothing_else(cluster, connection, tmp_path):
    log = tmp_path / SLOW
    cluster.start_worker("first")
    cluster.start_worker("second")
    wait_for_workers(connection, 2)
    frames, killed = [copper(k, atoms=60) for k in range(24)], []

    def kill_once(event):
        if isinstance(event, BatchFinished) and not killed:
            killed.append(next(iter(workers_of(log))))
            os.kill(killed[0], signal.SIGKILL)

    job = BenchmarkJob("job", "high-energy", "springs", tuple(frames))
    outcome = run_job(job, InMemoryPredictions(), connection.executor, kill_once, JobControl(), source=spring_source(log))
    assert (outcome.state, outcome.done, outcome.failures) == (JobState.DONE, 24, ())
    names = asked(log)
    assert set(names) == {frame.name for frame in frames}
    assert len(names) <= len(frames) + 2  # only the batch in flight was repeated
    assert len(workers_of(log)) >= 2


@pytest.mark.slow
@posix
def test_a_scheduler_that_is_killed_interrupts_the_job_and_what_was_finished_is_in_the_project(cluster, connection, tmp_path):
    log, events, path = tmp_path / SLOW, [], tmp_path / "project.temper"
    cluster.start_worker("first", nanny=False)
    frames = [copper(k, atoms=60) for k in range(12)]
    finished = []

    def kill_the_scheduler(event):
        events.append(event)
        if isinstance(event, BatchFinished):
            finished.extend(frame.name for frame in event.frames)
            if len(finished) >= 4:
                cluster.scheduler.kill()

    job = BenchmarkJob("job", "high-energy", "springs", tuple(frames))
    with open_project(path) as project:
        outcome = run_job(job, project.predictions, connection.executor, kill_the_scheduler, JobControl(), source=spring_source(log))
    assert outcome.state is JobState.INTERRUPTED
    assert "does not answer any more" in outcome.reason
    assert "resume" in outcome.advice
    assert 4 <= len(finished) < 12
    assert [event.state for event in events if isinstance(event, Progress)][-1] is JobState.INTERRUPTED
    with pytest.raises(ExecutorLostError):
        connection.executor.submit(BatchTask("job", spring_source(log), (copper(0),)), silent)
    with pytest.raises(UserFacingError, match="does not answer"):
        connection.state()
    # The same job goes on elsewhere, here on this machine, with what the project file lacks.
    asked_before = len(asked(log))
    workers = WorkerProcesses(1)
    try:
        with open_project(path) as project:
            again = run_job(job, project.predictions, workers, events.append, JobControl(), source=spring_source(log))
    finally:
        workers.close()
    assert (again.state, again.done, again.kept) == (JobState.DONE, 12, len(finished))
    assert set(asked(log)[asked_before:]) == {frame.name for frame in frames} - set(finished)


@pytest.mark.slow
@posix
def test_a_frame_that_kills_workers_is_found_and_the_others_are_predicted(cluster, connection, tmp_path):
    log = tmp_path / "log"
    cluster.start_worker("first")
    wait_for_workers(connection, 1)
    frames = [copper(k, number=KILLED if k == 1 else 29) for k in range(3)]
    future = connection.executor.submit(BatchTask("job", spring_source(log), tuple(frames)), silent)
    other = connection.executor.submit(BatchTask("job", spring_source(log), (copper(9),)), silent)
    outcome = future.result(timeout=100)
    assert [type(result) for result in outcome.results] == [Prediction, FrameFailure, Prediction]
    assert "brought a worker of the cluster down" in outcome.results[1].reason
    assert isinstance(other.result(timeout=60).results[0], Prediction)


@pytest.mark.slow
def test_a_cancel_waits_for_nobody(cluster, connection, tmp_path):
    log = tmp_path / SLOW
    cluster.start_worker("first", nanny=False)
    wait_for_workers(connection, 1)
    mine = [connection.executor.submit(BatchTask("mine", spring_source(log), (copper(k),)), silent) for k in range(5)]
    other = connection.executor.submit(BatchTask("other", spring_source(log), (copper(9),)), silent)
    while not log.exists():
        time.sleep(0.02)
    start = time.monotonic()
    connection.executor.cancel("mine")
    assert time.monotonic() - start < 0.5
    assert all(future.done() for future in mine[1:])
    assert len(other.result(timeout=30).results) == 1
    assert {"frame 2", "frame 3", "frame 4"}.isdisjoint(asked(log))


@pytest.mark.slow
def test_a_worker_of_another_version_or_without_the_program_is_told_apart(cluster, connection, tmp_path, monkeypatch):
    cluster.start_worker("first", nanny=False)
    wait_for_workers(connection, 1)
    monkeypatch.setattr("guiapp.engine.cluster.orders.__version__", "9.9.9")
    with pytest.raises(UserFacingError, match=r"runs Temper .* cannot answer Temper 9\.9\.9.*same version"):
        predict(connection, [copper(0)], spring_source(tmp_path / "log"))


@pytest.mark.slow
def test_a_worker_without_the_program_says_what_is_missing(cluster, connection, tmp_path):
    cluster.start_worker("first", nanny=False, path=False)
    wait_for_workers(connection, 1)
    with pytest.raises(UserFacingError, match="lacks a Python package"):
        predict(connection, [copper(0)], spring_source(tmp_path / "log"))


def test_nobody_at_an_address_is_told_with_the_address():
    from guiapp.engine.cluster.address import SchedulerAddress

    with pytest.raises(UserFacingError, match=r"No connection to tcp://127\.0\.0\.1:9"):
        connect(SchedulerAddress("tcp://127.0.0.1:9"))
