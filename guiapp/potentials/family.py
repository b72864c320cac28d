"""What a model family tells the registry: its cards, how to load one, what else determines its numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from guiapp.potentials.potential import Potential, PotentialCard


@dataclass(frozen=True)
class Family:
    """One model family; its module imports neither torch nor the model's package before ``load`` is called."""

    name: str
    """As in ``PotentialCard.family``, e.g. ``CHGNet``."""
    cards: Callable[[], tuple[PotentialCard, ...]]
    """The models that the installed package brings along."""
    card_of_file: Callable[[Path], PotentialCard | None]
    """The card of a weights file of this family; None where the file is of another kind."""
    load: Callable[[PotentialCard, str], Potential]
    """Load a card's weights onto ``cpu`` or ``cuda``."""
    settings: Mapping[str, str]
    """What determines a number besides weights and frame: precision and version of the inference path."""
    options: tuple[str, ...] = ()
    """What may be chosen behind a model's name, see ``model_options``; a choice replaces the setting of the same name."""
    card_of_name: Callable[[str], PotentialCard | None] = lambda _name: None
    """The card of a name that is neither listed nor a path, as ``ase:module:Class``; None where it is not of this family."""
