"""A job keeps before it tells, computes nothing twice, obeys, and turns every bad frame into a row."""

from __future__ import annotations

import sqlite3
import threading
import time
from concurrent.futures import Future

import numpy as np
import pytest
from cheap_potentials import HUNGRY, MEMORY, NAN, RAISES, REFUSED, SLOW, Springs, asked, copper, spring_source

from guiapp.engine.executor import BatchOutcome, InThisProcess
from guiapp.engine.in_memory import InMemoryPredictions
from guiapp.engine.job import BatchFinished, BenchmarkJob, FrameFailure, JobState, Progress
from guiapp.engine.run import JobControl, run_job
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Flag


class NeverUsed:
    """An executor that must not be touched."""

    slots = 1

    def submit(self, task, note) -> Future:
        raise AssertionError("the executor was used")

    def cancel(self, job):
        raise AssertionError("the executor was used")

    def close(self):
        raise AssertionError("the executor was used")


@pytest.fixture
def executor():
    executor = InThisProcess()
    yield executor
    executor.close()


def job_of(frames, **changes) -> BenchmarkJob:
    return BenchmarkJob(**({"id": "job", "family": "high-energy", "model": "springs", "frames": tuple(frames)} | changes))


def run(job, kept, executor, log, *, tell=None, control=None, **source):
    events = []

    def collect(event):
        events.append(event)
        if tell is not None:
            tell(event)

    outcome = run_job(job, kept, executor, collect, control or JobControl(), source=spring_source(log, **source))
    return outcome, events


def told(events):
    return [frame for event in events if isinstance(event, BatchFinished) for frame in event.frames]


def test_every_frame_is_predicted_once_and_told_with_its_own_numbers(executor, tmp_path):
    frames = [copper(k, atoms=1 + k % 5) for k in range(40)]
    outcome, events = run(job_of(frames), InMemoryPredictions(), executor, tmp_path / "log")
    assert (outcome.state, outcome.done, outcome.kept, outcome.failures) == (JobState.DONE, 40, 0, ())
    assert sorted(asked(tmp_path / "log")) == sorted(frame.name for frame in frames)
    assert sorted(frame.name for frame in told(events)) == sorted(frame.name for frame in frames)
    for event in events:
        if isinstance(event, BatchFinished):
            for frame, prediction in zip(event.frames, event.predictions, strict=True):
                np.testing.assert_array_equal(prediction.forces, -frame.positions)
    assert outcome.atoms == sum(frame.n_atoms for frame in frames)
    assert outcome.device == "cpu"


def test_a_job_says_by_which_ways_it_was_computed_each_once(executor, tmp_path, monkeypatch):
    """In its outcome, and in its last note, which is kept with the job; a job that found everything known computed nothing."""
    ways = iter(["compiled kernel (avx2)", "PyTorch", "compiled kernel (avx2)"])
    monkeypatch.setattr(Springs, "computed_by", property(lambda _self: next(ways)), raising=False)
    kept, frames = InMemoryPredictions(), [copper(k, atoms=200) for k in range(3)]
    outcome, events = run(job_of(frames), kept, executor, tmp_path / "log")
    assert outcome.computed_by == "compiled kernel (avx2) · PyTorch"
    assert events[-1].note == outcome.computed_by
    again, events = run(job_of(frames), kept, NeverUsed(), tmp_path / "log")
    assert (again.computed_by, events[-1].note) == ("", "")


def test_a_batch_is_kept_before_it_is_told(executor, tmp_path):
    kept = InMemoryPredictions()

    def check(event):
        if isinstance(event, BatchFinished):
            assert len(kept) >= len(event.frames)
            nonlocal count
            count += len(event.frames)
            assert len(kept) >= count

    count = 0
    run(job_of([copper(k) for k in range(20)]), kept, executor, tmp_path / "log", tell=check)
    assert count == 20


def test_a_kept_job_never_touches_the_executor(executor, tmp_path):
    frames = [copper(k) for k in range(1100)]
    kept = InMemoryPredictions()
    run(job_of(frames), kept, executor, tmp_path / "log")
    start = time.perf_counter()
    outcome, events = run(job_of(frames), kept, NeverUsed(), tmp_path / "log")
    assert time.perf_counter() - start < 1.0
    assert (outcome.state, outcome.done, outcome.kept) == (JobState.DONE, 1100, 1100)
    assert [len(event.frames) for event in events if isinstance(event, BatchFinished)] == [500, 500, 100]


def test_a_second_run_computes_only_what_is_new(executor, tmp_path):
    kept = InMemoryPredictions()
    run(job_of([copper(k) for k in range(10)]), kept, executor, tmp_path / "first")
    outcome, _ = run(job_of([copper(k) for k in range(15)]), kept, executor, tmp_path / "second")
    assert (outcome.done, outcome.kept) == (15, 10)
    assert sorted(asked(tmp_path / "second")) == sorted(f"frame {k}" for k in range(10, 15))


@pytest.mark.parametrize("change", [{"settings": {"precision": "float32"}}, {"mode": "relaxed"}])
def test_other_settings_do_not_share_results(executor, tmp_path, change):
    kept = InMemoryPredictions()
    run(job_of([copper(0)]), kept, executor, tmp_path / "first")
    outcome, _ = run(job_of([copper(0)], **change), kept, executor, tmp_path / "second")
    assert outcome.kept == 0


def test_one_configuration_with_two_labels_is_computed_once_and_told_twice(executor, tmp_path):
    first = copper(0)
    second = first.with_changes(name="other code", forces=np.ones((1, 3)))
    kept = InMemoryPredictions()
    outcome, events = run(job_of([first, second]), kept, executor, tmp_path / "log")
    assert asked(tmp_path / "log") == ["frame 0"]
    assert {frame.name for frame in told(events)} == {"frame 0", "other code"}
    assert outcome.done == 2
    again, events = run(job_of([first, second]), kept, NeverUsed(), tmp_path / "log")
    assert (again.kept, len(told(events))) == (2, 2)


@pytest.mark.parametrize(
    ("number", "reason"),
    [(REFUSED, "No aluminium"), (RAISES, "silicon is odd"), (NAN, "not a number"), (MEMORY, "does not fit into memory")],
)
def test_a_bad_frame_is_a_row_and_spoils_no_other(executor, tmp_path, number, reason):
    frames = [copper(k, number=number if k in {7, 8} else 29) for k in range(20)]
    kept = InMemoryPredictions()
    outcome, events = run(job_of(frames), kept, executor, tmp_path / "log")
    assert outcome.state is JobState.DONE
    assert {row.frame_name for row in outcome.failures} == {"frame 7", "frame 8"}
    assert all(reason in row.reason and row.advice and row.compound == "Cu" for row in outcome.failures)
    assert len(told(events)) == len(kept) == 18
    assert tuple(event for event in events if isinstance(event, FrameFailure)) == outcome.failures
    assert outcome.done == 20


def test_a_flag_keeps_a_frame_out_but_a_missing_label_does_not(executor, tmp_path):
    unlabelled = copper(0).with_changes(forces=None, flags=(Flag("no-forces", "No forces.", "Label it.", excludes=True),))
    excluded = copper(1).with_changes(flags=(Flag("nan", "The positions are NaN.", "Leave it out.", excludes=True),))
    marked = copper(2).with_changes(flags=(Flag("net-force", "Net force.", "Check.", excludes=False),))
    outcome, _ = run(job_of([unlabelled, excluded, marked]), InMemoryPredictions(), executor, tmp_path / "log")
    assert sorted(asked(tmp_path / "log")) == ["frame 0", "frame 2"]
    assert [(row.frame_name, row.reason, row.advice) for row in outcome.failures] == [
        ("frame 1", "The positions are NaN.", "Leave it out.")
    ]


def test_a_batch_that_does_not_fit_is_halved_and_later_ones_beforehand(executor, tmp_path):
    frames = [copper(k) for k in range(40)]
    log = tmp_path / HUNGRY
    outcome, _ = run(job_of(frames), InMemoryPredictions(), executor, log)
    assert (outcome.done, outcome.failures) == (40, ())
    assert len(asked(log)) < 40 * 3


def test_the_progress_tells_the_whole_story_in_order(executor, tmp_path):
    frames = [copper(k, number=RAISES if k == 3 else 29) for k in range(50)]
    outcome, events = run(job_of(frames), InMemoryPredictions(), executor, tmp_path / SLOW)
    steps = [event for event in events if isinstance(event, Progress)]
    assert isinstance(events[-1], Progress)
    assert (events[-1].state, events[-1].done, events[-1].total, events[-1].failed) == (JobState.DONE, 50, 50, 1)
    assert events[-1].seconds_left == 0
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert "loading Springs" in [step.note for step in steps]
    assert steps[0].rate == 0
    assert steps[-1].rate > 0
    known = [step.seconds_left for step in steps if step.done and step.seconds_left is not None]
    assert known[0] > known[-1] == 0
    assert isinstance(events[events.index(outcome.failures[0]) + 1], Progress)


def test_a_cancel_ends_the_job_at_once_and_keeps_what_is_done(executor, tmp_path):
    control, kept = JobControl(), InMemoryPredictions()
    frames = [copper(k, atoms=100) for k in range(60)]
    when = []

    def cancel_after_some(event):
        if isinstance(event, Progress) and event.done >= 4 and not when:
            threading.Timer(0.02, control.cancel).start()
            when.append(time.monotonic() + 0.02)

    outcome, events = run(job_of(frames), kept, executor, tmp_path / SLOW, tell=cancel_after_some, control=control)
    assert time.monotonic() - when[0] < 0.3
    assert outcome.state is events[-1].state is JobState.CANCELLED
    assert 4 <= outcome.done < 60
    assert len(kept) == len(told(events)) == outcome.done
    resumed, _ = run(job_of(frames), kept, executor, tmp_path / SLOW)
    assert (resumed.state, resumed.kept) == (JobState.DONE, outcome.done)


def test_a_paused_job_starts_nothing_and_goes_on_afterwards(executor, tmp_path):
    control = JobControl()
    states = []

    def pause_once(event):
        if isinstance(event, Progress):
            states.append(event.state)
            if event.done >= 2 and JobState.PAUSED not in states and not control.paused:
                control.pause()
                threading.Timer(0.5, lambda: (during.append(len(asked(tmp_path / "log"))), control.resume())).start()

    during = []
    frames = [copper(k, atoms=200) for k in range(30)]
    outcome, _ = run(job_of(frames), InMemoryPredictions(), executor, tmp_path / "log", tell=pause_once, control=control)
    assert during[0] <= 4  # what was in flight when the pause came
    assert outcome.state is JobState.DONE
    assert states.index(JobState.PAUSED) < len(states) - 1 - states[::-1].index(JobState.RUNNING)


def test_a_paused_job_can_be_cancelled(executor, tmp_path):
    control = JobControl()
    control.pause()
    threading.Timer(0.3, control.cancel).start()
    outcome, _ = run(job_of([copper(0)]), InMemoryPredictions(), executor, tmp_path / "log", control=control)
    assert (outcome.state, asked(tmp_path / "log")) == (JobState.CANCELLED, [])


class FullDisk(InMemoryPredictions):
    def __init__(self, error, after):
        super().__init__()
        self.error, self.left = error, after

    def keep(self, *args):
        self.left -= 1
        if self.left < 0:
            raise self.error
        super().keep(*args)


@pytest.mark.parametrize(
    "error",
    [OSError(28, "No space left on device"), sqlite3.OperationalError("database or disk is full"), UserFacingError("No space left.")],
)
def test_a_full_disk_fails_the_job_and_loses_nothing_that_was_told(executor, tmp_path, error):
    kept = FullDisk(error, after=1)
    outcome, events = run(job_of([copper(k, atoms=100) for k in range(20)]), kept, executor, tmp_path / "log")
    assert outcome.state is events[-1].state is JobState.FAILED
    assert outcome.reason
    assert events[-1].note == outcome.reason
    assert len(kept) == len(told(events)) == outcome.done > 0


def test_a_bug_in_the_keeper_is_told_and_raised(executor, tmp_path):
    events = []
    with pytest.raises(TypeError):
        run_job(
            job_of([copper(0)]),
            FullDisk(TypeError("bug"), after=0),
            executor,
            events.append,
            JobControl(),
            source=spring_source(tmp_path / "log"),
        )
    assert events[-1].state is JobState.FAILED


def test_a_model_that_cannot_be_loaded_fails_the_job_with_its_reason(executor, tmp_path):
    outcome, _ = run(job_of([copper(0)]), InMemoryPredictions(), executor, tmp_path / "log", loader="load_refused")
    assert (outcome.state, outcome.advice) == (JobState.FAILED, "Fetch them again.")
    assert "damaged" in outcome.reason


class FirstBatchFails:
    """An executor whose first batch ends the job at the moment at which the second one is complete."""

    slots = 1

    def __init__(self):
        self.submitted = 0

    def submit(self, task, note) -> Future:
        future = Future()
        self.submitted += 1
        if self.submitted == 1:
            future.set_exception(UserFacingError("The workers keep dying."))
        else:
            potential = Springs(str(self.log), "cpu")
            future.set_result(BatchOutcome(tuple(potential.predict(task.frames)), 0.1, "cpu"))
        return future

    def cancel(self, job):
        return

    def close(self):
        return


def test_a_batch_that_is_complete_when_the_job_fails_is_kept_and_told(tmp_path):
    executor = FirstBatchFails()
    executor.log = tmp_path / "log"
    kept = InMemoryPredictions()
    outcome, events = run(job_of([copper(k, atoms=100) for k in range(5)]), kept, executor, tmp_path / "log")
    assert (outcome.state, outcome.reason) == (JobState.FAILED, "The workers keep dying.")
    assert len(kept) == len(told(events)) == outcome.done == len(asked(tmp_path / "log")) > 0


def test_weights_that_changed_meanwhile_are_not_mixed_in(executor, tmp_path):
    outcome, _ = run(job_of([copper(0)]), InMemoryPredictions(), executor, tmp_path / "log", loader="load_other_weights")
    assert outcome.state is JobState.FAILED
    assert "changed" in outcome.reason


def test_an_unknown_model_fails_with_the_known_names():
    outcome = run_job(job_of([copper(0)], model="no-such"), InMemoryPredictions(), NeverUsed(), lambda _: None, JobControl())
    assert outcome.state is JobState.FAILED
    assert "chgnet-0.3.0" in outcome.advice


def test_an_executor_that_is_closed_meanwhile_leaves_a_job_to_resume(executor, tmp_path):
    def close(event):
        if isinstance(event, BatchFinished):
            executor.close()

    outcome, events = run(job_of([copper(k, atoms=200) for k in range(20)]), InMemoryPredictions(), executor, tmp_path / "log", tell=close)
    assert outcome.state is events[-1].state is JobState.INTERRUPTED
    assert 0 < outcome.done < 20


def test_a_gpu_gets_larger_batches_once_it_is_known(executor, tmp_path):
    frames = [copper(k, atoms=8) for k in range(400)]
    _, events = run(job_of(frames), InMemoryPredictions(), executor, tmp_path / "log", device="cuda")
    sizes = [len(event.frames) for event in events if isinstance(event, BatchFinished)]
    assert max(sizes) > 32
    assert sizes[0] <= 2


def test_an_empty_job_is_done():
    outcome = run_job(job_of([], model="chgnet-0.3.0"), InMemoryPredictions(), NeverUsed(), lambda _: None, JobControl())
    assert (outcome.state, outcome.done) == (JobState.DONE, 0)
