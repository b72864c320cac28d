"""Phonons equal phonopy's own on the same forces, a lattice of springs by hand, and scale as the square root of c."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.units import _amu, _e

from guiapp.benchmarks.family import Evaluated
from guiapp.benchmarks.family_rows import corrected_rows
from guiapp.benchmarks.family_summary import summarise
from guiapp.benchmarks.phonon_calculation import CrystalPhonons
from guiapp.benchmarks.phonons import PhononFamily, _primitive_matrix
from guiapp.frames.frame import Frame
from guiapp.frames.reading.read import read_frames
from guiapp.physics.harmonic import thermodynamics
from guiapp.potentials.potential import Prediction

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="session")
def examples(shared_data: Path) -> Path:
    folder = shared_data / "phonopy-examples"
    if not folder.is_dir():
        pytest.skip("phonopy's examples are not among the public data sets here")
    return folder


def parts(frames):
    return frames[0], list(frames[1:])


def crystal_of(frames):
    perfect, displaced = parts(frames)
    return CrystalPhonons(perfect, displaced, _primitive_matrix(perfect)), [frame.forces for frame in displaced]


def predicted(frames, factor):
    rest = np.zeros((frames[0].n_atoms, 3))
    return [Evaluated(f, Prediction(0.0, factor * (rest if f.forces is None else f.forces), np.zeros((3, 3)))) for f in frames]


@pytest.mark.parametrize(
    ("name", "options"), [("NaCl", []), pytest.param("MgO", [], marks=pytest.mark.slow), ("ZnO", []), ("NaCl-rd", ["--fc-calc", "symfc"])]
)
def test_frequencies_are_those_of_the_phonopy_command(examples, tmp_path, name, options):
    for file in ("phonopy_disp.yaml", "FORCE_SETS"):
        shutil.copy(examples / name / file, tmp_path)
    command = [str(Path(sys.executable).with_name("phonopy-load")), "--nonac", "--mesh", "4", "4", "4", "-t", *options]
    if not Path(command[0]).exists():
        pytest.skip("phonopy's commands are not beside this Python")
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120, env={**os.environ, "OMP_NUM_THREADS": "1"})
    mesh = yaml.load((tmp_path / "mesh.yaml").read_text(), Loader=yaml.CSafeLoader)
    points = np.array([point["q-position"] for point in mesh["phonon"]])
    weights = np.array([point["weight"] for point in mesh["phonon"]], dtype=float)
    theirs = np.array([[band["frequency"] for band in point["band"]] for point in mesh["phonon"]])
    crystal, forces = crystal_of(read_frames([tmp_path]).sets[0].frames)
    crystal.phonons(forces)
    ours = crystal.frequencies(points)
    # At the zone centre the acoustic modes are square roots of rounding.
    away = np.linalg.norm(points, axis=1) > 1e-6
    np.testing.assert_allclose(ours[away], theirs[away], atol=1e-6)
    np.testing.assert_allclose(ours[~away], theirs[~away], atol=1e-3)
    thermal = yaml.safe_load((tmp_path / "thermal_properties.yaml").read_text())
    at_300_k = next(entry for entry in thermal["thermal_properties"] if entry["temperature"] == 300)
    mine, atoms = thermodynamics(theirs, weights), theirs.shape[1] / 3
    assert atoms * mine.free_energy == pytest.approx(at_300_k["free_energy"], rel=1e-5)
    assert atoms * mine.entropy == pytest.approx(at_300_k["entropy"], rel=1e-5)
    assert atoms * mine.heat_capacity == pytest.approx(at_300_k["heat_capacity"], rel=1e-5)


def test_frequencies_scale_with_the_square_root_of_c(examples):
    frames = read_frames([examples / "NaCl" / "phonopy_disp.yaml"]).sets[0].frames
    family = PhononFamily()
    planned = family.plan(frames)
    assert len(planned) == 3
    soft = family.reduce(predicted(planned, 0.81), model="m", mode="static")
    assert not soft.failures
    for quantity in ("largest frequency", "mean frequency", "smallest frequency"):
        row = next(row for row in soft.rows if row.quantity == quantity)
        assert row.predicted == pytest.approx(0.9 * row.reference, rel=1e-6, abs=1e-3)
    repaired = next(row for row in corrected_rows(soft.rows, 1 / 0.81) if row.quantity == "largest frequency")
    assert repaired.predicted == pytest.approx(repaired.reference, rel=1e-6)
    assert repaired.verdict == "good"
    assert summarise(soft.rows).verdict == "not enough signal"  # one system is no evidence
    bands, dos = soft.curves
    assert bands.title.endswith("displacements of 0.01 Å")
    np.testing.assert_allclose(bands.series[1].y, 0.9 * bands.series[0].y, atol=2e-3)
    assert [label for _, label in bands.ticks] == ["Γ", "X", "U|K", "Γ", "L", "W", "X"]
    area = [float(np.trapezoid(series.y, series.x)) for series in dos.series]
    assert area == pytest.approx([6, 6], rel=0.02)  # three modes for each of two atoms
    entropy = next(row for row in soft.rows if row.quantity == "entropy at 300 K")
    assert entropy.predicted > entropy.reference


def test_an_unstable_crystal_is_flagged_and_gets_no_free_energy(examples):
    frames = PhononFamily().plan(read_frames([examples / "MgO" / "phonopy_disp.yaml"]).sets[0].frames)
    result = PhononFamily().reduce(predicted(frames, -1.0), model="m", mode="static")
    rows = {row.quantity: row for row in result.rows}
    assert rows["imaginary modes"].predicted > 90
    assert rows["imaginary modes"].reference == 0
    assert rows["smallest frequency"].predicted < -10
    assert rows["free energy at 300 K"].verdict == "not enough signal"


def test_forces_at_rest_are_subtracted_for_the_model(examples):
    frames = PhononFamily().plan(read_frames([examples / "ZnO" / "phonopy_disp.yaml"]).sets[0].frames)
    strained = np.zeros((frames[0].n_atoms, 3))
    strained[:, 2] = np.where(frames[0].numbers == 8, 0.3, -0.3)
    shifted = [
        Evaluated(one.frame, Prediction(0.0, one.prediction.forces + strained, one.prediction.stress)) for one in predicted(frames, 1.0)
    ]
    row = PhononFamily().reduce(shifted, model="m", mode="static").rows[0]
    assert row.predicted == pytest.approx(row.reference, rel=1e-9)


def test_missing_displacements_are_named_and_never_guessed(examples):
    family = PhononFamily()
    planned = family.plan(read_frames([examples / "NaCl" / "phonopy_disp.yaml"]).sets[0].frames)
    partial = family.reduce(predicted(planned, 1.0)[:2], model="m", mode="static")
    assert partial.rows == ()
    assert "1 of 2 displaced supercells" in partial.failures[0].reason
    too_few = family.reduce(predicted(family.plan(planned[:2]), 1.0), model="m", mode="static")
    assert "displacements of Cl are missing" in too_few.failures[0].reason


def supercell_frames(atoms, repeats, distance, calculate):
    """Return a perfect supercell and one with its first atom displaced, with forces of ``calculate(atoms)``."""
    perfect = atoms * repeats
    moved = perfect.copy()
    moved.positions[0] += np.array([1, 1, 0]) / np.sqrt(2) * distance

    def frame(of, role):
        return Frame(of.numbers, of.positions, of.cell.array, forces=calculate(of), compound="x", info={"system": "x", "role": role})

    return frame(perfect, "perfect"), frame(moved, "displaced")


def test_a_lattice_of_springs_has_the_frequency_of_the_textbook():
    """Nearest-neighbour springs k in an fcc lattice: omega^2 = 8 k / m for the longitudinal mode at X, 4 k / m for the transverse."""
    k, mass = 2.0, bulk("Al").get_masses()[0]
    perfect = bulk("Al", cubic=True) * 2
    neighbours = [(i, j) for i in range(32) for j in range(32) if i != j and perfect.get_distance(i, j, mic=True) < 3.0]

    def forces(atoms):
        inverse = np.linalg.inv(atoms.cell.array)
        shift = atoms.positions - perfect.positions
        result = np.zeros((32, 3))
        for i, j in neighbours:
            bond = (perfect.positions[j] - perfect.positions[i]) @ inverse
            direction = (bond - np.rint(bond)) @ atoms.cell.array
            direction /= np.linalg.norm(direction)
            result[i] += k * np.dot(shift[j] - shift[i], direction) * direction
        return result

    rest, moved = supercell_frames(bulk("Al", cubic=True), 2, 0.03, forces)
    crystal = CrystalPhonons(rest, [moved])
    phonons = crystal.phonons([moved.forces], rest.forces)
    unit = np.sqrt(_e / _amu) * 1e10 / (2 * np.pi) * 1e-12  # sqrt(eV/Å^2/u) in THz
    at_x = crystal.frequencies(np.array([[0.5, 0.5, 0.0]]))[0]
    np.testing.assert_allclose(at_x, unit * np.sqrt(k / mass) * np.sqrt([4, 4, 8]), rtol=1e-6)
    assert phonons.largest == pytest.approx(unit * np.sqrt(8 * k / mass), rel=1e-3)


def test_emt_phonons_are_those_of_phonopy_run_by_hand():
    from phonopy import Phonopy
    from phonopy.structure.atoms import PhonopyAtoms

    def forces(atoms):
        copy = atoms.copy()
        copy.calc = EMT()
        return copy.get_forces()

    unit = bulk("Cu", cubic=True)
    by_hand = Phonopy(PhonopyAtoms(unit.symbols, cell=unit.cell.array, positions=unit.positions), np.diag([2, 2, 2]), primitive_matrix="F")
    by_hand.generate_displacements(distance=0.02)
    cells = by_hand.supercells_with_displacements

    def frame(cell, role):
        atoms = bulk("Cu", cubic=True) * 2
        atoms.cell[:], atoms.positions[:] = cell.cell, cell.positions
        return Frame(atoms.numbers, atoms.positions, atoms.cell.array, forces=forces(atoms), info={"system": "Cu", "role": role})

    by_hand.forces = [frame(cell, "displaced").forces for cell in cells]
    by_hand.produce_force_constants()
    by_hand.symmetrize_force_constants()
    crystal = CrystalPhonons(frame(by_hand.supercell, "perfect"), [frame(cell, "displaced") for cell in cells])
    crystal.phonons(by_hand.forces)
    points = np.random.default_rng(0).uniform(-0.5, 0.5, (5, 3))
    by_hand.run_qpoints(points)
    np.testing.assert_allclose(crystal.frequencies(points), by_hand.qpoints.frequencies, atol=1e-6)


def test_relaxed_phonons_are_those_of_the_crystal_that_the_model_relaxed():
    """A strained crystal, labelled by EMT in the place of DFT, gives in relaxed mode the phonons of EMT's own lattice constant."""
    from guiapp.benchmarks.family import TwoStageFamily
    from guiapp.benchmarks.relaxation import relax

    def emt(frames):
        predictions = []
        for frame in frames:
            atoms = frame.to_atoms()
            atoms.calc = EMT()
            predictions.append(Prediction(float(atoms.get_potential_energy()), atoms.get_forces(), atoms.get_stress(voigt=False)))
        return predictions

    def crystal(a):
        def forces(atoms):
            copy = atoms.copy()
            copy.calc = EMT()
            return copy.get_forces()

        return supercell_frames(bulk("Cu", "fcc", a, cubic=True), 2, 0.02, forces)

    family = PhononFamily()
    assert isinstance(family, TwoStageFamily)
    perfect, moved = family.plan(crystal(3.65))
    (end,) = relax([perfect], family.relaxation(perfect), emt)
    assert family.relaxation(moved) is None
    first = [Evaluated(perfect, end.prediction, end.relaxed, end.converged, end.steps), Evaluated(moved, emt([moved])[0])]
    second = family.second_stage(first)
    assert len(second) == 1
    result = family.reduce([*first, Evaluated(second[0], emt(second)[0])], model="emt", mode="relaxed")
    assert not result.failures
    rows = {row.quantity: row for row in result.rows}
    a = end.relaxed.cell[0, 0] / 2
    assert a < 3.62
    own = family.plan(crystal(a))
    (expected,) = [
        row
        for row in family.reduce([Evaluated(f, p) for f, p in zip(own, emt(own), strict=True)], model="emt", mode="static").rows
        if row.quantity == "largest frequency"
    ]
    assert rows["largest frequency"].predicted == pytest.approx(expected.reference, rel=1e-3)
    assert rows["largest frequency"].reference < 0.99 * rows["largest frequency"].predicted  # the stretched crystal is softer
    assert family.reduce(first, model="emt", mode="relaxed").failures
