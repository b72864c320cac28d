"""What the training asks of a model of any family: numbers that are still attached to weights, and those weights."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Potential

if TYPE_CHECKING:
    import torch
    from torch import Tensor


FAMILIES = frozenset({"CHGNet", "MACE", "matgl"})
"""Families whose weights can be trained here."""


@dataclass(frozen=True, eq=False)
class Differentiable:
    """What the model says about one batch, still attached to its weights."""

    energies: Tensor
    """(n_frames,) eV, references included."""
    forces: Tensor
    """(n_atoms, 3) eV/Å, frame after frame."""
    stresses: Tensor
    """(n_frames, 3, 3) eV/Å^3, ase's sign."""


class Trainable(Protocol):
    """A copy of a model whose weights can be trained."""

    @property
    def parameters(self) -> list[Tensor]:
        """The tensors that are trained, leaves of the graph."""
        ...

    @property
    def device(self) -> str:
        """``cpu`` or ``cuda``."""
        ...

    @property
    def dtype(self) -> torch.dtype:
        """Precision of the weights and of what is predicted."""
        ...

    def __call__(self, frames: Sequence[Frame], *, keep_graph: bool = True) -> Differentiable:
        """Predict one batch.

        Args:
            frames: Frames that the model can take.
            keep_graph: Whether forces will be differentiated; without it, about twice as fast.
        """
        ...

    def state(self) -> dict[str, Tensor]:
        """Return copies of the trained tensors, on the CPU."""
        ...

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Set the trained tensors.

        Raises:
            ValueError: Where the state belongs to another model or another choice of weights.
        """
        ...

    def potential(self, state: Mapping[str, Tensor], name: str) -> Potential:
        """Return a potential with trained weights.

        Args:
            state: What ``state`` returned.
            name: What the new model is called.
        """
        ...


def trainable(base: Potential, *, readout_only: bool) -> Trainable:
    """Return a copy of a model that can be trained.

    Args:
        base: Where the training starts; it stays as it is.
        readout_only: Train the energy head alone instead of everything. Reference energies of the elements are never trained: the zero of
            energies is aligned instead.

    Raises:
        UserFacingError: Where the family or this model cannot be trained.
    """
    if base.card.family == "CHGNet":
        from guiapp.potentials.chgnet_potential import ChgnetPotential
        from guiapp.potentials.chgnet_training import TrainableChgnet

        assert isinstance(base, ChgnetPotential)
        return TrainableChgnet(base, readout_only=readout_only)
    if base.card.family == "MACE":
        from guiapp.potentials.mace_potential import MacePotential
        from guiapp.potentials.mace_training import TrainableMace

        assert isinstance(base, MacePotential)
        return TrainableMace(base, readout_only=readout_only)
    if base.card.family == "matgl":
        from guiapp.potentials.matgl_potential import MatglPotential
        from guiapp.potentials.matgl_training import TrainableMatgl

        assert isinstance(base, MatglPotential)
        return TrainableMatgl(base, readout_only=readout_only)
    raise UserFacingError(f"{base.card.family} models cannot be trained here.", advice="Fit one scalar; that works for every family.")


def trained_hash(base: str, state: Mapping[str, Tensor]) -> str:
    """Return the identity of a model made by training.

    Args:
        base: Identity of the model that it started from.
        state: The trained tensors by name.
    """
    digest = hashlib.sha256(f"{base} trained".encode())
    for name in sorted(state):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(state[name].detach().cpu().numpy()).tobytes())
    return digest.hexdigest()


def copied_state(named: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return copies of tensors, on the CPU and without their graph."""
    return {name: tensor.detach().cpu().clone() for name, tensor in named.items()}


def set_state(named: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> None:
    """Set tensors in place.

    Raises:
        ValueError: Where the state has other names.
    """
    import torch

    if set(state) != set(named):
        raise ValueError("the state holds other weights than this model trains")
    with torch.no_grad():
        for name, tensor in state.items():
            named[name].copy_(tensor)
