"""Trying a correction on families that it was not fitted on, in a process of its own: minutes, so only on request."""

from __future__ import annotations

from guiapp.correction.forgetting import FamilyChange, family_changes, untouched_systems
from guiapp.potentials.registry import find_card, load_potential
from guiapp.ui.wizard.order import CorrectionOrder, make_correction
from guiapp.ui.wizard.process import Tell


def try_families(order: CorrectionOrder, tell: Tell) -> tuple[FamilyChange, ...]:
    """Compare both models on the shipped families of other chemistries; called in the new process.

    Raises:
        UserFacingError: As ``make_correction``.
    """
    tell("loading the model")
    base = load_potential(find_card(order.model), order.device)
    correction = make_correction(order, base, tell)
    target = (*order.labels.frames, *order.unseen.frames)
    return family_changes(untouched_systems(target), base.predict, correction.corrected.predict, tell=tell)
