"""How the window shows the models of a project: title, colour, and whether one is the corrected copy of another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from guiapp.correction.parent import parent_of
from guiapp.errors import UserFacingError
from guiapp.potentials.registry import find_card


@dataclass(frozen=True)
class ShownModel:
    """How the window shows a model."""

    title: str
    color_index: int
    """Place in the list of models, which decides the colour; a corrected model has its parent's."""
    corrected: bool = False
    """Whether its marks are hollow."""


def shown_models(shown: Sequence[tuple[int, str]], models: Sequence[str], title: Callable[[str], str]) -> dict[str, ShownModel]:
    """Return how each model is shown.

    Args:
        shown: Place and name of every model that is not hidden.
        models: All of the project, in order.
        title: Returns what the window calls a model.
    """
    found = {}
    for place, name in shown:
        parent = parent_model(name)
        color = models.index(parent) if parent in models else place
        found[name] = ShownModel(title(name), color, corrected=bool(parent))
    return found


@lru_cache(maxsize=64)
def parent_model(name: str) -> str:
    """Return the model that another one was corrected from, looked up once; empty for a model as it was published."""
    try:
        return parent_of(find_card(name).weights)
    except UserFacingError:
        return ""
