"""Worker processes survive what models do to them: crashes, kills, hangs, prints, and the death of the program."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from cheap_potentials import EXITS, KILLED, NAN, SLEEPS, SLOW, asked, copper, spring_source

from guiapp.engine.executor import BatchTask, warm_up
from guiapp.engine.in_memory import InMemoryPredictions
from guiapp.engine.job import BatchFinished, BenchmarkJob, FrameFailure, JobState, Progress
from guiapp.engine.run import JobControl, run_job
from guiapp.engine.worker_process import WorkerCodeError
from guiapp.engine.worker_processes import WorkerProcesses
from guiapp.errors import UserFacingError
from guiapp.potentials.potential import Prediction

posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")


@pytest.fixture
def lines():
    return []


@pytest.fixture
def workers(lines):
    workers = WorkerProcesses(1, log=lines.append, patience=0.3)
    yield workers
    workers.close()


def silent(_: str) -> None:
    return


def predict(workers, frames, source, note=silent):
    return workers.submit(BatchTask("job", source, tuple(frames)), note).result(timeout=60)


def pids(log: Path) -> set[int]:
    return {int(line.split()[0]) for line in log.read_text(encoding="utf-8").splitlines()}


def gone(pid: int, within: float) -> bool:
    end = time.monotonic() + within
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").exists() and Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split()[2] == "Z":
            return True
        time.sleep(0.02)
    return False


def test_a_warm_worker_answers_again_with_exact_numbers_and_its_prints_go_to_the_log(workers, lines, tmp_path):
    notes = []
    frames = [copper(k, atoms=1 + k % 3, number=NAN if k == 4 else 29) for k in range(9)]
    outcome = predict(workers, frames, spring_source(tmp_path / "log"), notes.append)
    for frame, result in zip(frames, outcome.results, strict=True):
        if frame.numbers[0] == NAN:
            assert isinstance(result, FrameFailure)
            assert (result.frame_hash, result.frame_name) == (frame.content_hash, frame.name)
        else:
            assert isinstance(result, Prediction)
            np.testing.assert_array_equal(result.forces, -frame.positions)
            assert result.energy == (frame.positions**2).sum() / 2
    assert notes[0] == "loading Springs"
    predict(workers, frames, spring_source(tmp_path / "log"), notes.append)
    assert notes.count("loading Springs") == 1
    assert len(pids(tmp_path / "log")) == 1
    assert lines.count("springs were loaded") == 1
    assert os.getpid() not in pids(tmp_path / "log")


def test_a_model_can_be_loaded_before_it_is_needed(workers, tmp_path):
    notes = []
    source = spring_source(tmp_path / "log")
    outcome = warm_up(workers, source, notes.append).result(timeout=60)
    assert (outcome.results, outcome.device, notes[0]) == ((), "cpu", "loading Springs")
    assert asked(tmp_path / "log") == []
    predict(workers, [copper(0)], source, notes.append)
    assert notes.count("loading Springs") == 1


def test_the_program_keeps_its_own_environment(workers, tmp_path, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MALLOC_TOP_PAD_", raising=False)
    predict(workers, [copper(0)], spring_source(tmp_path / "log"))
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "MALLOC_TOP_PAD_" not in os.environ


@pytest.mark.parametrize(("number", "how"), [(EXITS, "code 3"), pytest.param(KILLED, "SIGKILL", marks=posix)])
def test_a_frame_that_kills_its_process_is_found_and_the_others_are_predicted(workers, tmp_path, number, how):
    frames = [copper(k, number=number if k == 2 else 29) for k in range(5)]
    outcome = predict(workers, frames, spring_source(tmp_path / "log"))
    for frame, result in zip(frames, outcome.results, strict=True):
        assert isinstance(result, FrameFailure if frame.name == "frame 2" else Prediction)
    assert how in outcome.results[2].reason
    assert asked(tmp_path / "log").count("frame 2") == 3  # the batch, its second try, alone
    assert asked(tmp_path / "log").count("frame 4") == 3


@posix
def test_kill_9_in_the_middle_of_a_job_costs_a_second_try_and_nothing_else(workers, tmp_path):
    log = tmp_path / SLOW
    frames = [copper(k, atoms=100) for k in range(12)]
    killed = []

    def kill_once(event):
        if isinstance(event, BatchFinished) and not killed:
            killed.extend(pids(log))
            os.kill(killed[0], signal.SIGKILL)

    job = BenchmarkJob("job", "high-energy", "springs", tuple(frames))
    outcome = run_job(job, InMemoryPredictions(), workers, kill_once, JobControl(), source=spring_source(log))
    assert (outcome.state, outcome.done, outcome.failures) == (JobState.DONE, 12, ())
    assert len(pids(log)) == 2
    names = asked(log)
    assert set(names) == {frame.name for frame in frames}
    assert len(names) <= len(frames) + 2  # only the batch in flight was repeated


def test_a_cancel_does_not_wait_for_a_hung_worker_and_kills_it(workers, tmp_path):
    log = tmp_path / "log"
    control = JobControl()
    job = BenchmarkJob("job", "high-energy", "springs", (copper(0, number=SLEEPS),))
    asleep = []

    def cancel_when_asleep():
        while not log.exists():
            time.sleep(0.01)
        asleep.append(time.monotonic())
        control.cancel()

    thread = threading.Thread(target=cancel_when_asleep)
    thread.start()
    outcome = run_job(job, InMemoryPredictions(), workers, lambda _: None, control, source=spring_source(log))
    assert time.monotonic() - asleep[0] < 0.25
    assert outcome.state is JobState.CANCELLED
    thread.join()
    if os.name == "posix":
        assert gone(*pids(log), within=2.0)
    assert isinstance(predict(workers, [copper(1)], spring_source(log)).results[0], Prediction)


def test_a_batch_that_ends_soon_after_a_cancel_leaves_its_worker_warm(workers, tmp_path):
    log = tmp_path / SLOW
    future = workers.submit(BatchTask("job", spring_source(log), (copper(0),)), silent)
    waiting = workers.submit(BatchTask("job", spring_source(log), (copper(1),)), silent)
    other = workers.submit(BatchTask("other job", spring_source(log), (copper(2),)), silent)
    while not log.exists():
        time.sleep(0.01)
    workers.cancel("job")
    assert waiting.cancelled()
    assert len(other.result(timeout=30).results) == 1
    assert future.done()
    time.sleep(0.4)
    predict(workers, [copper(3)], spring_source(log))
    assert len(pids(log)) == 1
    assert "frame 1" not in asked(log)


def test_a_model_that_cannot_be_loaded_is_the_users_to_know(workers, tmp_path):
    with pytest.raises(UserFacingError, match="damaged"):
        predict(workers, [copper(0)], spring_source(tmp_path / "log", "load_refused"))


def test_a_bug_in_the_worker_comes_back_with_its_traceback(workers, tmp_path):
    with pytest.raises(WorkerCodeError, match=r"(?s)ZeroDivisionError.*load_with_a_bug"):
        predict(workers, [copper(0)], spring_source(tmp_path / "log", "load_with_a_bug"))


def test_a_worker_that_dies_while_loading_is_no_frames_fault(workers, tmp_path):
    with pytest.raises(UserFacingError, match=r"while loading Springs.*code 7"):
        predict(workers, [copper(0), copper(1)], spring_source(tmp_path / "log", "load_and_die"))
    outcome = predict(workers, [copper(0)], spring_source(tmp_path / "log", "load_and_die_once"))
    assert isinstance(outcome.results[0], Prediction)


def test_two_workers_share_the_work(tmp_path):
    workers = WorkerProcesses(2)
    try:
        log = tmp_path / SLOW
        futures = [workers.submit(BatchTask("job", spring_source(log), (copper(k),)), silent) for k in range(40)]
        assert all(len(future.result(timeout=60).results) == 1 for future in futures)
        assert len(pids(log)) == 2
    finally:
        workers.close()


@posix
def test_closing_ends_the_processes_even_a_busy_one(tmp_path):
    workers = WorkerProcesses(1)
    log = tmp_path / "log"
    future = workers.submit(BatchTask("job", spring_source(log), (copper(0, number=SLEEPS),)), silent)
    while not log.exists():
        time.sleep(0.01)
    start = time.monotonic()
    workers.close()
    assert time.monotonic() - start < 3
    assert future.done()
    assert gone(*pids(log), within=1.0)


PROGRAM = """
import sys, time
from cheap_potentials import SLEEPS, copper, spring_source
from pathlib import Path
from guiapp.engine.executor import BatchTask
from guiapp.engine.worker_processes import WorkerProcesses
if __name__ == "__main__":
    workers = WorkerProcesses(1)
    workers.submit(BatchTask("job", spring_source(Path(sys.argv[1])), (copper(0, number=int(sys.argv[2])),)), lambda text: None)
    time.sleep(600)
"""


@posix
@pytest.mark.parametrize("number", [29, SLEEPS], ids=["idle", "busy"])
def test_a_worker_does_not_outlive_a_program_that_is_killed(tmp_path, number):
    log = tmp_path / "log"
    script = tmp_path / "program.py"
    script.write_text(PROGRAM, encoding="utf-8")
    path = os.pathsep.join([str(Path(__file__).parents[2]), str(Path(__file__).parent)])
    program = subprocess.Popen([sys.executable, str(script), str(log), str(number)], env=os.environ | {"PYTHONPATH": path})
    try:
        end = time.monotonic() + 60
        while not log.exists() and time.monotonic() < end:
            time.sleep(0.02)
    finally:
        program.kill()
        program.wait()
    assert gone(*pids(log), within=3.0)


@pytest.mark.timeout(120)
def test_chgnet_in_a_worker_gives_the_numbers_of_this_process(workers, lines, shipped_labels):
    """One real model: loaded in the worker only, told while loading, equal numbers."""
    import ase.io

    from guiapp.frames.frame import Frame
    from guiapp.potentials.registry import find_card, load_potential

    frames = [
        Frame(atoms.numbers, atoms.positions, atoms.cell.array, name=str(k))
        for k, atoms in enumerate(ase.io.read(shipped_labels, ":6", format="extxyz"))
    ]
    kept, events = InMemoryPredictions(), []
    job = BenchmarkJob("job", "high-energy", "chgnet-0.3.0", tuple(frames), device="cpu")
    outcome = run_job(job, kept, workers, events.append, JobControl())
    assert (outcome.state, outcome.failures, outcome.done) == (JobState.DONE, (), 6)
    assert "loading CHGNet 0.3.0" in [event.note for event in events if isinstance(event, Progress)]
    told = {
        frame.name: prediction
        for event in events
        if isinstance(event, BatchFinished)
        for frame, prediction in zip(event.frames, event.predictions, strict=True)
    }
    here = load_potential(find_card("chgnet-0.3.0"), "cpu").predict(frames)
    for frame, prediction in zip(frames, here, strict=True):
        assert np.abs(told[frame.name].forces - prediction.forces).max() < 5e-4
        assert abs(told[frame.name].energy - prediction.energy) < 1e-5 * frame.n_atoms
