"""CHGNet ready to predict: on the flat path or the compiled kernel of it, with the package's own path as referee and substitute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.chgnet_flat import FlatChgnet, can_be_flat
from guiapp.potentials.chgnet_native import NativeChoice, choose_native
from guiapp.potentials.chgnet_weights import ChgnetWeights, read_weights, write_weights
from guiapp.potentials.forward_parts import parts_by_atoms
from guiapp.potentials.optional_kernel import kernel_is_installed, kernel_is_turned_off
from guiapp.potentials.periodic_frame import check_periodic
from guiapp.potentials.potential import PotentialCard, Prediction
from guiapp.potentials.weights import scaled_hash

if TYPE_CHECKING:
    from guiapp.potentials.chgnet_package import PackageChgnet

_LAST_ELEMENT = 94
_ATOMS_AT_ONCE = {"cpu": 256, "cuda": 8192}
"""In one pass of the flat path; beyond this a larger pass gains nothing and takes more memory."""
_ATOMS_AT_ONCE_NATIVE = 32
"""In one pass of the compiled kernel, whose work then stays in the processor's cache."""


class ChgnetPotential:
    """A CHGNet model as the program asks for it: total energies in eV, stresses in eV/Å^3 with ase's sign."""

    def __init__(self, weights: ChgnetWeights, card: PotentialCard, weights_hash: str, device: str) -> None:
        """Make a model of its weights.

        Args:
            weights: What its file holds.
            card: What is known of it.
            weights_hash: SHA-256 of the weights.
            device: ``cpu`` or ``cuda``.

        Raises:
            UserFacingError: Where the weights do not fit together.
        """
        self.card, self.weights_hash, self.device, self.weights = card, weights_hash, device, weights
        try:
            self._flat = FlatChgnet(weights, card.title, device) if can_be_flat(weights) else None
            if self._flat is None:
                _ = self._package  # weights that do not fit shall be refused now and not at the first frame
        except (KeyError, RuntimeError, TypeError, ValueError, NotImplementedError) as error:
            raise UserFacingError(
                "The weights do not fit the architecture that the file tells.",
                advice="It was written by another version of chgnet, or by a model of another kind.",
                path=card.weights,
            ) from error
        may_use_kernel = self._flat is not None and device == "cpu" and kernel_is_installed()
        self._loaded_turned_off = kernel_is_turned_off() if may_use_kernel else None
        if self._flat is None:
            choice = NativeChoice(None, "chgnet's own path: the architecture is another than that of the published models")
        else:
            choice = choose_native(weights, card.title) if device == "cpu" else NativeChoice(None, "PyTorch")
        self._native = choice.native
        self.computed_by = choice.words
        """What computes the numbers, and why the compiled kernel does not where it is installed; in words for a log or a card."""

    @classmethod
    def load(cls, card: PotentialCard, weights_hash: str, device: str) -> ChgnetPotential:
        """Read a card's weights file.

        Raises:
            UserFacingError: Where the file is missing, damaged or not safe to open.
        """
        if card.weights is None:
            raise UserFacingError(f"{card.title} cannot be loaded: {card.state}.")
        return cls(read_weights(card.weights), card, weights_hash, device)

    @property
    def uses_kernel(self) -> bool:
        """Whether the compiled kernel predicts."""
        return self._native is not None

    @property
    def is_outdated(self) -> bool:
        """Whether the user turned the compiled kernel on or off since, so that the model would be loaded otherwise now."""
        return self._loaded_turned_off is not None and self._loaded_turned_off != kernel_is_turned_off()

    @property
    def n_parameters(self) -> int:
        """Number of weights."""
        return sum(tensor.numel() for tensor in self.weights.tensors.values() if tensor.is_floating_point())

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
        self._check(frames)
        if self._native is not None:
            return [prediction for part in parts_by_atoms(frames, _ATOMS_AT_ONCE_NATIVE) for prediction in self._native.predict(part)]
        return self.predict_with_pytorch(frames)

    def predict_with_pytorch(self, frames: Sequence[Frame]) -> list[Prediction]:
        """Predict as ``predict`` does, on the flat path even where the compiled kernel is in use.

        Args:
            frames: Any number of periodic frames, of mixed sizes.

        Raises:
            UserFacingError: As ``predict``.
        """
        if self._flat is None:
            return self.predict_with_package(frames)
        self._check(frames)
        return [prediction for part in parts_by_atoms(frames, _ATOMS_AT_ONCE[self.device]) for prediction in self._flat.predict(part)]

    def predict_with_package(self, frames: Sequence[Frame]) -> list[Prediction]:
        """Predict as ``predict`` does, on the chgnet package's own path: the referee, about four times slower.

        Args:
            frames: Any number of periodic frames, of mixed sizes.

        Raises:
            UserFacingError: Where a frame has no cell, an element beyond plutonium or an isolated atom.
        """
        self._check(frames)
        return self._package.predict(frames)

    def interaction_scale(self, c: float) -> ChgnetPotential:
        """Return a copy with E = E_ref(composition) + c (E - E_ref), forces and stress times c."""
        card = replace(self.card, name=f"{self.card.name} x {c:.4f}", title=f"{self.card.title} × {c:.4f}", weights=None, state="ready")
        return ChgnetPotential(self.weights.with_interaction_scale(c), card, scaled_hash(self.weights_hash, c), self.device)

    def save(self, path: Path) -> None:
        """Write a .pth.tar file that plain ``CHGNet.from_file`` opens.

        Raises:
            UserFacingError: Where the file cannot be written.
        """
        write_weights(self.weights, path)

    @cached_property
    def _package(self) -> PackageChgnet:
        # Importing chgnet takes as long again as everything else, and most sessions never need it.
        from guiapp.potentials.chgnet_package import PackageChgnet

        return PackageChgnet(self.weights, self.card.title, self.device)

    def _check(self, frames: Sequence[Frame]) -> None:
        for frame in frames:
            check_periodic(frame, self.card.title, _LAST_ELEMENT)
