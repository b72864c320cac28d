"""Names that the user gave to weights on this machine, so that a name does where a path would."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from guiapp.errors import UserFacingError
from guiapp.potentials.kept_json import read_json_object, write_json_object
from guiapp.potentials.user_folders import config_folder

_FILE = "local-models.json"


def local_models() -> Mapping[str, Path]:
    """Return the weights file or folder of each name; whether it is still there is not looked at."""
    kept = read_json_object(_path())
    return MappingProxyType({name: Path(place) for name, place in sorted(kept.items()) if isinstance(place, str)})


def add_local_model(name: str, place: Path) -> None:
    """Give weights a name; an older meaning of the name is replaced.

    Args:
        name: What the command line will call it, e.g. ``m3gnet-mp-2021.2.8``.
        place: A weights file or folder.

    Raises:
        UserFacingError: Where the name cannot be one, nothing lies at the place, or the settings cannot be written.
    """
    if not name or any(sign in name for sign in "/\\,#") or name != name.strip():
        raise UserFacingError(f"“{name}” cannot be a model's name.", advice="Use letters, digits, dots and hyphens.")
    place = place.expanduser().absolute()
    if not place.exists():
        raise UserFacingError("There is no such weights file or folder.", path=place)
    write_json_object(_path(), {**read_json_object(_path()), name: str(place)})


def remove_local_model(name: str) -> bool:
    """Forget a name; the weights stay where they are. Return whether the name was known.

    Raises:
        UserFacingError: Where the settings cannot be written.
    """
    kept = read_json_object(_path())
    if kept.pop(name, None) is None:
        return False
    write_json_object(_path(), kept)
    return True


def _path() -> Path:
    return config_folder() / _FILE
