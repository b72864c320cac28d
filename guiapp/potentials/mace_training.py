"""MACE with gradients of its weights, in the precision in which the potential predicts; every head of the file is kept."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from guiapp.frames.frame import Frame
from guiapp.potentials.mace_potential import MacePotential
from guiapp.potentials.trainable import Differentiable, set_state, trained_hash
from guiapp.potentials.trainable_network import TrainableNetwork, trained_card

_READOUT = "readouts."


class TrainableMace(TrainableNetwork):
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
        chosen = ((name, tensor) for name, tensor in everything.items() if not readout_only or name.startswith(_READOUT))
        super().__init__(chosen, base.device)

    def __call__(self, frames: Sequence[Frame], *, keep_graph: bool = True) -> Differentiable:
        """Predict one batch; see ``Trainable``."""
        answer = self._working.answer(frames, training=keep_graph)
        energies = answer["energy"]
        volumes = torch.tensor([frame.volume for frame in frames], dtype=self.dtype, device=self.device)
        return Differentiable(energies, answer["forces"], -answer["virials"] / volumes[:, None, None])

    def potential(self, state: Mapping[str, Tensor], name: str) -> MacePotential:
        """Return a potential with trained weights, its file in the precision of the base's file; see ``Trainable``."""
        network = copy.deepcopy(self._base.network)
        parameters = dict(network.named_parameters())
        set_state({key: parameters[key] for key in state}, state)
        card = trained_card(self._base.card, name)
        base = self._base
        return MacePotential(network, card, trained_hash(base.weights_hash, state), base.device, precision=base.precision, head=base.head)
