"""Models of matgl with gradients of their weights, in either convention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from matgl.utils.constants import EV_PER_ANG3_TO_GPA
from torch import Tensor

from guiapp.frames.frame import Frame
from guiapp.potentials.matgl_potential import MatglPotential
from guiapp.potentials.matgl_weights import MatglWeights
from guiapp.potentials.trainable import Differentiable, copied_state, set_state, trained_hash

_READOUT = ("model.final_layer.", "model.readout.")
_MOMENTS = ("model.sitewise_readout.",)
"""Magnetic moments: no label of this program says anything about them."""


class TrainableMatgl:
    """A matgl potential whose weights can be trained; references of the elements, mean and deviation of its data stay."""

    def __init__(self, base: MatglPotential, *, readout_only: bool) -> None:
        """Copy the weights of a model.

        Args:
            base: Where the training starts; it stays as it is.
            readout_only: Train the last layers, which make energies of atoms, alone instead of everything.
        """
        self._base = base
        self._working = MatglPotential(base.weights, base.card, base.weights_hash, base.device, precision=base.precision)
        everything = dict(self._working.working_network.named_parameters())
        self._named = {
            name: tensor
            for name, tensor in everything.items()
            if not name.startswith(_MOMENTS) and (not readout_only or name.startswith(_READOUT))
        }
        for tensor in self._named.values():
            tensor.requires_grad_(requires_grad=True)

    @property
    def parameters(self) -> list[Tensor]:
        """The tensors that are trained, leaves of the graph."""
        return list(self._named.values())

    @property
    def device(self) -> str:
        """``cpu`` or ``cuda``."""
        return self._base.device

    @property
    def dtype(self) -> torch.dtype:
        """Precision of the weights and of what is predicted."""
        return next(iter(self._named.values())).dtype

    def __call__(self, frames: Sequence[Frame], *, keep_graph: bool = True) -> Differentiable:
        """Predict one batch; see ``Trainable``."""
        energies, forces, stresses = self._working.answer(frames, training=keep_graph)[:3]
        return Differentiable(energies.reshape(-1), forces, stresses.reshape(-1, 3, 3) / EV_PER_ANG3_TO_GPA)

    def state(self) -> dict[str, Tensor]:
        """Return copies of the trained tensors, on the CPU."""
        return copied_state(self._named)

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Set the trained tensors; see ``Trainable``."""
        set_state(self._named, state)

    def potential(self, state: Mapping[str, Tensor], name: str) -> MatglPotential:
        """Return a potential with trained weights, its folder in the convention and precision of the base's; see ``Trainable``."""
        weights = self._base.weights
        tensors = {**weights.tensors, **{key: tensor.to(weights.tensors[key].dtype) for key, tensor in state.items()}}
        trained = MatglWeights(weights.description, weights.content, weights.arguments, tensors)
        card = replace(self._base.card, name=name, title=name, weights=None, state="ready")
        return MatglPotential(
            trained, card, trained_hash(self._base.weights_hash, state), self._base.device, precision=self._base.precision
        )
