"""A job of bands gives ase's band, splits its error, keeps every step, steps all paths together, and loses only the path that fails."""

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.mep import NEB
from ase.optimize import FIRE
from cheap_potentials import asked, emt_source

from guiapp.benchmarks.hops import vacancy_hop
from guiapp.benchmarks.migration import MigrationFamily
from guiapp.engine.executor import InThisProcess
from guiapp.engine.family_run import FramesEvaluated, kept_frames, run_family_job
from guiapp.engine.in_memory import InMemoryPredictions
from guiapp.engine.job import BenchmarkJob, FrameFailure, JobState, Progress
from guiapp.engine.job_control import JobControl
from guiapp.frames.frame import Frame

FAMILY = MigrationFamily()


@pytest.fixture
def executor():
    executor = InThisProcess()
    yield executor
    executor.close()


@pytest.fixture(scope="module")
def hop():
    """A hop in copper; its labels are EMT's energies times 1.25, so that the model's energies are soft by 0.8 on equal images."""
    copper = bulk("Cu", a=3.6)
    images = vacancy_hop(Frame(copper.numbers, copper.positions, copper.cell.array), "Cu", repeats=(2, 2, 2))
    labelled = []
    for image in images:
        atoms = image.to_atoms()
        atoms.calc = EMT()
        labelled.append(image.with_changes(energy=1.25 * atoms.get_potential_energy()))
    return tuple(labelled)


def run(frames, kept, executor, log, control=None, stop=lambda event: None):
    events = []

    def collect(event):
        events.append(event)
        stop(event)

    job = BenchmarkJob("job", FAMILY.name, "emt", tuple(frames), mode="neb")
    outcome = run_family_job(job, kept, executor, collect, control or JobControl(), family=FAMILY, source=emt_source(log))
    return outcome, [one for event in events if isinstance(event, FramesEvaluated) for one in event.evaluated], events


def test_the_band_and_both_parts_of_its_error(hop, executor, tmp_path):
    kept = InMemoryPredictions()
    outcome, images, events = run(hop, kept, executor, tmp_path / "log")
    assert (outcome.state, outcome.done, outcome.failures) == (JobState.DONE, 5, ())
    ends = [hop[0].to_atoms(), hop[-1].to_atoms()]
    for end in ends:
        end.calc = EMT()
        FIRE(end, logfile=None).run(fmax=0.05)
    atoms = [ends[0], *(image.to_atoms() for image in hop[1:-1]), ends[1]]
    for image in atoms:
        image.calc = EMT()
    FIRE(NEB(atoms, k=0.1, climb=True, method="improvedtangent"), logfile=None).run(fmax=0.05, steps=300)
    by_hand = np.array([image.get_potential_energy() for image in atoms])
    np.testing.assert_allclose([one.prediction.energy for one in images], by_hand, atol=2e-3)  # equal but for ase's step of the ends
    result = FAMILY.reduce(images, model="emt", mode="neb")
    rows = {row.quantity: row for row in result.rows}
    fixed = 0.8 * rows["KRA barrier"].reference
    assert rows["energy part"].predicted == pytest.approx(fixed - rows["KRA barrier"].reference)
    assert rows["path part"].predicted == pytest.approx(rows["KRA barrier"].predicted - fixed)
    assert rows["path part"].predicted < 0  # the band relaxes what the straight path does not
    assert f"given images make {rows['energy part'].predicted:+.3f} eV" in result.notes[0]
    trace = next(curve for curve in result.curves if curve.kind == "trace").series[0]
    assert trace.y[-1] < 0.05 < trace.y[0]
    assert any("step 3 of the band" in event.note for event in events if isinstance(event, Progress))
    profile = next(curve for curve in result.curves if curve.kind == "path")
    assert [series.label for series in profile.series] == ["DFT", "model", "model on the given images"]
    np.testing.assert_allclose(profile.series[2].y, 0.8 * profile.series[0].y, atol=1e-9)

    count = len(asked(tmp_path / "log"))
    again, replayed, _ = run(hop, kept, executor, tmp_path / "again")
    assert (again.kept, asked(tmp_path / "again")) == (5, [])
    assert count > 5
    np.testing.assert_array_equal([one.prediction.energy for one in replayed], [one.prediction.energy for one in images])
    job = BenchmarkJob("job", FAMILY.name, "emt", hop, mode="neb")
    assert kept_frames(job, kept, family=FAMILY, source=emt_source(tmp_path / "none")).reduce().rows == result.rows


def test_a_stopped_band_goes_on(hop, executor, tmp_path):
    kept, control = InMemoryPredictions(), JobControl()

    def stop(event):
        if isinstance(event, Progress) and "step 4 " in event.note:
            control.cancel()

    stopped, images, _ = run(hop, kept, executor, tmp_path / "log", control, stop)
    assert (stopped.state, images) == (JobState.CANCELLED, [])
    before = len(asked(tmp_path / "log"))
    resumed, images, _ = run(hop, kept, executor, tmp_path / "rest")
    assert resumed.state is JobState.DONE
    assert before > 10  # images as given, ends, and four steps of three images
    names = {one.frame.name for one in images}
    assert set(asked(tmp_path / "rest")) <= names - {hop[0].name, hop[-1].name}  # the ends were kept


def test_a_path_that_fails_leaves_the_others(hop, executor, tmp_path):
    broken = [image.with_changes(info={**image.info, "system": "broken"}) for image in hop[:3]]
    outcome, images, events = run([*broken, *hop], InMemoryPredictions(), executor, tmp_path / "log")
    assert (outcome.state, len(images), outcome.done) == (JobState.DONE, 5, 8)
    failures = [event for event in events if isinstance(event, FrameFailure)]
    assert len(failures) == 3
    assert "3 of 5 images" in failures[0].reason


class Watched(InThisProcess):
    """Runs batches here, as if on so many workers, and notes which paths share each of them."""

    def __init__(self, slots=1):
        super().__init__()
        self._number = slots
        self.batches = []

    @property
    def slots(self):
        return self._number

    def submit(self, task, note):
        self.batches.append(task.frames)
        return super().submit(task, note)


def hop_of(symbol, constant):
    cell = bulk(symbol, a=constant)
    return vacancy_hop(Frame(cell.numbers, cell.positions, cell.cell.array), symbol, repeats=(2, 2, 2))


def test_paths_step_together_and_each_ends_where_it_ends_alone(tmp_path):
    """Three metals that need different numbers of steps: same numbers to the last bit, their images in common batches."""
    paths = [hop_of("Cu", 3.6), hop_of("Ag", 4.1), hop_of("Ni", 3.55)]
    together = Watched()
    outcome, images, events = run([image for path in paths for image in path], InMemoryPredictions(), together, tmp_path / "log")
    together.close()
    assert (outcome.state, outcome.done, outcome.failures) == (JobState.DONE, 15, ())
    steps, batches = [], 0
    for path in paths:
        alone = Watched()
        _, expected, _ = run(path, InMemoryPredictions(), alone, tmp_path / "alone")
        alone.close()
        mine = [one for one in images if one.frame.compound == path[0].compound]
        np.testing.assert_array_equal([one.prediction.energy for one in mine], [one.prediction.energy for one in expected])
        np.testing.assert_array_equal([one.relaxed.positions for one in mine], [one.relaxed.positions for one in expected])
        assert mine[0].trace == expected[0].trace
        steps.append(mine[0].steps)
        batches += len(alone.batches)
    assert len(set(steps)) == 3  # each has its own convergence
    assert len(together.batches) < 0.6 * batches
    shared = [len({frame.compound for frame in batch}) for batch in together.batches]
    assert max(shared) == 3
    assert shared[-1] == 1  # those that have converged are asked no more
    assert len(asked(tmp_path / "log")) == len(asked(tmp_path / "alone"))
    assert any(event.note.startswith("3 paths; ") for event in events if isinstance(event, Progress))


def test_the_images_of_one_path_keep_all_workers_busy(hop, tmp_path):
    watched = Watched(slots=2)
    outcome, _, _ = run([image.with_changes(numbers=np.full(7, 47)) for image in hop], InMemoryPredictions(), watched, tmp_path / "log")
    watched.close()
    assert outcome.state is JobState.DONE
    sizes = [len(batch) for batch in watched.batches]
    # Seven atoms an image, and at least a quarter of a batch's 128 atoms in each: four of the five images go together, the fifth elsewhere.
    assert sizes[:2] == [4, 1]
