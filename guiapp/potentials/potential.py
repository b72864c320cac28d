"""What the program asks of a model: predictions in batches, an identity, a corrected copy, a native file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from guiapp.frames.frame import Floats, Frame


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a potential says about one frame."""

    energy: float
    """Total energy, eV."""
    forces: Floats
    """(n_atoms, 3) eV/Å."""
    stress: Floats
    """(3, 3) eV/Å^3, ase's sign."""
    magmoms: Floats | None = None
    """(n_atoms,) Bohr magnetons, where the model predicts them."""


@dataclass(frozen=True)
class PotentialCard:
    """What is known of a potential without loading it."""

    name: str
    """What the command line calls it, e.g. ``chgnet-0.3.0``."""
    title: str
    """What the window calls it, e.g. ``CHGNet 0.3.0``."""
    family: str
    functional: str
    training_data: str
    licence: str
    citation: str
    weights: Path | None
    """The weights file, None where it is not on this machine."""
    state: str
    """``ready``, or in plain words what is missing."""
    can_be_fine_tuned: bool = True
    identity: str = ""
    """SHA-256 of what determines the model's numbers, where that is no weights file; of a model that is not on this machine, the one
    under which predictions of it are shipped."""

    @property
    def is_here(self) -> bool:
        """Whether what determines its numbers is on this machine."""
        return self.weights is not None or (bool(self.identity) and self.state == "ready")


class Potential(Protocol):
    """A model ready to predict."""

    card: PotentialCard
    weights_hash: str
    """SHA-256 of the weights: the identity under which results are kept."""
    device: str
    """``cpu`` or ``cuda``."""

    def predict(self, frames: Sequence[Frame]) -> list[Prediction]:
        """Predict one batch.

        Args:
            frames: Any number of usable frames, of mixed sizes.

        Returns:
            One prediction a frame, in the same order.

        Raises:
            UserFacingError: Where the model cannot take a frame (unknown element, isolated atom).
        """
        ...

    def interaction_scale(self, c: float) -> Potential:
        """Return a copy with E = E_ref(composition) + c (E - E_ref), forces and stress times c."""
        ...

    def save(self, path: Path) -> None:
        """Write the model in its family's own file format."""
        ...
