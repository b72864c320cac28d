"""One figure of all families in the style of the paper's Figures 2 to 6, from the user's own numbers.

Source:
    Deng et al., npj Comput. Mater. 11, 9 (2025): surfaces (Fig. 2), point defects (3), solid solutions and phonons (4), migration
    barriers (5), high-energy states (6): predicted against DFT values, one colour a model, the diagonal drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from guiapp.benchmarks.description import describe_family
from guiapp.benchmarks.high_energy_summary import FAMILY as HIGH_ENERGY
from guiapp.benchmarks.high_energy_summary import Verdict
from guiapp.number_words import counted, number_text
from guiapp.report.evaluation import Evaluation
from guiapp.report.family_evaluation import FamilyEvaluation
from guiapp.report.figure_style import LINE, NEUTRAL, TEXT, model_color

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAPER_FAMILIES = ("surfaces", "defects", "solid-solution", "phonons", "migration", HIGH_ENERGY)
"""In the order of the paper's figures."""
_STAND_INS = ("eos", "curvature")
"""Take the place of families that were not measured."""
_FEWEST_FOR_SIX = 3
_PANEL_WIDTH, _PANEL_HEIGHT = 3.4, 3.45  # inches
_BINS = 24


def panel_families(evaluations: Sequence[Evaluation], families: Sequence[FamilyEvaluation]) -> tuple[str, ...]:
    """Return which family each panel shows.

    Returns:
        The paper's six, with others that were measured in the place of those that were not; where fewer than three were measured at
        all, only those.
    """
    measured = {one.result.family for one in families if one.softest_first} | ({HIGH_ENERGY} if evaluations else set())
    if len(measured) < _FEWEST_FOR_SIX:
        return tuple(name for name in (*PAPER_FAMILIES, *_STAND_INS) if name in measured)
    spare = [name for name in _STAND_INS if name in measured]
    return tuple(name if name in measured or not spare else spare.pop(0) for name in PAPER_FAMILIES)


def six_panel_figure(evaluations: Sequence[Evaluation], families: Sequence[FamilyEvaluation]) -> Figure:
    """Draw one panel a family; what was not measured says so.

    Args:
        evaluations: High-energy states, one a model.
        families: The other families; where a model has a family in two modes, the static one is drawn.

    Returns:
        The figure.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - a second that the window need not wait for

    names = panel_families(evaluations, families)
    rows, columns = (2, 3) if len(names) == len(PAPER_FAMILIES) else (1, max(1, len(names)))
    figure = Figure(figsize=(columns * _PANEL_WIDTH, rows * _PANEL_HEIGHT), layout="constrained", facecolor="white")
    for place, (axes, name) in enumerate(zip(figure.subplots(rows, columns, squeeze=False).ravel(), names, strict=False)):
        for side, spine in axes.spines.items():
            spine.set_visible(side in {"left", "bottom"})
            spine.set_color(NEUTRAL)
        axes.tick_params(colors=TEXT, labelsize=7.5)
        axes.set_axisbelow(True)
        axes.set_title(f"{chr(ord('a') + place)}   {describe_family(name).title}", loc="left", fontsize=9.5, color=TEXT, fontweight="bold")
        if name == HIGH_ENERGY and evaluations:
            _draw_scales(axes, evaluations)
        else:
            mine = _one_a_model([one for one in families if one.result.family == name and one.softest_first])
            if mine:
                _draw_parity(axes, mine)
            else:
                _draw_nothing(axes)
    return figure


def _one_a_model(evaluations: Sequence[FamilyEvaluation]) -> list[FamilyEvaluation]:
    chosen: dict[str, FamilyEvaluation] = {}
    for one in sorted(evaluations, key=lambda one: one.result.mode != "static"):
        chosen.setdefault(one.result.model, one)
    return sorted(chosen.values(), key=lambda one: one.color_index)


def _draw_parity(axes: Axes, evaluations: Sequence[FamilyEvaluation]) -> None:
    card = describe_family(evaluations[0].result.family)
    quantity = card.quantities[evaluations[0].quantity]
    points = [(row.reference, row.predicted) for one in evaluations for row in one.softest_first]
    values = np.array(points)
    low, high = min(0.0, 1.08 * float(values.min())), 1.08 * max(0.0, float(values.max())) or 1.0
    ends = np.array([low, high])
    axes.plot(ends, ends, color=TEXT, linewidth=0.9, linestyle=(0, (4, 3)))
    for one in evaluations:
        rows, summary, color = one.softest_first, one.summary, model_color(one.color_index)
        slope = summary.slope.value if summary is not None and not summary.reason else float("nan")
        mode = "" if one.result.mode == "static" else f", {one.result.mode}"
        text = f"{one.title}{mode}: " + (f"slope {number_text(slope)}" if np.isfinite(slope) else counted(len(rows), card.noun))
        axes.scatter([r.reference for r in rows], [r.predicted for r in rows], s=16, color=color, alpha=0.75, linewidths=0, label=text)
        if np.isfinite(slope):
            axes.plot(ends, slope * ends, color=color, linewidth=1.2)
    unit = f" ({quantity.unit})" if quantity.unit else ""
    axes.set(xlim=(low, high), ylim=(low, high), aspect="equal")
    axes.set_xlabel(f"DFT {quantity.name}{unit}", fontsize=8, color=TEXT)
    axes.set_ylabel(f"model {quantity.name}{unit}", fontsize=8, color=TEXT)
    axes.grid(color=LINE, linewidth=0.6)
    axes.legend(loc="upper left", fontsize=6.5, frameon=False, labelcolor=TEXT, handletextpad=0.3)


def _draw_scales(axes: Axes, evaluations: Sequence[Evaluation]) -> None:
    scales = {
        one.title: np.array([c.statistics.scale for c in one.summary.compounds if c.verdict is not Verdict.NO_SIGNAL])
        for one in evaluations
    }
    every = np.concatenate(list(scales.values()))
    if not len(every):
        _draw_nothing(axes, "no compound has enough signal")
        return
    reach = max(0.25, float(np.abs(every - 1).max()) * 1.1)
    edges = np.linspace(1 - reach, 1 + reach, _BINS + 1)  # bins meet at 1
    for one in evaluations:
        color, mine = model_color(one.color_index), scales[one.title]
        below = int((mine < 1).sum())
        label = f"{one.title}: {below} of {len(mine)} below 1"
        axes.hist(mine, bins=list(edges), color=color, alpha=0.3)
        axes.hist(mine, bins=list(edges), color=color, histtype="step", linewidth=1.4, label=label)
        if np.isfinite(one.summary.mean.value):
            axes.axvline(one.summary.mean.value, color=color, linewidth=1.1, linestyle=(0, (1, 1.5)))
    axes.axvline(1, color=TEXT, linewidth=0.9, linestyle=(0, (4, 3)))
    top = axes.get_ylim()[1]
    axes.set_ylim(0, top * (1.1 + 0.13 * len(evaluations)))  # room for the legend
    axes.set_xlabel("softening scale (1 = DFT; dotted: mean)", fontsize=8, color=TEXT)
    axes.set_ylabel("compounds", fontsize=8, color=TEXT)
    axes.grid(axis="y", color=LINE, linewidth=0.6)
    axes.legend(loc="upper left", fontsize=6.5, facecolor="white", edgecolor="none", framealpha=0.9, labelcolor=TEXT)


def _draw_nothing(axes: Axes, why: str = "not measured") -> None:
    axes.text(0.5, 0.5, why, transform=axes.transAxes, ha="center", va="center", fontsize=9, color=NEUTRAL)
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)
