"""What the plots draw, made from evaluations: series, ranked compounds, table lines, error parts."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from guiapp.benchmarks.high_energy_summary import CompoundResult, Verdict
from guiapp.physics.bootstrap import Interval
from guiapp.physics.energy_slope import EnergySlope
from guiapp.report.formula_text import subscripted
from guiapp.ui.evaluation import Evaluation
from guiapp.ui.plots.colouring import PointColors, color_by_element, color_by_scale, color_by_strain
from guiapp.ui.plots.compound_model import CompoundEntry
from guiapp.ui.plots.error_split_bar import ErrorParts
from guiapp.ui.plots.parity_series import ParitySeries
from guiapp.ui.plots.ranked_compound import RankedCompound, ScaleMark
from guiapp.ui.theme import Palette

COLORINGS = ("compound", "element", "strain", "model")
"""What points can be coloured by."""


def ends(interval: Interval | None) -> tuple[float, float] | None:
    """Return an interval as the plots take it."""
    return None if interval is None else (interval.low, interval.high)


def point_colors(evaluation: Evaluation, by: str, palette: Palette) -> PointColors | None:
    """Return a colour for each component; None for the model's own."""
    components = evaluation.components
    if by == "compound":
        by_name = evaluation.summary.compound_by_name
        scales = [
            by_name[name].statistics.scale if name in by_name and by_name[name].statistics.signal.enough else None
            for name in evaluation.table.compounds
        ]
        return color_by_scale(components.compound, scales, palette)
    if by == "element":
        return color_by_element(components.number, palette)
    if by == "strain":
        strains = [frame.info.get("strain") for frame in evaluation.table.frames]
        values = np.array([float(s) if isinstance(s, (int, float)) else math.nan for s in strains])
        return color_by_strain(values[components.frame] if len(values) else values, palette)
    return None


def parity_series(evaluation: Evaluation, palette: Palette, colors: PointColors | None) -> ParitySeries:
    """Return what the parity plot shows of one model: the pooled line, because that is what the cloud shows."""
    summary = evaluation.summary
    return ParitySeries(
        model_title=evaluation.title,
        color=palette.model_color(evaluation.color_index).name(),
        dft=evaluation.components.dft,
        model=evaluation.components.model,
        scale=_known(summary.pooled.value),
        interval=ends(summary.pooled.interval),
        point_colors=None if colors is None else colors.colors,
        enough_signal=summary.statistics.signal.enough,
        corrected=evaluation.corrected,
    )


def ranked_compounds(evaluations: Sequence[Evaluation], palette: Palette) -> list[RankedCompound]:
    """Return one row a compound with a mark a model; the plot sorts them."""
    names: dict[str, CompoundResult] = {}
    for evaluation in evaluations:
        for compound in evaluation.summary.compounds:
            names.setdefault(compound.name, compound)
    return [
        RankedCompound(
            compound=name,
            marks=tuple(_mark(evaluation, name, palette) for evaluation in evaluations),
            title=subscripted(name),
            detail=f"{any_result.n_frames} frames, {any_result.statistics.n} force components",
        )
        for name, any_result in names.items()
    ]


def _mark(evaluation: Evaluation, compound: str, palette: Palette) -> ScaleMark:
    color = palette.model_color(evaluation.color_index).name()
    result = evaluation.summary.compound_by_name.get(compound)
    if result is None:
        return ScaleMark(evaluation.title, color, None, corrected=evaluation.corrected, enough_signal=False)
    return ScaleMark(
        evaluation.title,
        color,
        _known(result.statistics.scale),
        ends(result.interval),
        corrected=evaluation.corrected,
        enough_signal=result.verdict is not Verdict.NO_SIGNAL,
    )


def table_entries(evaluations: Sequence[Evaluation]) -> list[CompoundEntry]:
    """Return one line of the table for each compound and model."""
    return [_entry(evaluation, compound) for evaluation in evaluations for compound in evaluation.summary.compounds]


def _entry(evaluation: Evaluation, compound: CompoundResult) -> CompoundEntry:
    numbers = compound.statistics
    enough = numbers.signal.enough
    return CompoundEntry(
        compound=compound.name,
        formula=subscripted(compound.formula),
        model_title=evaluation.title,
        frames=compound.n_frames,
        components=numbers.n,
        scale=_known(numbers.scale) if enough else None,
        interval=ends(compound.interval),
        mae=numbers.mae,
        cmae=_known(numbers.cmae) if enough else None,
        r2=_known(numbers.r2),
        rms_force=numbers.rms_force,
        intercept=_known(numbers.intercept),
        energy_slope=_energy_slope(compound.energy),
        verdict=str(compound.verdict),
    )


def _energy_slope(energy: EnergySlope) -> float | None:
    return _known(energy.slope) if energy.enough else None


def error_parts(evaluation: Evaluation, palette: Palette) -> ErrorParts:
    """Return the parts of the error bar of one model."""
    numbers = evaluation.summary.statistics
    return ErrorParts(
        model_title=evaluation.title,
        color=palette.model_color(evaluation.color_index).name(),
        systematic=numbers.systematic,
        random=numbers.random,
        corrected=evaluation.corrected,
    )


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
