"""Batched relaxation takes the steps of ase's FIRE, structure by structure, and turns explosions into failures."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111, molecule
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms
from ase.filters import FrechetCellFilter
from ase.optimize import FIRE

from guiapp.benchmarks.relaxation import RelaxationFailure, RelaxationOutcome, Relaxing, relax
from guiapp.benchmarks.relaxation_settings import RelaxationSettings
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction


def emt(frames):
    """Predict with ase's EMT."""
    predictions = []
    for frame in frames:
        atoms = frame.to_atoms()
        atoms.calc = EMT()
        stress = atoms.get_stress(voigt=False) if all(frame.pbc) else np.zeros((3, 3))
        predictions.append(Prediction(float(atoms.get_potential_energy()), atoms.get_forces(), stress))
    return predictions


def frame_of(atoms: Atoms) -> Frame:
    return Frame(atoms.numbers, atoms.positions, atoms.cell.array, tuple(atoms.pbc), compound=str(atoms.symbols))


def rattled() -> list[Atoms]:
    """Crystals, a slab and an alloy away from their minimum, of unequal size."""
    structures = [
        bulk("Cu", cubic=True) * (2, 2, 1),
        bulk("Al", "fcc", 4.1, cubic=True),
        bulk("AuCu", "rocksalt", 5.3, cubic=True),
        bulk("Ni"),
    ]
    structures.append(fcc111("Pt", (2, 2, 3), vacuum=6.0, periodic=True))
    for seed, atoms in enumerate(structures):
        atoms.rattle(0.12, seed=seed)
    structures[1].set_cell(structures[1].cell.array @ [[1.04, 0.02, 0], [0, 0.97, 0.01], [0.02, 0, 1.02]], scale_atoms=True)
    return structures


@pytest.mark.parametrize("variable_cell", [False, True])
def test_steps_energies_and_cells_are_those_of_ase(variable_cell):
    settings = RelaxationSettings(fmax=0.05, most_steps=400, variable_cell=variable_cell)
    structures = rattled()
    if variable_cell:
        structures.pop()  # a slab's vacuum would shrink
    outcomes = relax([frame_of(atoms) for atoms in structures], settings, emt)
    for atoms, outcome in zip(structures, outcomes, strict=True):
        atoms.calc = EMT()
        optimizer = FIRE(FrechetCellFilter(atoms) if variable_cell else atoms, logfile=None)
        assert optimizer.run(fmax=0.05, steps=400)
        assert isinstance(outcome, RelaxationOutcome)
        assert outcome.converged
        assert outcome.steps == optimizer.nsteps
        assert outcome.prediction.energy == pytest.approx(atoms.get_potential_energy(), abs=1e-8)
        np.testing.assert_allclose(outcome.relaxed.positions, atoms.positions, atol=1e-6)
        np.testing.assert_allclose(outcome.relaxed.cell, atoms.cell.array, atol=1e-6)
        assert all(step.largest_force >= 0.05 for step in outcome.trace[:-1])
        assert outcome.trace[-1].largest_force < 0.05


def test_fixed_atoms_stay_and_the_rest_moves_as_with_ase_constraints():
    atoms = rattled()[0]
    (outcome,) = relax([frame_of(atoms)], RelaxationSettings(fmax=0.02, fixed_atoms=(0, 5)), emt)
    assert isinstance(outcome, RelaxationOutcome)
    np.testing.assert_array_equal(outcome.relaxed.positions[[0, 5]], atoms.positions[[0, 5]])
    atoms.calc = EMT()
    atoms.set_constraint(FixAtoms([0, 5]))
    optimizer = FIRE(atoms, logfile=None)
    optimizer.run(fmax=0.02)
    assert outcome.steps == optimizer.nsteps
    np.testing.assert_allclose(outcome.relaxed.positions, atoms.positions, atol=1e-6)


def test_structures_that_have_converged_are_not_computed_again():
    asked = []

    def count(frames):
        asked.append(len(frames))
        return emt(frames)

    settings = RelaxationSettings(fmax=0.02)
    outcomes = relax([frame_of(atoms) for atoms in rattled()], settings, count)
    assert sum(asked) == sum(len(outcome.trace) for outcome in outcomes)
    assert asked[0] == len(outcomes)
    assert asked[-1] == 1


def test_the_number_of_steps_is_bounded_and_said():
    (outcome,) = relax([frame_of(rattled()[0])], RelaxationSettings(fmax=1e-9, most_steps=3), emt)
    assert isinstance(outcome, RelaxationOutcome)
    assert (outcome.converged, outcome.steps) == (False, 3)


@pytest.mark.parametrize(
    ("prediction", "words"),
    [
        (Prediction(np.nan, np.zeros((4, 3)), np.zeros((3, 3))), "not a number"),
        (Prediction(0.0, np.full((4, 3), np.nan), np.zeros((3, 3))), "not a number"),
        (Prediction(0.0, np.full((4, 3), 5e3), np.zeros((3, 3))), "1000 eV/Å"),
    ],
)
def test_an_explosion_is_a_failure_that_says_why(prediction, words):
    (end,) = relax([frame_of(bulk("Cu", cubic=True))], RelaxationSettings(), lambda frames: [prediction] * len(frames))
    assert isinstance(end, RelaxationFailure)
    assert words in end.reason


def test_a_cell_that_collapses_is_a_failure_and_not_a_result():
    pull = Prediction(0.0, np.zeros((1, 3)), np.eye(3))
    (end,) = relax([frame_of(bulk("Cu"))], RelaxationSettings(variable_cell=True), lambda frames: [pull] * len(frames))
    assert isinstance(end, RelaxationFailure)
    assert "volume" in end.reason


def test_labels_are_left_behind():
    frame = frame_of(molecule("H2O", vacuum=3)).with_changes(energy=1.0, forces=np.ones((3, 3)))
    assert Relaxing(frame, RelaxationSettings()).geometry.forces is None
