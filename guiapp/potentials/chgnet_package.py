"""CHGNet on the package's own path: the referee of the flat path, and its substitute for architectures that are unknown to it."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence

import numpy as np
import torch
from ase import units
from chgnet.graph import CrystalGraph
from chgnet.model import CHGNet
from pymatgen.core import Lattice, Structure

from guiapp.frames.frame import Frame
from guiapp.potentials.chgnet_bonds import isolated_atom
from guiapp.potentials.chgnet_weights import ChgnetWeights
from guiapp.potentials.potential import Prediction

_GRAPHS_AT_ONCE = 8  # the package gets slower again beyond this: twice at 64 (measured on CPU)


class PackageChgnet:
    """The package's model, asked for total energies in eV and stresses in eV/Å^3."""

    def __init__(self, weights: ChgnetWeights, title: str, device: str, dtype: torch.dtype = torch.float32) -> None:
        """Build the model.

        Args:
            weights: What its file holds.
            title: What messages call it.
            device: ``cpu`` or ``cuda``.
            dtype: Of the weights.

        Raises:
            Exception: Whatever the package raises where weights and arguments do not fit each other.
        """
        self._title, self._device = title, device
        with contextlib.redirect_stdout(io.StringIO()):  # the constructor prints the number of parameters
            model = CHGNet(**weights.arguments)
        model.load_state_dict(weights.tensors)
        self.model: CHGNet = model.to(device, dtype).eval().requires_grad_(False)
        # The converter would raise for isolated atoms without naming what to do; _graph looks itself.
        self.model.graph_converter.set_isolated_atom_response("ignore")

    def predict(self, frames: Sequence[Frame]) -> list[Prediction]:
        """Predict frames of mixed sizes.

        Raises:
            UserFacingError: Where a frame has an isolated atom.
        """
        graphs = [self._graph(frame) for frame in frames]
        predictions: dict[int, Prediction] = {}
        for members in _forward_groups(graphs):
            predictions |= zip(members, self._forward([graphs[k] for k in members]), strict=True)
        return [predictions[index] for index in range(len(frames))]

    def _graph(self, frame: Frame) -> CrystalGraph:
        structure = Structure(Lattice(frame.cell, pbc=frame.pbc), frame.symbols, frame.positions, coords_are_cartesian=True)
        graph = self.model.graph_converter(structure)
        bonded = np.unique(graph.atom_graph.reshape(-1, 2)[:, 0].numpy())
        if len(bonded) < frame.n_atoms:
            alone = int(np.setdiff1d(np.arange(frame.n_atoms), bonded)[0])
            raise isolated_atom(frame, alone, graph.atom_graph_cutoff, self._title)
        return graph.to(self._device)

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


def _forward_groups(graphs: Sequence[CrystalGraph]) -> list[list[int]]:
    """Split into groups for one forward pass each.

    Frames without any bond angle go by themselves: where the output layers have a bias (version 0.2.0), the package skips the bond
    update only if no frame of the batch has an angle, so that a frame's energy would depend on its company.
    """
    groups: list[list[int]] = []
    for with_angles in (True, False):
        members = [k for k, graph in enumerate(graphs) if bool(len(graph.bond_graph)) is with_angles]
        groups += [members[k : k + _GRAPHS_AT_ONCE] for k in range(0, len(members), _GRAPHS_AT_ONCE)]
    return groups
