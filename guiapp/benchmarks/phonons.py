"""The phonon family: harmonic frequencies from displaced supercells.

Source:
    Deng et al., npj Comput. Mater. 11, 9 (2025), their benchmark of maximum phonon frequencies.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

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
    role_of,
    system_of,
)
from guiapp.benchmarks.family_rows import judged_row
from guiapp.benchmarks.phonon_calculation import RELAXED_SYMMETRY, CrystalPhonons, Phonons, displacement
from guiapp.benchmarks.relaxation_settings import RelaxationSettings
from guiapp.benchmarks.row import Row
from guiapp.frames.frame import Floats, Frame
from guiapp.frames.reference_set import ReferenceSet
from guiapp.physics.harmonic import thermodynamics

FAMILY = "phonons"
PERFECT, DISPLACED, DISPLACED_RELAXED = "perfect", "displaced", "displaced relaxed"
_RELAXED_FORCE = 0.005  # eV/Å; frequencies need a minimum, and ten times the usual force shifts them
_COUNT = "n_displaced"
_CRYSTALS_HELD = 64
"""Crystals whose symmetry, path and DFT phonons are remembered between reductions; a live view reduces again and again."""


class PhononFamily:
    """Frequencies of crystals, on DFT's own displaced supercells or on the same displacements of the crystal that the model relaxed."""

    name = FAMILY
    modes: tuple[str, ...] = (STATIC, RELAXED)

    def __init__(self) -> None:
        """Start without crystals."""
        self._known: OrderedDict[tuple[str, ...], tuple[CrystalPhonons, Phonons]] = OrderedDict()

    def plan(self, frames: Sequence[Frame]) -> tuple[Frame, ...]:
        """Return the supercells of systems that have a perfect one and at least one with forces."""
        groups: dict[str, list[Frame]] = {}
        for frame in frames:
            if role_of(frame) == PERFECT or (role_of(frame) == DISPLACED and frame.forces is not None):
                groups.setdefault(system_of(frame), []).append(frame)
        complete = [group for group in groups.values() if {role_of(frame) for frame in group} == {PERFECT, DISPLACED}]
        return tuple(_counted(frame, len(group) - 1) for group in complete for frame in group)

    def relaxation(self, frame: Frame) -> RelaxationSettings | None:
        """Relax the perfect supercell with its cell; displaced ones are for the DFT side only."""
        return RelaxationSettings(fmax=_RELAXED_FORCE, variable_cell=True) if role_of(frame) == PERFECT else None

    def second_stage(self, evaluated: Sequence[Evaluated]) -> tuple[Frame, ...]:
        """Return DFT's displacements, made on the crystals that the model relaxed."""
        frames: list[Frame] = []
        for group in by_system(evaluated).values():
            perfect = next((one for one in group if role_of(one.frame) == PERFECT), None)
            if perfect is None or perfect.relaxed is None:
                continue
            frames += [_moved_to(perfect.relaxed, perfect.frame, one.frame) for one in group if role_of(one.frame) == DISPLACED]
        return tuple(frames)

    def reduce(self, evaluated: Sequence[Evaluated], *, model: str, mode: str) -> FamilyResult:
        """Make each crystal's phonons from DFT's and the model's forces and compare them."""
        rows: list[Row] = []
        curves: list[Curve] = []
        failures: list[SystemFailure] = []
        for system, group in by_system(evaluated).items():
            perfect = next((one for one in group if role_of(one.frame) == PERFECT), None)
            displaced = [one for one in group if role_of(one.frame) == DISPLACED]
            reason = _missing(perfect, displaced) or _missing_relaxed(group, mode)
            if perfect is None or reason:
                failures.append(SystemFailure(system, reason))
                continue
            try:
                crystal, dft = self._reference(perfect.frame, [one.frame for one in displaced])
                mine = _model_phonons(crystal, perfect, displaced, [one for one in group if role_of(one.frame) == DISPLACED_RELAXED])
            except (RuntimeError, ValueError, np.linalg.LinAlgError) as error:
                # phonopy refuses displacements that do not determine the force constants; that is this crystal's trouble only.
                failures.append(SystemFailure(system, f"phonopy cannot make force constants: {error}", "Check the displacements."))
                continue
            rows += _rows(system, mine, dft, model=model, mode=mode, count=len(displaced))
            curves += _curves(system, crystal, mine, dft)
        return FamilyResult(self.name, model, mode, tuple(rows), tuple(curves), tuple(failures))

    def built_in_sets(self) -> tuple[ReferenceSet, ...]:
        """Return none: the set is shipped as a folder, and others are read from phonopy's files."""
        return ()

    def _reference(self, perfect: Frame, displaced: Sequence[Frame]) -> tuple[CrystalPhonons, Phonons]:
        key = tuple(f"{frame.content_hash}{frame.label_hash}" for frame in (perfect, *displaced))
        if key not in self._known:
            crystal = CrystalPhonons(perfect, displaced, _primitive_matrix(perfect))
            forces = [frame.forces for frame in displaced if frame.forces is not None]
            self._known[key] = (crystal, crystal.phonons(forces, perfect.forces))
            while len(self._known) > _CRYSTALS_HELD:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return self._known[key]


def _counted(frame: Frame, n_displaced: int) -> Frame:
    """Note in the perfect supercell how many displaced ones belong to it: fewer would give wrong frequencies."""
    return frame.with_changes(info={**frame.info, _COUNT: n_displaced}) if role_of(frame) == PERFECT else frame


def _missing(perfect: Evaluated | None, displaced: Sequence[Evaluated]) -> str:
    if perfect is None:
        return "The supercell without displacement is missing."
    expected = int(perfect.frame.info.get(_COUNT, 1))
    if len(displaced) < expected:
        return f"{expected - len(displaced)} of {expected} displaced supercells have no prediction."
    return ""


def _missing_relaxed(group: Sequence[Evaluated], mode: str) -> str:
    if mode != RELAXED:
        return ""
    counts = [sum(role_of(one.frame) == role for one in group) for role in (DISPLACED, DISPLACED_RELAXED)]
    return "Displaced supercells of the relaxed crystal have no prediction." if counts[0] != counts[1] else ""


def _moved_to(relaxed: Frame, perfect: Frame, displaced: Frame) -> Frame:
    """Return the relaxed crystal with the displacement that a frame has from the DFT crystal, carried along with the cell."""
    move = displacement(perfect, displaced) @ np.linalg.solve(perfect.cell, relaxed.cell)
    info = {**displaced.info, "role": DISPLACED_RELAXED}
    return relaxed.with_changes(positions=relaxed.positions + move, name=f"{displaced.name} (relaxed)", info=info)


def _model_phonons(crystal: CrystalPhonons, perfect: Evaluated, displaced: Sequence[Evaluated], relaxed: Sequence[Evaluated]) -> Phonons:
    """Return the model's phonons on DFT's supercells, or on those of the crystal that it relaxed."""
    if not relaxed:
        return crystal.phonons([one.prediction.forces for one in displaced], perfect.prediction.forces)
    own = CrystalPhonons(perfect.geometry, [one.frame for one in relaxed], _primitive_matrix(perfect.frame), symmetry=RELAXED_SYMMETRY)
    return own.phonons([one.prediction.forces for one in relaxed], perfect.prediction.forces, crystal.path)


def _primitive_matrix(perfect: Frame) -> Floats | None:
    text = str(perfect.info.get("primitive_matrix", ""))
    return np.array([float(word) for word in text.split()]).reshape(3, 3) if text else None


def _rows(system: str, mine: Phonons, dft: Phonons, *, model: str, mode: str, count: int) -> list[Row]:
    at_300_k, dft_at_300_k = thermodynamics(mine.mesh, mine.weights), thermodynamics(dft.mesh, dft.weights)
    # A mode of negative curvature has no free energy.
    stable = not mine.imaginary_share and not dft.imaginary_share
    values = {
        "largest frequency": (mine.largest, dft.largest, True),
        "mean frequency": (mine.mean, dft.mean, True),
        "smallest frequency": (mine.smallest, dft.smallest, True),
        "imaginary modes": (100 * mine.imaginary_share, 100 * dft.imaginary_share, True),
        "free energy at 300 K": (at_300_k.free_energy, dft_at_300_k.free_energy, stable),
        "entropy at 300 K": (at_300_k.entropy, dft_at_300_k.entropy, stable),
        "heat capacity at 300 K": (at_300_k.heat_capacity, dft_at_300_k.heat_capacity, stable),
    }
    return [
        judged_row(FAMILY, system, name, model=model, mode=mode, predicted=ours, reference=theirs, count=count, enough=enough)
        for name, (ours, theirs, enough) in values.items()
    ]


def _curves(system: str, crystal: CrystalPhonons, mine: Phonons, dft: Phonons) -> tuple[Curve, Curve]:
    x = crystal.path.distances
    bands = Curve(
        "bands",
        system,
        f"{system}: phonon bands, displacements of {crystal.displacement:.2g} Å",
        "wave vector",
        "frequency (THz)",
        (Series(DFT, x, dft.bands), Series(MODEL, x, mine.bands)),
        crystal.path.ticks,
    )
    dos = Curve(
        "dos",
        system,
        f"{system}: phonon density of states",
        "frequency (THz)",
        "states (1/THz per cell)",
        (Series(DFT, dft.dos_frequencies, dft.dos), Series(MODEL, mine.dos_frequencies, mine.dos)),
    )
    return bands, dos
