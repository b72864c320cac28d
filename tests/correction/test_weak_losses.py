"""The losses without labels have the values that a spring and a straight slope give in closed form."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from chgnet_labels import cells, chgnet, label_set

from guiapp.correction.fine_tune import fine_tune
from guiapp.correction.training_loss import displacements, weak_loss
from guiapp.correction.training_record import Recipe
from guiapp.frames.frame import Frame
from guiapp.potentials.trainable import Differentiable, trainable


class Springs:
    """Every atom on a spring to the origin, in a constant field: E = k r^2 / 2 + g.r, summed."""

    device, dtype = "cpu", torch.float64

    def __init__(self, stiffness: float, field: float = 0.3) -> None:
        self.k = torch.tensor(stiffness, dtype=torch.float64, requires_grad=True)
        self.g = torch.tensor([field, -0.2, 0.1], dtype=torch.float64)

    def __call__(self, frames, *, keep_graph: bool = True) -> Differentiable:
        positions = [torch.tensor(f.positions) for f in frames]
        energies = torch.stack([self.k * (r**2).sum() / 2 + (r @ self.g).sum() for r in positions])
        return Differentiable(energies, torch.cat([-self.k * r - self.g for r in positions]), torch.zeros(len(frames), 3, 3))


def frames(*sizes: int) -> list[Frame]:
    random = np.random.default_rng(3)
    return [Frame(np.full(n, 14), random.normal(size=(n, 3)), 9 * np.eye(3)) for n in sizes]


def moves(given, length: float):
    """The displacements that a loss draws, in the same order."""
    random = np.random.default_rng(7)
    first = [displacements(f, length, random) for f in given]
    return first, [displacements(f, length, random) for f in given]


def loss_of(model, given, **weights) -> torch.Tensor:
    return weak_loss(model, given, model(given), Recipe(displacement=0.1, **weights), np.random.default_rng(7))


def test_taylor_loss_of_a_spring_is_its_curvature_term():
    """E(r + d) - E(r) + F.d = k d^2 / 2, an atom, squared."""
    given, model = frames(2, 5), Springs(4.0)
    first, second = moves(given, 0.1)
    expected = np.mean([(2.0 * ((a + b) ** 2).sum() / f.n_atoms) ** 2 for f, a, b in zip(given, first, second, strict=True)])
    assert loss_of(model, given, taylor_weight=3.0).item() == pytest.approx(3 * expected, rel=1e-9)


def test_consistency_loss_of_a_spring_is_the_work_between_the_routes():
    """E(r + d1) - F(r + d1).d2 against E(r) - F(r).(d1 + d2): they differ by k d1^2 / 2 + k d1.d2."""
    given, model = frames(3, 4), Springs(5.0)
    first, second = moves(given, 0.1)
    gaps = [5.0 * ((a**2).sum() / 2 + (a * b).sum()) / f.n_atoms for f, a, b in zip(given, first, second, strict=True)]
    assert loss_of(model, given, consistency_weight=2.0).item() == pytest.approx(2 * np.mean(np.square(gaps)), rel=1e-9)


def test_straight_slope_contradicts_nothing():
    assert loss_of(Springs(0.0), frames(4), taylor_weight=1.0, consistency_weight=1.0).item() == pytest.approx(0, abs=1e-25)


def test_gradient_reaches_the_weights_and_softens_a_spring():
    """First order leaves the curvature out, which is why this loss is no remedy against softening."""
    model = Springs(4.0)
    loss_of(model, frames(4), taylor_weight=1.0).backward()
    value = loss_of(model, frames(4), taylor_weight=1.0).item()
    assert model.k.grad.item() == pytest.approx(2 * value / 4.0, rel=1e-9)  # the loss goes with k^2


def test_displacements_are_no_longer_than_asked_and_in_every_direction():
    moved = displacements(frames(4000)[0], 0.05, np.random.default_rng(0))
    lengths = np.linalg.norm(moved, axis=1)
    assert lengths.max() <= 0.05
    assert lengths.mean() == pytest.approx(0.025, rel=0.05)
    assert np.abs((moved / lengths[:, None]).mean(axis=0)).max() < 0.05


def test_weak_losses_enter_a_training_and_make_the_model_agree_with_itself():
    """Against a training without them, the model contradicts itself less on unseen frames."""
    recipe = Recipe(epochs=3, validation_share=0.0)
    strong = replace(recipe, taylor_weight=1e7, consistency_weight=1e7, displacement=0.1)
    unseen = cells(2, seed=50)

    def contradiction(chosen: Recipe) -> float:
        potential, _ = fine_tune(chgnet(), label_set(), readout_only=True, recipe=chosen)
        model = trainable(potential, readout_only=True)
        return weak_loss(model, unseen, model(unseen), strong, np.random.default_rng(1)).item()

    assert contradiction(strong) < 0.95 * contradiction(recipe)
