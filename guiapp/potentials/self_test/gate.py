"""What a failed self-test forbids: a model that is wrong may be measured and looked at, and is neither corrected nor exported."""

from __future__ import annotations

from guiapp.errors import UserFacingError
from guiapp.potentials.potential import PotentialCard
from guiapp.potentials.self_test.kept import kept_report, report_key
from guiapp.potentials.self_test.report import SelfTestReport, Verdict

WHAT_TO_DO = (
    "It can be measured and looked at. Use the version of its package that the weights were made for, or other weights, and test again."
)


def known_report(card: PotentialCard, identity: str = "") -> SelfTestReport | None:
    """Return the report of an earlier test of a model; None where there is none or the model is not of the registry.

    Args:
        card: What is known of it.
        identity: Hash of its weights where that is known; else it is made from the card.

    Raises:
        UserFacingError: Where the weights cannot be read.
    """
    from guiapp.potentials.registry import knows_family, prediction_settings, weights_hash

    if not knows_family(card):
        return None
    return kept_report(report_key(identity or weights_hash(card), prediction_settings(card)))


def refuse_failed(card: PotentialCard, identity: str = "") -> None:
    """Raise where a model failed its self-test; one that was not tested passes.

    Args:
        card: The model that would be corrected or exported.
        identity: As in ``known_report``.

    Raises:
        UserFacingError: With the reason and what to do.
    """
    report = known_report(card, identity)
    if report is not None and report.verdict is Verdict.FAILED:
        raise UserFacingError(f"{card.title} is neither corrected nor exported. {report.sentence}", advice=WHAT_TO_DO)
