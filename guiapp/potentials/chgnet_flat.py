"""CHGNet's forward pass on one flat batch: the same weights and numbers as the package, several times faster.

What makes it faster, each step exact:

- the first linear layer of each gated MLP acts on atoms and bonds before they are gathered to edges, not on the longer gathered rows;
- one backward pass, with respect to the bond vectors, gives forces and stress; the package makes two and keeps both differentiable;
- the last angle update, whose output nothing reads, is left out;
- bonds beyond the angle cut-off pass the bond updates unchanged;
- before their first update angles are the same from both of their bonds and linear in their basis, so that half the rows, half as long,
  do for them;
- the messages go through the processor's cache in blocks, with a way back that is written out (``chgnet_messages``).

Source: Deng et al., Nature Machine Intelligence 5, 1031 (2023), equations 1 to 9; the order of operations follows chgnet 0.4.2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from guiapp.frames.frame import Frame
from guiapp.potentials.chgnet_bonds import BondBatch, frame_bonds, join_bonds
from guiapp.potentials.chgnet_gate import Gate, Tensors, Update, count_layers, given, layer_norm, linear_layers
from guiapp.potentials.chgnet_messages import Inputs, Rows, blocked_messages
from guiapp.potentials.chgnet_weights import ChgnetWeights
from guiapp.potentials.potential import Prediction
from guiapp.potentials.tiny_numbers import tiny_as_zero

Messages = Callable[[Inputs, Gate, Rows], Tensor]
"""``blocked_messages``, or another way to the same numbers."""

_ANGLE = 2  # place of the angle among the inputs of a gated MLP: one bond, the other bond, the angle, the atom at its corner
_COSINE_LIMIT = 1 - 1e-6  # the package's: keeps the slope of arccos finite at 180 degrees
_REQUIRED = {
    "mlp_first": True,
    "update_bond": True,
    "update_angle": True,
    "non_linearity": "silu",
    "is_intensive": True,
    "conv_norm": None,
    "final_mlp": "MLP",
}
_MUST_BE_GIVEN = ("atom_graph_cutoff", "bond_graph_cutoff", "cutoff_coeff", "gMLP_norm", "readout_norm")
_NORMS = {None, "layer"}
_REFERENCES = "composition_model.fc.weight"


def can_be_flat(weights: ChgnetWeights) -> bool:
    """Say whether this module knows a model's architecture; every published CHGNet is known."""
    arguments = weights.arguments
    return (
        all(arguments.get(name, value) == value for name, value in _REQUIRED.items())
        and all(name in arguments for name in _MUST_BE_GIVEN)
        and {arguments["gMLP_norm"], arguments["readout_norm"]} <= _NORMS
        and isinstance(arguments["cutoff_coeff"], int)
        and arguments["cutoff_coeff"] > 0
        and arguments.get("num_angular", 1) > 1
        and _REFERENCES in weights.tensors
        and count_layers(weights.tensors, "bond_conv_layers") > 0
    )


@dataclass(frozen=True, eq=False)
class _Wiring:
    """Index tensors of a batch, and the way in which messages are computed."""

    messages: Messages
    n_short: int
    atoms: Tensor
    """(n_atoms,) row of each atom's element."""
    bonds: Rows
    """Atoms to atoms along all bonds; the second half of the rows are the bonds' other directions."""
    corners: Tensor
    """(2 n_short,) atom at which each directed short bond starts, all first ends before all second ends."""
    angles: Rows
    """Undirected to directed short bonds; the second half of the rows are the angles seen from their other bond."""
    bond_has_angles: Tensor | None
    """(n_bonds, 1) 1 where the bond's frame has angles at all; only needed where output layers have a bias."""


class FlatChgnet:
    """A CHGNet that predicts and cannot be trained."""

    def __init__(self, weights: ChgnetWeights, title: str, device: str, dtype: torch.dtype = torch.float32) -> None:
        """Arrange the weights of a model for which ``can_be_flat`` is true.

        Args:
            weights: What its file holds; copied.
            title: What messages call it.
            device: ``cpu`` or ``cuda``.
            dtype: float32 as the package, or float64 to see rounding errors.

        Raises:
            KeyError: Where a weight is missing.
            RuntimeError: Where the shapes of weights do not fit each other.
        """
        self._title, self._dtype, self._device = title, dtype, device
        self._bond_cutoff = float(weights.arguments["atom_graph_cutoff"])
        self._angle_cutoff = float(weights.arguments["bond_graph_cutoff"])
        self._smoothness = int(weights.arguments["cutoff_coeff"])
        self._arrange({name: self._own(tensor) for name, tensor in weights.tensors.items()})

    def _own(self, tensor: Tensor) -> Tensor:
        """Return a weight of this model's own, which no one else changes."""
        return tensor.to(self._device, self._dtype, copy=True)

    def _arrange(self, tensors: Tensors) -> None:
        self._elements = tensors["atom_embedding.embedding.weight"]
        self._references = tensors[_REFERENCES].view(-1)
        self._bond_frequencies = tensors["bond_basis_expansion.rbf_expansion_ag.frequencies"]
        self._short_frequencies = tensors["bond_basis_expansion.rbf_expansion_bg.frequencies"]
        self._angle_frequencies = tensors["angle_basis_expansion.fourier_expansion.frequencies"]
        # Features and message weights of a bond come from one basis, so one product gives both.
        self._bond_layers = torch.cat([tensors["bond_embedding.weight"], tensors["bond_weights_ag.weight"]]).T.contiguous()
        self._short_layer = tensors["bond_weights_bg.weight"].T.contiguous()
        self._angle_layer = tensors["angle_embedding.weight"].T.contiguous()
        levels = range(count_layers(tensors, "bond_conv_layers"))
        self._atom_updates = [Update.of(tensors, f"atom_conv_layers.{k}", "twoBody_atom", 3) for k in range(len(levels) + 1)]
        self._bond_updates = [Update.of(tensors, f"bond_conv_layers.{k}", "twoBody_bond", 4) for k in levels]
        # Nothing reads what the last angle update would return.
        self._angle_gates = [Gate.of(tensors, f"angle_layers.{k}.twoBody_bond", 4) for k in levels[:-1]]
        # Before their first update, angles are linear in their basis, which is half as long as their features and the same from both bonds.
        self._bond_updates[0] = replace(self._bond_updates[0], gate=self._of_basis(self._bond_updates[0].gate))
        self._angle_gates[:1] = [self._of_basis(gate) for gate in self._angle_gates[:1]]
        self._moment_layer = (tensors["site_wise.weight"].T.contiguous(), tensors["site_wise.bias"])
        self._readout_norm = layer_norm(tensors, "readout_norm")
        self._readout = [(weight, given(bias)) for weight, bias in linear_layers(tensors, "mlp")]

    def _of_basis(self, gate: Gate) -> Gate:
        return replace(gate, of_basis=self._angle_layer @ gate.parts[_ANGLE])

    def predict(self, frames: Sequence[Frame]) -> list[Prediction]:
        """Predict frames in one pass.

        Args:
            frames: Periodic frames of known elements.

        Returns:
            One prediction a frame.

        Raises:
            UserFacingError: Where a frame has an isolated atom.
        """
        bonds = [frame_bonds(frame, self._bond_cutoff, self._angle_cutoff, self._title) for frame in frames]
        batch = join_bonds(frames, bonds)
        wiring = self._wire(batch, blocked_messages)
        vectors = torch.tensor(batch.vectors, dtype=self._dtype, device=self._device, requires_grad=True)
        with tiny_as_zero():
            site_energies, moments = self._site_energies(vectors, wiring)
            (slopes,) = torch.autograd.grad(site_energies.sum(), vectors)
        references = self._references[wiring.atoms]
        return _split(batch, (site_energies + references).detach(), slopes, moments.detach())

    def _index(self, values: np.ndarray) -> Tensor:
        return torch.as_tensor(values, dtype=torch.long, device=self._device)

    def _wire(self, batch: BondBatch, messages: Messages) -> _Wiring:
        n_short = batch.n_short
        first, second = self._index(batch.first), self._index(batch.second)
        # Every angle is there twice, once from each of its bonds.
        once = batch.angle_from < batch.angle_to
        one, other = self._index(batch.angle_from[once]), self._index(batch.angle_to[once])
        directed, senders = torch.cat([one, other]), torch.cat([other, one])
        has_angles = None
        if self._bond_updates[0].out_bias is not None:
            has_angles = torch.as_tensor(batch.has_angles[batch.frame_of_bond], dtype=self._dtype, device=self._device)[:, None]
        return _Wiring(
            messages=messages,
            n_short=n_short,
            atoms=self._index(batch.numbers - 1),
            bonds=Rows(torch.cat([first, second]), torch.cat([second, first]), directions=2, weighted_by_sender=False),
            corners=torch.cat([first[:n_short], second[:n_short]]),
            angles=Rows(directed, torch.where(senders < n_short, senders, senders - n_short), directions=2, weighted_by_sender=True),
            bond_has_angles=has_angles,
        )

    def _site_energies(self, vectors: Tensor, wiring: _Wiring) -> tuple[Tensor, Tensor]:
        """Return each atom's interaction energy, (n_atoms,) eV, and magnetic moment, (n_atoms,) Bohr magnetons."""
        n_short = wiring.n_short
        lengths = vectors.norm(dim=1)
        bonds, weights = (self._radial_basis(lengths, self._bond_frequencies, self._bond_cutoff) @ self._bond_layers).chunk(2, dim=1)
        short_weights = self._radial_basis(lengths[:n_short], self._short_frequencies, self._angle_cutoff) @ self._short_layer
        basis = self._angle_basis(vectors[:n_short] / lengths[:n_short, None], wiring)
        angles = _Angles(basis, short_weights, wiring.angles)
        atoms = self._elements.index_select(0, wiring.atoms)
        for level, update in enumerate(self._bond_updates):
            atoms = _update_atoms(self._atom_updates[level], atoms, bonds, weights, wiring)
            bonds = _update_bonds(update, atoms, bonds, angles, wiring)
            if level < len(self._angle_gates):
                inputs = _at_angles(self._angle_gates[level], atoms, bonds[:n_short], angles, wiring)
                angles = angles.moved(wiring.messages(inputs, self._angle_gates[level], angles.rows), self._angle_layer)
        weight, bias = self._moment_layer
        moments = torch.addmm(bias, atoms, weight).abs().view(-1)
        atoms = _update_atoms(self._atom_updates[-1], atoms, bonds, weights, wiring)
        if self._readout_norm is not None:
            atoms = functional.layer_norm(atoms, atoms.shape[1:], *self._readout_norm)
        for weight, bias in self._readout[:-1]:
            atoms = functional.silu(torch.addmm(bias, atoms, weight))
        weight, bias = self._readout[-1]
        return torch.addmm(bias, atoms, weight).view(-1), moments

    def _radial_basis(self, lengths: Tensor, frequencies: Tensor, cutoff: float) -> Tensor:
        """Return sine functions of the length under a polynomial that falls smoothly to 0 at the cut-off, (n_bonds, n_radial)."""
        p = self._smoothness
        x = (lengths / cutoff)[:, None]
        power = x**p
        envelope = 1 - power * ((p + 1) * (p + 2) / 2 - p * (p + 2) * x + p * (p + 1) / 2 * x * x)
        envelope = torch.where(x < 1, envelope, torch.zeros_like(envelope))
        return envelope * math.sqrt(2 / cutoff) / lengths[:, None] * torch.sin(frequencies * x)

    def _angle_basis(self, directions: Tensor, wiring: _Wiring) -> Tensor:
        """Return the Fourier functions of each angle, seen from one of its bonds only, (n_angles / 2, n_angular)."""
        directed = torch.cat([directions, -directions])
        one, other = wiring.angles.receivers.chunk(2)
        cosine = (directed.index_select(0, one) * directed.index_select(0, other)).sum(dim=1)
        phases = torch.acos(cosine * _COSINE_LIMIT)[:, None] * self._angle_frequencies
        constant = torch.full_like(phases[:, :1], math.sqrt(0.5))
        return torch.cat([constant, torch.sin(phases), torch.cos(phases)], dim=1) / math.sqrt(math.pi)


@dataclass(frozen=True, eq=False)
class _Angles:
    """What the gated MLPs see of the angles."""

    features: Tensor
    """(n_angles, n_features), or before the first update the basis, (n_angles / 2, n_angular)."""
    weights: Tensor
    """(n_short, n_features) of each short bond in the messages."""
    rows: Rows

    def moved(self, messages: Tensor, angle_layer: Tensor) -> _Angles:
        """Return the angles after an update."""
        if self.rows.directions == 1:
            return replace(self, features=self.features + messages)
        features = (messages.view(2, len(self.features), messages.shape[1]) + self.features @ angle_layer).view(messages.shape)
        return replace(self, features=features, rows=replace(self.rows, directions=1))


def _update_atoms(update: Update, atoms: Tensor, bonds: Tensor, weights: Tensor, wiring: _Wiring) -> Tensor:
    centre, bond, neighbour = update.gate.parts
    inputs = Inputs(torch.addmm(update.gate.bias, atoms, centre), atoms @ neighbour, bonds, bond, weights)
    summed = wiring.messages(inputs, update.gate, wiring.bonds)
    return atoms + (summed @ update.out if update.out_bias is None else torch.addmm(update.out_bias, summed, update.out))


def _update_bonds(update: Update, atoms: Tensor, bonds: Tensor, angles: _Angles, wiring: _Wiring) -> Tensor:
    short = bonds[: wiring.n_short]
    inputs = replace(_at_angles(update.gate, atoms, short, angles, wiring), weights=angles.weights)
    one_direction, other_direction = wiring.messages(inputs, update.gate, angles.rows).chunk(2)
    # A message has the weights of both bonds; that of the bond which receives it can wait until the sum is taken.
    summed = (one_direction + other_direction) * angles.weights
    updated = torch.cat([short + summed @ update.out, bonds[wiring.n_short :]])
    if update.out_bias is None or wiring.bond_has_angles is None:
        return updated
    # The package adds the bias to every bond, but skips the whole update where a frame has no angle.
    return updated + update.out_bias * wiring.bond_has_angles


def _at_angles(gate: Gate, atoms: Tensor, short: Tensor, angles: _Angles, wiring: _Wiring) -> Inputs:
    """Return the first layer of a gated MLP over both bonds, the angle and the corner atom."""
    one, other, angle, corner = gate.parts
    receivers = torch.addmm(gate.bias, short, one).repeat(2, 1) + (atoms @ corner).index_select(0, wiring.corners)
    layer = angle if gate.of_basis is None else gate.of_basis
    return Inputs(receivers, short @ other, angles.features, layer)


def _split(batch: BondBatch, site_energies: Tensor, slopes: Tensor, moments: Tensor) -> list[Prediction]:
    """Sum sites to energies, and slopes along bonds to forces and stresses, in float64."""
    n_atoms, n_frames = len(batch.numbers), len(batch.atoms_per_frame)
    pull = slopes.cpu().numpy().astype(np.float64)
    energies = np.bincount(batch.frame_of_atom, site_energies.cpu().numpy().astype(np.float64), n_frames)
    forces = np.stack([np.bincount(batch.second, pull[:, k], n_atoms) - np.bincount(batch.first, pull[:, k], n_atoms) for k in range(3)], 1)
    virial = (batch.vectors[:, :, None] * pull[:, None, :]).reshape(-1, 9)
    stresses = np.stack([np.bincount(batch.frame_of_bond, virial[:, k], n_frames) for k in range(9)], 1) / batch.volumes[:, None]
    ends = np.cumsum(batch.atoms_per_frame)[:-1]
    by_frame = zip(energies, np.split(forces, ends), stresses, np.split(moments.cpu().numpy().astype(np.float64), ends), strict=True)
    return [Prediction(float(energy), force, stress.reshape(3, 3), moment) for energy, force, stress, moment in by_frame]
