"""What a training makes small: errors against labels, and disagreement of a model with itself a little away from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from guiapp.correction.training_record import Recipe
from guiapp.frames.frame import Floats, Frame
from guiapp.potentials.trainable import Differentiable, Trainable

if TYPE_CHECKING:
    from torch import Tensor

_GPA = 160.21766208  # GPa in an eV/Å^3


@dataclass(frozen=True, eq=False)
class Target:
    """One frame and what the model shall say about it."""

    frame: Frame
    energy: float | None
    """eV, with the model's zero."""
    forces: Floats
    """(n_atoms, 3) eV/Å."""
    stress: Floats | None
    """(3, 3) eV/Å^3, ase's sign."""


def training_loss(model: Trainable, batch: Sequence[Target], recipe: Recipe, random: np.random.Generator) -> tuple[Tensor, float]:
    """Return the loss of a batch, still attached to the weights, and its mean absolute force error, eV/Å.

    Args:
        model: Being trained.
        batch: At least one frame.
        recipe: With the weights of the parts.
        random: Draws the displacements of the weakly supervised parts; not touched without them.
    """
    frames = [target.frame for target in batch]
    told = model(frames)
    loss, error = _label_loss(model, told, batch, recipe)
    if recipe.taylor_weight or recipe.consistency_weight:
        loss = loss + weak_loss(model, frames, told, recipe, random)
    return loss, error


def weak_loss(model: Trainable, frames: Sequence[Frame], told: Differentiable, recipe: Recipe, random: np.random.Generator) -> Tensor:
    """Return how much a model's energies a little away from frames contradict its own energies and forces; no label is needed.

    Every atom of frame S moves by d, in two steps d = d1 + d2. Taylor: E(S + d) against E(S) - F(S).d. Consistency: the energy at the
    end by two routes, E(S) - F(S).d against E(S + d1) - F(S + d1).d2. Both are squared errors an atom, (eV/atom)^2.

    The first-order expansion leaves out the curvature, so a large weight or displacement flattens the energy surface: this loss helps
    where there are few labels, not against softening as such.

    Args:
        model: Being trained.
        frames: The frames S.
        told: What the model says about them, still attached to its weights.
        recipe: With both weights and the displacement.
        random: Draws the displacements.

    Source:
        Takamoto, Zaverkin and Niepert, “Physics-informed weakly supervised learning for interatomic potentials”, Proc. Mach. Learn. Res.
        267, 58282 (2025), arXiv:2408.05215.
    """
    import torch

    def tensor(values: Floats) -> Tensor:
        return torch.as_tensor(np.asarray(values), dtype=model.dtype, device=model.device)

    first = [displacements(frame, recipe.displacement, random) for frame in frames]
    second = [displacements(frame, recipe.displacement, random) for frame in frames]
    whole = [a + b for a, b in zip(first, second, strict=True)]
    atoms = tensor(np.array([float(frame.n_atoms) for frame in frames]))
    owner = torch.as_tensor(np.repeat(np.arange(len(frames)), [frame.n_atoms for frame in frames]), device=model.device)

    def work(forces: Tensor, moves: Sequence[Floats]) -> Tensor:
        """Return F.d of each frame, eV."""
        return torch.zeros_like(atoms).index_add(0, owner, (forces * tensor(np.concatenate(moves))).sum(dim=1))

    straight = told.energies - work(told.forces, whole)
    loss = torch.zeros((), dtype=model.dtype, device=model.device)
    if recipe.taylor_weight:
        end = model([_moved(frame, move) for frame, move in zip(frames, whole, strict=True)]).energies
        loss = loss + recipe.taylor_weight * (((end - straight) / atoms) ** 2).mean()
    if recipe.consistency_weight:
        middle = model([_moved(frame, move) for frame, move in zip(frames, first, strict=True)])
        around = middle.energies - work(middle.forces, second)
        loss = loss + recipe.consistency_weight * (((around - straight) / atoms) ** 2).mean()
    return loss


def displacements(frame: Frame, length: float, random: np.random.Generator) -> Floats:
    """Return one displacement an atom, in any direction, up to a length.

    Args:
        frame: For the number of its atoms.
        length: Largest displacement, Å.
        random: Draws them.

    Returns:
        (n_atoms, 3) Å.
    """
    directions = random.normal(size=(frame.n_atoms, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    moves: Floats = directions * random.uniform(0, length, size=(frame.n_atoms, 1))
    return moves


def _moved(frame: Frame, move: Floats) -> Frame:
    return Frame(frame.numbers, frame.positions + move, frame.cell, frame.pbc)


def _label_loss(model: Trainable, told: Differentiable, batch: Sequence[Target], recipe: Recipe) -> tuple[Tensor, float]:
    """Return the paper's weighted mean squared errors, and the mean absolute force error, eV/Å."""
    import torch

    def tensor(values: Floats) -> Tensor:
        return torch.as_tensor(np.asarray(values), dtype=model.dtype, device=model.device)

    forces = tensor(np.concatenate([target.forces for target in batch]))
    loss = recipe.force_weight * torch.nn.functional.mse_loss(told.forces, forces)
    n_atoms = tensor(np.array([float(target.frame.n_atoms) for target in batch]))
    known = [k for k, target in enumerate(batch) if target.energy is not None]
    if known and recipe.energy_weight:
        wanted = tensor(np.array([float(batch[k].energy or 0.0) for k in known]))
        loss = loss + recipe.energy_weight * (((told.energies[known] - wanted) / n_atoms[known]) ** 2).mean()
    known = [k for k, target in enumerate(batch) if target.stress is not None]
    if known and recipe.stress_weight:
        wanted = tensor(np.array([batch[k].stress for k in known]))
        loss = loss + recipe.stress_weight * (((told.stresses[known] - wanted) * _GPA) ** 2).mean()
    return loss, float((told.forces.detach() - forces).abs().mean())
