"""Figures of the energy and curvature families: parity of systems, deviations, and curves of DFT and models on the same axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from guiapp.benchmarks.description import describe_family
from guiapp.benchmarks.family import DFT, MODEL, Curve, Series
from guiapp.benchmarks.family_rows import signed_deviation
from guiapp.benchmarks.mode_words import mode_words
from guiapp.report.family_evaluation import FamilyEvaluation
from guiapp.report.figure_style import GOOD_BAND, LINE, NEUTRAL, TEXT, model_color, new_figure, scale_color, set_titles

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

RANKED_UP_TO = 60
"""Systems up to which each has its own line."""


def systems_parity_figure(evaluation: FamilyEvaluation) -> Figure:
    """Draw predicted against reference, one point a system, with the diagonal and the fitted slope.

    Args:
        evaluation: One model's result.
    """
    figure, axes = new_figure(4.6, 4.9)
    color, rows, card = model_color(evaluation.color_index), evaluation.softest_first, describe_family(evaluation.result.family)
    x, y = np.array([row.reference for row in rows]), np.array([row.predicted for row in rows])
    low, high = (float(min(0.0, x.min(), y.min())), 1.06 * float(max(x.max(), y.max()))) if len(rows) else (0.0, 1.0)
    ends = np.array([low, high])
    axes.plot(ends, ends, color=TEXT, linewidth=0.9, linestyle=(0, (4, 3)), label="model = DFT")
    summary = evaluation.summary
    if summary is not None and not summary.reason:
        axes.plot(ends, summary.slope.value * ends, color=color, linewidth=1.4, label=f"slope {summary.slope.value:.2f}")
    axes.scatter(x, y, s=18, color=color, alpha=0.75, linewidths=0)
    # Names only at the points that stand out, or they would hide each other.
    for row in sorted(rows, key=lambda row: -abs(signed_deviation(row)))[:5]:
        axes.annotate(row.system, (row.reference, row.predicted), xytext=(4, -4), textcoords="offset points", fontsize=6.5, color=NEUTRAL)
    unit = f" ({card.unit})" if card.unit else ""
    axes.set(xlim=(low, high), ylim=(low, high), aspect="equal")
    axes.set_xlabel(f"DFT {card.quantity}{unit}", fontsize=9, color=TEXT)
    axes.set_ylabel(f"model {card.quantity}{unit}", fontsize=9, color=TEXT)
    axes.grid(color=LINE, linewidth=0.6)
    axes.legend(loc="upper left", fontsize=7.5, frameon=False, labelcolor=TEXT)
    _explain(axes, evaluation)
    return figure


def deviations_figure(evaluation: FamilyEvaluation) -> Figure:
    """Draw the signed relative deviation of each system, soft ones on top, about the line at 0.

    Args:
        evaluation: One model's result.
    """
    rows = evaluation.softest_first
    half = RANKED_UP_TO // 2
    shown = rows if len(rows) <= RANKED_UP_TO else rows[:half] + rows[-half:]
    figure, axes = new_figure(4.6, max(2.4, 1.5 + 0.17 * len(shown)))
    for place, row in enumerate(shown):
        deviation = signed_deviation(row)
        axes.plot([0, 100 * deviation], [place, place], color=LINE, linewidth=1.2)
        axes.plot([100 * deviation], [place], marker="o", markersize=5, color=scale_color(1 + deviation))
    axes.set_yticks(range(len(shown)), [row.system for row in shown], fontsize=7)
    axes.set_ylim(max(len(shown), 1) - 0.4, -0.6)
    quantities = describe_family(evaluation.result.family).quantities
    band = 100 * quantities[evaluation.quantity].good_within
    axes.axvspan(-band, band, color=GOOD_BAND, zorder=0)
    axes.axvline(0, color=TEXT, linewidth=1)
    left_out = f"; the {len(rows) - len(shown)} in the middle are not drawn" if len(rows) > len(shown) else ""
    axes.set_xlabel(f"deviation from DFT (%; shaded: within {band:g} %{left_out})", fontsize=8, color=TEXT)
    axes.grid(axis="x", color=LINE, linewidth=0.6)
    _explain(axes, evaluation)
    return figure


def curve_figure(curves: Sequence[tuple[FamilyEvaluation, Curve]]) -> Figure:
    """Draw one curve of DFT and of every model that has it.

    Args:
        curves: The same kind and system, one a model; at least one.
    """
    first = curves[0][1]
    figure, axes = new_figure(5.4, 4.0)
    for series in first.series:
        if series.label == DFT:
            _draw(axes, series, TEXT, DFT)
    for evaluation, curve in curves:
        for series in curve.series:
            if series.label != DFT:
                own = series.label == MODEL
                title = evaluation.title if own else series.label.replace(MODEL, evaluation.title, 1)
                _draw(axes, series, model_color(evaluation.color_index), title, hollow=not own)
    if first.ticks:
        axes.set_xticks([at for at, _ in first.ticks], [label for _, label in first.ticks], fontsize=8)
        axes.set_xlim(first.ticks[0][0], first.ticks[-1][0])
        axes.axhline(0, color=NEUTRAL, linewidth=0.6)
    axes.grid(axis="x" if first.ticks else "both", color=LINE, linewidth=0.6)
    axes.set_xlabel(first.x_label, fontsize=9, color=TEXT)
    axes.set_ylabel(first.y_label, fontsize=9, color=TEXT)
    axes.legend(fontsize=7.5, frameon=False, labelcolor=TEXT)
    functional = curves[0][0].functional
    set_titles(axes, first.title, f"DFT: {functional}" if functional else "")
    return figure


def _draw(axes: Axes, series: Series, color: str, label: str, *, hollow: bool = False) -> None:
    """Draw a series; only its first line is named in the legend, and points of a named line not at all."""
    named = any(handle.get_label() == label for handle in axes.lines)
    if series.points:
        fill = "none" if hollow else "full"
        axes.plot(series.x, series.y, linestyle="", marker="o", markersize=4, fillstyle=fill, color=color, label=None if named else label)
        return
    for line in np.atleast_2d(series.y):
        axes.plot(series.x, line, color=color, linewidth=1.2, label=None if named else label)
        named = True


def _explain(axes: Axes, evaluation: FamilyEvaluation) -> None:
    summary = evaluation.summary
    if summary is None:
        set_titles(axes, f"Nothing to judge {evaluation.title} on", "no system could be reduced")
        return
    headline, evidence = summary.sentence(evaluation.title)
    set_titles(axes, headline, "; ".join(filter(None, (evidence, mode_words(evaluation.result.mode), evaluation.functional))))
