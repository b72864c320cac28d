"""The CHGNet family: which weights there are and how they are loaded; torch is imported when one is."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from guiapp.potentials.family import Family
from guiapp.potentials.potential import Potential, PotentialCard
from guiapp.potentials.weights import weights_hash

_FAMILY = "CHGNet"
_FILE_ENDING = ".pth.tar"
_LICENCE = "BSD-3-Clause-LBNL"
_PAPER = "Deng et al., Nature Machine Intelligence 5, 1031 (2023), doi:10.1038/s42256-023-00716-3"
_TRANSFER_PAPER = (
    "Huang et al., “Cross-functional transferability in foundation machine learning interatomic potentials”, "
    "npj Computational Materials (2025)"
)
_PBE = "PBE / PBE+U, energies with MP2020 corrections"
_MPTRJ = "MPtrj: 1.58 million frames of Materials Project relaxations, near energy minima"


@dataclass(frozen=True)
class _Release:
    """Weights that the chgnet package brings along."""

    name: str
    title: str
    folder: str
    """Below the package's ``pretrained``."""
    functional: str
    training_data: str
    citation: str


_RELEASES = (
    _Release("chgnet-0.3.0", "CHGNet 0.3.0", "0.3.0", _PBE, _MPTRJ, _PAPER),
    _Release("chgnet-0.2.0", "CHGNet 0.2.0", "0.2.0", _PBE, _MPTRJ, _PAPER),
    _Release(
        "chgnet-r2scan",
        "CHGNet r2SCAN",
        "r2scan",
        "r2SCAN",
        "MP-r2SCAN relaxations, transferred from CHGNet 0.3.0",
        f"{_TRANSFER_PAPER}; {_PAPER}",
    ),
)


def _cards() -> tuple[PotentialCard, ...]:
    # find_spec locates the package without running it: importing chgnet takes seconds.
    spec = importlib.util.find_spec("chgnet")
    package = Path(spec.origin).parent if spec is not None and spec.origin is not None else None
    return tuple(_card(release, package) for release in _RELEASES)


def _card(release: _Release, package: Path | None) -> PotentialCard:
    weights, state = None, "the package chgnet is not installed"
    if package is not None:
        weights = next(iter(sorted((package / "pretrained" / release.folder).glob(f"*{_FILE_ENDING}"))), None)
        state = "ready" if weights is not None else "these weights come with chgnet 0.4.2 or newer"
    return PotentialCard(
        name=release.name,
        title=release.title,
        family=_FAMILY,
        functional=release.functional,
        training_data=release.training_data,
        licence=_LICENCE,
        citation=release.citation,
        weights=weights,
        state=state,
    )


def _card_of_file(path: Path) -> PotentialCard | None:
    if not path.name.endswith(_FILE_ENDING):
        return None
    return PotentialCard(
        name=str(path),
        title=path.name.removesuffix(_FILE_ENDING),
        family=_FAMILY,
        functional="",
        training_data="",
        licence="",
        citation=_PAPER,
        weights=path,
        state="ready",
    )


def _load(card: PotentialCard, device: str) -> Potential:
    from guiapp.potentials.chgnet_potential import ChgnetPotential

    return ChgnetPotential.load(card, weights_hash(card), device)


FAMILY = Family(
    name=_FAMILY,
    cards=_cards,
    card_of_file=_card_of_file,
    load=_load,
    settings=MappingProxyType({"precision": "float32", "path": "flat 1"}),
)
