"""The written report as a sequence of blocks, which HTML and PDF lay out each in its way."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from guiapp import __version__
from guiapp.benchmarks.description import describe_family
from guiapp.benchmarks.family_rows import signed_deviation
from guiapp.benchmarks.high_energy_sentence import sentence
from guiapp.number_words import counted, number_text
from guiapp.report.evaluation import Evaluation
from guiapp.report.family_evaluation import FamilyEvaluation
from guiapp.report.figures import error_split_figure, parity_figure, scales_figure
from guiapp.report.report_content import ReportContent
from guiapp.report.six_panels import six_panel_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LARGEST_TABLE = 25
_MEASURE = (
    "The softening scale a of a compound is the least-squares slope, through the origin, of the model's force components on the DFT ones "
    "over all frames of the compound (Deng et al., npj Comput. Mater. 11, 9, 2025); below 1 the model's energy surface is too flat. "
    "Intervals are 95 % bootstrap intervals with compounds (systems) resampled, since the components of one frame are correlated. The mean "
    "squared force error is split into (1 − a)² ⟨x²⟩, which one number removes, and a random rest; cMAE is the mean absolute error after "
    "dividing the model's forces by a."
)
_CORRECTING = (
    "A correction multiplies the interaction energy, forces and stress by one number, or trains weights, on the labels named above; it was "
    "judged on frames that were not fitted, chosen by content hash, with a one-sided paired t test of the relative change of the mean "
    "absolute error over what is independent: compounds, or for one chemistry runs, or blocks of neighbouring frames of a run."
)


@dataclass(frozen=True)
class Heading:
    """A title; level 1 stands once."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True)
class Table:
    """Rows of text under a head."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str
    left: frozenset[int] = frozenset({0})
    """Columns of words; the others are numbers and stand to the right."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure with its caption."""

    name: str
    """Stem of its file."""
    figure: Figure
    caption: str


Block = Heading | Paragraph | Table | Picture


def report_blocks(content: ReportContent) -> tuple[Block, ...]:
    """Return the report: what was found, the six panels, each family, corrections, methods.

    Args:
        content: What was measured.
    """
    made = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    blocks: list[Block] = [Heading(content.title, 1), Paragraph(f"Made {made} with Temper {__version__}.")]
    blocks += _findings(content)
    if content.evaluations or content.families:
        figure = six_panel_figure(content.evaluations, content.families)
        caption = (
            "Model against DFT, family by family, after Figures 2 to 6 of Deng et al. (2025). Dashed: model = DFT; coloured lines: slope "
            "through the origin. Points below the dashed line are soft."
        )
        blocks += [Heading("All families"), Picture("six-panels", figure, caption)]
    blocks += _high_energy(content.evaluations)
    for one in content.families:
        blocks += _family(one)
    for card in content.corrections:
        blocks += _correction(card)
    blocks += [Heading("Methods"), *(Paragraph(text) for text in methods(content)), _sets_table(content)]
    blocks += [Heading("What is missing"), *map(Paragraph, content.notes)] if content.notes else []
    return tuple(block for block in blocks if not (isinstance(block, Table) and not block.rows))


def methods(content: ReportContent) -> tuple[str, ...]:
    """Return the paragraphs for a paper's methods section, from what was really done."""
    models = ", ".join(card.title for card in content.cards) or "no model"
    texts = [f"Softening was measured with Temper {__version__} for {models}. {_MEASURE}"]
    texts += [f"High-energy states: {one.title}, {one.summary.filter_text}." for one in content.evaluations]
    for name in dict.fromkeys(one.result.family for one in content.families):
        card = describe_family(name)
        modes = " and ".join(dict.fromkeys(one.result.mode for one in content.families if one.result.family == name))
        texts.append(f"{card.title} ({modes}): {card.formula}. {card.protocol}")
    if content.corrections:
        texts.append(_CORRECTING)
    return tuple(texts)


def _findings(content: ReportContent) -> Iterable[Block]:
    yield Heading("What was found")
    for one in content.evaluations:
        headline, evidence = sentence(one.summary, running=False, title=one.title, functional=one.functional)
        yield Paragraph(f"{headline}: {evidence}.")
    for family in content.families:
        if family.summary is not None:
            headline, evidence = family.summary.sentence(family.title)
            yield Paragraph(f"{headline}: {evidence} ({family.result.mode}).")
    for card in content.corrections:
        yield Paragraph(f"{card['name']}: {card['verdict']['headline']}. {' '.join(card['verdict']['reasons'][:1])}")


def _high_energy(evaluations: Sequence[Evaluation]) -> Iterable[Block]:
    if not evaluations:
        return
    yield Heading("High-energy states")
    yield Table(
        ("model", "pooled", "mean (95 % CI)", "median", "below 1", "MAE", "cMAE", "systematic"),
        tuple(_scale_row(one) for one in evaluations),
        "Softening scales over compounds; MAE and cMAE in eV/Å; systematic: share of the mean squared error that one number removes.",
    )
    for one in evaluations:
        yield Picture(f"{one.file_stem}-parity", parity_figure(one), f"{one.title}: force components against DFT.")
        yield Picture(f"{one.file_stem}-scales", scales_figure(one), f"{one.title}: softening scale of each compound.")
        compounds = one.summary.softest_first
        more = f"; {len(compounds) - _LARGEST_TABLE} more are in points.csv" if len(compounds) > _LARGEST_TABLE else ""
        yield Table(
            ("compound", "frames", "scale", "95 % CI", "MAE", "cMAE", "r²", "verdict"),
            tuple(
                (
                    c.name,
                    str(c.n_frames),
                    number_text(c.statistics.scale),
                    f"{number_text(c.interval.low)} to {number_text(c.interval.high)}" if c.interval else "",
                    _number(c.statistics.mae, 3),
                    _number(c.statistics.cmae, 3),
                    _number(c.statistics.r2, 2),
                    c.verdict.value,
                )
                for c in compounds[:_LARGEST_TABLE]
            ),
            f"{one.title}: compounds, softest first{more}.",
            left=frozenset({0, 7}),
        )
    yield Picture("error-split", error_split_figure(evaluations), "Share of the mean squared force error that one number removes.")


def _scale_row(one: Evaluation) -> tuple[str, ...]:
    summary, s = one.summary, one.summary.statistics
    share = f"{100 * s.systematic_share:.0f} %" if math.isfinite(s.systematic_share) else ""
    return (
        one.title,
        number_text(summary.pooled.value),
        summary.mean.words(),
        number_text(summary.median.value),
        f"{summary.n_below} of {summary.n_judged}",
        _number(s.mae, 3),
        _number(s.cmae, 3),
        share,
    )


def _family(one: FamilyEvaluation) -> Iterable[Block]:
    card = describe_family(one.result.family)
    yield Heading(f"{card.title}: {one.title}, {one.result.mode}", 3)
    quantity = card.quantities[one.quantity]
    rows = one.softest_first
    more = f"; {len(rows) - _LARGEST_TABLE} more are in points.csv" if len(rows) > _LARGEST_TABLE else ""
    yield Table(
        (card.noun, "model", "DFT", "unit", "deviation", "verdict"),
        tuple(
            (r.system, f"{r.predicted:.4g}", f"{r.reference:.4g}", r.unit, f"{100 * signed_deviation(r):+.1f} %", r.verdict)
            for r in rows[:_LARGEST_TABLE]
        ),
        f"{quantity.name.capitalize()} ({card.formula}){more}.",
        left=frozenset({0, 3, 5}),
    )
    yield Table(
        ("quantity", "mean deviation", "slope", "MAE", "below DFT"),
        tuple(
            (
                s.quantity.name,
                f"{100 * s.deviation.value:+.1f} %" if math.isfinite(s.deviation.value) else "",
                number_text(s.slope.value) if s.quantity.softness and s.n_judged else "",
                f"{s.mae:.3g} {s.quantity.unit}".rstrip() if math.isfinite(s.mae) else "",
                f"{s.n_below} of {s.n_judged}",
            )
            for s in one.summaries
            if s.n_judged
        ),
        f"All quantities of {card.title.lower()}.",
    )
    if one.result.failures:
        yield Paragraph("Left out: " + "; ".join(f"{f.system} ({f.reason.rstrip('.')})" for f in one.result.failures[:10]) + ".")


def _correction(card: Mapping[str, Any]) -> Iterable[Block]:
    verdict = card["verdict"]
    yield Heading(f"Correction {card['name']}", 3)
    against = "Exported against the verdict, by an explicit override. " if verdict.get("exported_against_the_verdict") else ""
    yield Paragraph(f"{against}{verdict['headline']}. {' '.join(verdict['reasons'])}")
    scalar = card.get("scalar") or {}
    value = f", c = {scalar['c']:.4f}" if scalar.get("c") is not None else ""
    labels = ", ".join(f"{f['compound']} {f['name']}".strip() for f in card["labels"]["frames"][:10])
    yield Paragraph(f"{card['base_model']['title']}, {card['method_in_words']}{value}; labels: {labels}. {card['validity']['in_words']}")
    rows = []
    for frames in (verdict.get("unseen"), verdict.get("other_chemistries")):
        for when in ("before", "after") if frames else ():
            side = frames[when]
            texts = tuple(_number(side[key], 3) for key in ("scale", "mae", "cmae", "systematic", "random"))
            rows.append((frames["title"] if when == "before" else "", when, *texts))
    head = ("frames", "", "scale", "MAE", "cMAE", "systematic", "random")
    yield Table(head, tuple(rows), "Before and after, on frames that were not fitted; errors in eV/Å.", left=frozenset({0, 1}))
    families = verdict.get("families") or []
    yield Table(
        ("family", "quantity", "systems", "deviation before", "after"),
        tuple(
            (f["title"], f["quantity"], str(f["n_systems"]), _percent(f["deviation_before"]), _percent(f["deviation_after"]))
            for f in families
        ),
        "Families that were not fitted: mean signed deviation from DFT.",
        left=frozenset({0, 1}),
    )


def _sets_table(content: ReportContent) -> Table:
    rows = tuple(
        (
            one.title,
            str(len(one.frames)),
            one.provenance.functional or "unknown",
            one.provenance.code or "unknown",
            one.provenance.licence or "unknown",
        )
        for one in content.sets
    )
    return Table(("data", "frames", "functional", "code", "licence"), rows, "Reference data.", left=frozenset({0, 2, 3, 4}))


def _number(value: float | None, digits: int) -> str:
    return f"{value:.{digits}f}" if value is not None and math.isfinite(value) else ""


def _percent(value: float | None) -> str:
    return f"{100 * value:+.1f} %" if value is not None and math.isfinite(value) else ""


def count_words(content: ReportContent) -> str:
    """Return e.g. ``2 models, 3 families, 1 correction``, for a message."""
    n_families = len({one.result.family for one in content.families}) + bool(content.evaluations)
    parts = [counted(len(content.cards), "model"), f"{n_families} famil{'y' if n_families == 1 else 'ies'}"]
    return ", ".join([*parts, *([counted(len(content.corrections), "correction")] if content.corrections else [])])
