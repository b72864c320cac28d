"""Rows of the energy and curvature families: judged by their card, and previewed for any correction c."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from guiapp.benchmarks.description import Quantity, describe_family
from guiapp.benchmarks.high_energy_summary import Verdict
from guiapp.benchmarks.row import Row


def judged_row(
    family: str, system: str, quantity: str, *, model: str, mode: str, predicted: float, reference: float, count: int, enough: bool = True
) -> Row:
    """Return a row with the verdict that the family's card gives it.

    Args:
        family: Name of the family; its card lists the quantity with unit and thresholds.
        system: What the number belongs to, e.g. ``MgO(100)``.
        quantity: Name as in the card.
        model: Name in the registry.
        mode: ``static`` or ``relaxed``.
        predicted: The model's value, in the card's unit.
        reference: The DFT value; NaN where there is none.
        count: How many values stand behind it (points of a fit, frames).
        enough: False where the reducer itself sees no signal, e.g. too few points.

    Returns:
        The row; its verdict is empty for quantities that say nothing about softness.
    """
    card = describe_family(family).quantities[quantity]
    return Row(
        family=family,
        system=system,
        model=model,
        mode=mode,
        quantity=quantity,
        predicted=float(predicted),
        reference=float(reference),
        unit=card.unit,
        count=count,
        verdict=_verdict(card, predicted, reference, enough=enough),
    )


def corrected_rows(rows: Iterable[Row], c: float) -> tuple[Row, ...]:
    """Return the rows that the model would give if its interaction energy were multiplied by c; no inference is needed.

    Args:
        rows: Of any families. Static rows are exact. Relaxed ones are exact too, since c moves no minimum.
        c: Correction, dimensionless.

    Returns:
        Rows in the same order, without those whose quantity follows no power of c.

    Source:
        E, forces and stress times c: energies and moduli scale by c, harmonic frequencies by sqrt(c), and stationary points stay.
    """
    corrected = []
    for row in rows:
        card = describe_family(row.family).quantities.get(row.quantity)
        if card is None or card.power is None:
            continue
        factor = c**card.power
        predicted = row.predicted * factor
        enough = row.verdict != Verdict.NO_SIGNAL.value
        corrected.append(
            replace(
                row,
                predicted=predicted,
                low=None if row.low is None else row.low * factor,
                high=None if row.high is None else row.high * factor,
                verdict=_verdict(card, predicted, row.reference, enough=enough),
            )
        )
    return tuple(corrected)


def signed_deviation(row: Row) -> float:
    """Return predicted / reference - 1; NaN for a reference of zero. Negative is soft.

    Softness is about magnitude: a flat energy surface gives mixing, ordering and formation energies that are too close to zero, on either
    side of it. So a prediction between zero and a negative reference is soft too. Below -1 the prediction has the opposite sign, which is
    softer than flat; see ``has_opposite_sign``.
    """
    return row.predicted / row.reference - 1 if row.reference else math.nan


def has_opposite_sign(row: Row) -> bool:
    """Say whether the model puts an energy on the other side of zero: ordering instead of demixing, say.

    Such a row stays in slopes and means: leaving it out for what the model says would make the model look better.
    """
    return has_signal(row) and row.predicted * row.reference < 0 and describe_family(row.family).quantities[row.quantity].softness


def has_signal(row: Row) -> bool:
    """Say whether a row enters slopes and means."""
    return row.verdict != Verdict.NO_SIGNAL.value and math.isfinite(row.predicted) and math.isfinite(row.reference)


def _verdict(card: Quantity, predicted: float, reference: float, *, enough: bool) -> str:
    if not (enough and math.isfinite(predicted) and math.isfinite(reference)) or abs(reference) < card.least_reference:
        return Verdict.NO_SIGNAL.value
    if not card.softness or reference == 0:
        return ""
    return judge_ratio(predicted / reference, card.good_within).value


def judge_ratio(value: float, good_within: float) -> Verdict:
    """Return soft, good or stiff for a ratio or slope, judged as it is printed, to two decimals."""
    if not math.isfinite(value):
        return Verdict.NO_SIGNAL
    if round(abs(round(value, 2) - 1), 6) <= good_within:
        return Verdict.GOOD
    return Verdict.SOFT if value < 1 else Verdict.STIFF
