"""Recipes: what a model in its own environment is, read without running the file that says so."""

from __future__ import annotations

import ast
import hashlib
import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guiapp.errors import UserFacingError
from guiapp.potentials.user_folders import config_folder

_LOG = logging.getLogger(__name__)
_SHIPPED = Path(__file__).parent / "recipes"
_LARGEST = 1 << 20
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")
_REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(\[[A-Za-z0-9,._-]+\])?==[A-Za-z0-9.!+]+")
_ADVICE = "The file README.md beside the shipped recipes describes what a recipe holds."


@dataclass(frozen=True)
class Recipe:
    """What ``recipes/README.md`` describes."""

    path: Path
    """The recipe's file, which runs in the model's environment only."""
    name: str
    title: str
    family: str
    packages: tuple[str, ...]
    weights: str
    """Pattern below site-packages; empty where there is no weights file."""
    download_gb: float
    disk_gb: float
    last_element: int
    functional: str
    training_data: str
    licence: str
    citation: str
    fingerprint: str
    """SHA-256 of the file: an environment made from another version is made again."""


def user_recipes_folder() -> Path:
    """Return where a user's own recipes are looked for."""
    return config_folder() / "recipes"


def recipes() -> tuple[Recipe, ...]:
    """Return the shipped recipes and the user's own, by name; a file that is none or whose name occurs again is left out."""
    found: dict[str, Recipe] = {}
    for folder in (_SHIPPED, user_recipes_folder()):
        for path in sorted(folder.glob("*.py")):
            if not path.name.startswith("_"):
                try:
                    recipe = read_recipe(path)
                except UserFacingError as error:
                    # One damaged file of the user's must not take the other models away.
                    _LOG.warning("a recipe was left out: %s", error)
                    continue
                found.setdefault(recipe.name, recipe)
    return tuple(sorted(found.values(), key=lambda recipe: recipe.name))


def find_recipe(name: str) -> Recipe:
    """Return a recipe by its model's name.

    Raises:
        UserFacingError: Where there is none.
    """
    known = recipes()
    for recipe in known:
        if recipe.name == name:
            return recipe
    raise UserFacingError(
        f"There is no recipe for a model called “{name}”.", advice=f"There are recipes for {', '.join(recipe.name for recipe in known)}."
    )


def read_recipe(path: Path) -> Recipe:
    """Read a recipe's plain values; no line of the file is run.

    Raises:
        UserFacingError: Where it cannot be read or is no recipe.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST + 1)
    except OSError as error:
        raise UserFacingError(f"The recipe cannot be read: {error.strerror}.", path=path) from error
    values = _values(text, path)
    try:
        recipe = Recipe(
            path=path,
            packages=tuple(str(package) for package in values["packages"]),
            download_gb=float(values["download_gb"]),
            disk_gb=float(values["disk_gb"]),
            last_element=int(values["last_element"]),
            fingerprint=hashlib.sha256(text).hexdigest(),
            **{
                key: str(values[key])
                for key in ("name", "title", "family", "weights", "functional", "training_data", "licence", "citation")
            },
        )
    except KeyError as error:
        raise UserFacingError(f"The recipe lacks the entry {error}.", advice=_ADVICE, path=path) from error
    except (TypeError, ValueError) as error:
        raise UserFacingError(f"An entry of the recipe is of the wrong kind: {error}.", advice=_ADVICE, path=path) from error
    if not _NAME.fullmatch(recipe.name):
        raise UserFacingError(
            f"The recipe's name “{recipe.name}” cannot be the name of a folder.",
            advice="Use small letters, digits, dots and dashes.",
            path=path,
        )
    wrong = [package for package in recipe.packages if not _REQUIREMENT.fullmatch(package)]
    if wrong:
        raise UserFacingError(f"The recipe's package “{wrong[0]}” has no exact version.", advice="Write name==version.", path=path)
    return recipe


def _values(text: bytes, path: Path) -> dict[str, Any]:
    refused = UserFacingError("The file holds no recipe.", advice=_ADVICE, path=path)
    if len(text) > _LARGEST:
        raise refused
    try:
        tree = ast.parse(text)
        for node in tree.body:
            if isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id == "RECIPE" for target in node.targets):
                values = ast.literal_eval(node.value)
                if isinstance(values, dict):
                    return values
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
        raise refused from error
    raise refused
