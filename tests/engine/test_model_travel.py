"""Weights travel once to each store, by hash, checked on arrival; consents are the sender's and nobody else's."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
from cheap_potentials import copper
from dask_processes import wait_for_workers

from guiapp.engine.cluster import model_store
from guiapp.engine.cluster.connection import connect
from guiapp.engine.cluster.orders import consents_for
from guiapp.engine.executor import BatchTask, InThisProcess
from guiapp.engine.job import BenchmarkJob
from guiapp.engine.model_source import registry_source
from guiapp.errors import UserFacingError
from guiapp.potentials.ase_calculator import add_calculator, consent_key, remove_calculator
from guiapp.potentials.trust import consents_of_sender, is_trusted, require_trust, revoke, trust
from guiapp.potentials.weights import place_hash

EMT = "ase:ase.calculators.emt:EMT"


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("TEMPER_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "cluster-models"


def test_weights_are_kept_only_where_they_are_what_was_announced(store):
    content = b"weights of a model" * 1000
    sha256 = hashlib.sha256(content).hexdigest()
    for start in (0, 9_000):
        model_store.receive(sha256, "first", "mine.pth.tar", start, content[start : start + 9_000])
    assert model_store.place_of(sha256) is None  # not before it is checked
    model_store.finish(sha256, "first")
    place = model_store.place_of(sha256)
    assert (place.name, place.read_bytes()) == ("mine.pth.tar", content)
    assert model_store.look_for(sha256)[1]
    other = hashlib.sha256(b"other").hexdigest()
    model_store.receive(other, "second", "mine.pth.tar", 0, content)
    with pytest.raises(UserFacingError, match="damaged on their way"):
        model_store.finish(other, "second")
    assert model_store.place_of(other) is None
    assert [one.name for one in store.iterdir()] == [sha256]  # nothing half is left behind


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "a/b/c", "..", "a/../../b", "C:\\x", ""])
def test_a_name_cannot_leave_the_store(store, name):
    with pytest.raises(UserFacingError):
        model_store.receive("0" * 64, "t", name, 0, b"x")
    with pytest.raises(UserFacingError, match="SHA-256"):
        model_store.receive("../../x", "t", "fine", 0, b"x")
    assert not store.exists()


def test_only_the_senders_consents_count_while_its_order_is_worked_on(tmp_path):
    file = tmp_path / "mine.model"
    file.write_bytes(b"not opened here")
    sha256 = place_hash(file)
    trust(sha256, "mine.model")
    try:
        with consents_of_sender(()):
            assert not is_trusted(sha256)  # although this user consented
            with pytest.raises(UserFacingError, match="not opened"):
                require_trust(file, sha256)
        assert is_trusted(sha256)
    finally:
        revoke(sha256)
    with consents_of_sender((sha256,)):
        require_trust(file, sha256)
    assert not is_trusted(sha256)


def test_a_model_takes_along_the_consents_it_needs_and_no_others():
    trust("a" * 64, "something else")
    add_calculator(EMT)
    try:
        assert consents_for(EMT) == (consent_key(EMT),)
        assert consents_for("chgnet-0.3.0") == ()
    finally:
        remove_calculator(EMT)
        revoke("a" * 64)
    assert consents_for(EMT) == ()


@pytest.mark.slow
def test_a_file_of_weights_reaches_a_worker_once_and_gives_the_same_numbers(cluster, tmp_path, store):
    import chgnet

    shipped = next(Path(chgnet.__file__).parent.glob("pretrained/0.2.0/*.pth.tar"))
    mine = tmp_path / "my own.pth.tar"
    shutil.copy(shipped, mine)
    cluster.start_worker("first", nanny=False)
    cluster.start_worker("second", nanny=False)
    source = registry_source(BenchmarkJob("job", "high-energy", str(mine), (), "cpu"))
    frames = tuple(copper(k, atoms=2) for k in range(6))
    notes = []
    connection = connect(cluster.address())
    try:
        # A worker on this machine would find the very file: only another machine has to be sent it.
        wait_for_workers(connection, 2)
        assert len(connection._client.run(_hide_the_users_files, str(mine))) == 2
        futures = [connection.executor.submit(BatchTask("job", source, (frame,)), notes.append) for frame in frames]
        there = [future.result(timeout=120).results[0] for future in futures]
        assert sorted(connection.executor.travel.sent) == sorted(set(connection.executor.travel.sent))
        assert len(connection.executor.travel.sent) == 2  # each worker has a store of its own here
        for name in ("first", "second"):
            kept = list((cluster.folder / name / "cache" / "cluster-models" / source.weights_hash).iterdir())
            assert [(one.name, place_hash(one)) for one in kept] == [(mine.name, source.weights_hash)]
    finally:
        connection.close()
    again = connect(cluster.address())
    try:
        again.executor.submit(BatchTask("job", source, frames), notes.append).result(timeout=120)
        assert again.executor.travel.sent == []
    finally:
        again.close()
    here = InThisProcess()
    wanted = here.submit(BatchTask("job", source, frames), notes.append).result(timeout=120).results
    here.close()
    for got, expected in zip(there, wanted, strict=True):
        assert abs(got.energy - expected.energy) < 1e-4
        np.testing.assert_allclose(got.forces, expected.forces, atol=5e-4)


def _hide_the_users_files(path):
    """Make a worker believe that it is on another machine, where this path does not exist (runs on the worker)."""
    from guiapp.engine.cluster import worker_side
    from guiapp.errors import UserFacingError

    find = worker_side.find_card

    def find_elsewhere(name):
        if str(name) == path:
            raise UserFacingError("There is no such weights file.")
        return find(name)

    worker_side.find_card = find_elsewhere
    return True


@pytest.mark.slow
def test_a_calculator_runs_on_a_worker_only_with_the_senders_consent(cluster, connection):
    cluster.start_worker("first", nanny=False)
    add_calculator(EMT)
    source = registry_source(BenchmarkJob("job", "high-energy", EMT, (), "cpu"))
    try:
        frame = copper(3, atoms=2)
        outcome = connection.executor.submit(BatchTask("job", source, (frame,)), print).result(timeout=60)
        atoms = frame.to_atoms()
        from ase.calculators.emt import EMT as AseEmt

        atoms.calc = AseEmt()
        np.testing.assert_allclose(outcome.results[0].forces, atoms.get_forces(), atol=1e-10)
    finally:
        remove_calculator(EMT)
    connection._client.run(_forget_models)
    with pytest.raises(UserFacingError, match="not a file that could be sent"):
        connection.executor.submit(BatchTask("job", source, (frame,)), print).result(timeout=60)


def _forget_models():
    """Unload what a worker has loaded (runs on the worker)."""
    from guiapp.engine.cluster import worker_side
    from guiapp.engine.loaded_potentials import LoadedPotentials

    worker_side._sources.clear()
    worker_side._potentials = LoadedPotentials()
