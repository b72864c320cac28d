"""Trying a correction on families that it was not fitted on, in a process of its own: minutes, so only on request."""

from __future__ import annotations

from guiapp.correction.forgetting import FamilyChange, family_changes, untouched_systems
from guiapp.potentials.registry import find_card, load_potential
from guiapp.ui.wizard.asking import asking
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
    systems = untouched_systems(target)
    frames = [frame for planned in systems.values() for frame in planned]
    with asking(order.model, order.device, order.cluster, tell, base) as ask:
        tell(f"asking {base.card.title} about {len(frames)} structures")
        before = ask.uncorrected(frames)
        tell(f"asking the corrected model about {len(frames)} structures")
        after = ask.corrected(correction, frames, before)
    return family_changes(systems, before.of, after.of)
