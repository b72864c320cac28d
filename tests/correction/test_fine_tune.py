"""Training changes what it should, nothing else, and survives being killed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from chgnet_labels import cells, chgnet, label_set
from training_run import train

from guiapp.correction.fine_tune import Cancelled, Replay, composition_offsets, fine_tune, split_labels
from guiapp.correction.training_record import Recipe
from guiapp.errors import UserFacingError
from guiapp.potentials.chgnet_training import TrainableChgnet


def force_error(potential, frames):
    told = potential.predict(frames)
    return float(np.mean([np.abs(p.forces - f.forces).mean() for p, f in zip(told, frames, strict=True)]))


def test_differentiable_path_gives_the_numbers_of_the_potential():
    frames = cells(3)
    model = TrainableChgnet(chgnet(), readout_only=False)
    told = model(frames)
    expected = chgnet().predict(frames)
    np.testing.assert_allclose(told.energies.detach(), [p.energy for p in expected], atol=1e-4)
    np.testing.assert_allclose(told.forces.detach(), np.concatenate([p.forces for p in expected]), atol=2e-4)
    np.testing.assert_allclose(told.stresses.detach(), [p.stress for p in expected], atol=1e-5)


def test_gradient_of_a_force_loss_is_that_of_finite_differences():
    """The loss of forces needs a second derivative: compare it with steps of one weight along the gradient."""
    frames = cells(1)
    model = TrainableChgnet(chgnet(), readout_only=False)

    def loss():
        return (model(frames).forces ** 2).mean()

    loss().backward()
    norm = float(sum((p.grad**2).sum() for p in model.parameters if p.grad is not None) ** 0.5)
    directions = [p.grad / norm if p.grad is not None else torch.zeros_like(p) for p in model.parameters]
    step, values = 1e-3, []
    for sign in (1, -2):
        with torch.no_grad():
            for p, d in zip(model.parameters, directions, strict=True):
                p.add_(d, alpha=sign * step)
        values.append(loss().item())
    assert (values[0] - values[1]) / (2 * step) == pytest.approx(norm, rel=0.02)


def test_every_weight_but_references_and_moments_is_trained():
    everything = TrainableChgnet(chgnet(), readout_only=False).state()
    readout = TrainableChgnet(chgnet(), readout_only=True).state()
    rest = set(chgnet().weights.tensors) - set(everything)
    assert rest == {"composition_model.fc.weight", "site_wise.weight", "site_wise.bias"}
    assert readout
    assert all(name.startswith(("mlp.", "readout_norm.")) for name in readout)


@pytest.mark.parametrize("readout_only", [True, False])
def test_training_learns_a_soft_surface(readout_only):
    labels = label_set()
    trained, record = fine_tune(chgnet(), labels, readout_only=readout_only, recipe=Recipe(epochs=15))
    unseen = cells(1, seed=77)
    wanted = chgnet().interaction_scale(1.25).predict(unseen)[0].forces
    before, after = chgnet().predict(unseen)[0].forces, trained.predict(unseen)[0].forces
    assert np.abs(after - wanted).mean() < 0.6 * np.abs(before - wanted).mean()
    assert record.n_validation == 1
    assert record.kept_epoch == min(record.epochs, key=lambda e: e.validation_force_mae).epoch
    if readout_only:
        same = [n for n, t in trained.weights.tensors.items() if torch.equal(t, chgnet().weights.tensors[n])]
        assert {n for n in same if n.startswith(("atom_conv", "bond_conv", "angle"))} == {
            n for n in trained.weights.tensors if n.startswith(("atom_conv", "bond_conv", "angle"))
        }


def test_another_zero_of_energy_is_not_learnt():
    """Labels are 2 eV an atom off the model's zero; the offset is taken off, so the trained model keeps its own zero."""
    offsets = composition_offsets(label_set(), chgnet().predict(label_set()))
    assert len(offsets) == 1
    trained, _ = fine_tune(chgnet(), label_set(), readout_only=True, recipe=Recipe(epochs=3))
    frame = cells(1, seed=3)
    assert abs(trained.predict(frame)[0].energy - chgnet().predict(frame)[0].energy) / 2 < 0.5


def test_single_label_keeps_the_last_epoch():
    _, record = fine_tune(chgnet(), label_set()[:1], readout_only=True, recipe=Recipe(epochs=2))
    assert (record.kept_epoch, record.n_validation) == (2, 0)
    assert "one label" in record.reason


def test_labels_are_dealt_nine_to_one_whatever_their_order():
    labels = cells(10)
    train_frames, validation = split_labels(labels, Recipe())
    assert (len(train_frames), len(validation)) == (9, 1)
    assert split_labels(labels[::-1], Recipe())[1] == validation


def test_early_stop_ends_when_validation_no_longer_improves():
    _, record = fine_tune(chgnet(), label_set(), readout_only=True, recipe=Recipe(epochs=40, early_stop=1, learning_rate=0.5))
    assert record.stopped_early
    assert len(record.epochs) == record.kept_epoch + 1


def test_replay_holds_the_model_to_its_own_answers_elsewhere():
    general = cells(2, symbols="NaCl", a=5.7, seed=5)
    replay, epochs = Replay(general, chgnet().predict(general)), 15
    without, _ = fine_tune(chgnet(), label_set(), readout_only=True, recipe=Recipe(epochs=epochs))
    held, _ = fine_tune(chgnet(), label_set(), readout_only=True, recipe=Recipe(epochs=epochs, replay_share=1.0), replay=replay)

    def drift(potential):
        told = potential.predict(general)
        return sum(np.abs(p.forces - q.forces).mean() for p, q in zip(told, replay.predictions, strict=True))

    assert drift(held) < drift(without)


def test_cancel_and_resume_end_where_an_uninterrupted_training_does(tmp_path: Path):
    told = []
    with pytest.raises(Cancelled):
        train(tmp_path / "state.pt", 3, tell=told.append, cancelled=lambda: len(told) >= 1)
    resumed, record = train(tmp_path / "state.pt", 3, tell=told.append)
    straight, _ = train(None, 3)
    assert [p.record.epoch for p in told] == [1, 2, 3]
    assert len(record.epochs) == 3
    for name, tensor in straight.weights.tensors.items():
        assert torch.equal(resumed.weights.tensors[name], tensor), name


def test_checkpoint_of_other_labels_or_damaged_is_not_gone_on_from(tmp_path: Path):
    state = tmp_path / "state.pt"
    train(state, 1)
    told = []
    train(state, 1, tell=told.append, force_weight=50.0)
    assert [p.record.epoch for p in told] == [1], "another recipe starts anew"
    state.write_bytes(state.read_bytes()[:1000])
    train(state, 1, tell=told.append)
    assert [p.record.epoch for p in told] == [1, 1], "a damaged state starts anew"


def test_family_without_training_and_label_without_forces_are_refused():
    with pytest.raises(UserFacingError):
        fine_tune(chgnet(), cells(1), readout_only=True)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL; the same checkpoint is tested by cancelling")
def test_kill_9_in_training_loses_one_epoch_at_most(tmp_path: Path):
    state, script = tmp_path / "state.pt", Path(__file__).with_name("training_run.py")
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), str(script.parent)])}
    process = subprocess.Popen([sys.executable, str(script), str(state), "8"], stdout=subprocess.PIPE, text=True, env=environment)
    for line in process.stdout:
        if line.strip() == "3":
            process.kill()
            break
    process.wait()
    told = []
    resumed, _ = train(state, 8, tell=told.append)
    assert told[0].record.epoch in {4, 5}
    straight, _ = train(None, 8)
    for name, tensor in straight.weights.tensors.items():
        assert torch.allclose(resumed.weights.tensors[name], tensor, atol=1e-6), name
