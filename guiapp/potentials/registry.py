"""All potentials by name: what is known of each without loading it, and how to load one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from guiapp.errors import UserFacingError
from guiapp.potentials import chgnet
from guiapp.potentials.family import Family
from guiapp.potentials.potential import Potential, PotentialCard
from guiapp.potentials.weights import weights_hash

__all__ = [
    "find_card",
    "load_named",
    "load_potential",
    "potential_cards",
    "prediction_settings",
    "resolve_device",
    "weights_hash",
]

_FAMILIES: tuple[Family, ...] = (chgnet.FAMILY,)


def potential_cards() -> tuple[PotentialCard, ...]:
    """Return the card of every potential that the installed packages bring along."""
    return tuple(card for family in _FAMILIES for card in family.cards())


def find_card(name_or_path: str | Path) -> PotentialCard:
    """Return the card of a potential.

    Args:
        name_or_path: A name as in ``PotentialCard.name``, or the path of a weights file.

    Raises:
        UserFacingError: Where there is no such potential or file, or no family can read the file.
    """
    cards = potential_cards()
    for card in cards:
        if card.name == str(name_or_path):
            return card
    known = f"The built-in potentials are {', '.join(card.name for card in cards)}."
    path = Path(name_or_path).expanduser()
    if path.is_file():
        for family in _FAMILIES:
            own = family.card_of_file(path.absolute())
            if own is not None:
                return own
        raise UserFacingError("No model family of this program reads this kind of file.", advice=known, path=path)
    if path.suffix or len(path.parts) > 1:
        raise UserFacingError("There is no such weights file.", advice=known, path=path)
    raise UserFacingError(f"There is no potential called “{name_or_path}”.", advice=known)


def prediction_settings(card: PotentialCard) -> Mapping[str, str]:
    """Return what determines a prediction besides weights and frame, e.g. the precision."""
    return _family(card).settings


def load_potential(card: PotentialCard, device: str = "auto") -> Potential:
    """Load a potential; torch is imported here and takes seconds the first time.

    Args:
        card: What ``find_card`` returned.
        device: ``auto``, ``cpu`` or ``cuda``.

    Raises:
        UserFacingError: Where the file is missing, damaged or not safe to open, or the device is absent.
    """
    if card.weights is None:
        raise UserFacingError(f"{card.title} cannot be loaded: {card.state}.")
    return _family(card).load(card, resolve_device(device))


def load_named(name_or_path: str, device: str) -> Potential:
    """Find and load in one step; what a worker process is told to call."""
    return load_potential(find_card(name_or_path), device)


def resolve_device(wanted: str) -> str:
    """Return ``cpu`` or ``cuda`` for ``auto``, ``cpu`` or ``cuda``.

    Raises:
        UserFacingError: Where a GPU is asked for and none can be used.
    """
    if wanted == "cpu":
        return "cpu"
    if wanted not in {"auto", "cuda"}:
        raise UserFacingError(f"“{wanted}” is not a device.", advice="Choose auto, cpu or cuda.")
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if wanted == "auto":
        return "cpu"
    raise UserFacingError(
        "No GPU can be used: PyTorch sees no CUDA device.",
        advice="Choose the device auto or cpu, or install a CUDA build of PyTorch and the graphics driver.",
    )


def _family(card: PotentialCard) -> Family:
    return next(family for family in _FAMILIES if family.name == card.family)
