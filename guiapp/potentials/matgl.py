"""The family of matgl's potentials (M3GNet, TensorNet, CHGNet) by folder; torch and matgl are imported when one is loaded.

A folder holds model.json, model.pt and state.pt. A model has the option ``precision`` (float32, float64).
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from guiapp.errors import UserFacingError
from guiapp.potentials.family import Family
from guiapp.potentials.local_models import local_models
from guiapp.potentials.matgl_description import read_description
from guiapp.potentials.model_options import split_options
from guiapp.potentials.potential import Potential, PotentialCard
from guiapp.potentials.user_folders import data_folder
from guiapp.potentials.weights import FOLDER_FILES, file_hash, weights_hash

_FAMILY = "matgl"
WEIGHTS_FILE = "state.pt"
_NOT_INSTALLED = "the package matgl is not installed"
_PAPERS = MappingProxyType(
    {
        "M3GNet": "Chen and Ong, Nature Computational Science 2, 718 (2022), doi:10.1038/s43588-022-00349-3",
        "TensorNet": "Simeon and De Fabritiis, “TensorNet”, NeurIPS 36 (2023), arXiv:2306.06482",
        "CHGNet": "Deng et al., Nature Machine Intelligence 5, 1031 (2023), doi:10.1038/s42256-023-00716-3",
    }
)
_PACKAGE_PAPER = "Ko et al., “Materials Graph Library (MatGL)”, npj Computational Materials 11, 253 (2025)"


@dataclass(frozen=True)
class Release:
    """A published model whose folder the user has to bring."""

    name: str
    title: str
    folder: str
    """Name of its folder, as published."""
    sha256: str
    """Of its state.pt; a folder is known by its weights and not by its name."""
    functional: str
    training_data: str
    licence: str
    citation: str
    page: str
    """Where it is published."""


RELEASES = (
    Release(
        name="m3gnet-mp-2021.2.8",
        title="M3GNet MP-2021.2.8",
        folder="M3GNet-MP-2021.2.8-PES",
        sha256="a9aa723705bd1a242ec8749332f137811c4a94e17995a564f8f94a9aca68061b",
        functional="PBE / PBE+U",
        training_data="MPF.2021.2.8: 0.19 million frames of Materials Project relaxations, near energy minima",
        licence="BSD-3-Clause",
        citation=f"{_PAPERS['M3GNet']}; {_PACKAGE_PAPER}",
        page="https://github.com/materialsvirtuallab/matgl/tree/v1.1.3/pretrained_models/M3GNet-MP-2021.2.8-PES",
    ),
)


def models_folder() -> Path:
    """Return the folder in which published folders are looked for."""
    return data_folder() / "models"


def _cards() -> tuple[PotentialCard, ...]:
    return tuple(_release_card(release) for release in RELEASES)


def _release_card(release: Release) -> PotentialCard:
    place = local_models().get(release.name, models_folder() / release.folder)
    state = f"weights folder needed: choose the folder {release.folder}"
    published = False
    if _is_folder(place):
        published = file_hash(place / WEIGHTS_FILE) == release.sha256
        state = _state() if published else f"the folder {place} does not hold the published weights"
    return PotentialCard(
        name=release.name,
        title=release.title,
        family=_FAMILY,
        functional=release.functional,
        training_data=release.training_data,
        licence=release.licence,
        citation=release.citation,
        weights=place if published else None,
        state=state,
    )


def _is_folder(path: Path) -> bool:
    return path.is_dir() and all((path / name).is_file() for name in FOLDER_FILES)


def _state() -> str:
    return "ready" if importlib.util.find_spec("matgl") is not None else _NOT_INSTALLED


def _card_of_file(path: Path) -> PotentialCard | None:
    if not _is_folder(path):
        return None
    description = read_description(path)
    weights = file_hash(path / WEIGHTS_FILE)
    release = next((release for release in RELEASES if release.sha256 == weights), None)
    return PotentialCard(
        name=str(path),
        title=path.name,
        family=_FAMILY,
        functional=release.functional if release else "",
        training_data=release.training_data if release else "",
        licence=release.licence if release else "",
        citation=f"{_PAPERS[description.architecture]}; {_PACKAGE_PAPER}",
        weights=path,
        state=_state(),
    )


def _load(card: PotentialCard, device: str) -> Potential:
    if importlib.util.find_spec("matgl") is None:
        raise UserFacingError(f"{card.title} cannot be loaded: {_NOT_INSTALLED}.")
    from guiapp.potentials.matgl_potential import MatglPotential

    precision = split_options(card.name)[1].get("precision", _SETTINGS["precision"])
    return MatglPotential.load(card, weights_hash(card), device, precision=precision)


_SETTINGS = MappingProxyType({"precision": "float32", "path": "matgl batch 1"})
FAMILY = Family(
    name=_FAMILY,
    cards=_cards,
    card_of_file=_card_of_file,
    load=_load,
    settings=_SETTINGS,
    options=("precision",),
)
