"""Relaxations and bands on a real cluster: the numbers of this machine, and no finished step lost when workers or the scheduler die."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest
from ase.build import bulk
from cheap_potentials import SLOW, asked, copper, emt_source, spring_source
from dask_processes import wait_for_workers

from guiapp.benchmarks.hops import vacancy_hop
from guiapp.benchmarks.migration import MigrationFamily
from guiapp.benchmarks.relaxation_settings import RelaxationSettings
from guiapp.engine.executor import BatchTask, InThisProcess
from guiapp.engine.family_run import FramesEvaluated, run_family_job
from guiapp.engine.in_memory import InMemoryPredictions
from guiapp.engine.job import BenchmarkJob, JobState, Progress
from guiapp.engine.job_control import JobControl
from guiapp.engine.relaxation_run import RelaxationFinished, run_relaxed_job
from guiapp.frames.frame import Frame
from guiapp.store.project import open_project

posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
FAMILY = MigrationFamily()


def relax(frames, kept, executor, source, tell=lambda event: None):
    ends = {}

    def take(event):
        if isinstance(event, RelaxationFinished):
            ends[event.outcome.start.name] = event.outcome
        tell(event)

    job = BenchmarkJob("job", "defects", "springs", tuple(frames), mode="relaxed")
    plan = RelaxationSettings(fmax=0.1, most_steps=200)
    outcome = run_relaxed_job(job, kept, executor, take, JobControl(), plan=lambda _frame: plan, source=source)
    return outcome, ends


def find_paths(images, kept, executor, source, tell=lambda event: None):
    found = {}

    def take(event):
        if isinstance(event, FramesEvaluated):
            found.update((one.frame.name, one) for one in event.evaluated)
        tell(event)

    job = BenchmarkJob("job", FAMILY.name, "emt", tuple(images), mode="neb")
    return run_family_job(job, kept, executor, take, JobControl(), family=FAMILY, source=source), found


def hops():
    paths = []
    for symbol, constant in (("Cu", 3.6), ("Ag", 4.1)):
        cell = bulk(symbol, a=constant)
        paths += vacancy_hop(Frame(cell.numbers, cell.positions, cell.cell.array), symbol, repeats=(2, 2, 2))
    return paths


def computing(log):
    """Return the processes that computed anything."""
    return {line.split()[0] for line in log.read_text(encoding="utf-8").splitlines()} if log.exists() else set()


def load_everywhere(executor, source, log, workers):
    """Let every worker load the model: one that is still importing would be killed before it took part."""
    while len(computing(log)) < workers:
        futures = [executor.submit(BatchTask("first", source, (copper(90 + k),)), lambda _note: None) for k in range(workers)]
        for future in futures:
            future.result(timeout=30)
    log.unlink()


@posix
def test_relaxations_survive_a_killed_worker_and_end_where_they_end_here(cluster, connection, tmp_path):
    """Twelve structures on two workers: both compute, one is killed half-way, and no step but that of its batch is computed twice."""
    log = tmp_path / "log"
    workers = [cluster.start_worker(name, nanny=False) for name in ("first", "second")]
    wait_for_workers(connection, 2)
    load_everywhere(connection.executor, spring_source(log), log, 2)
    frames = [copper(k, atoms=12) for k in range(6)]
    killed = []

    def kill_one(event):
        if isinstance(event, Progress) and "step 4" in event.note and not killed:
            killed.append(len(asked(log)))
            workers[0].send_signal(signal.SIGKILL)

    outcome, ends = relax(frames, InMemoryPredictions(), connection.executor, spring_source(log), kill_one)
    assert (outcome.state, outcome.done, outcome.failures) == (JobState.DONE, 6, ())
    assert killed
    assert len(computing(log)) == 2  # the batches of one step were shared out
    here = InThisProcess()
    _, expected = relax(frames, InMemoryPredictions(), here, spring_source(tmp_path / "here"))
    here.close()
    for name, end in ends.items():
        np.testing.assert_array_equal(end.relaxed.positions, expected[name].relaxed.positions)
        assert end.trace == expected[name].trace
    steps = sum(len(end.trace) for end in expected.values())
    assert steps <= len(asked(log)) <= steps + len(frames)
    assert killed[0] < 0.5 * steps  # it was the middle


@pytest.mark.slow
@posix
def test_bands_are_interrupted_by_a_killed_scheduler_and_resumed_here_from_the_project(cluster, connection, tmp_path):
    log, path, images = tmp_path / SLOW, tmp_path / "project.temper", hops()
    cluster.start_worker("first", nanny=False)
    wait_for_workers(connection, 1)

    def kill_the_scheduler(event):
        if isinstance(event, Progress) and "step 2 of the band" in event.note:
            cluster.scheduler.kill()

    with open_project(path) as project:
        stopped, _ = find_paths(images, project.predictions, connection.executor, emt_source(log), kill_the_scheduler)
    assert stopped.state is JobState.INTERRUPTED
    assert "does not answer any more" in stopped.reason
    before = asked(log)
    here = InThisProcess()
    with open_project(path) as project:
        resumed, found = find_paths(images, project.predictions, here, emt_source(tmp_path / "rest"))
    fresh, expected = find_paths(images, InMemoryPredictions(), here, emt_source(tmp_path / "fresh"))
    here.close()
    assert (resumed.state, fresh.state) == (JobState.DONE, JobState.DONE)
    for name, one in found.items():
        np.testing.assert_array_equal(one.relaxed.positions, expected[name].relaxed.positions)
        assert one.prediction.energy == expected[name].prediction.energy
    # Only the batch in flight was lost.
    assert len(before) > 20
    assert len(before) + len(asked(tmp_path / "rest")) <= len(asked(tmp_path / "fresh")) + len(images)


@pytest.mark.slow
@posix
def test_bands_of_two_paths_lose_a_worker_and_nothing_else(cluster, connection, tmp_path):
    log, images = tmp_path / "log", hops()
    workers = [cluster.start_worker(name, nanny=False) for name in ("first", "second")]
    wait_for_workers(connection, 2)
    killed = []

    def kill_one(event):
        if isinstance(event, Progress) and "step 3 of the band" in event.note and not killed:
            killed.append(len(asked(log)))
            workers[1].send_signal(signal.SIGKILL)

    outcome, found = find_paths(images, InMemoryPredictions(), connection.executor, emt_source(log), kill_one)
    assert (outcome.state, outcome.done, outcome.failures) == (JobState.DONE, 10, ())
    assert killed
    here = InThisProcess()
    _, expected = find_paths(images, InMemoryPredictions(), here, emt_source(tmp_path / "here"))
    here.close()
    assert found.keys() == expected.keys()
    for name, one in found.items():
        np.testing.assert_array_equal(one.relaxed.positions, expected[name].relaxed.positions)
        assert one.steps == expected[name].steps
