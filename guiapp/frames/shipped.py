"""The reference sets that come with the program: a folder each with ``labels.extxyz`` and ``metadata.yaml``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any

from guiapp.errors import UserFacingError
from guiapp.frames.reference_set import Provenance, ReferenceSet
from guiapp.plain_yaml import read_yaml

if TYPE_CHECKING:
    from guiapp.frames.reading.read import Progress

_LABELS = "labels.extxyz"
_METADATA = "metadata.yaml"
_COUNT = re.compile(rb"^\d+\s*$", re.MULTILINE)


@dataclass(frozen=True)
class ReferenceSetSummary:
    """What a list of data sets shows of one set, without reading its frames."""

    name: str
    """Identifier for ``open_shipped``, e.g. ``high-energy``."""
    title: str
    family: str
    """The benchmark family that the frames belong to."""
    n_frames: int
    """Number of labelled frames."""
    provenance: Provenance


def shipped_sets() -> tuple[ReferenceSetSummary, ...]:
    """Return the sets that come with the program, by name; a folder without labels or metadata is not a set."""
    return tuple(_summary(folder) for folder in _folders())


def open_shipped(name: str, progress: Progress | None = None) -> ReferenceSet:
    """Read one of the sets that come with the program.

    Args:
        name: Identifier as in its summary.
        progress: As in ``read_frames``.

    Returns:
        The set with its provenance, compounds named as in the set.

    Raises:
        UserFacingError: If there is no such set, or its file is damaged.
    """
    from guiapp.frames.reading.read import read_frames  # noqa: PLC0415 - it imports every reader, a second of work

    folder = next((folder for folder in _folders() if folder.name == name), None)
    if folder is None:
        known = ", ".join(folder.name for folder in _folders())
        raise UserFacingError(f"There is no reference set “{name}”.", advice=f"The sets are: {known}.")
    summary = _summary(folder)
    with as_file(folder / _LABELS) as path:
        read = read_frames([path], progress=progress).sets[0]
    return replace(read, name=name, title=summary.title, family=summary.family, provenance=summary.provenance)


def _folders() -> Iterator[Traversable]:
    root = files("resources") / "reference"
    for folder in sorted(root.iterdir(), key=lambda entry: entry.name):
        if folder.is_dir() and (folder / _LABELS).is_file() and (folder / _METADATA).is_file():
            yield folder


def _summary(folder: Traversable) -> ReferenceSetSummary:

    data = read_yaml((folder / _METADATA).read_text(encoding="utf-8"))
    n_frames = len(_COUNT.findall((folder / _LABELS).read_bytes()))
    return ReferenceSetSummary(folder.name, str(data["title"]), str(data["family"]), n_frames, _provenance(folder.name, data))


def _provenance(name: str, data: Mapping[str, Any]) -> Provenance:
    """Turn the metadata into what the window shows."""
    units = data.get("units", {})
    code = f"{data.get('code', '')}, {data['setups']}" if data.get("setups") else str(data.get("code", ""))
    return Provenance(
        functional=str(data.get("functional", "")),
        code=code,
        settings=_sentence(data.get("settings", "")),
        licence=str(data.get("licence", "")),
        citation=str(data.get("citation", "")),
        recipe=str(data.get("recipe", "")).strip(),
        units_as_read="; ".join(f"{key} {unit}" for key, unit in units.items()) if isinstance(units, Mapping) else str(units),
        source=f"shipped with Temper ({name})",
    )


def _sentence(settings: object) -> str:
    if isinstance(settings, Mapping):
        return "; ".join(f"{str(key).replace('_', ' ')}: {value}" for key, value in settings.items())
    return str(settings).strip()
