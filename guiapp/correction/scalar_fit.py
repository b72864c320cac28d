"""The one scalar c from labels: closed form, with what it is sure of and whether energies agree.

Energies take part only as differences between frames of one composition, since DFT code, pseudopotentials and corrections per composition
shift their zero; so one label never tells anything about energies.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Floats, Frame
from guiapp.physics.bootstrap import MIN_UNITS, Interval, bootstrap_pooled_slope
from guiapp.physics.energy_slope import EnergySlope, energy_slopes
from guiapp.physics.force_statistics import ForceStatistics, force_statistics
from guiapp.potentials.potential import Prediction


class ScalarMethod(StrEnum):
    """How c follows from the forces."""

    LEAST_SQUARES = "least squares"
    SLOPE_MATCHING = "slope matching"


@dataclass(frozen=True)
class FitWeights:
    """Weights of the mean squared errors in the fit; the paper's are 100 for forces, 0.1 for energies and stresses."""

    forces: float = 1.0
    """Per (eV/Å)^2."""
    energies: float = 0.0
    """Per (eV/atom)^2, of differences within one composition."""
    stresses: float = 0.0
    """Per (eV/Å^3)^2."""


@dataclass(frozen=True)
class ScalarFit:
    """The scalar c that multiplies interaction energy, forces and stress, and what it rests on."""

    c: float
    """The value of the chosen method, dimensionless."""
    interval: Interval | None
    """95 %; ``level`` says whether frames or the atoms of too few frames were resampled."""
    method: ScalarMethod
    c_least_squares: float
    c_slope_matching: float
    interval_least_squares: Interval | None
    interval_slope_matching: Interval | None
    c_energies: float
    """From energy differences alone; NaN where they say nothing."""
    statistics: ForceStatistics
    """Of the labels, before the correction."""
    energy: EnergySlope
    """Of the labels, before the correction."""
    n_labels: int
    used: tuple[str, ...]
    """Which labels entered: ``forces``, ``energies``, ``stresses``."""
    caution: str
    """What the interval leaves out, in words."""

    @property
    def energies_agree(self) -> bool | None:
        """Whether energies ask for the same c within 10 %; None where they say nothing."""
        if not self.energy.enough or not math.isfinite(self.c_energies):
            return None
        return abs(self.c_energies / self.c - 1) <= 0.1


def fit_scalar(
    labels: Sequence[Frame],
    predictions: Sequence[Prediction],
    *,
    method: ScalarMethod = ScalarMethod.LEAST_SQUARES,
    weights: FitWeights | None = None,
) -> ScalarFit:
    """Fit c to labelled frames in closed form.

    Args:
        labels: Frames with DFT forces.
        predictions: What the uncorrected model says about them, in the same order.
        method: Least squares (the smallest error) or slope matching (a scale of exactly 1; forces only).
        weights: What enters least squares; forces alone by default.

    Returns:
        The scalar with its uncertainty.

    Raises:
        UserFacingError: Where the labels do not determine c: no forces, forces that are all zero, or of opposite sign.

    Source:
        Least squares: minimum of w_F <(c y - x)^2> + w_E <(c e - e_DFT)^2> + w_S <(c s - s_DFT)^2>. Slope matching: c = 1/a. Deng et al.,
        npj Comput. Mater. 11, 9 (2025), linear correction, trained there with the same loss on one structure.
    """
    chosen = FitWeights() if weights is None else weights
    if any(frame.forces is None for frame in labels) or not labels:
        raise UserFacingError(
            "A label has no DFT forces.", advice="Compute forces with DFT for exactly this structure, and read the result."
        )
    x = [np.asarray(frame.forces) for frame in labels]
    y = [prediction.forces for prediction in predictions]
    statistics = force_statistics(np.concatenate(x), np.concatenate(y))
    energy = energy_slope_of(labels, predictions)
    least, used = _weighted(labels, predictions, x, y, chosen)
    matching = statistics.c_slope_matching
    c = least if method is ScalarMethod.LEAST_SQUARES else matching
    if not math.isfinite(c) or c <= 0:
        raise UserFacingError(
            "The label does not determine a correction: model and DFT forces have nothing in common.",
            advice="Label a structure with larger forces, or check that the label belongs to this structure.",
        )
    xx, xy, yy, level = _units(x, y)
    interval_least = bootstrap_pooled_slope(xy, yy, level=level)
    scale_interval = bootstrap_pooled_slope(xy, xx, level=level)
    interval_matching = _inverted(scale_interval)
    return ScalarFit(
        c=c,
        interval=interval_least if method is ScalarMethod.LEAST_SQUARES else interval_matching,
        method=method,
        c_least_squares=least,
        c_slope_matching=matching,
        interval_least_squares=interval_least,
        interval_slope_matching=interval_matching,
        c_energies=_energy_correction(labels, predictions),
        statistics=statistics,
        energy=energy,
        n_labels=len(labels),
        used=used,
        caution=_caution(len(labels), level),
    )


def centred_energies(labels: Sequence[Frame], predictions: Sequence[Prediction]) -> tuple[Floats, Floats]:
    """Return DFT and model energies relative to the mean of their composition.

    Args:
        labels: Frames; those without an energy take no part.
        predictions: In the same order.

    Returns:
        (n,) DFT and (n,) model energies, eV/atom, without those that are alone in their composition.
    """
    groups: dict[tuple[int, ...], list[tuple[float, float]]] = {}
    for frame, prediction in zip(labels, predictions, strict=True):
        if frame.energy is not None and np.isfinite(frame.energy) and np.isfinite(prediction.energy):
            pair = (frame.energy / frame.n_atoms, prediction.energy / frame.n_atoms)
            groups.setdefault(_composition(frame), []).append(pair)
    centred = [np.array(pairs) - np.mean(pairs, axis=0) for pairs in groups.values() if len(pairs) > 1]
    both = np.concatenate(centred) if centred else np.empty((0, 2))
    return both[:, 0], both[:, 1]


def _composition(frame: Frame) -> tuple[int, ...]:
    """Return the reduced composition, so that a cell and its supercell share their zero."""
    counts = np.bincount(frame.numbers, minlength=1)
    return tuple((counts // max(1, np.gcd.reduce(counts))).tolist())


def _energy_correction(labels: Sequence[Frame], predictions: Sequence[Prediction]) -> float:
    e_dft, e_model = centred_energies(labels, predictions)
    squared = float(e_model @ e_model)
    return float(e_dft @ e_model) / squared if squared > 0 else float("nan")


def energy_slope_of(labels: Sequence[Frame], predictions: Sequence[Prediction]) -> EnergySlope:
    """Return the slope of model on DFT energies per atom, each relative to the mean of its composition."""
    names = {key: index for index, key in enumerate(dict.fromkeys(_composition(frame) for frame in labels))}
    n = [max(1, frame.n_atoms) for frame in labels]
    dft = [float("nan") if frame.energy is None else frame.energy / k for frame, k in zip(labels, n, strict=True)]
    model = [prediction.energy / k for prediction, k in zip(predictions, n, strict=True)]
    composition = [names[_composition(frame)] for frame in labels]
    return energy_slopes(dft, model, [0] * len(labels), 1, composition)[0]


def _weighted(
    labels: Sequence[Frame], predictions: Sequence[Prediction], x: Sequence[Floats], y: Sequence[Floats], weights: FitWeights
) -> tuple[float, tuple[str, ...]]:
    """Return the weighted least-squares c and what entered it."""
    numerator = denominator = 0.0
    used = []
    stressed = [(np.asarray(f.stress), p.stress) for f, p in zip(labels, predictions, strict=True) if f.stress is not None]
    e_dft, e_model = centred_energies(labels, predictions) if weights.energies else (np.empty(0), np.empty(0))
    parts = (
        ("forces", weights.forces, np.concatenate(x).ravel(), np.concatenate(y).ravel()),
        ("energies", weights.energies, e_dft, e_model),
        ("stresses", weights.stresses, np.array([s for s, _ in stressed]).ravel(), np.array([s for _, s in stressed]).ravel()),
    )
    for name, weight, dft, model in parts:
        if weight > 0 and len(dft):
            numerator += weight * float(dft @ model) / len(dft)
            denominator += weight * float(model @ model) / len(dft)
            used.append(name)
    return (numerator / denominator if denominator > 0 else float("nan")), tuple(used)


def _units(x: Sequence[Floats], y: Sequence[Floats]) -> tuple[Floats, Floats, Floats, str]:
    """Return sums of x*x, x*y and y*y of what is resampled: frames, or atoms where there are too few frames."""
    if len(x) >= MIN_UNITS:
        sums = np.array([[(a * a).sum(), (a * b).sum(), (b * b).sum()] for a, b in zip(x, y, strict=True)])
        return sums[:, 0], sums[:, 1], sums[:, 2], "frames"
    a, b = np.concatenate(x), np.concatenate(y)
    return (a * a).sum(axis=1), (a * b).sum(axis=1), (b * b).sum(axis=1), "atoms"


def _inverted(interval: Interval | None) -> Interval | None:
    if interval is None or interval.low <= 0:
        return None
    return Interval(1 / interval.high, 1 / interval.low, interval.level, interval.count)


def _caution(n_labels: int, level: str) -> str:
    if level == "frames":
        return ""
    frames = "one frame" if n_labels == 1 else f"{n_labels} frames"
    return f"The interval comes from the atoms of {frames}: it does not say how much c differs between frames."
