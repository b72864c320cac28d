"""Scans give the curvatures of finite differences and of the bulk modulus, and find the softness they were given."""

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.eos import EquationOfState

from guiapp.benchmarks.curvature import CurvatureFamily
from guiapp.benchmarks.family import Evaluated
from guiapp.benchmarks.family_summary import summarise
from guiapp.benchmarks.scan_frames import STRAINS, displacement_scan, mode_scan, strain_scan
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.physics.equation_of_state import GPA
from guiapp.potentials.potential import Prediction

FAMILY = CurvatureFamily()


def crystal(name="Cu", a=3.59) -> Frame:
    atoms = bulk(name, "fcc", a, cubic=True)
    return Frame(atoms.numbers, atoms.positions, atoms.cell.array, compound=name)


def emt(frame) -> Prediction:
    atoms = frame.to_atoms()
    atoms.calc = EMT()
    return Prediction(float(atoms.get_potential_energy()), atoms.get_forces(), atoms.get_stress(voigt=False))


def labelled(frames):
    """Label frames with EMT in the place of DFT."""
    predictions = [emt(frame) for frame in frames]
    return [f.with_changes(energy=p.energy, forces=p.forces, stress=p.stress) for f, p in zip(frames, predictions, strict=True)]


def soft(frames, scale=0.8):
    return [Evaluated(f, Prediction(scale * f.energy + 4.0, scale * f.forces, scale * f.stress)) for f in frames]


def test_a_spring_constant_is_that_of_finite_differences():
    frame = crystal()
    scan = displacement_scan(frame, 2, (0, 0, 1), reach=0.06)
    result = FAMILY.reduce([Evaluated(f, emt(f)) for f in scan], model="emt", mode="static")
    h = 1e-3
    moved = [frame.with_changes(positions=frame.positions + np.outer(np.arange(4) == 2, [0, 0, s])) for s in (-h, h)]
    expected = -(emt(moved[1]).forces[2, 2] - emt(moved[0]).forces[2, 2]) / (2 * h)
    assert result.rows[0].predicted == pytest.approx(expected, rel=1e-3)
    assert result.rows[0].verdict == "not enough signal"  # there is no DFT to compare with
    assert [len(curve.series) for curve in result.curves] == [2, 2]


def test_a_hydrostatic_strain_gives_nine_times_the_bulk_modulus():
    volumes, energies = [], []
    for a in np.linspace(3.5, 3.68, 9):
        frame = crystal(a=a)
        volumes.append(frame.volume)
        energies.append(emt(frame).energy)
    volume, _, modulus = EquationOfState(volumes, energies, "birchmurnaghan").fit()
    frame = crystal(a=volume ** (1 / 3))
    result = FAMILY.reduce([Evaluated(f, emt(f)) for f in strain_scan(frame, "hydrostatic", reach=0.01)], model="emt", mode="static")
    assert result.rows[0].unit == "GPa"
    assert result.rows[0].predicted == pytest.approx(9 * modulus * GPA, rel=5e-3)


@pytest.mark.parametrize("strain", STRAINS)
def test_forces_along_a_path_are_slopes_of_its_energy(strain):
    """Forces and stress, projected on the path, must be the derivative of the energies; a wrong projection shows here."""
    atoms = crystal(a=3.5)
    for scan in (strain_scan(atoms, strain), mode_scan(atoms, np.random.default_rng(3).normal(size=(4, 3)))):
        _, force = FAMILY.reduce([Evaluated(f, emt(f)) for f in scan], model="emt", mode="static").curves
        line, points = force.series
        np.testing.assert_allclose(np.interp(points.x, line.x, line.y), points.y, atol=0.02 * np.abs(points.y).max())


def test_a_soft_model_is_found_soft_along_every_path():
    frames = [f for name, a in (("Cu", 3.6), ("Ag", 4.09), ("Pd", 3.9)) for f in FAMILY.plan([crystal(name, a)])]
    result = FAMILY.reduce(soft(labelled(frames)), model="m", mode="static")
    assert len({row.system for row in result.rows}) == 12
    for quantity in ("curvature along a displacement", "curvature along a strain"):
        summary = summarise(result.rows, quantity=quantity)
        assert summary.headline.value == pytest.approx(0.8, rel=1e-6)
        assert summary.verdict == "soft"
    quartic = [row for row in result.rows if row.quantity.startswith("quartic")]
    assert all(row.predicted == pytest.approx(0.8 * row.reference, rel=1e-5) for row in quartic)


def test_given_paths_are_used_and_no_others_are_made_for_their_compound():
    scan = labelled(displacement_scan(crystal(), 0, (1, 1, 0)))
    assert {f.content_hash for f in FAMILY.plan([crystal(), *scan])} == {f.content_hash for f in scan}
    assert FAMILY.plan(scan[:3]) == ()


@pytest.mark.parametrize(("atom", "direction"), [(9, (1, 0, 0)), (-1, (1, 0, 0)), (0, (0, 0, 0)), (0, (1, 0))])
def test_paths_that_lead_nowhere_are_refused(atom, direction):
    with pytest.raises(UserFacingError):
        displacement_scan(crystal(), atom, direction)
