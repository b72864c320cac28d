"""What a family says about one model, from its rows: slope and mean deviation with their confidence, and a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from guiapp.benchmarks.description import Quantity, describe_family
from guiapp.benchmarks.family_rows import has_opposite_sign, has_signal, judge_ratio
from guiapp.benchmarks.high_energy_summary import ScaleEstimate, Verdict
from guiapp.benchmarks.row import Row
from guiapp.number_words import counted, number_text
from guiapp.physics.bootstrap import MIN_UNITS, bootstrap_mean, bootstrap_pooled_slope
from guiapp.physics.signal_gate import MIN_R2
from guiapp.physics.softening import ratio

LEVEL = "systems"


@dataclass(frozen=True, eq=False)
class FamilySummary:
    """One model on one family: everything that the signed axis, tables and sentences read."""

    family: str
    model: str
    mode: str
    quantity: Quantity
    n_systems: int
    n_judged: int
    """Systems with enough signal."""
    n_below: int
    """Those of them whose prediction is below the reference; for a quantity of softness in the sense of ``signed_deviation``: nearer to
    zero than the reference, or beyond."""
    slope: ScaleEstimate
    """Of predicted on reference through the origin, systems resampled."""
    deviation: ScaleEstimate
    """Mean signed deviation predicted / reference - 1, as a fraction; negative is soft, NaN where it means nothing."""
    mae: float
    """Mean absolute error over all systems with finite numbers, in the quantity's unit."""
    r2: float
    """Uncentred, of predicted against reference."""
    verdict: Verdict
    reason: str
    """Why there is not enough signal; empty where there is."""
    n_opposite: int = 0
    """Judged systems whose prediction has the opposite sign of the reference."""

    @property
    def headline(self) -> ScaleEstimate:
        """The family's softness about 1: mean ratio or slope, as its card says."""
        if self.quantity.headline == "slope":
            return self.slope
        interval = self.deviation.interval
        moved = None if interval is None else replace(interval, low=1 + interval.low, high=1 + interval.high)
        return ScaleEstimate(1 + self.deviation.value, moved)

    def sentence(self, title: str) -> tuple[str, str]:
        """Say what was found, in one sentence and one line of evidence.

        Args:
            title: What the window calls the model.
        """
        return _headline(self, title), _evidence(self)


def summarise(rows: Sequence[Row], *, quantity: str | None = None) -> FamilySummary:
    """Reduce the rows of one model, family and mode to what is shown of it.

    Args:
        rows: At least one; those of other quantities are left out.
        quantity: Name as in the family's card; by default the first, which judges the family.

    Returns:
        The summary; "not enough signal" below three systems, or where predictions and references have little in common.

    Raises:
        ValueError: Where rows of several models, families or modes are mixed, or there is none.

    Source:
        Deng et al., npj Comput. Mater. 11, 9 (2025): predicted against DFT values a family; the slope is their softening scale with
        systems in the place of force components.
    """
    kinds = {(row.family, row.model, row.mode) for row in rows}
    if len(kinds) != 1:
        raise ValueError(f"rows of one family, model and mode are summarised, not of {len(kinds)}")
    family, model, mode = next(iter(kinds))
    card = _card(family, quantity)
    wanted = [row for row in rows if row.quantity == card.name]
    known = [row for row in wanted if np.isfinite(row.predicted) and np.isfinite(row.reference)]
    judged = [row for row in wanted if has_signal(row)]
    x = np.array([row.reference for row in judged], dtype=np.float64)
    y = np.array([row.predicted for row in judged], dtype=np.float64)
    xx, xy, yy = x * x, x * y, y * y
    slope = ScaleEstimate(ratio(float(xy.sum()), float(xx.sum())), bootstrap_pooled_slope(xy, xx, level=LEVEL))
    usable = (x != 0) if card.headline != "none" else np.zeros_like(x, dtype=bool)
    relative = y[usable] / x[usable] - 1
    mean = float(relative.mean()) if len(relative) else float("nan")
    r2 = ratio(float(xy.sum()) ** 2, float(xx.sum() * yy.sum()))
    reason = _reason(card, len(wanted), len(judged), r2)
    summary = FamilySummary(
        family=family,
        model=model,
        mode=mode,
        quantity=card,
        n_systems=len(wanted),
        n_judged=len(judged),
        n_below=int((y * np.sign(x) < np.abs(x)).sum()) if card.softness else int((y < x).sum()),
        slope=slope,
        deviation=ScaleEstimate(mean, bootstrap_mean(relative, level=LEVEL)),
        mae=float(np.mean([abs(row.predicted - row.reference) for row in known])) if known else float("nan"),
        r2=r2,
        verdict=Verdict.NO_SIGNAL,
        reason=reason,
        n_opposite=sum(has_opposite_sign(row) for row in judged),
    )
    if reason:
        return summary
    return replace(summary, verdict=judge_ratio(summary.headline.value, card.good_within))


def _card(family: str, quantity: str | None) -> Quantity:
    quantities = describe_family(family).quantities
    return quantities[quantity] if quantity is not None else next(iter(quantities.values()))


def _reason(card: Quantity, n_systems: int, n_judged: int, r2: float) -> str:
    if not card.softness:
        return f"{card.name} says nothing about softness"
    if n_judged < MIN_UNITS:
        return f"{counted(n_judged, 'system')} with a signal of {n_systems}; at least {MIN_UNITS} are needed"
    if not r2 >= MIN_R2:
        return f"model and DFT have little in common (r² {r2:.2f}; at least {MIN_R2:g} is needed)"
    return ""


def _headline(summary: FamilySummary, title: str) -> str:
    description = describe_family(summary.family)
    if summary.verdict is Verdict.NO_SIGNAL:
        return f"Not enough signal to judge {title} {description.phrase}"
    estimate = summary.headline
    percent = round(100 * abs(estimate.value - 1))
    if summary.verdict is Verdict.GOOD:
        found = f"{f'within {percent} % of' if percent else 'equal to'} DFT {description.phrase}"
        certain = estimate.leaves_no_doubt(summary.quantity.good_within)
        return f"{title} is {found}" if certain else f"{title} looks {found}, not for certain"
    sure = estimate.interval is not None and not estimate.interval.contains(1)
    return f"{title} {'is' if sure else 'may be'} {percent} % too {summary.verdict.value} {description.phrase}"


def _evidence(summary: FamilySummary) -> str:
    estimate, card = summary.headline, summary.quantity
    if not summary.n_judged:
        return summary.reason
    name = "mean ratio" if card.headline == "ratio" else "slope"
    parts = [f"{name} of {card.name} {number_text(estimate.value)}"]
    if estimate.interval is not None:
        parts.append(f"95 % CI {number_text(estimate.interval.low)} to {number_text(estimate.interval.high)}")
    parts.append(counted(summary.n_judged, "system"))
    parts.append(f"MAE {summary.mae:.3g} {card.unit}".rstrip())
    text = f"{', '.join(parts)}; {summary.n_below} of {summary.n_judged} below DFT"
    if summary.n_opposite:
        text += f"; {summary.n_opposite} with the opposite sign"
    if summary.n_judged < summary.n_systems:
        text += f"; {summary.n_systems - summary.n_judged} without enough signal"
    return f"{text}; {summary.reason}" if summary.reason else text
