"""MACE with gradients of its weights, in the precision in which the potential predicts; every head of the file is kept."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from guiapp.frames.frame import Frame
from guiapp.potentials.mace_potential import MacePotential
from guiapp.potentials.trainable import Differentiable, copied_state, set_state, trained_hash

_READOUT = "readouts."


class TrainableMace:
    """A MACE whose weights can be trained on labels of one head.

    Energies of free atoms, scales and shifts are no parameters, so they stay. Weights that heads share change for all of them.
    """

    def __init__(self, base: MacePotential, *, readout_only: bool) -> None:
        """Copy the weights of a model.

        Args:
            base: Where the training starts; it stays as it is.
            readout_only: Train the readouts alone instead of everything.
        """
        self._base = base
        self._working = MacePotential(base.network, base.card, base.weights_hash, base.device, precision=base.precision, head=base.head)
        everything = dict(self._working.working_network.named_parameters())
        self._named = {name: tensor for name, tensor in everything.items() if not readout_only or name.startswith(_READOUT)}
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
        answer = self._working.answer(frames, training=keep_graph)
        energies = answer["energy"]
        volumes = torch.tensor([frame.volume for frame in frames], dtype=self.dtype, device=self.device)
        return Differentiable(energies, answer["forces"], -answer["virials"] / volumes[:, None, None])

    def state(self) -> dict[str, Tensor]:
        """Return copies of the trained tensors, on the CPU."""
        return copied_state(self._named)

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Set the trained tensors; see ``Trainable``."""
        set_state(self._named, state)

    def potential(self, state: Mapping[str, Tensor], name: str) -> MacePotential:
        """Return a potential with trained weights, its file in the precision of the base's file; see ``Trainable``."""
        network = copy.deepcopy(self._base.network)
        parameters = dict(network.named_parameters())
        set_state({key: parameters[key] for key in state}, state)
        card = replace(self._base.card, name=name, title=name, weights=None, state="ready")
        base = self._base
        return MacePotential(network, card, trained_hash(base.weights_hash, state), base.device, precision=base.precision, head=base.head)
