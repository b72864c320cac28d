"""The public data sets that a user may download: what each contains, who made it, and where it lies (``catalogue.yaml``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any, Literal

from guiapp.errors import UserFacingError
from guiapp.frames.home import Home
from guiapp.frames.reference_set import Provenance
from guiapp.plain_yaml import read_yaml


@dataclass(frozen=True)
class CatalogueFile:
    """One file of a set."""

    name: str
    """What it is called here, e.g. ``Ge/test.json``; a path inside the set's folder."""
    homes: tuple[Home, ...]
    """Where it lies, best first."""


@dataclass(frozen=True)
class CatalogueSet:
    """One public data set, before it is fetched."""

    name: str
    """What the command line calls it, e.g. ``mptrj``."""
    title: str
    contains: str
    """What is in it and what it is good for, in a few sentences."""
    family: str
    """The benchmark family that it serves."""
    size: str
    """How large it is, in words; exact sizes, where known, belong to the homes."""
    hubbard: str
    """On which elements a Hubbard U was used."""
    provenance: Provenance
    page: str
    """The page that describes it."""
    files: tuple[CatalogueFile, ...] = ()
    """Empty where the set has to be fetched by hand from its page."""
    reader: Literal["frames", "phonopy"] = "frames"
    labelled: bool = True
    """Whether its frames have forces; without, it cannot be benchmarked as high-energy states."""
    stride: int = 1
    """Every how many-th frame is opened where the user does not say."""

    @property
    def n_bytes(self) -> int | None:
        """Bytes to fetch from the first homes; None where one of them does not publish it."""
        sizes = [one.homes[0].size for one in self.files]
        return sum(size for size in sizes if size is not None) if sizes and None not in sizes else None


@cache
def catalogue() -> tuple[CatalogueSet, ...]:
    """Return every public data set, in the order in which they are shown."""
    entries = read_yaml((files("guiapp.frames") / "catalogue.yaml").read_text(encoding="utf-8"))
    return tuple(_set(entry) for entry in entries)


def find_in_catalogue(name: str) -> CatalogueSet:
    """Return a set by its name.

    Raises:
        UserFacingError: Where there is none of that name.
    """
    for one in catalogue():
        if one.name == name:
            return one
    known = ", ".join(one.name for one in catalogue())
    raise UserFacingError(f"The catalogue has no data set “{name}”.", advice=f"The sets are: {known}.")


def _set(entry: Mapping[str, Any]) -> CatalogueSet:
    return CatalogueSet(
        name=entry["name"],
        title=entry["title"],
        contains=entry["contains"].strip(),
        family=entry["family"],
        size=entry["size"],
        hubbard=entry["hubbard"],
        provenance=Provenance(
            functional=entry["functional"],
            code=entry["code"],
            settings=f"{entry['settings']}; Hubbard U: {entry['hubbard']}",
            licence=entry["licence"],
            citation=entry["citation"],
            recipe=entry["contains"].strip(),
            source=entry["page"],
        ),
        page=entry["page"],
        files=_files(entry),
        reader=entry.get("reader", "frames"),
        labelled=bool(entry.get("labelled", True)),
        stride=int(entry.get("stride", 1)),
    )


def _files(entry: Mapping[str, Any]) -> tuple[CatalogueFile, ...]:
    """Return the files; ``template`` and ``members`` stand for many files of one repository."""
    if "template" in entry:
        return tuple(CatalogueFile(member, (Home(entry["template"].format(member)),)) for member in entry["members"])
    found = tuple(CatalogueFile(one["name"], tuple(Home(**home) for home in one["homes"])) for one in entry.get("files", ()))
    for one in found:
        if PurePosixPath(one.name).is_absolute() or ".." in PurePosixPath(one.name).parts:
            raise ValueError(f"{one.name} leaves the folder of its set")
    return found
