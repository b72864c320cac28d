"""MACE ready to predict, many frames in one pass."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.forward_parts import parts_by_atoms
from guiapp.potentials.mace_file import (
    AtomicNumberTable,
    Network,
    data,
    read_network,
    scaled_network,
    torch_geometric,
    torch_tools,
    with_kernels,
    write_network,
)
from guiapp.potentials.periodic_frame import check_periodic
from guiapp.potentials.potential import PotentialCard, Prediction
from guiapp.potentials.weights import scaled_hash

_LAST_ELEMENT = 118
_ATOMS_AT_ONCE = {"cpu": 64, "cuda": 2048}
"""In one pass. On a CPU a larger pass gains nothing and takes more memory."""
_PRECISIONS = {"float32": torch.float32, "float64": torch.float64}


class MacePotential:
    """A MACE model as the program asks for it: total energies in eV, stresses in eV/Å^3 with ase's sign."""

    def __init__(
        self,
        network: Network,
        card: PotentialCard,
        weights_hash: str,
        device: str,
        *,
        precision: str = "float32",
        head: str | None = None,
        kernels: str = "e3nn",
    ) -> None:
        """Prepare a network.

        Args:
            network: As its file holds it; it is kept as it is for ``save``.
            card: What is known of it.
            weights_hash: SHA-256 of its file.
            device: ``cpu`` or ``cuda``.
            precision: ``float32`` or ``float64``.
            head: Which kind of training data to answer for, where the model has several.
            kernels: ``e3nn``, or ``cuequivariance`` for NVIDIA's on a GPU; without a GPU or the package e3nn computes all the same.

        Raises:
            UserFacingError: Where the model has no such head, or several and none is chosen.
        """
        self.card, self.weights_hash, self.device = card, weights_hash, device
        self.precision, self.network = precision, network
        self.heads = tuple(getattr(network, "heads", None) or ("Default",))
        self.head = _chosen_head(self.heads, head, card)
        self._dtype = _PRECISIONS[precision]
        working = with_kernels(copy.deepcopy(network).to(device=device, dtype=self._dtype), kernels, device, card.title)
        self._model = working.eval().requires_grad_(False)
        self.kernels = kernels
        self._elements = AtomicNumberTable([int(z) for z in network.atomic_numbers])
        self._cutoff = float(network.r_max)
        self._free_atoms = _free_atom_energies(network, self.heads.index(self.head))

    @classmethod
    def load(
        cls, card: PotentialCard, weights_hash: str, device: str, *, precision: str, head: str | None, kernels: str = "e3nn"
    ) -> MacePotential:
        """Read a card's file, which needs the user's consent.

        Raises:
            UserFacingError: Without consent, or where the file is missing or no MACE potential.
        """
        if card.weights is None:
            raise UserFacingError(f"{card.title} cannot be loaded: {card.state}.")
        network = read_network(card.weights, weights_hash)
        return cls(network, card, weights_hash, device, precision=precision, head=head, kernels=kernels)

    @property
    def n_parameters(self) -> int:
        """Number of weights."""
        return sum(parameter.numel() for parameter in self.network.parameters())

    def predict(self, frames: Sequence[Frame]) -> list[Prediction]:
        """Predict one batch.

        Args:
            frames: Any number of frames, of mixed sizes, periodic or not.

        Returns:
            One prediction a frame, in the same order; the stress of a frame without a cell is zero.

        Raises:
            UserFacingError: Where a frame has an element that the model does not know.
        """
        for frame in frames:
            self._check(frame)
        return [prediction for part in parts_by_atoms(frames, _ATOMS_AT_ONCE[self.device]) for prediction in self._forward(part)]

    def interaction_scale(self, c: float) -> MacePotential:
        """Return a copy with E = E_ref(composition) + c (E - E_ref), forces and stress times c, for every head.

        Raises:
            UserFacingError: Where the network cannot be scaled exactly.
        """
        card = replace(self.card, name=f"{self.card.name} x {c:.4f}", title=f"{self.card.title} × {c:.4f}", weights=None, state="ready")
        return MacePotential(
            scaled_network(self.network, c),
            card,
            scaled_hash(self.weights_hash, c),
            self.device,
            precision=self.precision,
            head=self.head,
            kernels=self.kernels,
        )

    def save(self, path: Path) -> None:
        """Write a ``.model`` file that plain ``MACECalculator`` opens, in the precision in which the model was published.

        Raises:
            UserFacingError: Where the file cannot be written.
        """
        write_network(self.network, path)

    def _check(self, frame: Frame) -> None:
        if any(frame.pbc):
            check_periodic(frame, self.card.title, _LAST_ELEMENT)
        elif not (frame.n_atoms and np.isfinite(frame.positions).all()):
            raise UserFacingError("The frame holds no atoms, or a position is not a number.", advice="Leave it out.")
        known = set(self._elements.zs)
        unknown = [symbol for symbol, z in zip(frame.symbols, frame.numbers.tolist(), strict=True) if z not in known]
        if unknown:
            raise UserFacingError(
                f"{self.card.title} does not know the element {unknown[0]}.", advice="Use a potential that was trained on it."
            )

    @property
    def working_network(self) -> Network:
        """The network that predicts, in the precision and on the device of the potential; its weights ask for no gradients."""
        return self._model

    def answer(self, frames: Sequence[Frame], *, training: bool = False) -> dict[str, torch.Tensor]:
        """Return what the network says about one batch, in mace's own names, attached to weights that ask for gradients.

        Args:
            frames: Frames that the model can take.
            training: Whether forces will be differentiated once more.
        """
        with torch_tools.default_dtype(self._dtype):
            graphs = [
                data.AtomicData.from_config(self._configuration(frame), z_table=self._elements, cutoff=self._cutoff, heads=list(self.heads))
                for frame in frames
            ]
        batch = torch_geometric.Batch.from_data_list(graphs).to(self.device)
        told: dict[str, torch.Tensor] = self._model(batch.to_dict(), training=training, compute_force=True, compute_stress=True)
        return told

    def _forward(self, frames: Sequence[Frame]) -> list[Prediction]:
        answer = self.answer(frames)
        energies = answer["energy"].detach().cpu().double().numpy()
        interaction = answer.get("interaction_energy") if self._free_atoms is not None else None
        if interaction is not None and self._free_atoms is not None:
            # Energies of free atoms are thousands of eV; added in single precision they would cost the digits that matter here.
            reference = [self._free_atoms[frame.numbers].sum() for frame in frames]
            energies = np.array(reference) + interaction.detach().cpu().double().numpy()
        ends = np.cumsum([frame.n_atoms for frame in frames])[:-1]
        forces = np.split(answer["forces"].detach().cpu().double().numpy(), ends)
        # mace divides by the volume of a cell that it stretches along directions without periodicity, so the virial is taken.
        virials = answer["virials"].detach().cpu().double().numpy()
        return [
            Prediction(float(energy), force, -virial / frame.volume if frame.volume and any(frame.pbc) else np.zeros((3, 3)))
            for frame, energy, force, virial in zip(frames, energies, forces, virials, strict=True)
        ]

    def _configuration(self, frame: Frame) -> data.Configuration:
        return data.Configuration(
            atomic_numbers=frame.numbers,
            positions=np.array(frame.positions),
            properties={},
            property_weights={},
            cell=np.array(frame.cell),
            pbc=frame.pbc,
            head=self.head,
        )


def _chosen_head(heads: Sequence[str], wanted: str | None, card: PotentialCard) -> str:
    if wanted in heads:
        return str(wanted)
    if wanted is None and len(heads) == 1:
        return heads[0]
    default = [head for head in heads if head.lower() == "default"]
    if wanted is None and default:
        return default[0]
    what = f"{card.title} answers for several kinds of data" if wanted is None else f"{card.title} has no head “{wanted}”"
    raise UserFacingError(f"{what}.", advice=f"Choose one behind the name, e.g. #head={heads[0]}; there are {', '.join(heads)}.")


def _free_atom_energies(network: Network, head: int) -> np.ndarray | None:
    """Return the energy of each free atom by atomic number, eV in double precision; None where the model adds a further reference."""
    if not hasattr(network, "scale_shift") or hasattr(network, "embedding_readout"):
        return None
    energies = torch.atleast_2d(network.atomic_energies_fn.atomic_energies.detach().double()).cpu().numpy()
    table = np.zeros(_LAST_ELEMENT + 1)
    table[network.atomic_numbers.cpu().numpy()] = energies[head if len(energies) > 1 else 0]
    return table
