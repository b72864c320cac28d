"""Gradients of a training loss by the weights: the flat path gives those of the package, second derivatives included."""

from __future__ import annotations

import pytest
import torch
from crystal_frames import loaded
from pymatgen.core import Lattice, Structure

from guiapp.potentials.chgnet_package import PackageChgnet
from guiapp.potentials.chgnet_training import TrainableChgnet, _FlatWithGradients
from guiapp.potentials.chgnet_weights import ChgnetWeights

_GPA = 160.21766208


@pytest.mark.parametrize("name", ["chgnet-0.3.0", "chgnet-0.2.0"])
def test_gradients_are_those_of_the_package(name, labelled_frames, double_precision):
    """A loss of energies, forces and stresses of two frames, in float64, each tensor of weights to 1e-5 of its gradient."""
    weights, frames = loaded(name).weights, labelled_frames[:2]
    trained = {key: tensor.double().requires_grad_() for key, tensor in weights.tensors.items()}
    told = _FlatWithGradients(ChgnetWeights(weights.arguments, trained), name, "cpu", torch.float64).differentiable(frames, keep_graph=True)
    sizes = torch.tensor([float(frame.n_atoms) for frame in frames], dtype=torch.float64)
    _loss(told.energies / sizes, told.forces, told.stresses * _GPA).backward()

    model = PackageChgnet(weights, name, "cpu", torch.float64).model.requires_grad_(True)
    structures = [Structure(Lattice(frame.cell), frame.symbols, frame.positions, coords_are_cartesian=True) for frame in frames]
    answer = model([model.graph_converter(structure) for structure in structures], task="efs")
    _loss(answer["e"], torch.cat(answer["f"]), torch.stack(list(answer["s"]))).backward()

    compared = 0
    for key, parameter in model.named_parameters():
        ours = trained[key].grad
        if parameter.grad is None or not parameter.grad.any() or key.startswith("composition_model"):
            continue
        assert float((ours - parameter.grad).norm() / parameter.grad.norm()) < 1e-5, key
        compared += 1
    assert compared > 80


def test_a_step_changes_what_the_next_prediction_says(rocksalt):
    """The model is trained on its very weights, not on a copy of them."""
    model = TrainableChgnet(loaded("chgnet-0.3.0"), readout_only=False)
    before = model([rocksalt], keep_graph=False).energies.item()
    with torch.no_grad():
        for parameter in model.parameters:
            parameter.mul_(1.01)
    assert abs(model([rocksalt], keep_graph=False).energies.item() - before) > 1e-3
    assert loaded("chgnet-0.3.0").predict([rocksalt])[0].energy == pytest.approx(before, abs=1e-3)


def test_the_loss_falls_along_the_curve_of_the_package(labelled_frames, double_precision):
    """Four steps of Adam from the same start, all weights, in float64: the same losses."""
    weights, frame = loaded("chgnet-0.3.0").weights, labelled_frames[0]
    arguments = weights.arguments
    trained = {key: tensor.double().requires_grad_() for key, tensor in weights.tensors.items()}
    fixed = ("composition_model.", "site_wise.")
    model = PackageChgnet(weights, "x", "cpu", torch.float64).model.requires_grad_(True)
    graph = model.graph_converter(Structure(Lattice(frame.cell), frame.symbols, frame.positions, coords_are_cartesian=True))

    def our_loss():
        flat = _FlatWithGradients(ChgnetWeights(arguments, trained), "x", "cpu", torch.float64)
        told = flat.differentiable([frame], keep_graph=True)
        return _loss(told.energies / frame.n_atoms, told.forces, told.stresses * _GPA)

    def package_loss():
        answer = model([graph], task="efs")
        return _loss(answer["e"], torch.cat(answer["f"]), torch.stack(list(answer["s"])))

    def curve(loss_of, parameters):
        optimiser, losses = torch.optim.Adam(parameters, lr=1e-3), []
        for _ in range(4):
            optimiser.zero_grad()
            loss = loss_of()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
        return losses

    ours = curve(our_loss, [tensor for key, tensor in trained.items() if not key.startswith(fixed)])
    package = curve(package_loss, [tensor for key, tensor in model.named_parameters() if not key.startswith(fixed)])
    assert ours[-1] < ours[0]
    assert ours == pytest.approx(package, rel=1e-5)


def _loss(energies, forces, stresses):
    return (energies**2).mean() + (forces**2).mean() + (stresses**2).mean()
