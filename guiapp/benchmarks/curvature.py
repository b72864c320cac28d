"""The curvature family: how steep the energy is along one path, for DFT and model.

Source:
    Deng et al., npj Comput. Mater. 11, 9 (2025): softening is a wrong curvature; here it is measured path by path.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from guiapp.benchmarks.family import (
    DFT,
    MODEL,
    STATIC,
    Curve,
    Evaluated,
    FamilyResult,
    Series,
    SystemFailure,
    by_system,
    role_of,
    system_of,
)
from guiapp.benchmarks.family_rows import judged_row
from guiapp.benchmarks.relaxation_settings import RelaxationSettings
from guiapp.benchmarks.row import Row
from guiapp.benchmarks.scan_frames import KIND, REFERENCE_CURVATURE, SCAN, STRAIN, displacement_scan, position_of, strain_scan, tangent
from guiapp.frames.frame import Floats, Frame
from guiapp.frames.reference_set import ReferenceSet
from guiapp.physics.equation_of_state import GPA
from guiapp.physics.path_curvature import MIN_POINTS, PathFit, fit_path

FAMILY = "curvature"
_AXES = {"x": (1, 0, 0), "y": (0, 1, 0), "z": (0, 0, 1)}
_LARGEST_SCATTER = 0.05  # of a fit's residual, as a part of the range of energies
_CURVE_POINTS = 101


class CurvatureFamily:
    """Energies and forces along straight paths; the geometry is given, so there is nothing to relax."""

    name = FAMILY
    modes: tuple[str, ...] = (STATIC,)

    def plan(self, frames: Sequence[Frame]) -> tuple[Frame, ...]:
        """Return the frames of given paths, and paths of its own for the first frame of each compound that has none."""
        paths: dict[str, list[Frame]] = {}
        starts: dict[str, Frame] = {}
        for frame in frames:
            if np.isfinite(position_of(frame)):
                paths.setdefault(system_of(frame), []).append(frame.with_changes(info={**frame.info, "role": SCAN}))
            elif frame.volume > 0:
                starts.setdefault(frame.compound, frame)
        scanned = {frame.compound for path in paths.values() for frame in path}
        planned = [frame for path in paths.values() if len(path) >= MIN_POINTS for frame in path]
        for compound, frame in starts.items():
            if compound not in scanned:
                planned += _own_paths(frame)
        return tuple(planned)

    def relaxation(self, frame: Frame) -> RelaxationSettings | None:  # noqa: ARG002 - the same for every frame
        """Return None: a scan is of given geometries."""
        return None

    def reduce(self, evaluated: Sequence[Evaluated], *, model: str, mode: str) -> FamilyResult:
        """Fit each path of DFT and of the model."""
        rows: list[Row] = []
        curves: list[Curve] = []
        failures: list[SystemFailure] = []
        for system, group in by_system(one for one in evaluated if role_of(one.frame) == SCAN).items():
            path = _Path(system, sorted(group, key=lambda one: position_of(one.frame)))
            mine = path.fit_model()
            if mine is None:
                failures.append(SystemFailure(system, f"A scan needs {MIN_POINTS} points; there are {len(group)}."))
                continue
            dft = path.fit_dft()
            rows += path.rows(mine, dft, model=model, mode=mode)
            curves += path.curves(mine, dft)
        return FamilyResult(self.name, model, mode, tuple(rows), tuple(curves), tuple(failures))

    def built_in_sets(self) -> tuple[ReferenceSet, ...]:
        """Return none: any structure can be scanned."""
        return ()


class _Path:
    """The points of one scan, in order."""

    def __init__(self, system: str, points: Sequence[Evaluated]) -> None:
        self.system, self.points = system, points
        self.s = np.array([position_of(one.frame) for one in points])
        self.strained = str(points[0].frame.info.get(KIND, "")) == STRAIN
        frames = [one.frame for one in points]
        self.moves, self.cell_moves = tangent(frames) if len(frames) > 1 else (np.zeros((frames[0].n_atoms, 3)), np.zeros((3, 3)))

    def fit_model(self) -> PathFit | None:
        energies, slopes = self._model_points()
        return fit_path(self.s, energies, slopes)

    def fit_dft(self) -> PathFit | None:
        energies, slopes = self._dft_points()
        return None if energies is None else fit_path(self.s, energies, slopes)

    def rows(self, mine: PathFit, dft: PathFit | None, *, model: str, mode: str) -> list[Row]:
        kind = "strain" if self.strained else "displacement"
        # Energies along a strain grow with the cell; as a stiffness they can be compared.
        middle = self.points[int(np.argmin(np.abs(self.s)))].frame
        unit = GPA / middle.volume if self.strained else 1.0
        enough = dft is not None and max(mine.scatter, dft.scatter) <= _LARGEST_SCATTER
        known = self.points[0].frame.info.get(REFERENCE_CURVATURE)
        reference = dft.curvature if dft is not None else np.nan
        if dft is None and isinstance(known, (int, float)):
            reference, enough = float(known), mine.scatter <= _LARGEST_SCATTER
        values = {
            f"curvature along a {kind}": (mine.curvature, reference),
            f"quartic term along a {kind}": (mine.quartic, dft.quartic if dft is not None else np.nan),
        }
        return [
            judged_row(
                FAMILY,
                self.system,
                name,
                model=model,
                mode=mode,
                predicted=unit * ours,
                reference=unit * theirs,
                count=len(self.points),
                enough=enough,
            )
            for name, (ours, theirs) in values.items()
        ]

    def curves(self, mine: PathFit, dft: PathFit | None) -> tuple[Curve, Curve]:
        x_label = "strain" if self.strained else "displacement (Å)"
        force_unit = "eV" if self.strained else "eV/Å"
        energy = [*self._series(MODEL, mine, *self._model_points(), forces=False)]
        force = [*self._series(MODEL, mine, *self._model_points(), forces=True)]
        if dft is not None:
            energy = [*self._series(DFT, dft, *self._dft_points(), forces=False), *energy]
            force = [*self._series(DFT, dft, *self._dft_points(), forces=True), *force]
        return (
            Curve("scan", self.system, f"{self.system}: energy", x_label, "E − E(0) (meV)", tuple(energy)),
            Curve("scan-force", self.system, f"{self.system}: force along the path", x_label, f"−dE/ds ({force_unit})", tuple(force)),
        )

    def _series(self, label: str, fit: PathFit, energies: Floats | None, slopes: Floats | None, *, forces: bool) -> list[Series]:
        x = np.linspace(self.s.min(), self.s.max(), _CURVE_POINTS)
        hashes = tuple(one.frame.content_hash for one in self.points)
        if forces:
            series = [Series(label, x, -fit.slopes(x))]
            return series if slopes is None else [*series, Series(label, self.s, -slopes, points=True, frames=hashes)]
        series = [Series(label, x, 1000 * (fit.energies(x) - fit.energy))]
        if energies is None:
            return series
        return [*series, Series(label, self.s, 1000 * (energies - fit.energy), points=True, frames=hashes)]

    def _model_points(self) -> tuple[Floats, Floats]:
        energies = np.array([one.prediction.energy for one in self.points])
        slopes = [self._slope(one.frame, one.prediction.forces, one.prediction.stress) for one in self.points]
        return energies, np.array(slopes)

    def _dft_points(self) -> tuple[Floats | None, Floats | None]:
        energies = [one.frame.energy for one in self.points]
        if any(energy is None for energy in energies):
            return None, None
        slopes: list[float] = []
        for one in self.points:
            frame = one.frame
            if frame.forces is None or (self.strained and frame.stress is None):
                return np.array(energies, dtype=np.float64), None
            slopes.append(self._slope(frame, frame.forces, frame.stress))
        return np.array(energies, dtype=np.float64), np.array(slopes)

    def _slope(self, frame: Frame, forces: Floats, stress: Floats | None) -> float:
        """Return dE/ds: work against the forces, and against the stress where the cell changes.

        Source:
            dE = -sum F dr + V sum sigma (dh h^-1), with dr at fixed cell and h the cell (stress in ase's sign).
        """
        slope = -float(np.sum(forces * self.moves))
        if stress is None or not self.cell_moves.any():
            return slope
        rate = np.linalg.solve(frame.cell, self.cell_moves)
        return slope + frame.volume * float(np.sum(stress * (rate + rate.T) / 2))


def _own_paths(frame: Frame) -> list[Frame]:
    """Scan one atom of each element along the axes, and the whole hydrostatically."""
    planned: list[Frame] = []
    for symbol in dict.fromkeys(frame.symbols):
        atom = frame.symbols.index(symbol)
        for direction in _AXES.values():
            planned += displacement_scan(frame, atom, direction)
    return planned + list(strain_scan(frame, "hydrostatic"))
