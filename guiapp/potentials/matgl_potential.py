"""M3GNet, TensorNet and CHGNet of matgl ready to predict, many frames in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from matgl.utils.constants import EV_PER_ANG3_TO_GPA
from pymatgen.optimization.neighbors import find_points_in_spheres
from torch_geometric.data import Batch, Data

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.forward_parts import parts_by_atoms
from guiapp.potentials.matgl_description import Convention
from guiapp.potentials.matgl_weights import MatglWeights, Network, build_network, read_weights, write_weights
from guiapp.potentials.periodic_frame import check_periodic
from guiapp.potentials.potential import PotentialCard, Prediction
from guiapp.potentials.weights import scaled_hash

_LAST_ELEMENT = 118
_SAME_PLACE = 1e-8  # Å; an atom is no neighbour of itself
_ATOMS_AT_ONCE = {"cpu": {"M3GNet": 128, "TensorNet": 128, "CHGNet": 32}, "cuda": {"M3GNet": 4096, "TensorNet": 4096, "CHGNet": 128}}
"""In one pass. matgl's CHGNet compares every short bond with every other one, so its work grows with the square of this."""
_PRECISIONS = {"float32": torch.float32, "float64": torch.float64}


class MatglPotential:
    """A matgl model as the program asks for it: total energies in eV, stresses in eV/Å^3 with ase's sign."""

    def __init__(self, weights: MatglWeights, card: PotentialCard, weights_hash: str, device: str, *, precision: str = "float32") -> None:
        """Make a model of its weights.

        Args:
            weights: What its folder holds.
            card: What is known of it.
            weights_hash: The hash of its folder.
            device: ``cpu`` or ``cuda``.
            precision: ``float32`` or ``float64``.

        Raises:
            UserFacingError: Where the weights do not fit together.
        """
        self.card, self.weights_hash, self.device = card, weights_hash, device
        self.precision, self.weights = precision, weights
        self._network = build_network(weights, card.weights).to(device=device, dtype=_PRECISIONS[precision])
        self._kinds = {symbol: kind for kind, symbol in enumerate(self._network.model.element_types)}
        self._cutoff = float(self._network.model.cutoff)
        self._atoms_at_once = _ATOMS_AT_ONCE[device][weights.description.architecture]

    @classmethod
    def load(cls, card: PotentialCard, weights_hash: str, device: str, *, precision: str) -> MatglPotential:
        """Read a card's folder.

        Raises:
            UserFacingError: Where it is missing, damaged or not safe to open.
        """
        if card.weights is None:
            raise UserFacingError(f"{card.title} cannot be loaded: {card.state}.")
        return cls(read_weights(card.weights), card, weights_hash, device, precision=precision)

    @property
    def convention(self) -> Convention:
        """Which matgl the weights were made for, and which opens what ``save`` writes."""
        return self.weights.description.convention

    @property
    def n_parameters(self) -> int:
        """Number of weights."""
        return sum(parameter.numel() for parameter in self._network.parameters())

    def predict(self, frames: Sequence[Frame]) -> list[Prediction]:
        """Predict one batch.

        Args:
            frames: Any number of periodic frames, of mixed sizes.

        Returns:
            One prediction a frame, in the same order.

        Raises:
            UserFacingError: Where a frame has no cell, an unknown element or not a single bond.
        """
        for frame in frames:
            self._check(frame)
        return [prediction for part in parts_by_atoms(frames, self._atoms_at_once) for prediction in self._forward(part)]

    def interaction_scale(self, c: float) -> MatglPotential:
        """Return a copy with E = E_ref(composition) + c (E - E_ref), forces and stress times c.

        Raises:
            UserFacingError: Where the model cannot be scaled exactly.
        """
        card = replace(self.card, name=f"{self.card.name} x {c:.4f}", title=f"{self.card.title} × {c:.4f}", weights=None, state="ready")
        scaled = self.weights.with_interaction_scale(c)
        return MatglPotential(scaled, card, scaled_hash(self.weights_hash, c), self.device, precision=self.precision)

    def save(self, path: Path) -> None:
        """Write a folder that plain ``matgl.load_model`` opens: of the installed matgl, or for weights of before version 3 of that one.

        Old weights cannot be rewritten for a new matgl, where a message from i to j and one from j to i have other weights.

        Raises:
            UserFacingError: Where it cannot be written.
        """
        write_weights(self.weights, path)

    def _check(self, frame: Frame) -> None:
        check_periodic(frame, self.card.title, _LAST_ELEMENT)
        unknown = frame.elements - self._kinds.keys()
        if unknown:
            raise UserFacingError(
                f"{self.card.title} does not know the element {min(unknown)}.", advice="Use a potential that was trained on it."
            )

    def _graph(self, frame: Frame) -> Data:
        """Return the directed graph of a frame, its bonds in the order of matgl's own converter, which the old convention depends on."""
        positions, cell = np.ascontiguousarray(frame.positions), np.ascontiguousarray(frame.cell)
        start, end, images, lengths = find_points_in_spheres(
            positions, positions, r=self._cutoff, pbc=np.array(frame.pbc, dtype=np.int64), lattice=cell, tol=_SAME_PLACE
        )
        bonded = (start != end) | (lengths > _SAME_PLACE)
        if not bonded.any():
            raise UserFacingError(
                f"No atom has a neighbour within {self._cutoff:g} Å, which {self.card.title} cannot describe.",
                advice="Leave the frame out.",
            )
        return Data(
            num_nodes=frame.n_atoms,
            node_type=torch.tensor([self._kinds[symbol] for symbol in frame.symbols]),
            edge_index=torch.from_numpy(np.stack([start[bonded], end[bonded]])),
            pbc_offset=torch.from_numpy(images[bonded].astype(np.float64)),
            frac_coords=torch.from_numpy(np.linalg.solve(cell.T, positions.T).T),
        )

    @property
    def working_network(self) -> Network:
        """The network that predicts, in the precision and on the device of the potential; its weights ask for no gradients."""
        return self._network

    def answer(self, frames: Sequence[Frame], *, training: bool = False) -> tuple[torch.Tensor, ...]:
        """Return what the network says about one batch, as matgl's ``Potential`` does, attached to weights that ask for gradients.

        Args:
            frames: Frames that the model can take.
            training: Whether forces will be differentiated once more.
        """
        # matgl keeps the graph of forces in training mode only; dropout, the other thing of this mode, stays off.
        self._network.train(training)
        for module in self._network.modules():
            if isinstance(module, torch.nn.Dropout):
                module.eval()
        batch = Batch.from_data_list([self._graph(frame) for frame in frames]).to(self.device)
        cells = torch.from_numpy(np.stack([frame.cell for frame in frames])).to(device=self.device, dtype=_PRECISIONS[self.precision])
        told: tuple[torch.Tensor, ...] = self._network(batch, cells)
        self._network.model.feature_dict = {}  # matgl keeps every layer's output until the next pass
        return told

    def _forward(self, frames: Sequence[Frame]) -> list[Prediction]:
        answer = self.answer(frames)
        energies, forces, stresses = (tensor.detach().cpu().double().numpy() for tensor in answer[:3])
        ends = np.cumsum([frame.n_atoms for frame in frames])[:-1]
        magmoms = np.split(answer[4].detach().cpu().double().numpy().reshape(-1), ends) if self._network.calc_magmom else None
        return [
            Prediction(float(energy), force, stress / EV_PER_ANG3_TO_GPA, None if magmoms is None else magmoms[k])
            for k, (energy, force, stress) in enumerate(
                zip(energies.reshape(-1), np.split(forces, ends), stresses.reshape(-1, 3, 3), strict=True)
            )
        ]
