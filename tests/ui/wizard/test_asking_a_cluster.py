"""A process of the wizard has its models asked on the window's cluster: the same numbers, kept in the project, over an encrypted link."""

from __future__ import annotations

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.emt import EMT as Calculator

from guiapp.cli.main import main
from guiapp.correction.corrected import Method
from guiapp.correction.sampling import SamplingPlan
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction
from guiapp.store.project import open_project
from guiapp.ui.wizard.asking import ClusterAccess, asking
from guiapp.ui.wizard.order import CorrectionOrder, Told, make_and_judge
from guiapp.ui.wizard.sampling_process import SamplingOrder, sample
from guiapp.ui.workers.process_thread import ProcessThread

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
EMT = "ase:ase.calculators.emt:EMT"


def silent(_words: object) -> None:
    return


def copper(seed: int) -> Frame:
    atoms = bulk("Cu", cubic=True)
    atoms.rattle(0.12, seed=seed)
    atoms.calc = Calculator()
    energy, forces = 1.25 * atoms.get_potential_energy(), 1.25 * atoms.get_forces()
    return Frame(atoms.numbers, atoms.positions, atoms.cell.array, compound="Cu", name=f"copper {seed}", energy=energy, forces=forces)


@pytest.fixture
def model(tmp_path, monkeypatch):
    for kind in ("CONFIG", "CACHE"):
        monkeypatch.setenv(f"TEMPER_{kind}_DIR", str(tmp_path / kind))
    main(["models", "add", EMT])
    return EMT


@pytest.fixture
def access(model, tmp_path):
    pytest.importorskip("distributed")
    from guiapp.engine.cluster.connection import connect_to_local_workers

    connection = connect_to_local_workers(2)
    yield ClusterAccess(connection.link, str(tmp_path / "project.temper"))
    connection.close()


def test_the_verdict_is_that_of_this_machine_and_what_was_asked_is_kept(model, access):
    frames = [copper(seed) for seed in range(6)]
    told = {frame.content_hash: Prediction(frame.energy / 1.25, frame.forces / 1.25, np.zeros((3, 3))) for frame in frames}
    parts = [Told(tuple(part), tuple(told[frame.content_hash] for frame in part)) for part in (frames[:1], frames[1:], [])]
    made = {}
    for name, cluster in (("here", None), ("there", access)):
        made[name] = make_and_judge(CorrectionOrder(model, Method.SCALE, *parts, device="cpu", cluster=cluster), silent)
    assert made["there"].correction.c == pytest.approx(1.25)
    assert made["there"].verdict.outcome is made["here"].verdict.outcome
    assert made["there"].verdict.reasons == made["here"].verdict.reasons
    for one, other in zip(made["here"].unseen.after, made["there"].unseen.after, strict=True):
        np.testing.assert_allclose(one.forces, other.forces, atol=1e-12)
    words = []
    for _ in range(2):
        words.clear()
        with asking(model, "cpu", access, words.append) as ask:
            answers = ask.uncorrected([*frames, Frame(np.array([3]), np.zeros((1, 3)), 5 * np.eye(3), name="lithium")])
        assert sum(answers.has(frame) for frame in frames) == 6
        assert [one.frame_name for one in answers.failures] == ["lithium"]  # EMT does not know it
    with open_project(access.project) as project:
        assert project.statistics().predictions == 6


def test_a_new_process_finds_its_way_to_the_cluster(qtbot, model, access):
    """The link with its certificates, made in memory by the window's process, is enough for another process."""
    starts = tuple(copper(seed) for seed in range(3))
    words = []
    thread = ProcessThread(sample, SamplingOrder(model, starts, SamplingPlan(), "cpu", access))
    thread.progressed.connect(words.append)
    with qtbot.waitSignal(thread.succeeded, timeout=90_000) as done:
        thread.start()
    thread.wait()
    found = done.args[0]
    assert found.frames[0].content_hash in {frame.content_hash for frame in starts}
    by_hash = {frame.content_hash: frame for frame in starts}
    for frame, prediction in zip(found.frames, found.predictions, strict=True):
        np.testing.assert_allclose(prediction.forces, by_hash[frame.content_hash].forces / 1.25, atol=1e-10)
    assert "connecting to workers on this machine" in words
    with open_project(access.project) as project:
        assert project.statistics().predictions == 3
