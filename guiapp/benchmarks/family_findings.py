"""One signed number a family and model, and what all of them together say: "soft in 4 of 6 families"."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from guiapp.benchmarks.description import describe_family
from guiapp.benchmarks.family import STATIC, FamilyResult
from guiapp.benchmarks.family_rows import has_signal, judge_ratio
from guiapp.benchmarks.family_summary import summarise
from guiapp.benchmarks.high_energy_summary import FAMILY as HIGH_ENERGY
from guiapp.benchmarks.high_energy_summary import HighEnergySummary, ScaleEstimate, Verdict
from guiapp.benchmarks.row import Row
from guiapp.physics.softening import ratio

_NAMED = 2
"""Families that the short evidence names; more of them fill lines that nobody reads."""


@dataclass(frozen=True)
class Finding:
    """Where one model stands on the signed axis of one family."""

    family: str
    model: str
    mode: str
    quantity: str
    deviation: float
    """Signed relative deviation from DFT as a fraction, negative is soft; NaN without enough signal."""
    low: float | None
    """Lower end of its 95 % confidence interval; None where there is none."""
    high: float | None
    n_judged: int
    """Systems with enough signal."""
    n_systems: int
    verdict: Verdict
    r2: float
    """Uncentred r² of predicted against reference; NaN without any."""
    reason: str = ""
    """Why there is not enough signal; empty where there is."""
    c: float = 1.0
    """Correction that is previewed."""
    power: float | None = 1.0
    """The quantity follows c to this power; None where there is no such rule."""

    @property
    def is_sure(self) -> bool:
        """Whether the interval leaves out DFT's value."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high

    @property
    def is_soft(self) -> bool:
        """Whether it is surely soft: outside the good band and with an interval below DFT."""
        return self.verdict is Verdict.SOFT and self.is_sure

    @property
    def no_signal_words(self) -> str:
        """What stands in place of the number, e.g. ``not enough signal (r² 0.31)``; empty where there is a number."""
        if self.verdict is not Verdict.NO_SIGNAL:
            return ""
        noun = describe_family(self.family).noun
        if not self.n_judged:
            return f"no {noun} could be judged"
        count = f"{self.n_judged} {noun}{'' if self.n_judged == 1 else 's'}"
        return f"not enough signal ({f'r² {self.r2:.2f}' if 'in common' in self.reason else count})"


def finding_of_rows(rows: Sequence[Row]) -> Finding | None:
    """Return where the rows of one family, model and mode stand; None where the judging quantity has no row.

    Args:
        rows: Of one model, family and mode.
    """
    if not rows:
        return None
    summary = summarise(rows)
    if not summary.n_systems:
        return None
    enough = summary.verdict is not Verdict.NO_SIGNAL
    return _finding(
        summary.headline,
        Finding(
            family=summary.family,
            model=summary.model,
            mode=summary.mode,
            quantity=summary.quantity.name,
            deviation=math.nan,
            low=None,
            high=None,
            n_judged=summary.n_judged,
            n_systems=summary.n_systems,
            verdict=summary.verdict,
            r2=summary.r2,
            reason=summary.reason,
            power=summary.quantity.power,
        ),
        enough=enough,
    )


def finding_without_rows(result: FamilyResult) -> Finding | None:
    """Return the place of a family in which no system could be reduced, with the first reason; None where there is none either."""
    if not result.failures:
        return None
    quantity = next(iter(describe_family(result.family).quantities.values()))
    return Finding(
        family=result.family,
        model=result.model,
        mode=result.mode,
        quantity=quantity.name,
        deviation=math.nan,
        low=None,
        high=None,
        n_judged=0,
        n_systems=len({failure.system for failure in result.failures}),
        verdict=Verdict.NO_SIGNAL,
        r2=math.nan,
        reason=result.failures[0].reason,
        power=quantity.power,
    )


@lru_cache(maxsize=128)
def finding_of_result(result: FamilyResult) -> Finding | None:
    """Return where a result stands, by its rows or, without any, by its first failure; worked out once a result.

    The bootstrap of a hundred systems takes tens of milliseconds: whoever makes a result asks for its finding in the same thread, and the
    window finds it at hand.
    """
    return finding_of_rows(result.rows) or finding_without_rows(result)


def finding_of_forces(summary: HighEnergySummary) -> Finding:
    """Return where the forces of one model stand: the mean scale over compounds, as the sentence has it."""
    enough = summary.verdict is not Verdict.NO_SIGNAL
    return _finding(
        summary.headline,
        Finding(
            family=HIGH_ENERGY,
            model=summary.model,
            mode=STATIC,
            quantity="softening scale",
            deviation=math.nan,
            low=None,
            high=None,
            n_judged=summary.n_judged,
            n_systems=summary.n_compounds,
            verdict=summary.verdict,
            r2=summary.statistics.r2,
            reason="" if enough else summary.statistics.signal.reason,
        ),
        enough=enough,
    )


def _finding(headline: ScaleEstimate, finding: Finding, *, enough: bool) -> Finding:
    if not enough:
        return finding
    interval = headline.interval
    return replace(
        finding,
        deviation=headline.value - 1,
        low=interval.low - 1 if interval is not None else None,
        high=interval.high - 1 if interval is not None else None,
    )


def corrected_finding(finding: Finding, c: float) -> Finding | None:
    """Return where the model would stand if its interaction energy were multiplied by c; None where the quantity follows no power of c.

    It is what ``finding_of_rows(corrected_rows(rows, c))`` returns, without going through the rows: slopes and mean ratios are linear in
    the predictions, so they and their intervals follow the same power of c as each row, and r² does not move.

    Args:
        finding: Of the model as it is.
        c: Correction, dimensionless.
    """
    if finding.power is None:
        return None
    factor = c**finding.power
    verdict = finding.verdict
    if verdict is not Verdict.NO_SIGNAL:
        verdict = judge_ratio((1 + finding.deviation) * factor, good_within(finding))

    def moved(value: float | None) -> float | None:
        return None if value is None else (1 + value) * factor - 1

    deviation = (1 + finding.deviation) * factor - 1
    return replace(finding, deviation=deviation, low=moved(finding.low), high=moved(finding.high), verdict=verdict, c=c)


def good_within(finding: Finding) -> float:
    """Return the largest deviation that the family's card calls good, as a fraction."""
    card = describe_family(finding.family)
    quantity = card.quantities.get(finding.quantity)
    return quantity.good_within if quantity is not None else card.good_within


def best_correction(rows: Sequence[Row]) -> float | None:
    """Return the c that leaves the least squared relative error over rows whose values follow c itself.

    Args:
        rows: Of one model, of any families.

    Returns:
        c = sum(q) / sum(q^2) with q = predicted / reference; None where no row counts.

    Source:
        d/dc of sum (c q - 1)^2 = 0. Relative errors, because eV/Å² and GPa have no sum.
    """
    judged = [row for row in rows if has_signal(row) and row.reference and _follows_c(row)]
    q = [row.predicted / row.reference for row in judged]
    best = ratio(sum(q), sum(value * value for value in q)) if q else math.nan
    return best if math.isfinite(best) and best > 0 else None


def _follows_c(row: Row) -> bool:
    card = describe_family(row.family).quantities
    return row.quantity == next(iter(card), "") and card[row.quantity].power == 1


def sentence_of_findings(findings: Sequence[Finding], title: str, *, running: bool) -> tuple[str, str]:
    """Say of one model, in one sentence and a line of evidence, what its families found.

    Args:
        findings: Of one model, at most one a family and mode; a family in several modes counts with the first of them.
        title: What the window calls the model.
        running: Whether more is to come.

    Returns:
        Headline and evidence; a family counts as soft only where the interval leaves out DFT.
    """
    known, soft, stiff, good, unsure, silent = _sorted_findings(findings)
    verb = "looks" if running else "is"
    so_far = " so far" if running else ""
    families = f"{len(known)} {'family' if len(known) == 1 else 'families'}"
    if soft:
        headline = f"{title} {verb} soft in {len(soft)} of {families}{so_far}"
    elif stiff:
        headline = f"{title} {verb} stiff in {len(stiff)} of {families}{so_far}"
    elif good:
        headline = f"{title} {verb} as steep as DFT in {len(good)} of {families}{so_far}"
    elif unsure:
        headline = f"{title}: nothing is certain yet in {families}"
    else:
        headline = f"Not enough signal to judge {title} in {families}"
    lists = (
        ("softest", soft),
        ("stiff", stiff),
        (f"within {_band(good)} of DFT", good),
        ("not certain, the interval includes DFT", unsure),
    )
    parts = [f"{words}: {_list(some)}" for words, some in lists if some]
    if silent:
        parts.append(f"undecided: {', '.join(f'{_title(one)}, {one.no_signal_words}' for one in silent)}")
    return headline, "; ".join(parts)


def brief_evidence(findings: Sequence[Finding]) -> str:
    """Return the evidence of one model in a line: its two largest certain deviations by name, the rest as counts.

    Args:
        findings: As for ``sentence_of_findings``.
    """
    _, soft, stiff, good, unsure, silent = _sorted_findings(findings)
    parts = [
        f"{words}: {_list(some[:_NAMED])}{f' and {len(some) - _NAMED} more' if len(some) > _NAMED else ''}"
        for words, some in (("softest", soft), ("stiff", stiff))
        if some
    ]
    counts = ((f"within {_band(good)} of DFT", good), ("not certain", unsure), ("undecided", silent))
    return "; ".join([*parts, *(f"{words}: {len(some)}" for words, some in counts if some)])


def _sorted_findings(findings: Sequence[Finding]) -> tuple[list[Finding], ...]:
    """Return all families, then the surely soft, the surely stiff, the good, the uncertain and the silent ones."""
    first: dict[str, Finding] = {}
    for finding in findings:
        first.setdefault(finding.family, finding)
    known = list(first.values())
    soft = sorted((one for one in known if one.is_soft), key=lambda one: one.deviation)
    stiff = sorted((one for one in known if one.verdict is Verdict.STIFF and one.is_sure), key=lambda one: -one.deviation)
    good = [one for one in known if one.verdict is Verdict.GOOD]
    unsure = [one for one in known if one.verdict in {Verdict.SOFT, Verdict.STIFF} and not one.is_sure]
    silent = [one for one in known if one.verdict is Verdict.NO_SIGNAL]
    return known, soft, stiff, good, unsure, silent


def percent_text(deviation: float) -> str:
    """Return a signed deviation in per cent with a real minus sign, e.g. ``−17 %``."""
    rounded = round(100 * deviation)
    return f"{rounded:+d} %".replace("-", "−") if rounded else "0 %"


def _list(findings: Sequence[Finding]) -> str:
    return ", ".join(f"{_title(one)} ({percent_text(one.deviation)})" for one in findings)


def _title(finding: Finding) -> str:
    title = describe_family(finding.family).title
    return title[0].lower() + title[1:]


def _band(good: Sequence[Finding]) -> str:
    return f"{100 * max((good_within(one) for one in good), default=0):g} %"
