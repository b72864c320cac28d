"""A family's job is one job whatever its stages, gives the same rows whoever finishes first, and can be replayed without a model."""

import numpy as np
import pytest
from cheap_potentials import asked, copper, spring_source

from guiapp.benchmarks.family import RELAXED, STATIC, FamilyResult
from guiapp.benchmarks.relaxation_settings import RelaxationSettings
from guiapp.benchmarks.row import Row
from guiapp.engine.executor import InThisProcess
from guiapp.engine.family_run import FramesEvaluated, FramesPlanned, kept_frames, run_family_job
from guiapp.engine.in_memory import InMemoryPredictions
from guiapp.engine.job import BenchmarkJob, JobState, Progress
from guiapp.engine.job_control import JobControl


class TwoSteps:
    """Relaxes everything, then wants each relaxed structure pushed by 0.05 Å."""

    name = "eos"
    modes = (STATIC, RELAXED)

    def plan(self, frames):
        return tuple(frames)

    def relaxation(self, _frame):
        return RelaxationSettings(fmax=0.01, most_steps=200)

    def second_stage(self, evaluated):
        return tuple(
            one.geometry.with_changes(positions=one.geometry.positions + 0.05, name=f"{one.frame.name} pushed") for one in evaluated
        )

    def reduce(self, evaluated, *, model, mode):
        rows = [Row("eos", one.frame.name, model, mode, "bulk modulus", one.prediction.energy, 1.0, "GPa", 1) for one in evaluated]
        return FamilyResult("eos", model, mode, tuple(rows))

    def built_in_sets(self):
        return ()


@pytest.fixture
def executor():
    executor = InThisProcess()
    yield executor
    executor.close()


def job(frames, mode):
    return BenchmarkJob("job", "eos", "springs", tuple(frames), mode=mode)


def run(frames, mode, kept, executor, log, *, control=None, tell=None):
    events = []

    def collect(event):
        events.append(event)
        if tell is not None:
            tell(event)

    control = control or JobControl()
    outcome = run_family_job(job(frames, mode), kept, executor, collect, control, family=TwoSteps(), source=spring_source(log))
    return outcome, events


def test_two_stages_are_one_job(executor, tmp_path):
    """Progress never goes back, the job is done once, at the very end, and both stages are counted."""
    frames = [copper(k) for k in range(5)]
    outcome, events = run(frames, RELAXED, InMemoryPredictions(), executor, tmp_path / "log")
    progress = [event for event in events if isinstance(event, Progress)]
    assert (outcome.state, outcome.done) == (JobState.DONE, 10)
    assert [event.state for event in progress].count(JobState.DONE) == 1
    assert progress[-1].state is JobState.DONE
    assert (progress[-1].done, progress[-1].total) == (10, 10)
    done = [event.done for event in progress]
    assert done == sorted(done)
    assert [len(event.frames) for event in events if isinstance(event, FramesPlanned)] == [5, 5]
    assert sum(len(event.evaluated) for event in events if isinstance(event, FramesEvaluated)) == 10


def test_static_mode_has_one_stage(executor, tmp_path):
    outcome, events = run([copper(0), copper(1)], STATIC, InMemoryPredictions(), executor, tmp_path / "log")
    assert (outcome.state, outcome.done) == (JobState.DONE, 2)
    assert len([event for event in events if isinstance(event, FramesPlanned)]) == 1
    assert all(one.relaxed is None for event in events if isinstance(event, FramesEvaluated) for one in event.evaluated)


def test_what_is_kept_is_replayed_without_a_model(executor, tmp_path):
    """The replay finds both stages, asks no potential, and gives the rows of the run in the order of the plan."""
    frames, kept, log = [copper(k, atoms=1 + k % 2) for k in range(6)], InMemoryPredictions(), tmp_path / "log"
    run(frames, RELAXED, kept, executor, log)
    before = len(asked(log))
    replayed = kept_frames(job(frames, RELAXED), kept, family=TwoSteps(), source=spring_source(log))
    assert len(asked(log)) == before
    names = [row.system for row in replayed.reduce().rows]
    assert names == [f"frame {k}" for k in range(6)] + [f"frame {k} pushed" for k in range(6)]
    assert all(one.relaxed is not None and one.converged for one in replayed.evaluated[:6])


def test_a_stopped_job_is_replayed_as_far_as_it_came(executor, tmp_path):
    """A job that was cancelled half way shows the structures that had ended, and no others."""
    frames, kept, log, control = [copper(k) for k in range(40)], InMemoryPredictions(), tmp_path / "log", JobControl()
    run(frames[:7], RELAXED, kept, executor, log, control=control)
    replayed = kept_frames(job(frames, RELAXED), kept, family=TwoSteps(), source=spring_source(log))
    assert {one.frame.name for one in replayed.evaluated} == {f"frame {k}{end}" for k in range(7) for end in ("", " pushed")}
    nothing = kept_frames(job(frames, RELAXED), InMemoryPredictions(), family=TwoSteps(), source=spring_source(log))
    assert nothing.evaluated == ()


def test_a_cancelled_first_stage_starts_no_second(executor, tmp_path):
    control = JobControl()

    def stop(event):
        if isinstance(event, Progress) and "step 3" in event.note:
            control.cancel()

    outcome, events = run(
        [copper(k) for k in range(4)], RELAXED, InMemoryPredictions(), executor, tmp_path / "log", control=control, tell=stop
    )
    assert outcome.state is JobState.CANCELLED
    assert len([event for event in events if isinstance(event, FramesPlanned)]) == 1


def test_evaluated_again_replaces_and_copies_do_not_grow(executor, tmp_path):
    """Two jobs on overlapping frames count each frame once; a copy that is being reduced stays as it was."""
    kept, log = InMemoryPredictions(), tmp_path / "log"
    frames = [copper(k) for k in range(4)]
    run(frames, STATIC, kept, executor, log)
    collected = kept_frames(job(frames[:3], STATIC), kept, family=TwoSteps(), source=spring_source(log))
    copy = collected.copy()
    more = kept_frames(job(frames[1:], STATIC), kept, family=TwoSteps(), source=spring_source(log))
    collected.plan(frames[1:])
    collected.add(more.evaluated)
    assert [one.frame.name for one in collected.evaluated] == ["frame 0", "frame 1", "frame 2", "frame 3"]
    assert len(copy.evaluated) == 3
    assert np.isfinite([row.predicted for row in collected.reduce().rows]).all()
