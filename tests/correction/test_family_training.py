"""MACE and matgl learn by the same recipe as CHGNet: right gradients, the right weights, their own files, and survive being killed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from family_training_run import BASES, force_error, labels_of, train
from tiny_models import matgl, mixed_frames

from guiapp.correction.corrected import Correction, Method
from guiapp.correction.fine_tune import can_be_trained
from guiapp.correction.reload_check import check_reload
from guiapp.correction.training_record import Recipe
from guiapp.errors import UserFacingError
from guiapp.frames.reference_set import Provenance
from guiapp.potentials.registry import find_card
from guiapp.potentials.trainable import trainable


@pytest.fixture(scope="module", autouse=True)
def own_settings(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEMPER_CONFIG_DIR", str(tmp_path_factory.mktemp("config")))
        patch.setenv("TEMPER_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="module")
def bases(tmp_path_factory):
    """One tiny model a family, loaded once and only where it is asked for."""
    made = {}

    class Bases:
        def __getitem__(self, name):
            return made[name] if name in made else made.setdefault(name, BASES[name](tmp_path_factory.mktemp(name)))

    return Bases()


FAMILIES = ["matgl", pytest.param("MACE", marks=pytest.mark.slow)]  # TorchScript compiles MACE for half a minute


@pytest.mark.parametrize("family", FAMILIES)
def test_differentiable_numbers_are_those_of_the_potential(bases, family):
    frames, base = [f for f in mixed_frames() if f.n_atoms > 1], bases[family]
    told, expected = trainable(base, readout_only=False)(frames), base.predict(frames)
    np.testing.assert_allclose(told.energies.detach(), [p.energy for p in expected], rtol=1e-9)
    np.testing.assert_allclose(told.forces.detach(), np.concatenate([p.forces for p in expected]), atol=1e-9)
    np.testing.assert_allclose(told.stresses.detach(), [p.stress for p in expected], atol=1e-9)


@pytest.mark.parametrize("family", FAMILIES)
def test_gradient_of_forces_and_stress_is_that_of_finite_differences(bases, family):
    frame, model = mixed_frames()[0], trainable(bases[family], readout_only=False)

    def loss():
        told = model([frame])
        return (told.forces**2).mean() + 1e3 * (told.stresses**2).mean() + told.energies.sum() / 100

    loss().backward()
    gradients = [p.grad if p.grad is not None else torch.zeros_like(p) for p in model.parameters]
    norm = float(sum((g**2).sum() for g in gradients) ** 0.5)
    directions, step, values = [g / norm for g in gradients], 1e-5, []
    for sign in (1, -2):
        with torch.no_grad():
            for p, d in zip(model.parameters, directions, strict=True):
                p.add_(d, alpha=sign * step)
        values.append(loss().item())
    assert (values[0] - values[1]) / (2 * step) == pytest.approx(norm, rel=1e-3)


@pytest.mark.parametrize("readout_only", [True, False])
@pytest.mark.parametrize("family", FAMILIES)
def test_training_changes_the_weights_it_should_and_no_others(bases, family, readout_only):
    base = bases[family]
    labels = labels_of(base)
    untouched = base.predict(labels)[0].forces
    trained, record = train(base, None, 2, readout_only=readout_only, validation_share=0.0)
    assert (record.kept_epoch, len(record.epochs)) == (2, 2)
    np.testing.assert_array_equal(base.predict(labels)[0].forces, untouched)
    assert trained.weights_hash != base.weights_hash
    everything = set(trainable(base, readout_only=False).state())
    readout = set(trainable(base, readout_only=True).state())
    assert readout < everything
    old, new = trainable(base, readout_only=False).state(), trainable(trained, readout_only=False).state()
    changed = {name for name in everything if not torch.equal(old[name], new[name])}
    assert changed <= readout if readout_only else len(changed) > len(readout)


@pytest.mark.parametrize(
    ("architecture", "rate"),
    [("TensorNet", 2e-4), ("CHGNet", 2e-4), ("M3GNet", 5e-5), pytest.param("MACE", 1e-3, marks=pytest.mark.slow)],
)
def test_forces_are_learnt(bases, tmp_path, architecture, rate):
    """Labels are 1.25 times what the model says; forces alone, since those of an untrained network are tiny beside its stresses."""
    base = bases["MACE"] if architecture == "MACE" else matgl(tmp_path, architecture, "float64", spread=1000.0)
    labels, chosen = labels_of(base), {"energy_weight": 0.0, "stress_weight": 0.0, "validation_share": 0.0, "averaging": None}
    trained, _ = train(base, None, 8, learning_rate=rate, **chosen)
    assert force_error(trained, labels) < 0.8 * force_error(base, labels)


@pytest.mark.slow
def test_other_head_is_not_taught_where_only_the_readout_is_trained(bases, tmp_path):
    base = bases["MACE"]
    trained, _ = train(base, None, 3, readout_only=True, validation_share=0.0)
    other = {"precision": "float64", "head": "mp_pbe"}
    before = type(base)(base.network, base.card, "", "cpu", **other).predict(mixed_frames())
    after = type(base)(trained.network, base.card, "", "cpu", **other).predict(mixed_frames())
    for old, new in zip(before, after, strict=True):
        np.testing.assert_allclose(new.forces, old.forces, atol=1e-12)


def test_families_that_can_be_trained_are_told(bases):
    assert can_be_trained(bases["matgl"].card)
    assert can_be_trained(find_card("chgnet-0.3.0"))

    class Foreign:
        card = find_card("ase:ase.calculators.emt:EMT")

    assert not can_be_trained(Foreign.card)
    with pytest.raises(UserFacingError, match="cannot be trained"):
        trainable(Foreign(), readout_only=True)


@pytest.mark.slow
def test_interrupted_training_ends_like_an_uninterrupted_one(bases, tmp_path):
    base = bases["matgl"]
    train(base, tmp_path / "state.pt", 4)  # a checkpoint of the same recipe must be gone on from, not repeated
    told = []
    again, _ = train(base, tmp_path / "state.pt", 4, tell=told.append)
    assert told == []
    straight, _ = train(base, None, 4)
    for name, tensor in trainable(straight, readout_only=False).state().items():
        assert torch.equal(trainable(again, readout_only=False).state()[name], tensor), name


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("family", BASES)
def test_kill_9_loses_one_epoch_at_most(bases, family, tmp_path):
    state, script = tmp_path / "state.pt", Path(__file__).with_name("family_training_run.py")
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), str(script.parent)])}
    command = [sys.executable, str(script), family, str(tmp_path), str(state), "12"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    for line in process.stdout:
        if line.strip() == "3":
            process.kill()
            break
    process.wait()
    base, told = BASES[family](tmp_path), []
    resumed, record = train(base, state, 12, tell=told.append)
    assert 4 <= told[0].record.epoch <= 10
    assert len(record.epochs) == 12
    straight, _ = train(base, None, 12)
    for name, tensor in trainable(straight, readout_only=False).state().items():
        assert torch.allclose(trainable(resumed, readout_only=False).state()[name], tensor, atol=1e-9), name


@pytest.mark.slow
@pytest.mark.parametrize("family", BASES)
def test_trained_weights_open_in_the_plain_library(bases, family, tmp_path):
    base = bases[family]
    trained, record = train(base, None, 3, validation_share=0.0)
    correction = Correction(Method.FULL, base, trained, tuple(labels_of(base)), Provenance(), training=record)
    path = tmp_path / ("trained.model" if family == "MACE" else "trained")
    trained.save(path)
    check = check_reload(path, correction, labels_of(base))
    assert check.passed is True, check.reason


def test_recipe_defaults_are_the_papers():
    recipe = Recipe()
    assert (recipe.energy_weight, recipe.force_weight, recipe.stress_weight) == (0.1, 100.0, 0.1)
    assert (recipe.learning_rate, recipe.last_learning_rate, recipe.epochs) == (1e-3, 1e-5, 100)
    assert (recipe.taylor_weight, recipe.consistency_weight, recipe.replay_share) == (0.0, 0.0, 0.0)
    assert (recipe.averaging, recipe.early_stop) == (None, None)
