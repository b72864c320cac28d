"""CHGNet on the flat path with gradients of its weights: energies, forces and stresses that a loss can be made of.

The flat path is written in differentiable operations throughout, so the same code serves inference and training; here the weights are
leaves of the graph and the forces keep theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.chgnet_bonds import frame_bonds, join_bonds
from guiapp.potentials.chgnet_flat import FlatChgnet, can_be_flat
from guiapp.potentials.chgnet_messages import plain_messages
from guiapp.potentials.chgnet_potential import ChgnetPotential
from guiapp.potentials.chgnet_weights import ChgnetWeights
from guiapp.potentials.trainable import Differentiable, copied_state, set_state, trained_hash

_REFERENCES = "composition_model."
_READOUT = ("mlp.", "readout_norm.")
_MOMENTS = "site_wise."


class _FlatWithGradients(FlatChgnet):
    """The flat path whose forces can be differentiated again, on the very weights that are trained."""

    def _own(self, tensor: Tensor) -> Tensor:
        """Return the weight itself: a copy of each would be one more operation to differentiate."""
        return tensor.to(self._device, self._dtype)

    def differentiable(self, frames: Sequence[Frame], *, keep_graph: bool) -> Differentiable:
        bonds = [frame_bonds(frame, self._bond_cutoff, self._angle_cutoff, self._title) for frame in frames]
        batch = join_bonds(frames, bonds)
        wiring = self._wire(batch, plain_messages)
        vectors = torch.tensor(batch.vectors, dtype=self._dtype, device=self._device, requires_grad=True)
        site_energies, _ = self._site_energies(vectors, wiring)
        (slopes,) = torch.autograd.grad(site_energies.sum(), vectors, create_graph=keep_graph)
        frame_of_atom, frame_of_bond = self._index(batch.frame_of_atom), self._index(batch.frame_of_bond)
        first, second = self._index(batch.first), self._index(batch.second)
        n_atoms, n_frames = len(batch.numbers), len(frames)
        energies = torch.zeros(n_frames, dtype=self._dtype, device=self._device)
        energies = energies.index_add(0, frame_of_atom, site_energies + self._references[wiring.atoms])
        zeros = torch.zeros(n_atoms, 3, dtype=self._dtype, device=self._device)
        forces = zeros.index_add(0, second, slopes) - zeros.index_add(0, first, slopes)
        virial = torch.zeros(n_frames, 3, 3, dtype=self._dtype, device=self._device)
        virial = virial.index_add(0, frame_of_bond, vectors[:, :, None] * slopes[:, None, :])
        volumes = torch.as_tensor(batch.volumes, dtype=self._dtype, device=self._device)
        return Differentiable(energies, forces, virial / volumes[:, None, None])


class TrainableChgnet:
    """A CHGNet whose weights can be trained."""

    def __init__(self, base: ChgnetPotential, *, readout_only: bool) -> None:
        """Copy the weights of a model.

        Args:
            base: Where the training starts; it stays as it is.
            readout_only: Train the energy head alone instead of everything. Composition references and the head of the magnetic
                moments are never trained: no label of this program says anything about them.

        Raises:
            UserFacingError: Where the architecture is unknown to the flat path.
        """
        if not can_be_flat(base.weights):
            raise UserFacingError(
                f"{base.card.title} cannot be trained here: its architecture is unknown.", advice="Fit one scalar instead."
            )
        self._base = base
        self._all = {name: tensor.detach().to(base.device, torch.float32, copy=True) for name, tensor in base.weights.tensors.items()}
        self._names = [
            name for name in self._all if not name.startswith((_REFERENCES, _MOMENTS)) and (not readout_only or name.startswith(_READOUT))
        ]
        for name in self._names:
            self._all[name].requires_grad_(requires_grad=True)

    @property
    def parameters(self) -> list[Tensor]:
        """The tensors that are trained, leaves of the graph."""
        return [self._all[name] for name in self._names]

    @property
    def named_parameters(self) -> dict[str, Tensor]:
        """The same tensors by their name in the package."""
        return {name: self._all[name] for name in self._names}

    @property
    def device(self) -> str:
        """``cpu`` or ``cuda``."""
        return self._base.device

    @property
    def dtype(self) -> torch.dtype:
        """Precision of the weights and of what is predicted."""
        return torch.float32

    def __call__(self, frames: Sequence[Frame], *, keep_graph: bool = True) -> Differentiable:
        """Predict one batch.

        Args:
            frames: Periodic frames of known elements.
            keep_graph: Whether forces will be differentiated; without it, about twice as fast.
        """
        flat = _FlatWithGradients(ChgnetWeights(self._base.weights.arguments, self._all), self._base.card.title, self._base.device)
        return flat.differentiable(frames, keep_graph=keep_graph)

    def state(self) -> dict[str, Tensor]:
        """Return copies of the trained tensors, on the CPU."""
        return copied_state({name: self._all[name] for name in self._names})

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Set the trained tensors.

        Raises:
            ValueError: Where the state belongs to another model or another choice of weights.
        """
        set_state({name: self._all[name] for name in self._names}, state)

    def potential(self, state: Mapping[str, Tensor], name: str) -> ChgnetPotential:
        """Return a potential with trained weights.

        Args:
            state: What ``state`` returned.
            name: What the new model is called.
        """
        tensors = {key: state[key] if key in state else tensor.detach().cpu() for key, tensor in self._all.items()}
        card = replace(self._base.card, name=name, title=name, weights=None, state="ready")
        weights = ChgnetWeights(self._base.weights.arguments, {key: tensor.detach().float().cpu() for key, tensor in tensors.items()})
        return ChgnetPotential(weights, card, trained_hash(self._base.weights_hash, state), self._base.device)
