"""Extended xyz: every naming of labels is found, numbers equal ase's, damage is explained."""

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import read, write
from ase.io.extxyz import key_val_str_to_dict

from guiapp.errors import UserFacingError
from guiapp.frames.reading.extxyz_comment import parse_comment
from guiapp.frames.reading.read import read_frames

FORCES = np.array([[0.1, -0.2, 0.3], [-0.1, 0.2, -0.3]])
STRESS = np.array([[0.01, 0.004, 0.005], [0.004, 0.02, 0.006], [0.005, 0.006, 0.03]])
LATTICE = 'Lattice="0 2.7 2.7 2.7 0 2.7 2.7 2.7 0"'


def write_text(path, *, comment, columns="forces:R:3", forces=FORCES):
    rows = "".join(f"{s} {x} {x} {x} {' '.join(map(str, f))}\n" for s, x, f in zip(("Si", "C"), (0.0, 1.35), forces.tolist(), strict=True))
    path.write_text(f"2\n{LATTICE} Properties=species:S:1:pos:R:3:{columns} {comment}\n{rows}", encoding="utf-8")
    return path


def one(path):
    result = read_frames([path])
    return result.sets[0].frames[0], result


@pytest.mark.parametrize(
    ("energy", "forces"),
    [
        ("REF_energy", "REF_forces"),
        ("DFT_energy", "DFT_forces"),
        ("dft_energy", "dft_force"),
        ("energy", "forces"),
        ("free_energy", "forces"),
    ],
)
def test_label_keys_are_found_and_reported(tmp_path, energy, forces):
    frame, result = one(write_text(tmp_path / "a.xyz", comment=f"{energy}=-10.5", columns=f"{forces}:R:3"))
    assert frame.energy == -10.5
    np.testing.assert_array_equal(frame.forces, FORCES)
    assert frame.origin.keys == (energy, forces)
    assert result.keys == {str(tmp_path / "a.xyz"): (energy, forces)}
    assert energy not in frame.info


def test_reference_labels_win_over_bare_ones(tmp_path):
    """A file written after a model run holds both; the DFT labels count."""
    path = write_text(tmp_path / "a.xyz", comment="energy=-9.0 REF_energy=-10.5", columns="forces:R:3:REF_forces:R:3")
    path.write_text(path.read_text().replace("0.1 -0.2 0.3", "9 9 9 0.1 -0.2 0.3").replace("-0.1 0.2 -0.3", "9 9 9 -0.1 0.2 -0.3"))
    frame, _ = one(path)
    assert frame.energy == -10.5
    np.testing.assert_array_equal(frame.forces, FORCES)


def test_free_energy_wins_over_energy(tmp_path):
    """Forces are the derivative of the free energy, so that one is the label."""
    frame, _ = one(write_text(tmp_path / "a.xyz", comment="energy=-10.0 free_energy=-10.2"))
    assert frame.energy == -10.2


@pytest.mark.parametrize(
    "text",
    [
        'stress="0.01 0.004 0.005 0.004 0.02 0.006 0.005 0.006 0.03"',
        'REF_stress="0.01 0.02 0.03 0.006 0.005 0.004"',
        "stress={0.01 0.02 0.03 0.006 0.005 0.004}",
    ],
)
def test_stress_of_nine_or_six_numbers(tmp_path, text):
    frame, result = one(write_text(tmp_path / "a.xyz", comment=text, columns="REF_forces:R:3"))
    np.testing.assert_allclose(frame.stress, STRESS)
    assert not result.problems


def test_virial_becomes_stress_with_the_opposite_sign(tmp_path):
    frame, _ = one(write_text(tmp_path / "a.xyz", comment='virial="1 0 0 0 2 0 0 0 3"'))
    np.testing.assert_allclose(frame.stress, -np.diag([1.0, 2.0, 3.0]) / frame.volume)
    assert "virial" in frame.origin.keys


def test_unknown_label_keys_are_hinted_at_not_used(tmp_path):
    frame, result = one(write_text(tmp_path / "a.xyz", comment="mace_energy=-3.0", columns="mace_forces:R:3"))
    assert frame.forces is None
    assert frame.energy is None
    assert "mace_forces" in result.problems[0].what
    assert "REF_forces" in result.problems[0].advice


def test_numbers_equal_those_of_ase(tmp_path):
    """A file written by ase with a calculator is read to the same arrays as by ase, for a skewed cell and mixed periodicity."""
    rng = np.random.default_rng(0)
    frames = []
    for _ in range(4):
        atoms = bulk("NaCl", "rocksalt", a=5.6)
        atoms.set_cell(atoms.cell.array + rng.normal(scale=0.1, size=(3, 3)), scale_atoms=True)
        atoms.pbc = (True, True, False)
        atoms.calc = SinglePointCalculator(
            atoms, energy=rng.normal(), forces=rng.normal(size=(2, 3)), stress=rng.normal(size=6), magmoms=rng.normal(size=2)
        )
        frames.append(atoms)
    path = tmp_path / "a.extxyz"
    write(path, frames)
    ours = read_frames([path]).sets[0].frames
    for frame, atoms in zip(ours, read(path, ":"), strict=True):
        np.testing.assert_array_equal(frame.positions, atoms.positions)
        np.testing.assert_array_equal(frame.cell, atoms.cell.array)
        np.testing.assert_array_equal(frame.forces, atoms.get_forces())
        np.testing.assert_allclose(frame.stress, atoms.get_stress(voigt=False), atol=1e-15)
        assert frame.energy == atoms.get_potential_energy()
        np.testing.assert_array_equal(frame.magmoms, atoms.calc.results["magmoms"])
        assert frame.pbc == (True, True, False)


@pytest.mark.parametrize(
    "line",
    [
        'Lattice="1 0 0 0 2 0 0 0 3" Properties=species:S:1:pos:R:3 pbc="T T F" energy=-1.5e+3 n=4 ok=T off=F word=a-b_c.d',
        'Lattice="1 0 0 0 2 0 0 0 3" text="two words" list="1 2 3" floats="1.5 2" flags="T F T" uid=1e5',
        'a=[1,2,3] b={4 5 6} Lattice="1 0 0 0 2 0 0 0 3" c="say \\"x\\""',
        "key=value flag Lattice='1 0 0 0 2 0 0 0 3'",
    ],
)
def test_comment_line_is_read_as_ase_reads_it(line):
    ours, theirs = parse_comment(line), key_val_str_to_dict(line)
    assert ours.keys() == theirs.keys()
    for key, value in theirs.items():
        np.testing.assert_array_equal(ours[key], value)


def test_plain_xyz_is_a_molecule_without_cell(tmp_path):
    path = tmp_path / "water.xyz"
    path.write_text("3\nwater\nO 0 0 0\nH 0.76 0.59 0\nH -0.76 0.59 0\n")
    frame, _ = one(path)
    assert frame.formula == "H2O"
    assert {"no-cell", "no-forces"} == {flag.code for flag in frame.flags}


def test_truncated_file_keeps_the_whole_configurations(tmp_path):
    path = write_text(tmp_path / "a.xyz", comment="energy=-1.0")
    text = path.read_text()
    path.write_text(text + text + text[: len(text) - 30])
    result = read_frames([path])
    assert len(result.sets[0].frames) == 2
    assert "Configuration 3" in result.problems[0].what


@pytest.mark.parametrize(
    "broken", [lambda t: t.replace("0.3\n", "\n"), lambda t: t.replace("-0.2", "minus"), lambda t: t.replace('2.7 0"', '2.7"')]
)
def test_malformed_file_is_one_clear_error(tmp_path, broken):
    path = write_text(tmp_path / "a.xyz", comment="energy=-1.0")
    path.write_text(broken(path.read_text()))
    with pytest.raises(UserFacingError) as error:
        read_frames([path])
    assert "Configuration 1 is malformed" in error.value.what
    assert error.value.path == path


def test_nan_labels_are_taken_in_and_flagged(tmp_path):
    frame, _ = one(write_text(tmp_path / "a.xyz", comment="energy=nan", forces=FORCES * np.nan))
    assert [flag.code for flag in frame.flags] == ["nan"]
    assert not frame.usable
