"""The folder that a benchmark leaves behind: summary, rows, every force component, and the plots."""

from __future__ import annotations

import csv
import io
import json
import math
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from guiapp import __version__
from guiapp.benchmarks.energy_agreement import energy_agreement
from guiapp.benchmarks.high_energy_summary import CompoundResult, FrameResult, GroupResult, HighEnergySummary, judge_scale
from guiapp.frames.reference_set import ReferenceSet
from guiapp.physics.bootstrap import Interval
from guiapp.physics.force_statistics import ForceStatistics
from guiapp.report.atomic_file import write_text
from guiapp.report.component_file import COMPONENTS_FILE, write_components
from guiapp.report.evaluation import Evaluation
from guiapp.report.figure_style import save_figure
from guiapp.report.figures import error_split_figure, models_figure, parity_figure, scales_figure

__all__ = ["COMPONENTS_FILE", "ROWS_FILE", "SUMMARY_FILE", "Evaluation", "summary_record", "write_results"]

SUMMARY_FILE = "summary.json"
ROWS_FILE = "rows.csv"
_PACKAGES = ("numpy", "scipy", "ase", "pymatgen", "torch", "chgnet", "temper-chgnet-kernel", "mace-torch", "matgl")
_COLUMNS = (
    "kind",
    "model",
    "family",
    "mode",
    "name",
    "compound",
    "formula",
    "n_frames",
    "n_atoms",
    "n_components",
    "slope",
    "ci95_low",
    "ci95_high",
    "mae",
    "cmae",
    "rmse",
    "systematic",
    "random",
    "r2_uncentred",
    "intercept",
    "c_least_squares",
    "c_slope_matching",
    "rms_force",
    "verdict",
    "reason",
    "energy_slope",
    "strain",
    "frame_hash",
)


def write_results(
    folder: Path,
    evaluations: Sequence[Evaluation],
    *,
    reference_sets: Sequence[ReferenceSet] = (),
    formats: Sequence[str] = ("png", "svg"),
    settings: Mapping[str, str | float | int | bool | None] | None = None,
) -> list[Path]:
    """Write everything that was measured into one folder, each file complete or not at all.

    Args:
        folder: Made where it is missing; files of an earlier run are replaced.
        evaluations: One for each model and family.
        reference_sets: Where the labels come from, for the provenance in the summary.
        formats: Formats of the plots, any of png, svg and pdf.
        settings: What else determined the run, e.g. ``limit`` or ``precision``.

    Returns:
        The files written: ``summary.json``, ``rows.csv``, ``components.csv.gz``, then the plots.

    Raises:
        UserFacingError: Where the disk is full or the folder cannot be written.
    """
    record = summary_record(evaluations, reference_sets=reference_sets, settings=settings)
    write_text(folder / SUMMARY_FILE, json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    write_text(folder / ROWS_FILE, _rows_text(evaluations))
    write_components(folder / COMPONENTS_FILE, evaluations)
    written = [folder / SUMMARY_FILE, folder / ROWS_FILE, folder / COMPONENTS_FILE]
    for stem, evaluation in zip(_distinct([evaluation.file_stem for evaluation in evaluations]), evaluations, strict=True):
        written += save_figure(parity_figure(evaluation), folder / f"{stem}-parity", formats)
        written += save_figure(scales_figure(evaluation), folder / f"{stem}-scales", formats)
    if evaluations:
        written += save_figure(error_split_figure(evaluations), folder / "error-split", formats)
    if len(evaluations) > 1:
        written += save_figure(models_figure(evaluations), folder / "models", formats)
    return written


def summary_record(
    evaluations: Sequence[Evaluation],
    *,
    reference_sets: Sequence[ReferenceSet] = (),
    settings: Mapping[str, str | float | int | bool | None] | None = None,
) -> dict[str, Any]:
    """Return what ``summary.json`` holds: plain values only, null where a number is not determined.

    Args:
        evaluations: One for each model and family.
        reference_sets: Where the labels come from.
        settings: What else determined the run.

    Returns:
        A dictionary of strings, finite numbers, lists and dictionaries.
    """
    return {
        "program": "Temper",
        "version": __version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": _versions(),
        "settings": dict(settings or {}),
        "reference_sets": [
            {"name": s.name, "title": s.title, "n_frames": len(s.frames), "provenance": asdict(s.provenance)} for s in reference_sets
        ],
        "units": {"mae": "eV/Å", "cmae": "eV/Å", "rmse": "eV/Å", "intercept": "eV/Å", "rms_force": "eV/Å", "softening_scale": "1"},
        "results": [_result_record(evaluation) for evaluation in evaluations],
    }


def _result_record(evaluation: Evaluation) -> dict[str, Any]:
    summary, s = evaluation.summary, evaluation.summary.statistics
    record: dict[str, Any] = {
        "model": evaluation.model,
        "title": evaluation.title,
        "family": evaluation.family,
        "mode": evaluation.mode,
        "device": evaluation.device,
        "computed_by": evaluation.computed_by,
        "weights_sha256": evaluation.weights_hash,
        "functional": evaluation.functional,
        "filter": summary.filter_text,
        "n_compounds": summary.n_compounds,
        "n_frames": summary.n_frames,
        "n_components": summary.n_components,
        "n_compounds_judged": summary.n_judged,
        "n_compounds_below_1": summary.n_below,
        "softening_scale": {
            "pooled": summary.pooled.value,
            "mean": summary.mean.value,
            "median": summary.median.value,
            "ci95": _ends(summary.mean.interval),
            "ci95_of": "mean",
            "ci95_resampled": summary.mean.interval.level if summary.mean.interval else "none",
            "ci95_pooled": _ends(summary.pooled.interval),
            "ci95_median": _ends(summary.median.interval),
        },
        "mae": s.mae,
        "cmae": s.cmae,
        "rmse": {"total": s.rmse, "systematic": s.systematic, "random": s.random, "systematic_share": s.systematic_share},
        "r2_uncentred": s.r2,
        "intercept": s.intercept,
        "slope_with_intercept": s.slope_with_intercept,
        "rms_force": s.rms_force,
        "correction": {"least_squares": s.c_least_squares, "slope_matching": s.c_slope_matching},
        "verdict": summary.verdict.value,
        "signal": {"enough": s.signal.enough, "reason": s.signal.reason},
        "parts": {kind: [_part_record(part) for part in parts] for kind, parts in _parts(summary).items()},
        "energies": _energy_record(summary),
        "failures": [
            {
                "frame": failure.frame_name,
                "compound": failure.compound,
                "frame_hash": failure.frame_hash,
                "reason": failure.reason,
                "advice": failure.advice,
            }
            for failure in evaluation.failures
        ],
        "left_out": [
            {"frame": frame.name, "compound": frame.compound, "reason": "a force is not a number"} for frame in summary.not_finite
        ],
    }
    missing: dict[str, str] = {}
    reason = s.signal.reason or "the data do not determine it"
    clean: dict[str, Any] = _without_nan(record, "", missing, reason)
    clean["not_determined"] = missing
    return clean


def _without_nan(value: Any, place: str, missing: dict[str, str], reason: str) -> Any:
    """Return the value with null for every number that is not finite, noting where and why."""
    if isinstance(value, dict):
        return {key: _without_nan(inner, f"{place}.{key}" if place else key, missing, reason) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_nan(inner, f"{place}[{index}]", missing, reason) for index, inner in enumerate(value)]
    if isinstance(value, float) and not math.isfinite(value):
        missing[place] = reason
        return None
    return value


def _ends(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [interval.low, interval.high]


def _distinct(stems: Sequence[str]) -> list[str]:
    """Number those that occur twice: two weights files may differ only in letters that file names cannot have."""
    return [stem if stems.count(stem) == 1 else f"{stem}-{index + 1}" for index, stem in enumerate(stems)]


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "system": platform.platform()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue  # a model family that is not installed has no version
    return found


def _rows_text(evaluations: Sequence[Evaluation]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, _COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for evaluation in evaluations:
        for compound in evaluation.summary.compounds:
            writer.writerow(_compound_row(evaluation, compound))
        for kind, parts in _parts(evaluation.summary).items():
            for part in parts:
                writer.writerow(_part_row(evaluation, kind, part))
        for result in evaluation.summary.frame_results:
            writer.writerow(_frame_row(evaluation, result))
    return text.getvalue()


def _parts(summary: HighEnergySummary) -> dict[str, tuple[GroupResult, ...]]:
    """Return the parts of the cloud by their kind in ``rows.csv``."""
    return {"element": summary.by_element, "force range": summary.by_force, "strain class": summary.by_strain}


def _part_row(evaluation: Evaluation, kind: str, part: GroupResult) -> dict[str, object]:
    verdict = judge_scale(part.statistics.scale, enough=part.statistics.signal.enough)
    return {**_common(evaluation, part.statistics), "kind": kind, "name": part.label, "verdict": verdict.value}


def _part_record(part: GroupResult) -> dict[str, Any]:
    s = part.statistics
    return {
        "name": part.label,
        "slope": s.scale,
        "mae": s.mae,
        "rms_force": s.rms_force,
        "n_components": s.n,
        "n_compounds": part.n_compounds,
        "verdict": judge_scale(s.scale, enough=s.signal.enough).value,
    }


def _energy_record(summary: HighEnergySummary) -> dict[str, Any]:
    agreement = energy_agreement(summary)
    return {
        "n_compounds": agreement.n_compounds,
        "mean_energy_slope": agreement.energy.value,
        "ci95": _ends(agreement.energy.interval),
        "mean_force_slope_of_the_same": agreement.force.value,
        "difference": agreement.difference.value,
        "ci95_difference": _ends(agreement.difference.interval),
        "differ": agreement.differ,
        "sentence": agreement.sentence(),
    }


def _compound_row(evaluation: Evaluation, compound: CompoundResult) -> dict[str, object]:
    interval = compound.interval
    return {
        **_common(evaluation, compound.statistics),
        "kind": "compound",
        "name": compound.name,
        "compound": compound.name,
        "formula": compound.formula,
        "n_frames": compound.n_frames,
        "n_atoms": compound.n_atoms,
        "ci95_low": interval.low if interval else "",
        "ci95_high": interval.high if interval else "",
        "verdict": compound.verdict.value,
        "energy_slope": compound.energy.slope if compound.energy.enough else "",
    }


def _frame_row(evaluation: Evaluation, result: FrameResult) -> dict[str, object]:
    frame = result.frame
    return {
        **_common(evaluation, result.statistics),
        "kind": "frame",
        "name": frame.name,
        "compound": frame.compound,
        "formula": frame.formula,
        "n_frames": 1,
        "n_atoms": frame.n_atoms,
        "verdict": result.verdict.value,
        "strain": frame.info.get("strain", ""),
        "frame_hash": frame.content_hash,
    }


def _common(evaluation: Evaluation, s: ForceStatistics) -> dict[str, object]:
    numbers: dict[str, float] = {
        "slope": s.scale,
        "mae": s.mae,
        "cmae": s.cmae,
        "rmse": s.rmse,
        "systematic": s.systematic,
        "random": s.random,
        "r2_uncentred": s.r2,
        "intercept": s.intercept,
        "c_least_squares": s.c_least_squares,
        "c_slope_matching": s.c_slope_matching,
        "rms_force": s.rms_force,
    }
    return {
        "model": evaluation.model,
        "family": evaluation.family,
        "mode": evaluation.mode,
        "n_components": s.n,
        "reason": s.signal.reason,
        **{name: value if math.isfinite(value) else "" for name, value in numbers.items()},
    }
