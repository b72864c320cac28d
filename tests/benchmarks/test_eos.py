"""The equation-of-state family finds the softness it was given, on shipped labels, all-electron curves and EMT."""

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.eos import EquationOfState

from guiapp.benchmarks.all_electron import all_electron_elements
from guiapp.benchmarks.eos import EosFamily
from guiapp.benchmarks.family import Evaluated
from guiapp.benchmarks.family_rows import corrected_rows
from guiapp.benchmarks.family_summary import summarise
from guiapp.benchmarks.high_energy_summary import Verdict
from guiapp.frames.frame import Frame
from guiapp.frames.shipped import open_shipped
from guiapp.physics.equation_of_state import GPA, BirchMurnaghan
from guiapp.potentials.potential import Prediction

FAMILY = EosFamily()


def predicted(frame: Frame, energy: float) -> Evaluated:
    return Evaluated(frame, Prediction(energy, np.zeros((frame.n_atoms, 3)), np.zeros((3, 3))))


def values(result, quantity):
    return {row.system: row for row in result.rows if row.quantity == quantity}


@pytest.fixture(scope="module")
def shipped():
    return FAMILY.plan(open_shipped("eos").frames)


def test_a_model_that_is_soft_by_a_factor_is_found_soft_by_it(shipped):
    result = FAMILY.reduce([predicted(frame, 0.8 * frame.energy - 3.0 * frame.n_atoms) for frame in shipped], model="m", mode="static")
    assert not result.failures
    systems = {str(frame.info["system"]) for frame in shipped}
    for quantity in ("bulk modulus", "curvature at the DFT volume"):
        rows = values(result, quantity)
        assert set(rows) == systems
        assert all(row.predicted / row.reference == pytest.approx(0.8, rel=1e-6) for row in rows.values())
        assert all(row.verdict == "soft" for row in rows.values() if row.reference >= 2)
    assert all(row.predicted == pytest.approx(row.reference, rel=1e-7) for row in values(result, "equilibrium volume").values())
    summary = summarise(result.rows)
    assert summary.headline.value == pytest.approx(0.8, rel=1e-6)
    assert summary.verdict is Verdict.SOFT
    assert summary.n_below == len(systems)
    assert "20 % too soft in the bulk modulus" in summary.sentence("M")[0]


def test_the_preview_of_c_repairs_it(shipped):
    result = FAMILY.reduce([predicted(frame, 0.8 * frame.energy) for frame in shipped], model="m", mode="static")
    summary = summarise(corrected_rows(result.rows, 1.25))
    assert summary.headline.value == pytest.approx(1.0, rel=1e-6)
    assert summary.verdict is Verdict.GOOD


def test_curves_show_dft_and_model_on_one_axis(shipped):
    result = FAMILY.reduce([predicted(frame, frame.energy) for frame in shipped], model="m", mode="static")
    curve = result.curves[0]
    dft_line, dft_points, model_line, model_points = curve.series
    np.testing.assert_allclose(dft_line.y, model_line.y, atol=1e-6)
    np.testing.assert_allclose(dft_points.y, model_points.y, atol=1e-6)
    assert dft_points.points
    assert np.abs(dft_points.y - np.interp(dft_points.x, dft_line.x, dft_line.y)).max() < 1.0  # meV/atom


def test_all_electron_references_come_without_energies():
    frames = FAMILY.plan(all_electron_elements().frames)
    assert len(frames) == 71 * 7
    assert all(frame.energy is None for frame in frames)
    soft = []
    for frame in frames:
        info = frame.info
        curve = BirchMurnaghan(-5.0, info["reference_volume"], 0.9 * info["reference_bulk_modulus"] / GPA, info["reference_derivative"])
        soft.append(predicted(frame, float(curve.energies(frame.volume / frame.n_atoms)) * frame.n_atoms))
    result = FAMILY.reduce(soft, model="m", mode="static")
    assert len(values(result, "bulk modulus")) == 71
    assert summarise(result.rows).headline.value == pytest.approx(0.9, rel=1e-6)
    assert values(result, "bulk modulus")["Ne (WIEN2k)"].verdict == "not enough signal"
    delta = summarise(result.rows, quantity="Delta")
    assert delta.verdict is Verdict.NO_SIGNAL
    assert delta.mae > 0


def test_emt_agrees_with_the_fit_of_ase():
    frames = [f for f in all_electron_elements().frames if f.compound == "Cu"]
    evaluated, energies = [], []
    for frame in frames:
        atoms = frame.to_atoms()
        atoms.calc = EMT()
        energies.append(atoms.get_potential_energy())
        evaluated.append(predicted(frame, energies[-1]))
    rows = values(FAMILY.reduce(evaluated, model="emt", mode="static"), "bulk modulus")
    _, _, modulus = EquationOfState([f.volume for f in frames], energies, "birchmurnaghan").fit()
    assert rows["Cu (WIEN2k)"].predicted == pytest.approx(modulus * GPA, rel=1e-4)


def test_a_minimum_outside_of_the_volumes_is_not_judged(shipped):
    frames = [frame for frame in shipped if frame.info["system"] == "MgO"]
    curve = BirchMurnaghan(0.0, 1.2 * frames[0].volume, 1.0, 4.0)
    result = FAMILY.reduce([predicted(frame, float(curve.energies(frame.volume))) for frame in frames], model="m", mode="static")
    assert all(row.verdict == "not enough signal" for row in result.rows)


def test_configurations_of_a_run_are_no_equation_of_state():
    assert FAMILY.plan(open_shipped("high-energy").frames) == ()


def test_incomplete_systems_are_named(shipped):
    result = FAMILY.reduce([predicted(frame, frame.energy) for frame in shipped[:3]], model="m", mode="static")
    assert result.rows == ()
    assert "5 volumes" in result.failures[0].reason


def test_too_few_volumes_are_not_planned():
    atoms = bulk("Cu")
    frames = [
        Frame(atoms.numbers, atoms.positions, s * atoms.cell.array, energy=0.0, compound="Cu", info={"system": "Cu"})
        for s in (0.99, 1, 1.01)
    ]
    assert FAMILY.plan(frames) == ()
