"""All potentials by name: what is known of each without loading it, and how to load one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from guiapp.errors import UserFacingError
from guiapp.potentials import ase_calculator, chgnet, mace, matgl
from guiapp.potentials.environments.families import environment_families
from guiapp.potentials.family import Family
from guiapp.potentials.local_models import local_models
from guiapp.potentials.model_options import check_options, join_options, split_options
from guiapp.potentials.potential import Potential, PotentialCard
from guiapp.potentials.stored_predictions import stored_models
from guiapp.potentials.weights import weights_hash

__all__ = [
    "find_card",
    "knows_family",
    "load_named",
    "load_potential",
    "potential_cards",
    "prediction_settings",
    "resolve_device",
    "weights_hash",
]

_READY = "ready"
_FAMILIES: tuple[Family, ...] = (chgnet.FAMILY, matgl.FAMILY, mace.FAMILY, *environment_families(), ase_calculator.FAMILY)


def potential_cards() -> tuple[PotentialCard, ...]:
    """Return the card of every potential that has a name: of the installed packages, of published models, and those the user named."""
    cards = {card.name: _with_stored_identity(card) for family in _FAMILIES for card in family.cards()}
    return (*cards.values(), *(_named_card(name, place) for name, place in local_models().items() if name not in cards))


def find_card(name_or_path: str | Path) -> PotentialCard:
    """Return the card of a potential.

    Args:
        name_or_path: A name as in ``PotentialCard.name``, or the path of a weights file or folder; options may follow behind ``#``,
            see ``model_options``.

    Raises:
        UserFacingError: Where there is no such potential, file or option, or no family can read the file.
    """
    text = str(name_or_path)
    name, options = (text, {}) if Path(text).expanduser().exists() else split_options(text)
    card = _card_without_options(name)
    if not options:
        return card
    check_options(options, _family(card).options, card.title)
    chosen = ", ".join(options[key] for key in sorted(options))
    return replace(card, name=join_options(card.name, options), title=f"{card.title} ({chosen})")


def _card_without_options(name: str) -> PotentialCard:
    cards = potential_cards()
    for card in cards:
        if card.name == name:
            return card
    for family in _FAMILIES:
        named = family.card_of_name(name)
        if named is not None:
            return named
    known = f"The built-in potentials are {', '.join(card.name for card in cards)}."
    path = Path(name).expanduser()
    if path.exists():
        own = _card_of_place(path)
        if own is not None:
            return own
        raise UserFacingError("No model family of this program reads this kind of file or folder.", advice=known, path=path)
    if path.suffix or len(path.parts) > 1:
        raise UserFacingError("There is no such weights file.", advice=known, path=path)
    raise UserFacingError(f"There is no potential called “{name}”.", advice=known)


def _card_of_place(path: Path) -> PotentialCard | None:
    cards = (family.card_of_file(path.absolute()) for family in _FAMILIES)
    return next((card for card in cards if card is not None), None)


def _named_card(name: str, place: Path) -> PotentialCard:
    """Return the card of weights that the user gave a name; one that is no longer there or refused says so."""
    try:
        card = _card_of_place(place) if place.exists() else None
        state = "" if card is not None else f"there is no model at {place}"
    except UserFacingError as error:
        card, state = None, str(error)
    if card is not None:
        return replace(card, name=name)
    return PotentialCard(name, name, "", "", "", "", "", weights=None, state=state)


def _with_stored_identity(card: PotentialCard) -> PotentialCard:
    """Give a model that is not here the identity under which its stored predictions are kept, so that they are found."""
    stored = stored_models().get(card.name)
    if stored is None or card.weights is not None or card.identity:
        return card
    same = dict(stored.settings) == dict(_family(card).settings)
    return replace(card, identity=stored.weights_sha256) if same else card


def prediction_settings(card: PotentialCard) -> Mapping[str, str]:
    """Return what determines a prediction besides weights and frame, e.g. the precision."""
    return {**_family(card).settings, **split_options(card.name)[1]}


def knows_family(card: PotentialCard) -> bool:
    """Tell whether a card is of a family of the registry; potentials of a test or a notebook need not be."""
    return any(family.name == card.family for family in _FAMILIES)


def load_potential(card: PotentialCard, device: str = "auto") -> Potential:
    """Load a potential; torch is imported here and takes seconds the first time.

    Args:
        card: What ``find_card`` returned.
        device: ``auto``, ``cpu`` or ``cuda``.

    Raises:
        UserFacingError: Where the file is missing, damaged or not safe to open, or the device is absent.
    """
    if card.weights is None and (not card.identity or card.state != _READY):
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
