"""Candidates made by the model itself lie away from equilibrium, at the temperature asked for."""

from __future__ import annotations

import numpy as np
import pytest
from ase import units
from ase.build import bulk

from guiapp.correction.sampling import SamplingPlan, enlarged, sample_candidates
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction


class Springs:
    """Every atom on its own spring: thermal displacements are known in closed form."""

    def __init__(self, frame: Frame, stiffness: float) -> None:
        self.home, self.stiffness = frame.positions, stiffness

    def predict(self, frames):
        return [Prediction(0.0, -self.stiffness * (f.positions - self.home), np.zeros((3, 3))) for f in frames]


def crystal(cubic: bool = True) -> Frame:
    atoms = bulk("Al", cubic=cubic)
    return Frame(atoms.numbers, atoms.positions, atoms.cell.array, compound="Al")


def test_displacements_and_temperature_are_those_of_the_ensemble():
    """<x^2> = kT/k for each coordinate of a spring, less the centre of mass that is held."""
    frame = enlarged(crystal())
    plan = SamplingPlan(n_dynamics=400, n_rattled=0, strain=0.0, spacing=40.0, friction=0.05)
    found = sample_candidates(frame, Springs(frame, 3.0), plan)
    displacement = np.concatenate([(f.positions - frame.positions).ravel() for f in found])
    # All masses are equal, so holding the centre of mass takes one of n coordinates an axis.
    expected = units.kB * 1000 / 3.0 * (1 - 1 / frame.n_atoms)
    assert (displacement**2).mean() == pytest.approx(expected, rel=0.1)
    assert np.mean([f.info["temperature"] for f in found]) == pytest.approx(1000, rel=0.05)


def test_small_cells_are_repeated_along_their_shortest_axis():
    assert enlarged(crystal(cubic=False)).n_atoms >= 8
    assert enlarged(crystal()).n_atoms == 8
    large = enlarged(crystal())
    assert enlarged(large).n_atoms == large.n_atoms


def test_plan_is_kept_and_repeatable():
    frame = enlarged(crystal())
    plan = SamplingPlan(n_dynamics=3, n_rattled=2, equilibration=20, spacing=10)
    one, two = (sample_candidates(frame, Springs(frame, 3.0), plan) for _ in range(2))
    assert [f.content_hash for f in one] == [f.content_hash for f in two]
    assert [f.info["strain"] for f in one] == [0.0, 0.03, -0.03, 0.0, 0.0]
    assert one[1].volume == pytest.approx(1.03**3 * frame.volume)
    assert len({f.name for f in one}) == 5
    assert all(f.forces is None for f in one)


def test_cancel_keeps_what_is_there():
    frame, asked = enlarged(crystal()), []

    def cancelled():
        asked.append(1)
        return len(asked) > 25

    plan = SamplingPlan(n_dynamics=5, n_rattled=1, equilibration=20, spacing=10)
    found = sample_candidates(frame, Springs(frame, 3.0), plan, cancelled=cancelled)
    assert [f.name for f in found] == ["dynamics 1", "dynamics 2", "dynamics 3", "rattled 1"]


def test_exploding_dynamics_is_told():
    frame = enlarged(crystal())
    with pytest.raises(UserFacingError, match="explodes"):
        sample_candidates(frame, Springs(frame, -50.0))
