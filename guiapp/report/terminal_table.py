"""Tables in plain text, for the command line."""

from __future__ import annotations

import math
from collections.abc import Sequence

from guiapp.benchmarks.high_energy_summary import ScaleEstimate, Verdict, judge_scale
from guiapp.number_words import counted
from guiapp.report.evaluation import Evaluation

_SEPARATOR = "  "


def summary_table(evaluations: Sequence[Evaluation]) -> str:
    """Return one line a model: scale with interval, errors in eV/Å, what one number can repair, counts and verdict."""
    head = ["model", "scale (95 % CI)", "pooled", "median", "MAE", "cMAE", "systematic", "compounds", "frames", "verdict"]
    lines = []
    for evaluation in evaluations:
        summary, s = evaluation.summary, evaluation.summary.statistics
        lines.append(
            [
                evaluation.title,
                _with_interval(summary.mean),
                _number(summary.pooled.value, 2),
                _number(summary.median.value, 2),
                _number(s.mae, 3),
                _number(s.cmae, 3),
                "-" if math.isnan(s.systematic_share) else f"{100 * s.systematic_share:.0f} %",
                str(summary.n_compounds),
                str(summary.n_frames),
                summary.verdict.value,
            ]
        )
    filters = sorted({evaluation.summary.filter_text for evaluation in evaluations})
    notes = ["scale: mean over compounds of the slope of model on DFT forces, 1 = DFT; errors in eV/Å"] + [f"filter: {f}" for f in filters]
    return "\n".join([aligned(head, lines, left={0, 1, 9}), "", *notes])


def softest_table(evaluation: Evaluation, limit: int = 10) -> str:
    """Return the softest compounds of one model, one line each.

    Args:
        evaluation: One model's result.
        limit: Most lines.
    """
    judged = [compound for compound in evaluation.summary.softest_first if compound.verdict is not Verdict.NO_SIGNAL]
    head = ["compound", "scale (95 % CI)", "energy slope", "MAE", "cMAE", "rms force", "frames", "verdict"]
    lines = [
        [
            compound.name,
            _with_interval(ScaleEstimate(compound.statistics.scale, compound.interval)),
            _number(compound.energy.slope, 2) if compound.energy.enough else "-",
            _number(compound.statistics.mae, 3),
            _number(compound.statistics.cmae, 3),
            _number(compound.statistics.rms_force, 2),
            str(compound.n_frames),
            compound.verdict.value,
        ]
        for compound in judged[:limit]
    ]
    silent = len(evaluation.summary.compounds) - len(judged)
    text = f"{evaluation.title}: {'softest compounds' if len(judged) > limit else 'compounds, softest first'}\n"
    text += aligned(head, lines, left={0, 1, 7}) if lines else f"{Verdict.NO_SIGNAL.value}"
    return text + (f"\n{silent} more without enough signal" if silent and lines else "")


def parts_table(evaluation: Evaluation) -> str:
    """Return the slopes of parts of the cloud: elements, ranges of the DFT force, classes of strain; empty without any.

    Args:
        evaluation: One model's result.
    """
    summary = evaluation.summary
    head = ["part", "slope", "MAE", "rms force", "components", "compounds", "verdict"]
    lines = [
        [
            f"{kind} {part.label}".strip(),
            _number(part.statistics.scale, 2),
            _number(part.statistics.mae, 3),
            _number(part.statistics.rms_force, 2),
            f"{part.statistics.n:,}",
            str(part.n_compounds),
            judge_scale(part.statistics.scale, enough=part.statistics.signal.enough).value,
        ]
        for kind, parts in (("|F|", summary.by_force), ("", summary.by_strain), ("", summary.by_element))
        for part in parts
    ]
    return f"{evaluation.title}: slopes of parts, pooled\n{aligned(head, lines, left={0, 6})}" if lines else ""


def failures_table(evaluation: Evaluation, limit: int = 20) -> str:
    """Return the frames that could not be predicted, with reason and advice; empty where there are none."""
    lines = [[f.compound, f.frame_name, f"{f.reason} {f.advice}".strip()] for f in evaluation.failures[:limit]]
    if not lines:
        return ""
    text = f"{evaluation.title}: {counted(len(evaluation.failures), 'frame')} failed\n" + aligned(
        ["compound", "frame", "why"], lines, left={0, 1, 2}
    )
    more = len(evaluation.failures) - limit
    return text + (f"\nand {more} more, all in summary.json" if more > 0 else "")


def aligned(head: list[str], lines: list[list[str]], *, left: set[int]) -> str:
    """Return a table whose columns stand below each other; those in ``left`` begin at the left, the others end at the right."""
    widths = [max(len(line[column]) for line in [head, *lines]) for column in range(len(head))]
    rows = [head, ["-" * width for width in widths], *lines]
    padded = (
        [cell.ljust(width) if column in left else cell.rjust(width) for column, (cell, width) in enumerate(zip(row, widths, strict=True))]
        for row in rows
    )
    return "\n".join(_SEPARATOR.join(row).rstrip() for row in padded)


def _number(value: float, digits: int) -> str:
    return "-" if math.isnan(value) else f"{value:.{digits}f}".replace("-", "−")


def _with_interval(estimate: ScaleEstimate) -> str:
    if math.isnan(estimate.value):
        return Verdict.NO_SIGNAL.value
    return estimate.words()
