"""Looking into a model file before the user consents to opening it: what it would import, and under which hash."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from guiapp.errors import UserFacingError
from guiapp.potentials.pickle_scan import ALLOWED, PickleScan
from guiapp.potentials.potential import PotentialCard
from guiapp.potentials.trust import file_sha256, scan_pickle


@dataclass(frozen=True)
class Inspection:
    """What was found in one file; nothing of it was run."""

    name: str
    """Of the model."""
    title: str
    path: Path
    sha256: str
    scan: PickleScan


def inspect_file(card: PotentialCard) -> Inspection:
    """Scan a card's file.

    Raises:
        UserFacingError: Where it cannot be read, unpacks to an absurd size, or changes meanwhile.
    """
    if card.weights is None:
        raise UserFacingError(f"{card.title} has no file on this machine.")
    sha256 = file_sha256(card.weights)
    scan = scan_pickle(card.weights, card.family if card.family in ALLOWED else "weights")
    if file_sha256(card.weights) != sha256:
        raise UserFacingError("The file changed while it was looked at.", advice="Try again.", path=card.weights)
    return Inspection(card.name, card.title, card.weights, sha256, scan)
