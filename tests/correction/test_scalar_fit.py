"""The scalar equals what training a scalar would find, and says honestly how sure it is."""

from __future__ import annotations

import numpy as np
import pytest
from invented_frames import distorted, soft_model

from guiapp.correction.scalar_fit import FitWeights, ScalarMethod, fit_scalar
from guiapp.errors import UserFacingError


@pytest.mark.parametrize("weights", [FitWeights(), FitWeights(forces=100.0, energies=0.1, stresses=0.1)])
def test_closed_form_is_what_gradient_training_of_a_scalar_layer_finds(weights):
    """Train a linear layer of one weight on the paper's loss and compare."""
    torch = pytest.importorskip("torch")
    labels = distorted(4)
    predictions = soft_model(labels, 0.7, noise=0.2)
    layer = torch.nn.Linear(1, 1, bias=False, dtype=torch.float64)
    torch.nn.init.ones_(layer.weight)

    def column(values):
        return torch.tensor(np.ravel(values), dtype=torch.float64)[:, None]

    def centred(values):
        return np.array(values) / labels[0].n_atoms - np.mean(values) / labels[0].n_atoms

    parts = [
        (weights.forces, column([f.forces for f in labels]), column([p.forces for p in predictions])),
        (weights.energies, column(centred([f.energy for f in labels])), column(centred([p.energy for p in predictions]))),
        (weights.stresses, column([f.stress for f in labels]), column([p.stress for p in predictions])),
    ]
    optimiser = torch.optim.LBFGS(layer.parameters(), max_iter=200, tolerance_grad=1e-12, tolerance_change=1e-15)

    def closure():
        optimiser.zero_grad()
        loss = sum(w * torch.nn.functional.mse_loss(layer(y), x) for w, x, y in parts)
        loss.backward()
        return loss

    optimiser.step(closure)
    fit = fit_scalar(labels, predictions, weights=weights)
    assert fit.c == pytest.approx(layer.weight.item(), abs=1e-7)


def test_uniformly_soft_model_gives_the_inverse_of_its_scale_by_every_way():
    labels = distorted(5)
    fit = fit_scalar(labels, soft_model(labels, 0.8))
    assert fit.c_least_squares == pytest.approx(1.25)
    assert fit.c_slope_matching == pytest.approx(1.25)
    assert fit.c_energies == pytest.approx(1.25)
    assert fit.energies_agree is True
    assert fit.interval.level == "frames"


def test_noise_pulls_least_squares_below_slope_matching():
    """c a = r^2: with random error least squares stays below 1/a, and matching brings the scale to 1."""
    labels = distorted(5)
    predictions = soft_model(labels, 0.8, noise=0.3)
    fit = fit_scalar(labels, predictions)
    matched = fit_scalar(labels, predictions, method=ScalarMethod.SLOPE_MATCHING)
    assert fit.c == fit.c_least_squares < fit.c_slope_matching == matched.c
    assert fit.c_least_squares / fit.c_slope_matching == pytest.approx(fit.statistics.r2)
    assert fit.interval.contains(fit.c)
    assert matched.interval.contains(matched.c)


def test_one_label_has_an_interval_of_its_atoms_and_says_what_that_leaves_out():
    labels = distorted(1)
    fit = fit_scalar(labels, soft_model(labels, 0.8, noise=0.1))
    assert fit.interval.level == "atoms"
    assert "one frame" in fit.caution
    assert fit.energies_agree is None, "one energy has no zero and says nothing"


def test_energies_of_other_zeros_do_not_disturb():
    """Each composition has its own zero; only differences within it count."""
    salt, other = distorted(4), distorted(4, compound="KCl", symbols="KCl", seed=20)
    labels = [*salt, *other]
    predictions = [*soft_model(salt, 0.8, zero=3.0), *soft_model(other, 0.8, zero=-40.0)]
    fit = fit_scalar(labels, predictions, weights=FitWeights(forces=1, energies=1))
    assert fit.c == pytest.approx(1.25)
    assert fit.used == ("forces", "energies")


def test_energies_that_disagree_are_told():
    labels = distorted(6)
    forces, energies = soft_model(labels, 0.5), soft_model(labels, 0.95)
    mixed = [type(f)(e.energy, f.forces, f.stress) for f, e in zip(forces, energies, strict=True)]
    assert fit_scalar(labels, mixed).energies_agree is False


@pytest.mark.parametrize("kind", ["no forces", "opposite", "zero"])
def test_labels_that_determine_nothing_are_refused(kind):
    label = distorted(1)[0]
    prediction = soft_model([label], -0.8 if kind == "opposite" else 0.0 if kind == "zero" else 0.8)[0]
    if kind == "no forces":
        label = label.with_changes(forces=None)
    with pytest.raises(UserFacingError):
        fit_scalar([label], [prediction])
