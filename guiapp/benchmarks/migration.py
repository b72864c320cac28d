"""The migration family: barriers of hops, from the images of a path.

Source:
    Kinetically resolved barrier and ApproxNEB protocol as in Deng et al., npj Comput. Mater. 11, 9 (2025); Rong et al., J. Chem. Phys. 145,
    074112 (2016).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from guiapp.benchmarks.family import DFT, MODEL, NEB, RELAXED, STATIC, Curve, Evaluated, FamilyResult, Series, SystemFailure, by_system
from guiapp.benchmarks.family_rows import judged_row
from guiapp.benchmarks.path_recognition import IMAGE, LEAST_IMAGES, MOVING_ATOM, N_IMAGES, image_paths, moving_atom
from guiapp.benchmarks.relaxation_settings import RelaxationSettings
from guiapp.benchmarks.row import Row
from guiapp.frames.frame import Floats, Frame
from guiapp.frames.reference_set import ReferenceSet
from guiapp.physics.reaction_path import displacements, reaction_coordinate, resolved_barrier

FAMILY = "migration"
_PARTS = ("energy part", "path part")
ON_GIVEN = "model on the given images"
"""Label of the series of a profile that shows the model's energies before it relaxed anything."""


class MigrationFamily:
    """Barriers; static on the DFT images, with each image relaxed around the moving atom, or on the band that the model finds."""

    name = FAMILY
    modes: tuple[str, ...] = (STATIC, RELAXED, NEB)

    def plan(self, frames: Sequence[Frame]) -> tuple[Frame, ...]:
        """Return the images of all paths."""
        return tuple(image_paths(frames))

    def relaxation(self, frame: Frame) -> RelaxationSettings:
        """Hold the moving atom and the atom farthest from it, which keeps the crystal from drifting past the moving one."""
        mover = moving_atom([frame]) if MOVING_ATOM in frame.info else 0
        return RelaxationSettings(fixed_atoms=tuple(sorted({mover, _farthest(frame, mover)})))

    def reduce(self, evaluated: Sequence[Evaluated], *, model: str, mode: str) -> FamilyResult:
        """Return barrier and profile of every path whose images have all been predicted."""
        rows: list[Row] = []
        curves: list[Curve] = []
        failures: list[SystemFailure] = []
        for system, group in by_system(evaluated).items():
            images = sorted(group, key=lambda one: int(one.frame.info.get(IMAGE, 0)))
            wanted = max(int(images[0].frame.info.get(N_IMAGES, LEAST_IMAGES)), LEAST_IMAGES)
            if len(images) < wanted:
                failures.append(SystemFailure(system, f"{len(images)} of {wanted} images have been predicted."))
            elif not all(one.converged for one in images):
                failures.append(SystemFailure(system, "The relaxation of an image did not converge.", "Look at its trace."))
                curves += _traces(system, images)
            else:
                rows += _rows(system, images, model=model, mode=mode)
                curves += [_profile(system, images), *_traces(system, images)]
        return FamilyResult(self.name, model, mode, tuple(rows), tuple(curves), tuple(failures), notes=tuple(_error_split(rows)))

    def built_in_sets(self) -> tuple[ReferenceSet, ...]:
        """Return none: the set is shipped as a folder."""
        return ()


def _rows(system: str, images: Sequence[Evaluated], *, model: str, mode: str) -> list[Row]:
    predicted, reference = _model_energies(images), _dft_energies(images)
    pairs = {
        "KRA barrier": (resolved_barrier(predicted), resolved_barrier(reference)),
        "forward barrier": (predicted[1:-1].max() - predicted[0], reference[1:-1].max() - reference[0]),
    }
    given = _given_energies(images)
    if mode != STATIC and np.isfinite(given).all():
        fixed = resolved_barrier(given)
        if np.isfinite(reference).all():
            pairs["energy part"] = (fixed - resolved_barrier(reference), 0.0)
        pairs["path part"] = (resolved_barrier(predicted) - fixed, 0.0)
    return [
        judged_row(FAMILY, system, name, model=model, mode=mode, predicted=mine, reference=theirs, count=len(images))
        for name, (mine, theirs) in pairs.items()
    ]


def _error_split(rows: Sequence[Row]) -> list[str]:
    """Say in words how much of each barrier's error the energies make on equal images, and how much the model's own path."""
    parts: dict[str, dict[str, float]] = {}
    for row in rows:
        if np.isfinite(row.predicted):
            parts.setdefault(row.system, {})[row.quantity] = row.predicted
    return [
        f"{system}: of the error of the KRA barrier, {sum(found[part] for part in _PARTS):+.3f} eV, the energies on the given images make "
        f"{found['energy part']:+.3f} eV and the model's own path {found['path part']:+.3f} eV"
        for system, found in parts.items()
        if set(_PARTS) <= set(found)
    ]


def _traces(system: str, images: Sequence[Evaluated]) -> list[Curve]:
    """Return how the largest force fell: one line a band, or one line an image where each relaxed by itself."""
    traces = {one.trace: None for one in images if len(one.trace) > 1}
    series = tuple(Series(MODEL, np.arange(len(trace), dtype=np.float64), np.array(trace)) for trace in traces)
    title = f"{system}: largest force while relaxing"
    return [Curve("trace", system, title, "step", "largest force (eV/Å)", series)] if series else []


def _profile(system: str, images: Sequence[Evaluated]) -> Curve:
    first = images[0].frame
    along = reaction_coordinate([one.frame.positions for one in images], first.cell)
    along_model = reaction_coordinate([one.geometry.positions for one in images], first.cell)
    hashes = tuple(one.frame.content_hash for one in images)
    series = [Series(MODEL, along_model, _model_energies(images) - images[0].prediction.energy, points=True, frames=hashes)]
    reference = _dft_energies(images)
    given = _given_energies(images)
    if np.isfinite(given).all():
        series.append(Series(ON_GIVEN, along, given - given[0], points=True, frames=hashes))
    if np.isfinite(reference).all():
        series.insert(0, Series(DFT, along, reference - reference[0], points=True, frames=hashes))
    return Curve("path", system, f"{system}: energy along the path", "reaction coordinate (Å)", "E − E(first image) (eV)", tuple(series))


def _model_energies(images: Sequence[Evaluated]) -> Floats:
    return np.array([one.prediction.energy for one in images], dtype=np.float64)


def _given_energies(images: Sequence[Evaluated]) -> Floats:
    """Return the model's energies on the images as given; NaN where they were not relaxed and so have no others."""
    return np.array([np.nan if one.given_energy is None else one.given_energy for one in images], dtype=np.float64)


def _dft_energies(images: Sequence[Evaluated]) -> Floats:
    return np.array([np.nan if one.frame.energy is None else one.frame.energy for one in images], dtype=np.float64)


def _farthest(frame: Frame, mover: int) -> int:
    start = np.broadcast_to(frame.positions[mover], frame.positions.shape)
    distances = np.linalg.norm(displacements(np.array(start), frame.positions, frame.cell), axis=1)
    return int(np.argmax(distances.round(6)))
