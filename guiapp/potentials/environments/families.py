"""The recipes as model families of the registry."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path
from types import MappingProxyType

from guiapp.potentials.environments.environment_potential import EnvironmentPotential
from guiapp.potentials.environments.model_environment import ModelEnvironment
from guiapp.potentials.environments.recipe import Recipe, recipes
from guiapp.potentials.family import Family
from guiapp.potentials.potential import Potential, PotentialCard
from guiapp.potentials.weights import weights_hash

_PATH = "own environment 1"
"""Version of how frames reach the model."""


def environment_families() -> tuple[Family, ...]:
    """Return one family a recipe."""
    return tuple(
        Family(
            name=_family_name(recipe),
            cards=partial(_cards, recipe),
            card_of_file=_no_file,
            load=partial(_load, recipe),
            settings=MappingProxyType({"path": _PATH, "recipe": recipe.fingerprint[:16]}),
        )
        for recipe in recipes()
    )


def environment_card(recipe: Recipe) -> PotentialCard:
    """Return the card of a recipe's model with the state of its environment."""
    environment = ModelEnvironment.of(recipe)
    ready = environment.is_ready
    identity = hashlib.sha256(f"{recipe.name} {recipe.fingerprint}".encode()).hexdigest() if ready and not recipe.weights else ""
    return PotentialCard(
        name=recipe.name,
        title=recipe.title,
        family=_family_name(recipe),
        functional=recipe.functional,
        training_data=recipe.training_data,
        licence=recipe.licence,
        citation=recipe.citation,
        weights=environment.weights,
        state=environment.state,
        can_be_fine_tuned=False,
        identity=identity,
    )


def _family_name(recipe: Recipe) -> str:
    # The registry finds a loader by the family's name, and two recipes may be of one family.
    return f"{recipe.family} ({recipe.name})"


def _cards(recipe: Recipe) -> tuple[PotentialCard, ...]:
    return (environment_card(recipe),)


def _no_file(_path: Path) -> None:
    return None


def _load(recipe: Recipe, card: PotentialCard, device: str) -> Potential:
    return EnvironmentPotential(ModelEnvironment.of(recipe), card, weights_hash(card), device)
