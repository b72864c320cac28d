"""The folder that a family's benchmark leaves behind: summary, rows, curves and plots."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from guiapp.benchmarks.family import Curve
from guiapp.benchmarks.family_rows import signed_deviation
from guiapp.benchmarks.family_summary import FamilySummary
from guiapp.benchmarks.high_energy_summary import ScaleEstimate
from guiapp.frames.reference_set import ReferenceSet
from guiapp.report.atomic_file import write_text
from guiapp.report.crystal_shapes import SHAPE_COLUMNS, crystal_shapes, shape_lines, shape_records, shapes_figure
from guiapp.report.family_evaluation import FamilyEvaluation, systems_by_deviation
from guiapp.report.family_figures import curve_figure, deviations_figure, systems_parity_figure
from guiapp.report.figure_style import save_figure
from guiapp.report.result_files import ROWS_FILE, SUMMARY_FILE, summary_record

SHAPES_FILE = "crystal-shapes.csv"
SYSTEMS_DRAWN = 24
"""Systems whose curves are drawn, those that deviate most; the curves of all are in the CSV files."""
_ROW_COLUMNS = (
    "model",
    "family",
    "mode",
    "system",
    "quantity",
    "unit",
    "predicted",
    "reference",
    "deviation",
    "count",
    "ci95_low",
    "ci95_high",
    "verdict",
)
_CURVE_COLUMNS = ("model", "system", "series", "kind", "line", "x", "y")


def write_family_results(
    folder: Path,
    evaluations: Sequence[FamilyEvaluation],
    *,
    reference_sets: Sequence[ReferenceSet] = (),
    formats: Sequence[str] = ("png", "svg"),
    settings: Mapping[str, str | float | int | bool | None] | None = None,
) -> list[Path]:
    """Write everything that was measured in one family into one folder, each file complete or not at all.

    Args:
        folder: Made where it is missing; files of an earlier run are replaced.
        evaluations: One a model, all of one family.
        reference_sets: Where the labels come from.
        formats: Formats of the plots; curves are drawn in the first only.
        settings: What else determined the run.

    Returns:
        The files written: ``summary.json``, ``rows.csv``, ``curves-KIND.csv``, for surfaces ``crystal-shapes.csv``, then the plots.

    Raises:
        UserFacingError: Where the disk is full or the folder cannot be written.
    """
    record = summary_record((), reference_sets=reference_sets, settings=settings)
    units = {row.quantity: row.unit for evaluation in evaluations for row in evaluation.result.rows}
    shapes = crystal_shapes(evaluations)
    record |= {"units": units, "results": [_result_record(evaluation) for evaluation in evaluations]}
    record |= {"crystal_shapes": shape_records(shapes)} if shapes else {}
    write_text(folder / SUMMARY_FILE, json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    write_text(folder / ROWS_FILE, _rows_text(evaluations))
    written = [folder / SUMMARY_FILE, folder / ROWS_FILE]
    for kind in _kinds(evaluations):
        path = folder / f"curves-{kind}.csv"
        write_text(path, _curves_text(evaluations, kind))
        written.append(path)
    if shapes:
        write_text(folder / SHAPES_FILE, _csv(SHAPE_COLUMNS, shape_lines(shapes)))
        written.append(folder / SHAPES_FILE)
    for crystal, sides in shapes.items():
        written += save_figure(shapes_figure(crystal, sides), folder / f"crystal-shape-{_file_name(crystal)}", formats)
    for evaluation in evaluations:
        if not evaluation.softest_first:
            continue  # without a reference there is nothing to compare
        stem = f"{evaluation.file_stem}-{evaluation.result.family}"
        written += save_figure(systems_parity_figure(evaluation), folder / f"{stem}-parity", formats)
        written += save_figure(deviations_figure(evaluation), folder / f"{stem}-deviations", formats)
    return written + _draw_curves(folder, evaluations, formats[:1])


def _draw_curves(folder: Path, evaluations: Sequence[FamilyEvaluation], formats: Sequence[str]) -> list[Path]:
    by_place: dict[tuple[str, str], list[tuple[FamilyEvaluation, Curve]]] = {}
    for evaluation in evaluations:
        for curve in evaluation.result.curves:
            by_place.setdefault((curve.kind, curve.system), []).append((evaluation, curve))
    ranked = systems_by_deviation(evaluations)
    left_out = set(ranked[SYSTEMS_DRAWN:])  # a curve may belong to several systems, as thickness does, and then to none by name
    written: list[Path] = []
    for (kind, system), curves in by_place.items():
        if system not in left_out:
            written += save_figure(curve_figure(curves), folder / f"{kind}-{_file_name(system)}", formats)
    return written


def _result_record(evaluation: FamilyEvaluation) -> dict[str, Any]:
    result, summary = evaluation.result, evaluation.summary
    return {
        "model": result.model,
        "title": evaluation.title,
        "family": result.family,
        "mode": result.mode,
        "device": evaluation.device,
        "computed_by": evaluation.computed_by,
        "weights_sha256": evaluation.weights_hash,
        "functional": evaluation.functional,
        "sentence": " ".join(summary.sentence(evaluation.title)) if summary is not None else "",
        "verdict": summary.verdict.value if summary is not None else "not enough signal",
        "quantities": [_quantity_record(one) for one in evaluation.summaries],
        "failures": [
            {"frame": f.frame_name, "compound": f.compound, "frame_hash": f.frame_hash, "reason": f.reason, "advice": f.advice}
            for f in evaluation.failures
        ],
        "systems_left_out": [{"system": f.system, "reason": f.reason, "advice": f.advice} for f in result.failures],
        "not_converged": list(evaluation.not_converged),
        "notes": list(result.notes),
    }


def _quantity_record(summary: FamilySummary) -> dict[str, Any]:
    return {
        "quantity": summary.quantity.name,
        "unit": summary.quantity.unit,
        "softness": summary.quantity.softness,
        "n_systems": summary.n_systems,
        "n_judged": summary.n_judged,
        "n_below": summary.n_below,
        "slope": _estimate_record(summary.slope),
        "mean_deviation": _estimate_record(summary.deviation),
        "mae": _finite(summary.mae),
        "r2_uncentred": _finite(summary.r2),
        "verdict": summary.verdict.value,
        "reason": summary.reason,
    }


def _estimate_record(estimate: ScaleEstimate) -> dict[str, Any]:
    interval = estimate.interval
    return {
        "value": _finite(estimate.value),
        "ci95": None if interval is None else [_finite(interval.low), _finite(interval.high)],
        "ci95_resampled": None if interval is None else interval.level,
    }


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _rows_text(evaluations: Sequence[FamilyEvaluation]) -> str:
    lines = []
    for evaluation in evaluations:
        for row in evaluation.result.rows:
            values = [row.predicted, row.reference, signed_deviation(row)]
            numbers = [value if math.isfinite(value) else "" for value in values]
            ends = [value if value is not None else "" for value in (row.low, row.high)]
            lines.append([row.model, row.family, row.mode, row.system, row.quantity, row.unit, *numbers, row.count, *ends, row.verdict])
    return _csv(_ROW_COLUMNS, lines)


def _curves_text(evaluations: Sequence[FamilyEvaluation], kind: str) -> str:
    lines = []
    for evaluation in evaluations:
        for curve in evaluation.result.curves:
            for series in curve.series if curve.kind == kind else ():
                how = "point" if series.points else "line"
                for number, values in enumerate(np.atleast_2d(series.y)):
                    lines += [
                        [evaluation.result.model, curve.system, series.label, how, number, f"{x:.9g}", f"{y:.9g}"]
                        for x, y in zip(series.x, values, strict=True)
                    ]
    return _csv(_CURVE_COLUMNS, lines)


def _csv(columns: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(lines)
    return text.getvalue()


def _kinds(evaluations: Sequence[FamilyEvaluation]) -> list[str]:
    return list(dict.fromkeys(curve.kind for evaluation in evaluations for curve in evaluation.result.curves))


def _file_name(system: str) -> str:
    return re.sub(r"[^A-Za-z0-9.()+]+", "-", system).strip("-.") or "system"
