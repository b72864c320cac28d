"""CHGNet ready to predict: on the flat path by default, with the package's own path as referee and fallback."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from ase import units
from chgnet.graph import CrystalGraph
from chgnet.model import CHGNet
from pymatgen.core import Lattice, Structure

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.chgnet_bonds import isolated_atom
from guiapp.potentials.chgnet_file import read_chgnet, write_chgnet
from guiapp.potentials.chgnet_flat import FlatChgnet, can_be_flat
from guiapp.potentials.periodic_frame import check_periodic
from guiapp.potentials.potential import PotentialCard, Prediction
from guiapp.potentials.weights import scaled_hash

_LAST_ELEMENT = 94
_ATOMS_AT_ONCE = {"cpu": 256, "cuda": 8192}
"""In one pass of the flat path; beyond this a larger pass gains nothing and takes more memory."""
_GRAPHS_AT_ONCE = 8  # the package gets slower again beyond this: twice at 64 (measured on CPU)


class ChgnetPotential:
    """A CHGNet model as the program asks for it: total energies in eV, stresses in eV/Å^3 with ase's sign."""

    def __init__(self, model: CHGNet, card: PotentialCard, weights_hash: str, device: str) -> None:
        """Take over a model that is in evaluation mode.

        Args:
            model: As ``read_chgnet`` returns it.
            card: What is known of it.
            weights_hash: SHA-256 of its weights.
            device: ``cpu`` or ``cuda``.
        """
        self.card = card
        self.weights_hash = weights_hash
        self.device = device
        self.model = model.to(device)
        # The converter would raise for isolated atoms without naming what to do; _graph looks itself.
        self.model.graph_converter.set_isolated_atom_response("ignore")
        self._flat = FlatChgnet(self.model, card.title) if can_be_flat(self.model) else None

    @classmethod
    def load(cls, card: PotentialCard, weights_hash: str, device: str) -> ChgnetPotential:
        """Read a card's weights file.

        Raises:
            UserFacingError: Where the file is missing, damaged or not safe to open.
        """
        if card.weights is None:
            raise UserFacingError(f"{card.title} cannot be loaded: {card.state}.")
        return cls(read_chgnet(card.weights), card, weights_hash, device)

    def predict(self, frames: Sequence[Frame]) -> list[Prediction]:
        """Predict one batch.

        Args:
            frames: Any number of periodic frames, of mixed sizes.

        Returns:
            One prediction a frame, in the same order; values are NaN where atoms lie on top of each other.

        Raises:
            UserFacingError: Where a frame has no cell, an element beyond plutonium or an isolated atom.
        """
        if self._flat is None:
            return self.predict_with_package(frames)
        for frame in frames:
            check_periodic(frame, self.card.title, _LAST_ELEMENT)
        return [prediction for part in _parts(frames, _ATOMS_AT_ONCE[self.device]) for prediction in self._flat.predict(part)]

    def predict_with_package(self, frames: Sequence[Frame]) -> list[Prediction]:
        """Predict as ``predict`` does, on the chgnet package's own path: the referee, about four times slower.

        Args:
            frames: Any number of periodic frames, of mixed sizes.

        Raises:
            UserFacingError: Where a frame has no cell, an element beyond plutonium or an isolated atom.
        """
        graphs = [self._graph(frame) for frame in frames]
        predictions: dict[int, Prediction] = {}
        for members in self._forward_groups(graphs):
            predictions |= zip(members, self._forward([graphs[k] for k in members]), strict=True)
        return [predictions[index] for index in range(len(frames))]

    def interaction_scale(self, c: float) -> ChgnetPotential:
        """Return a copy with E = E_ref(composition) + c (E - E_ref), forces and stress times c.

        The last linear layer of the readout gives the interaction energy of each atom, so multiplying its weight and bias by c is exact;
        the composition model, which is E_ref, and the magnetic moments stay as they are.
        """
        model = copy.deepcopy(self.model)
        last = [layer for layer in model.mlp.modules() if isinstance(layer, torch.nn.Linear)][-1]
        with torch.no_grad():
            last.weight.mul_(c)
            last.bias.mul_(c)
        card = replace(self.card, name=f"{self.card.name} x {c:.4f}", title=f"{self.card.title} × {c:.4f}", weights=None, state="ready")
        return ChgnetPotential(model, card, scaled_hash(self.weights_hash, c), self.device)

    def save(self, path: Path) -> None:
        """Write a .pth.tar file that plain ``CHGNet.from_file`` opens.

        Raises:
            UserFacingError: Where the file cannot be written.
        """
        write_chgnet(self.model, path)

    def _graph(self, frame: Frame) -> CrystalGraph:
        check_periodic(frame, self.card.title, _LAST_ELEMENT)
        lattice = Lattice(frame.cell, pbc=frame.pbc)
        structure = Structure(lattice, frame.symbols, frame.positions, coords_are_cartesian=True)
        graph = self.model.graph_converter(structure)
        bonded = np.unique(graph.atom_graph.reshape(-1, 2)[:, 0].numpy())
        if len(bonded) < frame.n_atoms:
            alone = int(np.setdiff1d(np.arange(frame.n_atoms), bonded)[0])
            raise isolated_atom(frame, alone, graph.atom_graph_cutoff, self.card.title)
        return graph

    def _forward_groups(self, graphs: Sequence[CrystalGraph]) -> list[list[int]]:
        """Split into groups for one forward pass each.

        Frames without any bond angle go by themselves: where the output layers have a bias (version 0.2.0), the package skips the bond
        update only if no frame of the batch has an angle, so that a frame's energy would depend on its company.
        """
        groups: list[list[int]] = []
        for with_angles in (True, False):
            members = [k for k, graph in enumerate(graphs) if bool(len(graph.bond_graph)) is with_angles]
            groups += [members[k : k + _GRAPHS_AT_ONCE] for k in range(0, len(members), _GRAPHS_AT_ONCE)]
        return groups

    def _forward(self, graphs: list[CrystalGraph]) -> list[Prediction]:
        answer = self.model.predict_graph(graphs, task="efsm", batch_size=len(graphs))
        results = [answer] if isinstance(answer, dict) else answer
        return [self._prediction(result, len(graph.atomic_number)) for result, graph in zip(results, graphs, strict=True)]

    def _prediction(self, result: dict[str, np.ndarray], n_atoms: int) -> Prediction:
        return Prediction(
            energy=float(result["e"]) * (n_atoms if self.model.is_intensive else 1),
            forces=result["f"].astype(np.float64),
            stress=result["s"].astype(np.float64) * units.GPa,
            magmoms=result["m"].astype(np.float64),
        )


def _parts(frames: Sequence[Frame], most_atoms: int) -> Iterator[list[Frame]]:
    """Cut frames, in order, into parts of so many atoms at most; a larger frame stands alone."""
    part: list[Frame] = []
    for frame in frames:
        if part and sum(other.n_atoms for other in part) + frame.n_atoms > most_atoms:
            yield part
            part = []
        part.append(frame)
    if part:
        yield part
