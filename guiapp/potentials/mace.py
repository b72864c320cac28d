"""The MACE family: released models, any ``.model`` file, and their download; torch and mace are imported when one is loaded.

A model has the options ``precision`` (float32, float64), ``kernels`` (e3nn, or NVIDIA's faster cuequivariance on a GPU) and, where it was
trained on several kinds of data at once, ``head``: ``my.model#head=omat_pbe#precision=float64``.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from guiapp.errors import UserFacingError
from guiapp.frames.home import Home
from guiapp.potentials.family import Family
from guiapp.potentials.local_models import local_models
from guiapp.potentials.model_options import KERNELS, split_options
from guiapp.potentials.potential import Potential, PotentialCard
from guiapp.potentials.user_folders import data_folder
from guiapp.potentials.weights import weights_hash

if TYPE_CHECKING:
    from guiapp.frames.download import Patience, StopSwitch, Tell

_FAMILY = "MACE"
_FILE_ENDING = ".model"
_ZIP_START = b"PK\x03\x04"
_NO_CONSENT = "needs your consent, because opening a file of this kind runs what it holds"
_FIRST = "https://github.com/ACEsuit/mace-mp/releases/download"
_LATER = "https://github.com/ACEsuit/mace-foundations/releases/download"
_PAPER = "Batatia et al., “A foundation model for atomistic materials chemistry”, arXiv:2401.00096 (2023)"
_METHOD = "Batatia et al., “MACE: higher order equivariant message passing neural networks”, NeurIPS 35 (2022), arXiv:2206.07697"
_MATPES = f"Kaplan et al., “A foundational potential energy surface dataset for materials”, arXiv:2503.04070 (2025); {_PAPER}"
_OMAT = f"Barroso-Luque et al., “Open Materials 2024”, arXiv:2410.12771 (2024); {_PAPER}"
_MIT = "MIT"
_ACADEMIC = "ASL (Academic Software License: no commercial use)"
_PBE_U = "PBE / PBE+U"
_NEAR_MINIMA = "MPtrj: 1.58 million frames of Materials Project relaxations, near energy minima"


@dataclass(frozen=True)
class Release:
    """A published model."""

    name: str
    title: str
    address: str
    sha256: str
    megabytes: int
    functional: str
    training_data: str
    licence: str
    citation: str

    @property
    def file(self) -> Path:
        """Where its download lies or would lie."""
        return models_folder() / self.address.rpartition("/")[2]

    @property
    def home(self) -> Home:
        """Where it is published, with its checksum."""
        return Home(self.address, checksum=f"sha256:{self.sha256}")


# Addresses as in the table of github.com/ACEsuit/mace-foundations; for the large MACE-MP-0, mace_mp("large") gives an earlier model.
# GitHub publishes no hashes of these files: each of these stands in at least two independent public records.
RELEASES = (
    Release(
        "mace-mp-0-small",
        "MACE-MP-0 small",
        f"{_FIRST}/mace_mp_0/2023-12-10-mace-128-L0_energy_epoch-249.model",
        "2ddb079cee0e131eaaf6912ba581b394551ead283e95c99cfe78c605d10b5736",
        33,
        _PBE_U,
        _NEAR_MINIMA,
        _MIT,
        _PAPER,
    ),
    Release(
        "mace-mp-0-medium",
        "MACE-MP-0 medium",
        f"{_FIRST}/mace_mp_0/2023-12-03-mace-128-L1_epoch-199.model",
        "01bfe22100139f424713cf921144e5509cbe353d67aa9fa1be9c6e1e0ed35845",
        44,
        _PBE_U,
        _NEAR_MINIMA,
        _MIT,
        _PAPER,
    ),
    Release(
        "mace-mp-0-large",
        "MACE-MP-0 large",
        f"{_FIRST}/mace_mp_0/2024-01-07-mace-128-L2_epoch-199.model",
        "514bd2f1938653c37929f7c275a489378f03a7e3ffb27aa2ae0ddce8d0c859c8",
        64,
        _PBE_U,
        _NEAR_MINIMA,
        _MIT,
        _PAPER,
    ),
    Release(
        "mace-mpa-0-medium",
        "MACE-MPA-0 medium",
        f"{_FIRST}/mace_mpa_0/mace-mpa-0-medium.model",
        "75428afe3a1d7d8062e19bcaabd5c433623cabf308242ec9fb493e38604fb638",
        79,
        _PBE_U,
        "MPtrj and a part of Alexandria: 12 million frames of relaxations",
        _MIT,
        _PAPER,
    ),
    Release(
        "mace-omat-0-medium",
        "MACE-OMAT-0 medium",
        f"{_FIRST}/mace_omat_0/mace-omat-0-medium.model",
        "d4b14be9afa294eebdbe31a0280b26a0fa29715771e978cbfd3ca24e0d90307a",
        79,
        f"{_PBE_U}, pseudopotentials of VASP 54",
        "OMat24: 100 million frames, most of them far from energy minima",
        _ACADEMIC,
        _OMAT,
    ),
    Release(
        "mace-matpes-pbe-0",
        "MACE-MatPES-PBE-0",
        f"{_LATER}/mace_matpes_0/MACE-matpes-pbe-omat-ft.model",
        "e618ad582b84239905b9c3b77ce6e9ce111b0ecd1533223a1a6aac7a696b8aa0",
        79,
        "PBE without +U",
        "OMat24, then MatPES: 0.4 million frames of 300 K molecular dynamics",
        _ACADEMIC,
        _MATPES,
    ),
    Release(
        "mace-matpes-r2scan-0",
        "MACE-MatPES-r2SCAN-0",
        f"{_LATER}/mace_matpes_0/MACE-matpes-r2scan-omat-ft.model",
        "8f147ecffa1d06a696e5648b13b81abda9c96fda9d0fb3faba3cd3fb27d9bba9",
        79,
        "r2SCAN",
        "OMat24, then MatPES: 0.4 million frames of 300 K molecular dynamics",
        _ACADEMIC,
        _MATPES,
    ),
)


def models_folder() -> Path:
    """Return the folder of downloaded models."""
    return data_folder() / "models"


def download_release(
    release: Release, tell: Tell | None = None, patience: Patience | None = None, switch: StopSwitch | None = None
) -> PotentialCard:
    """Fetch a published model and return its card; one that is already here is not fetched again.

    Args:
        release: One of ``RELEASES``.
        tell: Told about the progress, from this thread.
        patience: How long to wait for the server.
        switch: Stops it from another thread.

    Raises:
        StoppedError: The switch was used; what has come is kept.
        UserFacingError: Where the file cannot be fetched or is not what was published.
    """
    if not release.file.is_file():
        from guiapp.frames.download import download

        download([release.home], release.file, check=_check_start, tell=tell, switch=switch, patience=patience)
    return _release_card(release)


def _check_start(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(len(_ZIP_START)) != _ZIP_START:
            raise UserFacingError("It is no model at all.", path=path)


def _cards() -> tuple[PotentialCard, ...]:
    return tuple(_release_card(release) for release in RELEASES)


def _release_card(release: Release) -> PotentialCard:
    place = local_models().get(release.name, release.file)
    here = place.is_file()
    card = PotentialCard(
        name=release.name,
        title=release.title,
        family=_FAMILY,
        functional=release.functional,
        training_data=release.training_data,
        licence=release.licence,
        citation=release.citation,
        weights=place if here else None,
        state=f"not downloaded ({release.megabytes} MB)",
    )
    # The file's content is compared with the hash when it is loaded; a list of models shall not read hundreds of megabytes.
    return replace(card, state=_state(release.sha256)) if here else card


def _card_of_file(path: Path) -> PotentialCard | None:
    if not (path.is_file() and path.name.endswith(_FILE_ENDING)):
        return None
    card = PotentialCard(
        name=str(path),
        title=path.name.removesuffix(_FILE_ENDING),
        family=_FAMILY,
        functional="",
        training_data="",
        licence="",
        citation=_METHOD,
        weights=path,
        state="",
    )
    return replace(card, state=_state(weights_hash(card)))


def _state(sha256: str) -> str:
    from guiapp.potentials.trust import is_trusted

    if importlib.util.find_spec("mace") is None:
        return "the package mace-torch is not installed"
    return "ready" if is_trusted(sha256) else _NO_CONSENT


def _load(card: PotentialCard, device: str) -> Potential:
    if importlib.util.find_spec("mace") is None:
        raise UserFacingError(f"{card.title} cannot be loaded: the package mace-torch is not installed.")
    from guiapp.potentials.mace_potential import MacePotential

    options = split_options(card.name)[1]
    precision = options.get("precision", _SETTINGS["precision"])
    return MacePotential.load(
        card, weights_hash(card), device, precision=precision, head=options.get("head"), kernels=options.get("kernels", KERNELS[0])
    )


_SETTINGS = MappingProxyType({"precision": "float32", "path": "mace batch 1"})
FAMILY = Family(
    name=_FAMILY,
    cards=_cards,
    card_of_file=_card_of_file,
    load=_load,
    settings=_SETTINGS,
    options=("head", "kernels", "precision"),
)
