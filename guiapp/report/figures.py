"""Publication figures: parity, scales by compound, what one number can repair, and models side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from guiapp.benchmarks.description import describe_family
from guiapp.benchmarks.high_energy_sentence import sentence
from guiapp.benchmarks.high_energy_summary import CompoundResult, HighEnergySummary, ScaleEstimate, Verdict
from guiapp.number_words import counted
from guiapp.report.evaluation import Evaluation
from guiapp.report.figure_style import GOOD_BAND, LINE, NEUTRAL, SOFT, STIFF, TEXT, model_color, new_figure, scale_color, set_titles
from guiapp.report.formula_text import subscripted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DENSITY_FROM = 20_000
"""Number of points from which the cloud is drawn as a density: single points would hide each other."""
RANKED_UP_TO = 45
"""Number of compounds up to which each has its own line; more are drawn as a distribution."""
_RASTERISED_FROM = 2_000  # points above which a vector file holds an image of them, to stay small


def parity_figure(evaluation: Evaluation) -> Figure:
    """Draw model against DFT force components, with the diagonal, the fitted line, and the scale with its interval.

    Args:
        evaluation: One model's result.

    Returns:
        The figure; of an empty result too.
    """
    summary, color = evaluation.summary, model_color(evaluation.color_index)
    figure, axes = new_figure(4.6, 4.9)
    x, y = evaluation.dft, evaluation.predicted
    reach = 1.05 * float(max(np.abs(x).max(initial=0.0), np.abs(y).max(initial=0.0))) or 1.0
    if len(x) > DENSITY_FROM:
        image = axes.hexbin(x, y, gridsize=120, bins="log", mincnt=1, cmap="Blues", extent=(-reach, reach, -reach, reach), linewidths=0.1)
        bar = figure.colorbar(image, ax=axes, shrink=0.6, pad=0.02)
        bar.set_label("force components in a cell", fontsize=7.5, color=NEUTRAL)
        bar.ax.tick_params(labelsize=7, colors=NEUTRAL)
    else:
        axes.scatter(x, y, s=9, color=color, alpha=0.45, linewidths=0, rasterized=len(x) > _RASTERISED_FROM)
    ends = np.array([-reach, reach])
    axes.plot(ends, ends, color=TEXT, linewidth=0.9, linestyle=(0, (4, 3)), label="model = DFT")
    statistics = summary.statistics
    if statistics.signal.enough:
        axes.plot(ends, statistics.scale * ends, color=color, linewidth=1.6, label=f"pooled scale {summary.pooled.words()}")
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    axes.set_xlabel("DFT force component (eV/Å)", fontsize=9, color=TEXT)
    axes.set_ylabel("model force component (eV/Å)", fontsize=9, color=TEXT)
    axes.grid(color=LINE, linewidth=0.6)
    axes.legend(loc="upper left", fontsize=7.5, frameon=False, labelcolor=TEXT)
    axes.text(0.98, 0.03, _error_text(summary), transform=axes.transAxes, ha="right", va="bottom", fontsize=7.5, color=TEXT)
    _explain(axes, evaluation)
    return figure


def scales_figure(evaluation: Evaluation) -> Figure:
    """Draw the scales of compounds about the line at 1: ranked with intervals, or as a distribution where there are many.

    Args:
        evaluation: One model's result.

    Returns:
        The figure; compounds without enough signal are counted, not drawn.
    """
    judged = [compound for compound in evaluation.summary.softest_first if compound.verdict is not Verdict.NO_SIGNAL]
    ranked = len(judged) <= RANKED_UP_TO
    figure, axes = new_figure(4.6, max(2.4, 1.5 + 0.19 * len(judged)) if ranked else 3.6)
    (_draw_ranking if ranked else _draw_distribution)(axes, judged)
    band = describe_family(evaluation.family).good_within
    axes.axvspan(1 - band, 1 + band, color=GOOD_BAND, zorder=0)
    axes.axvline(1, color=TEXT, linewidth=1)
    mean = evaluation.summary.mean
    if np.isfinite(mean.value):
        axes.axvline(mean.value, color=model_color(evaluation.color_index), linewidth=1.2, linestyle=(0, (1, 1.5)))
    axes.set_xlabel("softening scale (1 = DFT; dotted: mean; shaded: within 5 %)", fontsize=8, color=TEXT)
    axes.grid(axis="x", color=LINE, linewidth=0.6)
    _explain(axes, evaluation)
    return figure


def error_split_figure(evaluations: Sequence[Evaluation]) -> Figure:
    """Draw which part of each model's mean squared force error one number can repair.

    Args:
        evaluations: One bar each.

    Returns:
        The figure.
    """
    figure, axes = new_figure(5.4, 1.3 + 0.55 * len(evaluations))
    for place, evaluation in enumerate(evaluations):
        statistics = evaluation.summary.statistics
        share = statistics.systematic_share
        if np.isfinite(share):
            axes.barh(place, 100 * share, color=model_color(evaluation.color_index), height=0.55)
            axes.barh(place, 100 * (1 - share), left=100 * share, color=LINE, height=0.55)
            text = f"systematic {100 * share:.0f} %, random {100 * (1 - share):.0f} % of RMSE² ({statistics.rmse:.3f} eV/Å)"
            axes.text(1.5, place - 0.42, text, va="bottom", fontsize=7.5, color=TEXT)
        else:
            axes.text(1.5, place, "no force error to split", va="center", fontsize=7.5, color=NEUTRAL)
    axes.set_yticks(range(len(evaluations)), [evaluation.title for evaluation in evaluations], fontsize=8.5)
    axes.set(xlim=(0, 100), ylim=(len(evaluations) - 0.5, -0.65))
    axes.set_xlabel("share of the mean squared force error (%); coloured: one number removes it", fontsize=8, color=TEXT)
    figure.suptitle("What one number can repair", x=0.02, ha="left", fontsize=10.5, color=TEXT, fontweight="bold")
    return figure


def models_figure(evaluations: Sequence[Evaluation]) -> Figure:
    """Draw the mean scale of each model with its interval on one axis.

    Args:
        evaluations: One line each.

    Returns:
        The figure.
    """
    figure, axes = new_figure(5.4, 1.2 + 0.4 * len(evaluations))
    for place, evaluation in enumerate(evaluations):
        mean, color = evaluation.summary.mean, model_color(evaluation.color_index)
        if np.isfinite(mean.value):
            _dot_with_interval(axes, mean, place, color)
        else:
            axes.text(1.0, place, Verdict.NO_SIGNAL.value, va="center", ha="center", fontsize=8, color=NEUTRAL)
    band = describe_family(evaluations[0].family).good_within if evaluations else 0.0
    axes.axvspan(1 - band, 1 + band, color=GOOD_BAND, zorder=0)
    axes.axvline(1, color=TEXT, linewidth=1)
    axes.set_yticks(range(len(evaluations)), [evaluation.title for evaluation in evaluations], fontsize=8.5)
    axes.set_ylim(len(evaluations) - 0.5, -0.5)
    axes.set_xlabel("mean softening scale, 95 % interval (1 = DFT; shaded: within 5 %)", fontsize=8, color=TEXT)
    axes.grid(axis="x", color=LINE, linewidth=0.6)
    return figure


def _draw_ranking(axes: Axes, judged: Sequence[CompoundResult]) -> None:
    for place, compound in enumerate(judged):
        estimate = ScaleEstimate(compound.statistics.scale, compound.interval)
        _dot_with_interval(axes, estimate, place, scale_color(compound.statistics.scale))
    axes.set_yticks(range(len(judged)), [subscripted(compound.name) for compound in judged], fontsize=7.5)
    axes.set_ylim(max(len(judged), 1) - 0.4, -0.6)
    if not judged:
        axes.text(0.5, 0.5, "no compound has enough signal", transform=axes.transAxes, ha="center", fontsize=8, color=NEUTRAL)


def _draw_distribution(axes: Axes, judged: Sequence[CompoundResult]) -> None:
    scales = np.array([compound.statistics.scale for compound in judged])
    # Bins meet at 1, so that no bar is both soft and stiff.
    width = max(0.02, round(float(np.ptp(scales)) / 60, 2))
    low, high = np.floor((scales.min() - 1) / width), np.ceil((scales.max() - 1) / width)
    edges = 1 + width * np.arange(low, max(high, low + 1) + 1)
    for part, color, label in ((scales[scales < 1], SOFT, "below 1"), (scales[scales >= 1], STIFF, "1 and above")):
        axes.hist(part, bins=list(edges), color=color, alpha=0.85, label=f"{label}: {len(part)}")
    axes.set_ylabel("compounds", fontsize=9, color=TEXT)
    axes.legend(fontsize=7.5, frameon=False, labelcolor=TEXT)


def _dot_with_interval(axes: Axes, estimate: ScaleEstimate, place: float, color: str) -> None:
    if estimate.interval is not None:
        axes.plot([estimate.interval.low, estimate.interval.high], [place, place], color=color, linewidth=1.6, solid_capstyle="round")
    axes.plot([estimate.value], [place], marker="o", markersize=5, color=color)


def _error_text(summary: HighEnergySummary) -> str:
    s = summary.statistics
    if not s.n:
        return "no force components"
    return f"MAE {s.mae:.3f} eV/Å, corrected {s.cmae:.3f}\nr² {s.r2:.3f}, {counted(s.n, 'component')}"


def _explain(axes: Axes, evaluation: Evaluation) -> None:
    headline, evidence = sentence(evaluation.summary, running=False, title=evaluation.title, functional=evaluation.functional)
    text = evaluation.summary.filter_text
    set_titles(axes, headline, evidence if evidence.endswith(text) else f"{evidence}; {text}")
