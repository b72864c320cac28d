"""Predictions come back bit by bit, fast, and damaged ones not at all."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from guiapp.engine.job import KeptPredictions
from guiapp.potentials.potential import Prediction
from guiapp.store.project import Project, open_project

ANY_FLOAT = st.floats(allow_nan=True, allow_infinity=True, width=64)


@st.composite
def predictions(draw: st.DrawFn) -> Prediction:
    n_atoms = draw(st.integers(0, 6))
    array = lambda shape: draw(hnp.arrays(np.float64, shape, elements=ANY_FLOAT))
    return Prediction(draw(ANY_FLOAT), array((n_atoms, 3)), array((3, 3)), draw(st.one_of(st.none(), st.just(array((n_atoms,))))))


def bits(value: object) -> bytes | None:
    return None if value is None else np.asarray(value, dtype="<f8").tobytes()


def same(one: Prediction, other: Prediction) -> bool:
    names = ("energy", "forces", "stress", "magmoms")
    shapes = all(np.shape(getattr(one, name)) == np.shape(getattr(other, name)) for name in names)
    return shapes and all(bits(getattr(one, name)) == bits(getattr(other, name)) for name in names)


@given(batch=st.lists(predictions(), max_size=5))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_kept_comes_back_bit_by_bit(project, batch):
    """A kept run must reproduce the run: NaN, infinities, signed zeros and empty frames included."""
    store: KeptPredictions = project.predictions
    hashes = [f"{i:064x}" for i in range(len(batch))]
    store.keep("weights", "settings", hashes, batch)
    found = store.find("weights", "settings", hashes)
    assert list(found) == hashes or set(found) == set(hashes)
    assert all(same(found[key], prediction) for key, prediction in zip(hashes, batch, strict=True))


def test_weights_settings_and_frame_all_belong_to_the_key(project, make_prediction):
    """A result of another model, another setting or another frame must never be taken for this one."""
    project.predictions.keep("w1", "s1", ["f1"], [make_prediction(1)])
    assert set(project.predictions.find("w1", "s1", ["f1", "f2"])) == {"f1"}
    assert project.predictions.find("w2", "s1", ["f1"]) == {}
    assert project.predictions.find("w1", "s2", ["f1"]) == {}
    assert project.predictions.find("w1", "s1", []) == {}


def test_keeping_again_replaces(project, make_prediction):
    """The same key twice, in two batches or in one, is one row: the newest."""
    project.predictions.keep("w", "s", ["f", "g", "f"], [make_prediction(1), make_prediction(2), make_prediction(3, n_atoms=7)])
    assert project.predictions.count() == 2
    assert same(project.predictions.find("w", "s", ["f"])["f"], make_prediction(3, n_atoms=7))


def test_a_batch_is_kept_whole_or_not_at_all(project, make_prediction):
    """A wrong shape late in a batch must not leave the first half behind."""
    wrong = Prediction(0.0, np.zeros((4, 2)), np.zeros((3, 3)))
    with pytest.raises(ValueError, match="forces"):
        project.predictions.keep("w", "s", ["f", "g"], [make_prediction(1), wrong])
    with pytest.raises(ValueError):
        project.predictions.keep("w", "s", ["f", "g"], [make_prediction(1)])
    assert project.predictions.count() == 0


def test_a_thousand_results_are_found_in_an_instant(project, make_prediction):
    """The second run of the same thing takes under a second a 1,000 frames; finding may use a twentieth of that."""
    hashes = [f"{i:064x}" for i in range(5000)]
    project.predictions.keep("w", "s", hashes, [make_prediction(0, n_atoms=50)] * len(hashes))
    times = []
    for start in range(0, 5000, 1000):
        begin = time.process_time()  # the machine may be busy with others
        assert len(project.predictions.find("w", "s", hashes[start : start + 1000])) == 1000
        times.append(time.process_time() - begin)
    assert min(times) < 0.05


def change_row(project: Project, statement: str, *parameters: object) -> None:
    with closing(sqlite3.connect(project.path)) as connection, connection:
        assert connection.execute(statement, parameters).rowcount == 1


@pytest.mark.parametrize("damage", ["flip", "shorten", "swap", "kind", "atoms"])
def test_a_damaged_row_is_absent_and_told_and_mended(project, make_prediction, damage):
    """Flipped bits, a short blob, a blob of another frame: never handed out as forces, computed again instead."""
    hashes = ["f" * 64, "a" * 64]
    project.predictions.keep("w", "s", hashes, [make_prediction(1), make_prediction(2)])
    good = project.predictions.find("w", "s", hashes)["f" * 64]
    blob = bytearray(make_and_pack(good))
    if damage == "flip":
        blob[100] ^= 1
        change_row(project, "UPDATE predictions SET arrays = ? WHERE frame_hash = ?", bytes(blob), hashes[0])
    elif damage == "shorten":
        change_row(project, "UPDATE predictions SET arrays = ? WHERE frame_hash = ?", bytes(blob[:-8]), hashes[0])
    elif damage == "kind":
        change_row(project, "UPDATE predictions SET arrays = 'text' WHERE frame_hash = ?", hashes[0])
    elif damage == "atoms":
        change_row(project, "UPDATE predictions SET n_atoms = 5 WHERE frame_hash = ?", hashes[0])
    else:
        other = bytes(make_and_pack(make_prediction(2)))
        statement = (
            "UPDATE predictions SET arrays = ?, checksum = (SELECT checksum FROM predictions WHERE frame_hash = ?) WHERE frame_hash = ?"
        )
        change_row(project, statement, other, hashes[1], hashes[0])
    assert set(project.predictions.find("w", "s", hashes)) == {hashes[1]}
    assert len(project.damage) == 1
    assert project.statistics().damaged == 1
    project.predictions.keep("w", "s", hashes[:1], [good])
    assert same(project.predictions.find("w", "s", hashes)[hashes[0]], good)


def make_and_pack(prediction: Prediction) -> bytes:
    """Write a blob by the documented layout, independently of the store: energy, stress, forces, moments."""
    parts = [np.array([prediction.energy]), prediction.stress.ravel(), prediction.forces.ravel()]
    return np.concatenate(parts).astype("<f8").tobytes()


def test_the_layout_is_the_documented_one(project, make_prediction):
    """Other programs may read the file: little-endian float64 in the order that the documentation says."""
    prediction = make_prediction(5)
    project.predictions.keep("w", "s", ["f"], [prediction])
    with closing(sqlite3.connect(project.path)) as connection:
        (blob,) = connection.execute("SELECT arrays FROM predictions").fetchone()
    assert blob == make_and_pack(prediction)


def test_results_survive_closing(project_path, make_prediction):
    """What was kept is there when the project is opened again."""
    with open_project(project_path) as first:
        first.predictions.keep("w", "s", ["f"], [make_prediction(1, magmoms=True)])
    with open_project(project_path) as second:
        assert same(second.predictions.find("w", "s", ["f"])["f"], make_prediction(1, magmoms=True))
        assert second.statistics().predictions == 1


def test_found_arrays_cannot_be_changed_by_accident(project, make_prediction):
    """Predictions are shared between threads."""
    project.predictions.keep("w", "s", ["f"], [make_prediction(1)])
    with pytest.raises(ValueError):
        project.predictions.find("w", "s", ["f"])["f"].forces[0, 0] = 1.0


def test_results_of_a_model_can_be_forgotten(project, make_prediction):
    """Forgetting one setting leaves the others and other models alone."""
    for weights, options in (("w", "s1"), ("w", "s2"), ("v", "s1")):
        project.predictions.keep(weights, options, ["f", "g"], [make_prediction(1), make_prediction(2)])
    assert project.predictions.forget("w", "s1") == 2
    assert project.predictions.count() == 4
    assert project.predictions.forget("w") == 2
    assert set(project.predictions.find("v", "s1", ["f", "g"])) == {"f", "g"}
