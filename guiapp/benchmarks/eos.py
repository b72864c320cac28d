"""The equation-of-state family: bulk modulus, equilibrium volume and Delta value from E(V).

Source:
    Lejaeghere et al., Science 351, aad3000 (2016); the curvature ratio as one measure of softening follows Deng et al., npj Comput.
    Mater. 11, 9 (2025).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from guiapp.benchmarks.all_electron import all_electron_elements
from guiapp.benchmarks.family import (
    DFT,
    MODEL,
    RELAXED,
    STATIC,
    Curve,
    Evaluated,
    FamilyResult,
    Series,
    SystemFailure,
    by_system,
    system_of,
)
from guiapp.benchmarks.family_rows import judged_row
from guiapp.benchmarks.relaxation_settings import RelaxationSettings
from guiapp.benchmarks.row import Row
from guiapp.frames.frame import Floats, Frame
from guiapp.frames.reference_set import ReferenceSet
from guiapp.physics.equation_of_state import GPA, MIN_VOLUMES, BirchMurnaghan, delta_value, fit_birch_murnaghan

FAMILY = "eos"
_REFERENCE = ("reference_volume", "reference_bulk_modulus", "reference_derivative")
_SAME_SHAPE, _SAME_PLACE = 0.05, 0.03
"""How far the cell's shape (relative) and fractional coordinates may differ within one equation of state: relaxed positions are allowed,
configurations of a molecular dynamics run are not."""
_LARGEST_SCATTER = 0.1  # root-mean-square residual of a fit as a part of the range of its energies
_CURVE_POINTS = 121


class EosFamily:
    """E(V) of crystals; static on the given cells, or with positions relaxed at each volume."""

    name = FAMILY
    modes: tuple[str, ...] = (STATIC, RELAXED)

    def plan(self, frames: Sequence[Frame]) -> tuple[Frame, ...]:
        """Return the frames of systems that have a reference and enough volumes."""
        groups: dict[str, list[Frame]] = {}
        for frame in frames:
            if frame.volume > 0 and (frame.energy is not None or _fitted_reference(frame) is not None):
                groups.setdefault(system_of(frame), []).append(frame)
        return tuple(frame for group in groups.values() if _is_one_crystal(group) for frame in group)

    def relaxation(self, frame: Frame) -> RelaxationSettings | None:  # noqa: ARG002 - the same for every frame
        """Relax the positions in the fixed cell."""
        return RelaxationSettings()

    def reduce(self, evaluated: Sequence[Evaluated], *, model: str, mode: str) -> FamilyResult:
        """Fit each system's E(V) and compare it with DFT's."""
        rows: list[Row] = []
        curves: list[Curve] = []
        failures: list[SystemFailure] = []
        for system, group in by_system(evaluated).items():
            reduced = _reduce_system(system, group, model=model, mode=mode)
            if isinstance(reduced, SystemFailure):
                failures.append(reduced)
            else:
                rows += reduced[0]
                curves.append(reduced[1])
        return FamilyResult(self.name, model, mode, tuple(rows), tuple(curves), tuple(failures))

    def built_in_sets(self) -> tuple[ReferenceSet, ...]:
        """Return the 71 elements with all-electron references."""
        return (all_electron_elements(),)


def _reduce_system(system: str, group: Sequence[Evaluated], *, model: str, mode: str) -> tuple[list[Row], Curve] | SystemFailure:
    volumes = np.array([one.frame.volume / one.frame.n_atoms for one in group])
    predicted = np.array([one.prediction.energy / one.frame.n_atoms for one in group])
    if len(group) < MIN_VOLUMES:
        return SystemFailure(system, f"An equation of state needs {MIN_VOLUMES} volumes; there are {len(group)}.")
    reference, dft = _reference(group, volumes)
    if reference is None:
        return SystemFailure(
            system, "The DFT energies have no minimum over these volumes.", "Add volumes on the other side of the minimum."
        )
    fit = fit_birch_murnaghan(volumes, predicted)
    if fit is None:
        return SystemFailure(
            system, "The model's energies have no minimum over these volumes.", "Look at the curve; the model may be far off."
        )
    # Beyond the volumes a fit is a guess, and a large scatter means that the points are no smooth curve.
    enough = bool(volumes.min() <= fit.volume <= volumes.max()) and _scatter(fit, volumes, predicted) <= _LARGEST_SCATTER
    if dft is not None:
        enough = enough and _scatter(reference, volumes, dft) <= _LARGEST_SCATTER
    values = {
        "bulk modulus": (fit.bulk_modulus * GPA, reference.bulk_modulus * GPA),
        "curvature at the DFT volume": (fit.curvature(reference.volume) * GPA, reference.bulk_modulus * GPA),
        "equilibrium volume": (fit.volume, reference.volume),
        "pressure derivative": (fit.derivative, reference.derivative),
        "Delta": (1000 * delta_value(fit, reference), 0.0),
    }
    rows = [
        judged_row(FAMILY, system, name, model=model, mode=mode, predicted=mine, reference=theirs, count=len(group), enough=enough)
        for name, (mine, theirs) in values.items()
    ]
    hashes = [one.frame.content_hash for one in group]
    mine, theirs = _series(MODEL, fit, volumes, predicted, hashes), _series(DFT, reference, volumes, dft, hashes)
    return rows, Curve("eos", system, f"{system}: energy against volume", "volume (Å³/atom)", "E − E₀ (meV/atom)", theirs + mine)


def _reference(group: Sequence[Evaluated], volumes: Floats) -> tuple[BirchMurnaghan | None, Floats | None]:
    """Return the reference curve, and its points (eV/atom) where energies are known."""
    energies = [one.frame.energy for one in group]
    if all(energy is not None for energy in energies):
        dft = np.array([energy / one.frame.n_atoms for energy, one in zip(energies, group, strict=True) if energy is not None])
        return fit_birch_murnaghan(volumes, dft), dft
    return _fitted_reference(group[0].frame), None


def _fitted_reference(frame: Frame) -> BirchMurnaghan | None:
    values = [frame.info.get(name) for name in _REFERENCE]
    if not all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
        return None
    volume, modulus, derivative = (float(value) for value in values if value is not None)
    return BirchMurnaghan(0.0, volume, modulus / GPA, derivative)


def _scatter(fit: BirchMurnaghan, volumes: Floats, energies: Floats) -> float:
    residual = energies - fit.energies(volumes)
    spread = float(np.ptp(energies))
    return float(np.sqrt(np.mean(residual**2))) / spread if spread > 0 else math.inf


def _series(label: str, fit: BirchMurnaghan, volumes: Floats, energies: Floats | None, hashes: Sequence[str]) -> tuple[Series, ...]:
    """Return the fitted line and, where there are energies (eV/atom), their points, both above the minimum of the fit in meV/atom."""
    x = np.linspace(volumes.min(), volumes.max(), _CURVE_POINTS)
    line = Series(label, x, 1000 * (fit.energies(x) - fit.energy))
    if energies is None:
        return (line,)
    order = np.argsort(volumes)
    frames = tuple(hashes[place] for place in order.tolist())
    return line, Series(label, volumes[order], 1000 * (energies[order] - fit.energy), points=True, frames=frames)


def _is_one_crystal(group: Sequence[Frame]) -> bool:
    """Say whether frames are one crystal at enough volumes, and not, say, configurations of a molecular dynamics run."""
    first = group[0]
    if len({round(frame.volume / frame.n_atoms / (first.volume / first.n_atoms), 4) for frame in group}) < MIN_VOLUMES:
        return False
    shape, places = _shape_and_places(first)
    for frame in group[1:]:
        if not np.array_equal(frame.numbers, first.numbers):
            return False
        other, there = _shape_and_places(frame)
        apart = there - places
        if np.abs(other - shape).max() > _SAME_SHAPE or np.abs(apart - np.rint(apart)).max(initial=0.0) > _SAME_PLACE:
            return False
    return True


def _shape_and_places(frame: Frame) -> tuple[Floats, Floats]:
    metric = frame.cell @ frame.cell.T / frame.volume ** (2 / 3)
    return metric, np.asarray(np.linalg.solve(frame.cell.T, frame.positions.T).T, dtype=np.float64)
