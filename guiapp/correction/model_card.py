"""The model card: everything that a reader needs to trust, use, cite or repeat a corrected model, as data and as text."""

from __future__ import annotations

import math
import platform
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from guiapp import __version__
from guiapp.correction.comparison import Comparison, Side
from guiapp.correction.corrected import Correction
from guiapp.correction.reload_check import ReloadCheck
from guiapp.correction.verdict import CorrectionVerdict
from guiapp.number_words import counted, number_text
from guiapp.physics.bootstrap import Interval

_PAPER = "Deng et al., “Systematic softening in universal machine learning interatomic potentials”, npj Comput. Mater. 11, 9 (2025)"
_PACKAGES = ("temper-mlip", "torch", "numpy", "ase", "pymatgen", "chgnet", "mace-torch", "matgl")
SCHEMA = 1


def card_data(
    correction: Correction,
    verdict: CorrectionVerdict,
    *,
    name: str,
    files: Mapping[str, str],
    file_hash: str,
    load_lines: tuple[str, ...],
    reload: ReloadCheck,
    override: bool,
    reproduce: str,
) -> dict[str, Any]:
    """Return the card as JSON data; a number that is not determined is null.

    Args:
        correction: What was fitted.
        verdict: What came of judging it.
        name: What the corrected model is called.
        files: Purpose by file name.
        file_hash: SHA-256 of the model file.
        load_lines: Python lines that load it without this program.
        reload: What came of opening it in a fresh process.
        override: Whether it is exported against the verdict.
        reproduce: Command that repeats the correction.
    """
    base = correction.base
    data = {
        "schema": SCHEMA,
        "name": name,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "made_with": f"Temper {__version__}",
        "base_model": {
            "name": base.card.name,
            "title": base.card.title,
            "family": base.card.family,
            "weights_sha256": base.weights_hash,
            "functional": base.card.functional,
            "training_data": base.card.training_data,
            "licence": base.card.licence,
            "citation": base.card.citation,
        },
        "model_file_sha256": file_hash,
        "files": dict(files),
        "method": correction.method.value,
        "method_in_words": correction.method.words,
        "scalar": _scalar(correction),
        "training": _training(correction),
        "labels": {
            **asdict(correction.provenance),
            "frames": [
                {"compound": f.compound, "name": f.name, "content_hash": f.content_hash, "label_hash": f.label_hash, "n_atoms": f.n_atoms}
                for f in correction.labels
            ],
        },
        "settings": dict(correction.settings),
        "verdict": {
            "outcome": verdict.outcome.value,
            "headline": verdict.headline,
            "reasons": list(verdict.reasons),
            "exported_against_the_verdict": override and not verdict.may_be_exported,
            "unseen": _comparison(verdict.unseen),
            "other_chemistries": _comparison(verdict.elsewhere),
            "learning_curve": asdict(verdict.curve) if verdict.curve else None,
            "energies": asdict(verdict.energy) if verdict.energy else None,
            "families": [asdict(one) for one in verdict.families],
        },
        "validity": {**asdict(verdict.validity), "in_words": verdict.validity_in_words},
        "reload_check": asdict(reload),
        "load": list(load_lines),
        "licence": base.card.licence or "that of the base model",
        "cite": [
            line for line in (base.card.citation, _PAPER, correction.provenance.citation, f"Temper {__version__} (this program)") if line
        ],
        "reproduce": reproduce,
        "software": _versions(),
    }
    cleaned: dict[str, Any] = _plain(data)
    return cleaned


def card_text(data: Mapping[str, Any], verdict: CorrectionVerdict) -> str:
    """Return the card as Markdown.

    Args:
        data: What ``card_data`` returned.
        verdict: The same verdict, for its tables.
    """
    base, scalar, labels = data["base_model"], data["scalar"], data["labels"]
    warning = (
        "> **Exported against the verdict.** The check on unseen frames did not confirm this correction; it was exported all the same, "
        "by an explicit override.\n\n"
        if data["verdict"]["exported_against_the_verdict"]
        else ""
    )
    lines = [
        f"# {data['name']}\n",
        f"{warning}**{verdict.headline}.** {' '.join(verdict.reasons)}\n",
        f"{data['validity']['in_words']}\n",
        "## Load it\n\n```python\n" + "\n".join(data["load"]) + "\n```\n",
        f"{data['reload_check']['reason']}\n",
        "## What was done\n",
        f"- Base model: {base['title']} ({base['family']}), weights SHA-256 `{base['weights_sha256']}`",
        f"- Trained on {base['training_data'] or 'unknown data'}",
        f"- Method: {data['method_in_words']}",
    ]
    if scalar:
        lines.append(f"- c = {scalar['c']:.4f} by {scalar['fitted_by']}{_ci(scalar['ci95'])}; {scalar['caution'] or 'frames resampled'}")
        lines.append(f"- Least squares {scalar['least_squares']:.4f}, slope matching {scalar['slope_matching']:.4f}")
        lines.append("- Interaction energy, forces and stress times c; composition references and magnetic moments unchanged")
    if data["training"]:
        training = data["training"]
        lines.append(
            f"- {training['n_parameters']:,} parameters, {counted(training['n_train'], 'training frame')} and "
            f"{counted(training['n_validation'], 'validation frame')}"
        )
        lines.append(f"- {training['recipe_in_words']}")
        lines.append(f"- {counted(len(training['epochs']), 'epoch')} in {training['seconds']:.0f} s; kept: {training['reason']}")
    lines += [
        f"- Labels: {counted(len(labels['frames']), 'frame')}: "
        + ", ".join(f"{f['compound']} {f['name']}".strip() for f in labels["frames"][:10])
        + ("" if len(labels["frames"]) <= 10 else ", ..."),
        f"- Labels by {labels['code'] or 'an unknown code'}, {labels['functional'] or 'unknown functional'}",
        f"- Their settings: {labels['settings'] or 'unknown'}",
        "",
        "## Before and after\n",
        _table(verdict),
        *_elsewhere(verdict),
        "## Files\n",
        *(f"- `{file}`: {purpose}" for file, purpose in data["files"].items()),
        "",
        "## Repeat it\n\n```\n" + (data["reproduce"] or "not recorded") + "\n```\n",
        "## Licence and citation\n",
        f"Licence of the weights: {data['licence']}. Labels: {labels['licence'] or 'licence unknown'}. Please cite:\n",
        *(f"- {line}" for line in data["cite"]),
        "",
        f"Made {data['made']} with {data['made_with']}; " + ", ".join(f"{key} {value}" for key, value in data["software"].items()) + ".",
        "",
    ]
    return "\n".join(lines)


def _scalar(correction: Correction) -> dict[str, Any] | None:
    fit = correction.fit
    if fit is None:
        return None
    return {
        "c": fit.c,
        "fitted_by": fit.method.value,
        "ci95": _ends(fit.interval),
        "ci95_resampled": fit.interval.level if fit.interval else None,
        "caution": fit.caution,
        "least_squares": fit.c_least_squares,
        "ci95_least_squares": _ends(fit.interval_least_squares),
        "slope_matching": fit.c_slope_matching,
        "ci95_slope_matching": _ends(fit.interval_slope_matching),
        "from_energies": fit.c_energies,
        "energies_agree": fit.energies_agree,
        "used": list(fit.used),
    }


def _training(correction: Correction) -> dict[str, Any] | None:
    training = correction.training
    return {**asdict(training), "recipe_in_words": training.recipe.words} if training is not None else None


def _comparison(comparison: Comparison | None) -> dict[str, Any] | None:
    if comparison is None:
        return None
    return {
        "title": comparison.title,
        "n_frames": comparison.n_frames,
        "n_compounds": comparison.n_compounds,
        "before": _side(comparison.before),
        "after": _side(comparison.after),
        "paired_test": asdict(comparison.test),
        "mae_ratio": comparison.mae_ratio,
        "mae_ratio_by_compound": dict(comparison.mae_ratio_by_compound),
    }


def _side(side: Side) -> dict[str, Any]:
    s = side.statistics
    return {
        "scale": s.scale,
        "ci95": _ends(side.interval),
        "mae": s.mae,
        "cmae": s.cmae,
        "rmse": s.rmse,
        "systematic": s.systematic,
        "random": s.random,
        "n_components": s.n,
        "energy_difference_mae": side.energy_error,
    }


def _table(verdict: CorrectionVerdict) -> str:
    rows = [
        "| frames | | scale (95 % CI) | MAE | cMAE | systematic | random (eV/Å) |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for comparison in (verdict.unseen, verdict.elsewhere):
        if comparison is None:
            continue
        counts = f"{comparison.title}: {counted(comparison.n_frames, 'frame')}, {counted(comparison.n_compounds, 'compound')}"
        for when, side in (("before", comparison.before), ("after", comparison.after)):
            s = side.statistics
            rows.append(
                f"| {counts if when == 'before' else ''} | {when} | {number_text(s.scale)}{_ci(_ends(side.interval))} | {s.mae:.3f} | "
                f"{s.cmae:.3f} | {s.systematic:.3f} | {s.random:.3f} |"
            )
    return "\n".join(rows) + "\n"


def _elsewhere(verdict: CorrectionVerdict) -> list[str]:
    """Return what became of energies and of families that were not fitted, as Markdown."""
    lines = []
    energy = verdict.energy
    if energy is not None and energy.energy.enough:
        lines.append(
            f"Energies against forces, uncorrected: energy slope {number_text(energy.energy.slope)}, force scale "
            f"{number_text(energy.force_scale)}; error of energy differences {1000 * energy.error_before:.1f} meV/atom before, "
            f"{1000 * energy.error_after:.1f} after.\n"
        )
    if verdict.families:
        lines += [
            "Families that were not fitted, on the DFT geometries:\n",
            "| family | quantity | systems | MAE before | after | mean deviation before | after |",
            "| --- | --- | --- | --- | --- | --- | --- |",
            *(
                f"| {one.title} | {one.quantity} | {one.n_systems} | {one.mae_before:.3g} {one.unit} | {one.mae_after:.3g} | "
                f"{_deviation(one.deviation_before)} | {_deviation(one.deviation_after)} |"
                for one in verdict.families
            ),
            "",
        ]
    return lines


def _deviation(value: float) -> str:
    return f"{100 * value:+.1f} %" if math.isfinite(value) else "-"


def _ci(ends: list[float] | None) -> str:
    return f" ({ends[0]:.2f} to {ends[1]:.2f})" if ends else ""


def _ends(interval: Interval | None) -> list[float] | None:
    return [interval.low, interval.high] if interval is not None else None


def _plain(value: Any) -> Any:
    """Return data that any JSON reader takes: NaN and infinity become null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue  # a model family that is not installed has no version
    return found
