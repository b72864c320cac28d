"""Figures of a correction: the unseen frames before and after, errors against the number of labels, and a training's course."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from guiapp.correction.corrected import Correction
from guiapp.correction.learning_curve import LearningCurve
from guiapp.correction.training_record import TrainingRecord
from guiapp.correction.verdict import CorrectionVerdict, Judged
from guiapp.number_words import number_text
from guiapp.report.figure_style import LINE, NEUTRAL, TEXT, model_color, new_figure, save_figure, set_titles

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_FORMATS = ("png", "svg")
_RASTERISED_FROM = 2_000


def before_after_figure(correction: Correction, verdict: CorrectionVerdict, unseen: Judged) -> Figure:
    """Draw model against DFT force components of the unseen frames, before in grey and after in colour.

    Args:
        correction: What was fitted.
        verdict: What came of judging it.
        unseen: The frames that the verdict rests on, at least one.
    """
    figure, axes = new_figure(4.6, 4.9)
    x = np.concatenate([np.ravel(frame.forces) for frame in unseen.frames if frame.forces is not None])
    sides = ((unseen.before, NEUTRAL, "before"), (unseen.after, model_color(0), "after"))
    reach = 1.05 * max(
        float(np.abs(x).max(initial=0.1)), *(float(np.abs(p.forces).max(initial=0)) for p in (*unseen.before, *unseen.after))
    )
    ends = np.array([-reach, reach])
    for predictions, color, label in sides:
        y = np.concatenate([prediction.forces.ravel() for prediction in predictions])
        scale = float(x @ y / (x @ x)) if x.any() else float("nan")
        axes.scatter(x, y, s=9, color=color, alpha=0.4, linewidths=0, rasterized=len(x) > _RASTERISED_FROM)
        axes.plot(ends, scale * ends, color=color, linewidth=1.5, label=f"{label}: scale {number_text(scale)}")
    axes.plot(ends, ends, color=TEXT, linewidth=0.9, linestyle=(0, (4, 3)), label="model = DFT")
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    axes.set_xlabel("DFT force component (eV/Å)", fontsize=9, color=TEXT)
    axes.set_ylabel("model force component (eV/Å)", fontsize=9, color=TEXT)
    axes.grid(color=LINE, linewidth=0.6)
    axes.legend(loc="upper left", fontsize=7.5, frameon=False, labelcolor=TEXT)
    set_titles(axes, f"{correction.base.card.title}, {correction.method.words}: {verdict.outcome.value}", verdict.reasons[0])
    return figure


def learning_curve_figure(curve: LearningCurve) -> Figure:
    """Draw the error on unseen frames against the number of labels, with the floor of one number.

    Args:
        curve: At least the point without labels.
    """
    figure, axes = new_figure(4.6, 3.2)
    n = [point.n_labels for point in curve.points]
    axes.fill_between(n, [p.low for p in curve.points], [p.high for p in curve.points], color=model_color(0), alpha=0.2, linewidth=0)
    axes.plot(n, [p.mae for p in curve.points], color=model_color(0), marker="o", markersize=4, linewidth=1.4)
    axes.axhline(curve.best_mae, color=TEXT, linewidth=0.9, linestyle=(0, (4, 3)), label="best single number")
    axes.set(ylim=(0, None), xticks=n)
    axes.set_xlabel("labels (0: uncorrected; band: 90 % of subsets)", fontsize=8.5, color=TEXT)
    axes.set_ylabel("unseen force MAE (eV/Å)", fontsize=9, color=TEXT)
    axes.grid(color=LINE, linewidth=0.6)
    axes.legend(fontsize=7.5, frameon=False, labelcolor=TEXT)
    set_titles(axes, f"More labels {'would' if curve.more_labels_help else 'would hardly'} help one scalar", curve.reason)
    return figure


def training_figure(record: TrainingRecord) -> Figure:
    """Draw the force error of training and validation frames over the epochs.

    Args:
        record: A training of at least one epoch.
    """
    figure, axes = new_figure(4.6, 3.2)
    epochs = [epoch.epoch for epoch in record.epochs]
    axes.plot(epochs, [epoch.train_force_mae for epoch in record.epochs], color=NEUTRAL, linewidth=1.4, label=f"{record.n_train} training")
    if record.n_validation:
        errors = [float("nan") if e.validation_force_mae is None else e.validation_force_mae for e in record.epochs]
        axes.plot(epochs, errors, color=model_color(0), linewidth=1.4, label=f"{record.n_validation} validation")
    axes.axvline(record.kept_epoch, color=TEXT, linewidth=0.9, linestyle=(0, (1, 1.5)), label="kept")
    axes.set(ylim=(0, None))
    axes.set_xlabel("epoch", fontsize=9, color=TEXT)
    axes.set_ylabel("force MAE (eV/Å)", fontsize=9, color=TEXT)
    axes.grid(color=LINE, linewidth=0.6)
    axes.legend(fontsize=7.5, frameon=False, labelcolor=TEXT)
    set_titles(axes, f"{record.n_parameters:,} parameters trained", f"kept: {record.reason}")
    return figure


def write_correction_figures(folder: Path, correction: Correction, verdict: CorrectionVerdict, unseen: Judged) -> Sequence[tuple[str, str]]:
    """Write the figures that a correction has, for ``export_correction``.

    Args:
        folder: Where to.
        correction: What was fitted.
        verdict: What came of judging it.
        unseen: The frames that the verdict rests on.

    Returns:
        File names with what they show.

    Raises:
        UserFacingError: Where the disk is full or the folder cannot be written.
    """
    figures = []
    if unseen.frames:
        figures.append(("unseen-before-after", "unseen frames before and after", before_after_figure(correction, verdict, unseen)))
    if verdict.curve is not None and len(verdict.curve.points) > 1:
        figures.append(("learning-curve", "error against the number of labels", learning_curve_figure(verdict.curve)))
    if correction.training is not None and correction.training.epochs:
        figures.append(("training", "course of the training", training_figure(correction.training)))
    return [(path.name, what) for stem, what, figure in figures for path in save_figure(figure, folder / stem, _FORMATS)]
