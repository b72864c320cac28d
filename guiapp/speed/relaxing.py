"""Relaxing many structures: all at once in batches beside ase's FIRE, one structure after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from guiapp.benchmarks.relaxation import RelaxationFailure, relax
from guiapp.benchmarks.relaxation_settings import RelaxationSettings
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction
from guiapp.speed.measurement import Extent, Measurement, comparison
from guiapp.speed.peers import Calculator, chgnet_calculator, our_chgnet, package_chgnet
from guiapp.speed.sample import small_cells
from guiapp.speed.timing import Case, interleave

_SETTINGS = RelaxationSettings(fmax=0.05, most_steps=200)
_ENERGY_LIMIT = 1e-4
"""eV/atom; a difference in float32's last digit grows along the path, and both paths stop within fmax of the minimum."""
_STEP_LIMIT = 1
"""Steps; the last one falls on one side of fmax or the other by the same digit."""


Predict = Callable[[Sequence[Frame]], list[Prediction]]


@dataclass(frozen=True)
class _End:
    energy: float
    """eV/atom."""
    steps: int


def measure(extent: Extent) -> list[Measurement]:
    """Compare the relaxation of small cells at fixed cell."""
    ours = our_chgnet()
    return [compare_relaxations("CHGNet 0.3.0", [("ours, batched FIRE", ours.predict)], chgnet_calculator(package_chgnet(ours)), extent)]


def compare_relaxations(model: str, ways: Sequence[tuple[str, Predict]], calculator: Calculator, extent: Extent) -> Measurement:
    """Compare batched relaxations, each with its own way to predict, with ase's FIRE.

    Args:
        model: What the title calls it.
        ways: What each is called, and how it predicts; the first is what the ratios refer to.
        calculator: What ase's FIRE uses.
        extent: How much is measured.
    """
    starts = [frame.with_changes(flags=()) for frame in small_cells(6 if extent.quick else 32)]
    title = f"Relaxation with FIRE of {len(starts)} structures to {_SETTINGS.fmax:g} eV/Å, fixed cell, {model}"
    theirs = one_by_one(starts, calculator)
    pairs = [(a, b) for _, predict in ways for a, b in zip(_batched(starts, predict), theirs, strict=True) if a is not None]
    if not pairs:
        return Measurement(title, (), (), ("NOT TIMED: no structure was relaxed.",))
    energy = max(abs(a.energy - b.energy) for a, b in pairs)
    steps = max(abs(a.steps - b.steps) for a, b in pairs)
    equal = energy <= _ENERGY_LIMIT and steps <= _STEP_LIMIT and len(pairs) == len(starts) * len(ways)
    cases = [Case(name, partial(_batched, starts, predict)) for name, predict in ways]
    cases.append(Case("ase FIRE, one by one", lambda: one_by_one(starts, calculator)))
    timings = interleave(cases, 2 if extent.quick else 3) if equal else ()
    made = sum(one.steps for one in theirs)
    note = f"{made} steps in all; ends differ by {energy:.1e} eV/atom and {steps} steps at most."
    notes = [note if equal else f"NOT TIMED, the ends differ (allowed {_ENERGY_LIMIT:g} eV/atom and {_STEP_LIMIT} step): {note}"]
    return comparison(title, timings, [], count=len(starts), unit="structures", notes=notes)


def _batched(starts: Sequence[Frame], predict: Predict) -> list[_End | None]:
    return [
        None if isinstance(one, RelaxationFailure) else _End(one.prediction.energy / one.start.n_atoms, one.steps)
        for one in relax(starts, _SETTINGS, predict)
    ]


def one_by_one(starts: Sequence[Frame], calculator: Calculator) -> list[_End]:
    """Relax each structure with ase's own optimiser."""
    from ase.optimize import FIRE  # noqa: PLC0415 - brings scipy's optimisers

    ends = []
    for start in starts:
        atoms = start.to_atoms()
        atoms.calc = calculator
        with FIRE(atoms, logfile=None) as optimiser:
            optimiser.run(fmax=_SETTINGS.fmax, steps=_SETTINGS.most_steps)
            ends.append(_End(float(atoms.get_potential_energy()) / start.n_atoms, optimiser.get_number_of_steps()))
    return ends
