"""Jobs as the window and the command line run them: what a kept result saves, how time grows, what a second worker brings."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from guiapp.engine.executor import Executor, InThisProcess
from guiapp.engine.in_memory import InMemoryPredictions
from guiapp.engine.job import BatchFinished, BenchmarkJob, Event, JobState, KeptPredictions
from guiapp.engine.job_control import JobControl
from guiapp.engine.run import run_job
from guiapp.engine.worker_processes import WorkerProcesses
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction
from guiapp.speed.agreement import agreement
from guiapp.speed.measurement import Extent, Measurement, comparison
from guiapp.speed.peers import MODEL, our_chgnet
from guiapp.speed.power_law import fit_power
from guiapp.speed.sample import cells_of_size, small_cells
from guiapp.speed.timing import Case, Spread, interleave, short
from guiapp.store.project import open_project

_SIZES = (2, 8, 16, 54, 128, 250, 500)
_TOTAL_ATOMS = 1000


def measure_keeping(extent: Extent) -> list[Measurement]:
    """Compare a job whose results are in the project file with one that computes and stores them."""
    frames = small_cells(60 if extent.quick else 300)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, closing(InThisProcess()) as executor:
        places = iter(range(1_000_000))

        def compute() -> list[Prediction]:
            with open_project(Path(folder) / f"{next(places)}.temper") as project:
                return run(frames, project.predictions, executor)

        with open_project(Path(folder) / "kept.temper") as kept:
            fresh = run(frames, kept.predictions, executor)
            same = agreement(run(frames, kept.predictions, executor), fresh)
            cases = [Case("kept in the project file", lambda: run(frames, kept.predictions, executor)), Case("computed and kept", compute)]
            timings = interleave(cases, extent.rounds) if same.holds else ()
    title = f"A job of {len(frames)} frames whose results are kept, CHGNet 0.3.0"
    return [comparison(title, timings, [same], count=len(frames), unit="frames")]


def measure_frames(extent: Extent) -> list[Measurement]:
    """Show how time grows with the number of frames of a job, end to end into a project file."""
    counts = (50, 150, 450) if extent.quick else (200, 2_000, 20_000)
    frames, rounds = small_cells(counts[-1]), min(3, extent.rounds)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, closing(InThisProcess()) as executor:
        places = iter(range(1_000_000))

        def job(count: int) -> None:
            with open_project(Path(folder) / f"{next(places)}.temper") as project:
                run(frames[:count], project.predictions, executor)

        job(16)  # loads the model
        cases = [Case(f"{count:,}", lambda count=count: job(count)) for count in counts]  # type: ignore[misc] # its own count each
        # The largest of the full run takes ten minutes: once is enough.
        timings = (*interleave(cases[:-1], rounds), *interleave(cases[-1:], rounds if extent.quick else 1))
    seconds = [np.array(timing.processor) for timing in timings]
    exponent = fit_power(np.repeat(counts, [len(one) for one in seconds]), np.concatenate(seconds))
    rows = tuple(
        (timing.title, Spread.of(timing.wall).text, short(count / Spread.of(timing.wall).median))
        for timing, count in zip(timings, counts, strict=True)
    )
    note = f"Processor time grows as the number of frames to the power of {exponent.words}; 1 is linear."
    return [
        Measurement("Time by number of frames, CHGNet 0.3.0, one process", ("frames", "seconds, median (range)", "frames/s"), rows, (note,))
    ]


def measure_atoms(extent: Extent) -> list[Measurement]:
    """Show how time grows with the atoms of a frame, at about the same number of atoms in all."""
    potential = our_chgnet()
    sizes = _SIZES if not extent.quick else tuple(size for size in _SIZES if size != 250)
    sets = {size: cells_of_size(size, _TOTAL_ATOMS) for size in sizes}
    for frames in sets.values():
        potential.predict(frames[:2])
    cases = [Case(str(size), lambda frames=frames: potential.predict(frames)) for size, frames in sets.items()]  # type: ignore[misc]
    timings = interleave(cases, extent.rounds)
    a_frame = [np.array(timing.processor) / len(sets[size]) for timing, size in zip(timings, sizes, strict=True)]
    exponent = fit_power(np.repeat(sizes, extent.rounds), np.concatenate(a_frame))
    rows = tuple(
        (
            timing.title,
            Spread.of([1e3 * t / len(sets[size]) for t in timing.wall]).text,
            short(size * len(sets[size]) / Spread.of(timing.wall).median),
        )
        for timing, size in zip(timings, sizes, strict=True)
    )
    note = f"Processor time of a frame grows as its number of atoms to the power of {exponent.words}; 1 is linear."
    return [
        Measurement("Time by atoms of a frame, silicon, CHGNet 0.3.0", ("atoms", "ms a frame, median (range)", "atoms/s"), rows, (note,))
    ]


def measure_workers(extent: Extent) -> list[Measurement]:
    """Compare one worker process with two."""
    frames = small_cells(120 if extent.quick else 600)
    with closing(WorkerProcesses(1)) as one, closing(WorkerProcesses(2)) as two:
        alone = run(frames, InMemoryPredictions(), one)  # loads the models
        same = agreement(run(frames, InMemoryPredictions(), two), alone)
        cases = [
            Case("2 workers", lambda: run(frames, InMemoryPredictions(), two)),
            Case("1 worker", lambda: run(frames, InMemoryPredictions(), one)),
        ]
        timings = interleave(cases, extent.rounds) if same.holds else ()
    title = f"Worker processes, a job of {len(frames)} frames, CHGNet 0.3.0"
    note = "Processor time here is the program's own, without its workers."
    return [comparison(title, timings, [same], count=len(frames), unit="frames", notes=[note])]


def run(frames: Sequence[Frame], kept: KeptPredictions, executor: Executor) -> list[Prediction]:
    """Run a job to its end and return its predictions in the order of the frames.

    Raises:
        UserFacingError: Where it does not come to its end.
    """
    found: dict[str, Prediction] = {}

    def tell(event: Event) -> None:
        if isinstance(event, BatchFinished):
            found.update((frame.content_hash, one) for frame, one in zip(event.frames, event.predictions, strict=True))

    outcome = run_job(BenchmarkJob(uuid.uuid4().hex, "high-energy", MODEL, tuple(frames), "cpu"), kept, executor, tell, JobControl())
    if outcome.state is not JobState.DONE or outcome.failures:
        raise UserFacingError(f"A measured job did not come to its end: {outcome.reason or outcome.failures[0].reason}")
    return [found[frame.content_hash] for frame in frames]
