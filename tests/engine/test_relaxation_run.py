"""A relaxed job keeps every step, goes on after a kill without computing a step twice, and fails only what fails."""

import numpy as np
import pytest
from cheap_potentials import NAN, asked, copper, spring_source

from guiapp.benchmarks.relaxation_settings import RelaxationSettings
from guiapp.engine.executor import InThisProcess
from guiapp.engine.in_memory import InMemoryPredictions
from guiapp.engine.job import BenchmarkJob, FrameFailure, JobState, Progress
from guiapp.engine.job_control import JobControl
from guiapp.engine.relaxation_run import RelaxationFinished, run_relaxed_job
from guiapp.engine.worker_processes import WorkerProcesses

SETTINGS = RelaxationSettings(fmax=0.01, most_steps=200)


@pytest.fixture
def executor():
    executor = InThisProcess()
    yield executor
    executor.close()


def job_of(frames):
    return BenchmarkJob("job", "defects", "springs", tuple(frames), mode="relaxed")


def run(frames, kept, executor, log, *, plan=lambda frame: SETTINGS, control=None, tell=None):
    events = []

    def collect(event):
        events.append(event)
        if tell is not None:
            tell(event)

    outcome = run_relaxed_job(job_of(frames), kept, executor, collect, control or JobControl(), plan=plan, source=spring_source(log))
    return outcome, [event.outcome for event in events if isinstance(event, RelaxationFinished)], events


def test_springs_end_at_the_origin_and_every_step_is_computed_once(executor, tmp_path):
    frames = [copper(k, atoms=1 + k % 3) for k in range(12)]
    outcome, ends, events = run(frames, InMemoryPredictions(), executor, tmp_path / "log")
    assert (outcome.state, outcome.done, outcome.failures) == (JobState.DONE, 12, ())
    assert {end.start.name for end in ends} == {frame.name for frame in frames}
    assert all(end.converged and np.abs(end.relaxed.positions).max() < 0.02 for end in ends)
    assert len(asked(tmp_path / "log")) == sum(len(end.trace) for end in ends)
    assert isinstance(events[-1], Progress)
    assert events[-1].state is JobState.DONE


def test_a_job_that_was_stopped_goes_on_where_it_was(executor, tmp_path):
    frames, kept, control = [copper(k, atoms=2) for k in range(6)], InMemoryPredictions(), JobControl()

    def stop(event):
        if isinstance(event, Progress) and "step 9" in event.note:
            control.cancel()

    stopped, _, _ = run(frames, kept, executor, tmp_path / "log", control=control, tell=stop)
    assert stopped.state is JobState.CANCELLED
    assert asked(tmp_path / "log")
    resumed, ends, _ = run(frames, kept, executor, tmp_path / "log")
    assert resumed.state is JobState.DONE
    # What the batch in flight had computed when the job was stopped may be lost, nothing else.
    assert len(asked(tmp_path / "log")) <= sum(len(end.trace) for end in ends) + len(frames)
    reference, fresh, _ = run(frames, InMemoryPredictions(), executor, tmp_path / "fresh")
    for one, other in zip(sorted(ends, key=lambda e: e.start.name), sorted(fresh, key=lambda e: e.start.name), strict=True):
        np.testing.assert_array_equal(one.relaxed.positions, other.relaxed.positions)
    again, _, _ = run(frames, kept, executor, tmp_path / "again")
    assert again.kept == 6
    assert asked(tmp_path / "again") == []
    assert reference.state is JobState.DONE


def test_a_structure_that_fails_is_a_row_and_the_others_end(executor, tmp_path):
    frames = [copper(0), copper(1, number=NAN), copper(2)]
    outcome, ends, events = run(frames, InMemoryPredictions(), executor, tmp_path / "log")
    assert outcome.state is JobState.DONE
    (failure,) = [event for event in events if isinstance(event, FrameFailure)]
    assert failure.frame_name == "frame 1"
    assert "not a number" in failure.reason
    assert len(ends) == 2


def test_a_frame_without_a_plan_is_predicted_as_it_is(executor, tmp_path):
    _, (end,), _ = run([copper(3)], InMemoryPredictions(), executor, tmp_path / "log", plan=lambda frame: None)
    assert end.steps == 0
    np.testing.assert_array_equal(end.relaxed.positions, copper(3).positions)


def test_worker_processes_give_the_same(tmp_path):
    frames = [copper(k, atoms=2) for k in range(4)]
    processes = WorkerProcesses(2)
    try:
        _, ends, _ = run(frames, InMemoryPredictions(), processes, tmp_path / "log")
    finally:
        processes.close()
    here = InThisProcess()
    _, expected, _ = run(frames, InMemoryPredictions(), here, tmp_path / "here")
    here.close()
    by_name = {end.start.name: end for end in expected}
    for end in ends:
        np.testing.assert_array_equal(end.relaxed.positions, by_name[end.start.name].relaxed.positions)
