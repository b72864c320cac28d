"""Models of matgl with gradients of their weights, in either convention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matgl.utils.constants import EV_PER_ANG3_TO_GPA
from torch import Tensor

from guiapp.frames.frame import Frame
from guiapp.potentials.matgl_potential import MatglPotential
from guiapp.potentials.matgl_weights import MatglWeights
from guiapp.potentials.trainable import Differentiable, trained_hash
from guiapp.potentials.trainable_network import TrainableNetwork, trained_card

_READOUT = ("model.final_layer.", "model.readout.")
_MOMENTS = ("model.sitewise_readout.",)
"""Magnetic moments: no label of this program says anything about them."""


class TrainableMatgl(TrainableNetwork):
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
        chosen = (
            (name, tensor)
            for name, tensor in everything.items()
            if not name.startswith(_MOMENTS) and (not readout_only or name.startswith(_READOUT))
        )
        super().__init__(chosen, base.device)

    def __call__(self, frames: Sequence[Frame], *, keep_graph: bool = True) -> Differentiable:
        """Predict one batch; see ``Trainable``."""
        energies, forces, stresses = self._working.answer(frames, training=keep_graph)[:3]
        return Differentiable(energies.reshape(-1), forces, stresses.reshape(-1, 3, 3) / EV_PER_ANG3_TO_GPA)

    def potential(self, state: Mapping[str, Tensor], name: str) -> MatglPotential:
        """Return a potential with trained weights, its folder in the convention and precision of the base's; see ``Trainable``."""
        weights = self._base.weights
        tensors = {**weights.tensors, **{key: tensor.to(weights.tensors[key].dtype) for key, tensor in state.items()}}
        trained = MatglWeights(weights.description, weights.content, weights.arguments, tensors)
        card = trained_card(self._base.card, name)
        return MatglPotential(
            trained, card, trained_hash(self._base.weights_hash, state), self._base.device, precision=self._base.precision
        )
