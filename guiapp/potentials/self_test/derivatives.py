"""Forces and stress against finite differences of the energy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from guiapp.frames.frame import Floats, Frame
from guiapp.potentials.potential import Prediction
from guiapp.potentials.self_test.answers import Ask
from guiapp.potentials.self_test.crystals import strained
from guiapp.potentials.self_test.report import Check

_DIRECTIONS = 6
_STEP = 0.03  # Å over all atoms together: small against bond lengths, large against float32's rounding of the energy
_STRAIN_STEP = 0.004
_WEIGHTS = ((1, 8.0), (-1, -8.0), (2, -1.0), (-2, 1.0))
"""E'(0) = [8 E(h) - 8 E(-h) - E(2h) + E(-2h)] / 12h, exact to the fourth order."""
_SCALE_LIMIT = 0.02
_LOOSE_SCALE = 0.1
"""Forces that are predicted directly scatter about the gradient; forces off by more are wrong in another way."""
_FORCE_LIMIT, _STRESS_LIMIT = 0.01, 0.002  # eV/Å; eV/Å^3, which is 0.3 GPa
_RELATIVE_LIMIT = 0.02
_NET_FORCE_LIMIT = 0.005
_FACTORS = {
    -1.0: "it has the opposite sign",
    160.2177: "it is in GPa instead of eV/Å^3",
    -160.2177: "it is in GPa instead of eV/Å^3 and has the opposite sign",
    1602.177: "it is in kbar instead of eV/Å^3",
    -1602.177: "it is in kbar instead of eV/Å^3 and has the opposite sign",
}


Move = tuple[Callable[[float], Frame], float]
"""A frame as a function of how far it is moved, and the length of a step."""


@dataclass(frozen=True)
class _Fit:
    """Analytic values as a multiple of numerical ones."""

    scale: float
    scatter: float
    """Root mean square of what the multiple does not explain."""
    size: float
    """Root mean square of the numerical values."""


def derivative_checks(ask: Ask, probes: Sequence[Frame], at_rest: Sequence[Prediction]) -> list[Check]:
    """Compare forces and stress with the energy's derivatives, and look at the net force.

    Args:
        ask: The model.
        probes: Distorted crystals.
        at_rest: The model's predictions for them.
    """
    random = np.random.default_rng(7)
    forces: tuple[list[float], list[float]] = ([], [])
    stresses: tuple[list[float], list[float]] = ([], [])
    for probe, prediction in zip(probes, at_rest, strict=True):
        moves: list[Move] = []
        for _ in range(_DIRECTIONS):
            direction = random.normal(size=probe.positions.shape)
            direction /= np.linalg.norm(direction)
            forces[0].append(float(-(prediction.forces * direction).sum()))
            moves.append((partial(_moved, probe, direction), _STEP))
        for i, j in ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)):
            shape = np.zeros((3, 3))
            shape[i, j] += 0.5
            shape[j, i] += 0.5
            stresses[0].append(float(prediction.stress[i, j]))
            moves.append((partial(_stretched, probe, shape), _STRAIN_STEP))
        slopes = _derivatives(ask, moves)
        forces[1].extend(slopes[:_DIRECTIONS])
        stresses[1].extend(slope / probe.volume for slope in slopes[_DIRECTIONS:])
    return [
        _judge("forces are the gradient", "The forces", forces, _FORCE_LIMIT, "eV/Å"),
        _judge("stress is the derivative", "The stress", stresses, _STRESS_LIMIT, "eV/Å^3"),
        _net_force(at_rest),
    ]


def _moved(frame: Frame, direction: Floats, step: float) -> Frame:
    return frame.with_changes(positions=frame.positions + step * direction)


def _stretched(frame: Frame, shape: Floats, step: float) -> Frame:
    return strained(frame, step * shape)


def _derivatives(ask: Ask, moves: Sequence[Move]) -> list[float]:
    """Return the energy's derivative along each move; one batch asks for the points of all of them."""
    answers = ask([moved(steps * step) for moved, step in moves for steps, _ in _WEIGHTS])
    energies = np.array([answer.energy if isinstance(answer, Prediction) else np.nan for answer in answers]).reshape(len(moves), -1)
    weights = np.array([weight for _, weight in _WEIGHTS])
    return [float(points @ weights) / (12 * step) for points, (_, step) in zip(energies, moves, strict=True)]


def _judge(name: str, subject: str, pair: tuple[list[float], list[float]], limit: float, unit: str) -> Check:
    fit = _fit(np.array(pair[0]), np.array(pair[1]))
    allowed = limit + _RELATIVE_LIMIT * fit.size
    if not np.isfinite(fit.scale):
        return Check(name, False, fit.scatter, allowed, unit, f"{subject} could not be compared with the energy's derivative.")
    right_scale = abs(fit.scale - 1) * fit.size <= max(_SCALE_LIMIT * fit.size, limit)
    if right_scale and fit.scatter <= allowed:
        words = f"{subject} equal the energy's derivative to {fit.scatter:.1g} {unit}."
        return Check(name, True, fit.scatter, allowed, unit, words.replace("stress equal", "stress equals"))
    if abs(fit.scale - 1) <= _LOOSE_SCALE and allowed < fit.scatter < fit.size / 2:
        words = f"{subject} scatter by {fit.scatter:.2g} {unit} about the energy's derivative: the model is not conservative."
        return Check(name, False, fit.scatter, allowed, unit, words.replace("stress scatter", "stress scatters"), grave=False)
    if fit.scatter > fit.size / 2 and fit.scatter > abs(fit.scale) * fit.size:
        words = f"{subject} do not follow the energy's derivative at all."
        return Check(name, False, fit.scatter, allowed, unit, words.replace("stress do ", "stress does "))
    hint = next((words for factor, words in _FACTORS.items() if abs(fit.scale / factor - 1) < 0.1), "")
    words = f"{subject} is {fit.scale:.3g} times the energy's derivative{f': {hint}' if hint else ''}."
    return Check(name, False, fit.scatter, allowed, unit, words.replace("forces is", "forces are"))


def _fit(analytic: Floats, numerical: Floats) -> _Fit:
    if not (np.isfinite(analytic).all() and np.isfinite(numerical).all()):
        return _Fit(float("nan"), float("nan"), float("nan"))
    square = float(numerical @ numerical)
    scale = float(analytic @ numerical) / square if square else 1.0
    rest = analytic - scale * numerical
    return _Fit(scale, float(np.sqrt(np.mean(rest**2))), float(np.sqrt(np.mean(numerical**2))))


def _net_force(at_rest: Sequence[Prediction]) -> Check:
    # No torque: in a periodic crystal the forces' moment depends on where the cell is cut, so it need not vanish.
    largest = max(float(np.linalg.norm(prediction.forces.sum(axis=0))) for prediction in at_rest)
    passed = largest <= _NET_FORCE_LIMIT
    words = f"The net force on a cell is {largest:.1g} eV/Å" + (
        "." if passed else ": the model is not conservative, and molecular dynamics drifts."
    )
    return Check("net force", passed, largest, _NET_FORCE_LIMIT, "eV/Å", words, grave=False)
