"""What a family says about one system, in one sentence and one line of evidence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from guiapp.benchmarks.description import describe_family
from guiapp.benchmarks.family_rows import has_opposite_sign, has_signal, signed_deviation
from guiapp.benchmarks.high_energy_summary import Verdict
from guiapp.benchmarks.row import Row

_SCANS = "curvature"
"""The family whose systems are single paths, along a displacement or a strain."""
_NEGLIGIBLE = 5e-6
"""Magnitude below which a value is written as 0: no quantity of a card means anything there."""
_LEAST_FIXED, _MOST_FIXED = 1e-3, 1e3
"""Magnitudes between which three digits are written without an exponent or separators."""


@dataclass(frozen=True)
class SystemFinding:
    """The rows of one model about one system."""

    title: str
    """What the window calls the model."""
    rows: tuple[Row, ...]
    """Of one family, system and mode; empty where the model has said nothing yet."""

    @property
    def judging(self) -> Row | None:
        """The row that judges the system."""
        return judging_row(self.rows)


def judging_row(rows: Sequence[Row]) -> Row | None:
    """Return the row of the first quantity in the family's card that says something about softness; None without any."""
    if not rows:
        return None
    by_quantity = {row.quantity: row for row in rows}
    cards = describe_family(rows[0].family).quantities.values()
    return next((by_quantity[card.name] for card in cards if card.softness and card.name in by_quantity), None)


def system_sentence(findings: Sequence[SystemFinding]) -> tuple[str, str]:
    """Say what the models make of a system.

    Args:
        findings: One a model, in the order in which the window lists them.

    Returns:
        The sentence about the first model that has a value, and the evidence of all; both empty where no model has one.
    """
    known = [(one.title, row) for one in findings if (row := one.judging) is not None]
    if not known:
        return "", ""
    title, row = known[0]
    parts = [_first_evidence(row)]
    parts += [f"{other}: {_value(one)}{_deviation_text(one)}" for other, one in known[1:]]
    return _headline(title, row), "; ".join(parts)


def significant(value: float) -> str:
    """Return a value to three digits with a real minus sign, or a dash where there is none."""
    if not math.isfinite(value):
        return "–"
    size = abs(value)
    if size >= _MOST_FIXED:
        text = f"{value:,.0f}"
    elif size >= _LEAST_FIXED:
        text = f"{value:.{max(0, 2 - math.floor(math.log10(size)))}f}"
    else:
        text = f"{value:.2g}" if size >= _NEGLIGIBLE else "0"
    return text.replace("-", "−")


def deviation_text(deviation: float) -> str:
    """Return a signed deviation in per cent, e.g. ``−11 %``, or a dash where there is none."""
    if not math.isfinite(deviation):
        return "–"
    percent = round(100 * deviation)
    return f"{'+' if percent > 0 else '−' if percent < 0 else ''}{abs(percent):,} %"


def _headline(title: str, row: Row) -> str:
    phrase = "along this path" if row.family == _SCANS else describe_family(row.family).phrase
    if not math.isfinite(row.reference):
        return f"There is no DFT result to judge {title} by"
    if not has_signal(row):
        return f"Not enough signal to judge {title} {phrase}"
    if has_opposite_sign(row):
        return f"{title} has the opposite sign of DFT {phrase}"
    percent = round(100 * abs(signed_deviation(row)))
    if row.verdict == Verdict.GOOD.value:
        return f"{title} is {f'within {percent} % of' if percent else 'equal to'} DFT {phrase}"
    return f"{title} is {percent} % too {row.verdict} {phrase}"


def _first_evidence(row: Row) -> str:
    card = describe_family(row.family).quantities[row.quantity]
    if not math.isfinite(row.reference):
        return f"{row.quantity} {_value(row)}"
    against = f"{row.quantity} {significant(row.predicted)} against {significant(row.reference)} {row.unit}".rstrip()
    if not has_signal(row):
        small = abs(row.reference) < card.least_reference
        reason = (
            f"DFT's value is below {significant(card.least_reference)} {row.unit}, where a ratio means nothing"
            if small
            else "the fit does not describe the points well enough, or has its minimum outside of them"
        )
        return f"{against}; {reason}"
    text = f"{against}, {deviation_text(signed_deviation(row))}"
    if card.power == 0.5 and row.predicted > 0:
        text += f" ({deviation_text((row.predicted / row.reference) ** 2 - 1)} in the curvature, its square)"
    return text


def _value(row: Row) -> str:
    return f"{significant(row.predicted)} {row.unit}".rstrip()


def _deviation_text(row: Row) -> str:
    if not math.isfinite(row.reference):
        return ""
    return f", {deviation_text(signed_deviation(row))}" if has_signal(row) else ", not enough signal"
