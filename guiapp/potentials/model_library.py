"""Bringing models to this machine and taking them away again: downloads, own files, environments, calculators."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from guiapp.errors import UserFacingError
from guiapp.frames.download import Patience, StopSwitch, Tell, forget_part, part_size
from guiapp.potentials import mace, matgl
from guiapp.potentials.ase_calculator import PREFIX, remove_calculator
from guiapp.potentials.environments.model_environment import ModelEnvironment
from guiapp.potentials.environments.recipe import find_recipe, recipes
from guiapp.potentials.local_models import add_local_model, local_models, remove_local_model
from guiapp.potentials.pickle_scan import ALLOWED
from guiapp.potentials.potential import PotentialCard
from guiapp.potentials.registry import find_card, potential_cards
from guiapp.potentials.trust import file_sha256, is_trusted, revoke
from guiapp.potentials.weights import FOLDER_FILES, file_hash, weights_hash

_WEIGHTS = "weights"
MODEL_ENDINGS = (".model", ".pth.tar")
"""Of MACE and CHGNet; nothing else that the program reads has them."""


class Origin(StrEnum):
    """How a model comes to this machine."""

    PACKAGE = "package"
    """With the package of its family."""
    RELEASE = "release"
    """As a file from a public address."""
    FOLDER = "folder"
    """As a published folder that the user brings."""
    ENVIRONMENT = "environment"
    """In an environment of its own."""
    CALCULATOR = "calculator"
    """As an ase calculator that the user named."""
    OWN = "own"
    """As a file or folder of the user."""


def origin_of(name: str) -> Origin:
    """Return how a listed model comes to this machine."""
    if _mace_release(name) is not None:
        return Origin.RELEASE
    if _matgl_release(name) is not None:
        return Origin.FOLDER
    if any(recipe.name == name for recipe in recipes()):
        return Origin.ENVIRONMENT
    if name.startswith(PREFIX):
        return Origin.CALCULATOR
    if name in local_models() or Path(name).expanduser().exists():
        return Origin.OWN
    return Origin.PACKAGE


def is_model(place: Path) -> bool:
    """Tell from its name whether a file or folder is a model and no structure; nothing is opened."""
    if place.is_dir():
        return all((place / name).is_file() for name in FOLDER_FILES)
    return place.name.endswith(MODEL_ENDINGS)


def needs_consent(card: PotentialCard) -> bool:
    """Tell whether a model's file runs what it holds when it is opened, and the user did not consent to that yet."""
    pickled = card.family in ALLOWED and card.family != _WEIGHTS
    return pickled and card.weights is not None and card.weights.is_file() and not is_trusted(weights_hash(card))


def page_of(name: str) -> str:
    """Return the address of the page from which a published folder is fetched by hand; empty for other models."""
    release = _matgl_release(name)
    return release.page if release is not None else ""


def bring(place: Path, name: str | None = None) -> PotentialCard:
    """Give a weights file or folder a name, and return its card; the file stays where it is and is not opened.

    Args:
        place: A weights file or folder. One that is a published model is known under that model's name.
        name: What it shall be called; by default the file's name without its ending.

    Raises:
        UserFacingError: Where no family reads it, or the name is taken.
    """
    place = place.expanduser().absolute()
    card = find_card(place)
    if card.weights is None or not place.exists():
        raise UserFacingError(f"{card.title} has a name already.", advice=f"Use it as {card.name}.")
    published = _published_name(card)
    chosen = name or published or _free_name(card.title, place)
    taken = any(card.name == chosen for card in potential_cards() if chosen not in local_models())
    if taken and chosen != published:
        raise UserFacingError(f"There is a model called “{chosen}” already.", advice="Choose another name.")
    add_local_model(chosen, place)
    return find_card(chosen)


def take_published(name: str, place: Path) -> PotentialCard:
    """Use a file or folder of the user as a published model, once its content was compared with what was published.

    Raises:
        UserFacingError: Where it is something else.
    """
    card = find_card(place.expanduser().absolute())
    if _published_name(card) != name:
        raise UserFacingError(
            f"This is not {find_card(name).title}: its content differs from what was published.",
            advice="Fetch it again, or open it as a model of its own.",
            path=place,
        )
    return bring(place, name)


def download_model(
    name: str, tell: Tell | None = None, switch: StopSwitch | None = None, patience: Patience | None = None
) -> PotentialCard:
    """Fetch a released model, or go on where an earlier attempt stopped.

    Raises:
        StoppedError: The switch was used; what has come is kept.
        UserFacingError: Where there is no address, or the file cannot be fetched or is not what was published.
    """
    release = _mace_release(name)
    if release is None:
        raise UserFacingError(f"{find_card(name).title} has no address to download it from.")
    return mace.download_release(release, tell, patience, switch)


def downloaded_part(name: str) -> int:
    """Return how many bytes of an unfinished download are here."""
    release = _mace_release(name)
    return 0 if release is None or release.file.is_file() else part_size([release.home], release.file)


def forget_download(name: str) -> None:
    """Throw an unfinished download away."""
    release = _mace_release(name)
    if release is not None:
        forget_part([release.home], release.file)


def remove_model(name: str, say: Callable[[str], None]) -> bool:
    """Forget a name or a calculator, or delete an environment or a download; return whether there was one.

    Args:
        name: The model.
        say: Told what is being deleted.

    Raises:
        UserFacingError: Where there is no such model, or it came with a package.
    """
    if name.startswith(PREFIX):
        return remove_calculator(name)
    if name in local_models():
        return remove_local_model(name)
    if any(recipe.name == name for recipe in recipes()):
        return ModelEnvironment.of(find_recipe(name)).remove(say)
    card = next((card for card in potential_cards() if card.name == name), None)
    if card is None:
        raise UserFacingError(f"There is no model called “{name}”.", advice="The command models lists them.")
    release = _mace_release(name)
    if release is None:
        raise UserFacingError(f"{card.title} comes with the package of its family and cannot be removed here.")
    return _delete(release, say)


def _delete(release: mace.Release, say: Callable[[str], None]) -> bool:
    if not release.file.exists():
        return False
    sha256 = file_sha256(release.file)
    say(f"deleting {release.file}")
    try:
        release.file.unlink()
    except OSError as error:
        raise UserFacingError(
            f"The file cannot be deleted: {error.strerror}.", advice="End every program that uses it and try again.", path=release.file
        ) from error
    if is_trusted(sha256):
        revoke(sha256)
    return True


def _free_name(title: str, place: Path) -> str:
    """Return a title as a name that no other model has."""
    title = "".join(sign if sign not in "/\\,#" else "-" for sign in title).strip() or "model"
    meant = local_models()
    taken = {card.name for card in potential_cards() if meant.get(card.name) != place}
    name, count = title, 2
    while name in taken:
        name, count = f"{title}-{count}", count + 1
    return name


def _published_name(card: PotentialCard) -> str | None:
    """Return the name of the published model that a file or folder holds."""
    place = card.weights
    if place is None:
        return None
    if place.is_dir():
        weights = file_hash(place / matgl.WEIGHTS_FILE)
        return next((release.name for release in matgl.RELEASES if release.sha256 == weights), None)
    if card.family != mace.FAMILY.name:
        return None
    sha256 = weights_hash(card)
    return next((release.name for release in mace.RELEASES if release.sha256 == sha256), None)


def _mace_release(name: str) -> mace.Release | None:
    return next((release for release in mace.RELEASES if release.name == name), None)


def _matgl_release(name: str) -> matgl.Release | None:
    return next((release for release in matgl.RELEASES if release.name == name), None)
