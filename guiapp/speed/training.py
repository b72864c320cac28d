"""One step of fine-tuning: forces, energies and stresses differentiated by the weights, beside chgnet's own path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from guiapp.frames.frame import Frame
from guiapp.potentials.chgnet_potential import ChgnetPotential
from guiapp.potentials.chgnet_training import TrainableChgnet
from guiapp.potentials.tiny_numbers import tiny_as_zero
from guiapp.speed.measurement import Extent, Measurement, comparison
from guiapp.speed.peers import our_chgnet, package_chgnet
from guiapp.speed.sample import small_cells, supercells
from guiapp.speed.timing import Case, interleave

_GPA = 160.21766208  # GPa in an eV/Å^3
_GRADIENT_LIMIT = 2e-4
"""Relative, of all weights together, in float32; in float64, where rounding hides nothing, the tests demand 1e-5."""


def measure(extent: Extent) -> list[Measurement]:
    """Compare a step on one small cell, on a batch of eight, and on one supercell."""
    steps = 3 if extent.quick else 10
    return [
        _step("Fine-tuning step on a small cell", small_cells(1), steps, extent),
        _step("Fine-tuning step on a batch of 8 small cells", small_cells(8), max(1, steps // 3), extent),
        _step("Fine-tuning step on a supercell", supercells(1), max(1, steps // 3), extent),
    ]


def our_step(model: TrainableChgnet, frames: Sequence[Frame]) -> Callable[[], Any]:
    """Return a step on our path that leaves gradients behind and returns the loss."""

    def run() -> Any:
        for parameter in model.parameters:
            parameter.grad = None
        with tiny_as_zero():  # as the program's own training does
            told = model(frames)
            sizes = told.energies.new_tensor([frame.n_atoms for frame in frames])
            loss = ((told.energies / sizes) ** 2).mean() + (told.forces**2).mean() + ((told.stresses * _GPA) ** 2).mean()
            loss.backward()
        return loss.detach()

    return run


def package_step(model: Any, frames: Sequence[Frame]) -> Callable[[], Any]:
    """Return the same step on the package's path; its graphs are made before, as its data sets do."""
    import torch  # noqa: PLC0415 - late
    from pymatgen.core import Lattice, Structure  # noqa: PLC0415 - late

    structures = [Structure(Lattice(frame.cell), frame.symbols, frame.positions, coords_are_cartesian=True) for frame in frames]
    graphs = [model.graph_converter(structure) for structure in structures]

    def run() -> Any:
        model.zero_grad(set_to_none=True)
        told = model(graphs, task="efs")
        forces, stresses = torch.cat(told["f"]), torch.stack(list(told["s"]))
        loss = (told["e"] ** 2).mean() + (forces**2).mean() + (stresses**2).mean()
        loss.backward()
        return loss.detach()

    return run


def gradient_difference(ours: TrainableChgnet, model: Any) -> float:
    """Return the difference of the two gradients over their length, all weights together."""
    theirs = dict(model.named_parameters())
    difference = length = 0.0
    for name, parameter in ours.named_parameters.items():
        other = theirs[name].grad if name in theirs else None
        if parameter.grad is not None and other is not None:
            difference += float(((parameter.grad - other) ** 2).sum())
            length += float((other**2).sum())
    return float(np.sqrt(difference / length)) if length else float("nan")


def _step(title: str, frames: Sequence[Frame], steps: int, extent: Extent) -> Measurement:
    base: ChgnetPotential = our_chgnet()
    ours, model = TrainableChgnet(base, readout_only=False), package_chgnet(base)
    mine, theirs = our_step(ours, frames), package_step(model, frames)
    mine()
    theirs()
    difference = gradient_difference(ours, model)
    equal = difference <= _GRADIENT_LIMIT
    note = f"gradients differ by {difference:.1e} of their length"
    cases = [
        Case("ours", lambda: [mine() for _ in range(steps)]),
        Case("chgnet's own path", lambda: [theirs() for _ in range(steps)]),
    ]
    timings = interleave(cases, extent.rounds) if equal else ()
    notes = [f"{note[0].upper()}{note[1:]}." if equal else f"NOT TIMED, {note} (allowed {_GRADIENT_LIMIT:g})."]
    atoms = sum(frame.n_atoms for frame in frames)
    return comparison(f"{title}, {atoms} atoms, all weights, CHGNet 0.3.0", timings, [], count=steps, unit="steps", notes=notes)
