"""What the models window shows of one model, looked up outside the Qt thread."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from guiapp.errors import UserFacingError
from guiapp.potentials.environments.recipe import recipes
from guiapp.potentials.model_library import Origin, downloaded_part, needs_consent, origin_of, page_of
from guiapp.potentials.potential import PotentialCard
from guiapp.potentials.registry import find_card, potential_cards, weights_hash
from guiapp.potentials.self_test.gate import known_report
from guiapp.potentials.self_test.report import SelfTestReport, Verdict
from guiapp.potentials.weights import weights_files

READY = "ready"


@dataclass(frozen=True)
class ModelEntry:
    """One model with its state on this machine."""

    card: PotentialCard
    origin: Origin
    report: SelfTestReport | None = None
    """Of an earlier self-test."""
    sha256: str = ""
    """Identity of the weights; empty where they are not here."""
    n_bytes: int = 0
    """Size of the weights."""
    needs_consent: bool = False
    part: int = 0
    """Bytes of an unfinished download."""
    page: str = ""
    """Where a published folder is fetched by hand."""
    disk_gb: float = 0.0
    """What an own environment takes."""
    download_gb: float = field(default=0.0)
    """What installing it downloads."""

    @property
    def name(self) -> str:
        """What the command line calls it."""
        return self.card.name

    @property
    def is_ready(self) -> bool:
        """Whether it can be loaded now."""
        return self.card.state == READY

    @property
    def verdict(self) -> Verdict | None:
        """Of the self-test; None where it was not tested."""
        return self.report.verdict if self.report is not None else None

    @property
    def has_failed(self) -> bool:
        """Whether its numbers are known to be wrong."""
        return self.verdict is Verdict.FAILED

    @property
    def is_here(self) -> bool:
        """Whether anything of it is on this machine that can be taken away."""
        unfinished = self.origin is Origin.ENVIRONMENT and "not installed" not in self.card.state
        return self.card.is_here or unfinished or self.origin in {Origin.OWN, Origin.CALCULATOR}


def find_entries(more: Iterable[str] = ()) -> tuple[ModelEntry, ...]:
    """Return an entry a listed model, and for names or files that are not listed, e.g. those of a project."""
    cards = list(potential_cards())
    listed = {card.name for card in cards}
    for name in more:
        if name not in listed:
            try:
                cards.append(find_card(name))
            except UserFacingError:
                continue  # the file is gone, which the project has said when it was opened
    return tuple(find_entry(card) for card in cards)


def find_entry(card: PotentialCard) -> ModelEntry:
    """Look one model up."""
    origin = origin_of(card.name)
    recipe = next((recipe for recipe in recipes() if recipe.name == card.name), None)
    report, sha256, n_bytes, consent = None, "", 0, False
    if card.is_here:
        try:
            sha256 = weights_hash(card)
            report = known_report(card, sha256)
            consent = needs_consent(card)
            n_bytes = _size(card.weights)
        except (UserFacingError, OSError):
            sha256 = ""  # it vanished while it was looked at; its state tells
    return ModelEntry(
        card=card,
        origin=origin,
        report=report,
        sha256=sha256,
        n_bytes=n_bytes,
        needs_consent=consent,
        part=downloaded_part(card.name),
        page=page_of(card.name),
        disk_gb=recipe.disk_gb if recipe is not None else 0.0,
        download_gb=recipe.download_gb if recipe is not None else 0.0,
    )


def _size(weights: Path | None) -> int:
    return sum(path.stat().st_size for path in weights_files(weights)) if weights is not None else 0
