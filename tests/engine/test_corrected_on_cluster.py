"""A corrected model on a cluster: its file reaches a worker on another machine by hash, and says there what it says here."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from dask_processes import wait_for_workers

from guiapp.correction.corrected import Correction, scale_correction
from guiapp.correction.scalar_fit import fit_scalar
from guiapp.engine.asked_model import Answers, ask_here, ask_model
from guiapp.engine.cluster import model_travel
from guiapp.engine.corrected_model import ask_corrected
from guiapp.engine.in_memory import InMemoryPredictions
from guiapp.engine.job import BenchmarkJob
from guiapp.frames.reference_set import Provenance
from guiapp.potentials.potential import Potential
from guiapp.potentials.registry import load_named
from guiapp.potentials.trust import file_sha256, trust, trusted

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]  # a worker imports torch and the model's package
C = 1.25

sys.path.insert(0, str(Path(__file__).parents[1] / "potentials"))


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setenv("TEMPER_CONFIG_DIR", str(tmp_path / "settings"))


def base_of(family: str, folder: Path) -> Potential:
    """CHGNet as it is shipped; a small MACE with random weights and two heads, of which the second is used."""
    if family == "CHGNet":
        return load_named("chgnet-0.3.0", "cpu")
    import torch

    path = folder / "small.model"
    torch.save(import_module("small_models").mace_network(repulsion=True, heads=("mp_pbe", "omat_pbe")), path)
    trust(file_sha256(path), path.name)
    return load_named(f"{path}#head=omat_pbe", "cpu")


def correction_of(base: Potential, frames) -> Correction:
    """Labels that are C times as strong as what the model says."""
    said = base.predict(frames[:1])[0]
    label = frames[0].with_changes(energy=said.energy, forces=C * said.forces)
    return scale_correction(base, fit_scalar([label], [said]), [label], Provenance(functional="PBE"), {})


@pytest.mark.parametrize("family", ["CHGNet", "MACE"])
def test_a_corrected_file_says_on_a_worker_what_it_says_here(family, cluster, connection, tmp_path, settings, monkeypatch):
    """Sent once, found by hash where its path does not exist, opened with the sender's consent only, and gone here afterwards."""
    frames = import_module("small_models").mixed_frames()
    base = base_of(family, tmp_path)
    consents = {one.sha256 for one in trusted()}
    correction = correction_of(base, frames)
    here = ask_here(correction.corrected, frames)
    assert correction.c == pytest.approx(C, abs=1e-3)
    cluster.start_worker("far", nanny=False)
    wait_for_workers(connection, 1)
    assert connection._client.run(_hide_corrected_files)
    written: list[str] = []
    files = model_travel.weights_files
    monkeypatch.setattr(model_travel, "weights_files", lambda place: [written.append(file_sha256(path)) or path for path in files(place)])

    def ask(model: str, asked) -> Answers:
        job = BenchmarkJob("job", "high-energy", model, tuple(asked), "cpu")
        return ask_model(job, InMemoryPredictions(), connection.executor)

    folder = tmp_path / "out"
    folder.mkdir()
    there = ask_corrected(correction, frames, ask_here(base, frames), ask, folder)
    assert there.failures == ()
    for ours, theirs in zip(here.of(frames), there.of(frames), strict=True):
        assert abs(ours.energy - theirs.energy) < 1e-5 * len(ours.forces)
        np.testing.assert_allclose(theirs.forces, ours.forces, atol=5e-4)
        np.testing.assert_allclose(theirs.stress, ours.stress, atol=2e-5)
    store = cluster.folder / "far" / "cache" / "cluster-models"
    assert [sha256 for sha256, _ in connection.executor.travel.sent] == written
    assert [file_sha256(path) for path in store.glob("*/*")] == written
    assert list(folder.iterdir()) == []
    assert {one.sha256 for one in trusted()} == consents
    assert not (cluster.folder / "far" / "config" / "trusted-files.json").exists()


def _hide_corrected_files():
    """Make a worker believe that it is on another machine, where no corrected model lies (runs on the worker)."""
    from guiapp.engine.cluster import worker_side
    from guiapp.errors import UserFacingError

    find = worker_side.find_card

    def find_elsewhere(name):
        if "corrected-" in str(name):
            raise UserFacingError("There is no such weights file.")
        return find(name)

    worker_side.find_card = find_elsewhere
    return True
