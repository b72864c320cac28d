"""A label is taken only if it is this structure, converged, and of the model's functional; everything else is said in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from invented_frames import distorted, soft_model

from guiapp.correction.dft_result import read_label
from guiapp.correction.same_structure import in_frame_of, match_structures
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.frames.reading.read import read_frames
from guiapp.frames.writing import write_extxyz

PW_OUT = Path(__file__).with_name("files") / "si-pw.out"
"""Our own calculation of two silicon atoms with pw.x 6.7, one of them moved."""


def silicon() -> Frame:
    cell = np.array([[0, 2.715, 2.715], [2.715, 0, 2.715], [2.715, 2.715, 0]])
    return Frame(np.array([14, 14]), np.array([[0, 0, 0], [1.5075, 1.2775, 1.4075]]), cell, name="frame 1", compound="Si")


def failed(label):
    return [check.what for check in label.checks if check.passed is False]


@pytest.fixture
def result(tmp_path: Path):
    """Write a changed copy of a good label and read it against the structure that was proposed."""

    def write(proposed: Frame | None = None, *, functional: str = "PBE", others=(), **changes):
        frame = distorted(1)[0]
        good = {"info": {"dft": "GPAW 22.8.0 PBE PW800", "converged": True}}
        write_extxyz([frame.with_changes(**{**good, **changes})], tmp_path / "result.extxyz")
        return read_label(
            tmp_path / "result.extxyz", proposed or frame, prediction=soft_model([frame])[0], functional=functional, others=others
        )

    return write


def test_good_label_passes_every_check_and_keeps_the_proposed_name(result):
    label = result(proposed=distorted(1)[0].with_changes(forces=None, energy=None, stress=None, name="proposed"))
    assert label.usable
    assert all(check.passed for check in label.checks)
    assert label.frame.name == "proposed"
    np.testing.assert_array_equal(label.frame.forces, distorted(1)[0].forces)
    frame = distorted(1)[0]
    assert label.energy_offset == pytest.approx((soft_model([frame])[0].energy - frame.energy) / frame.n_atoms)


def test_output_of_pw_is_read_and_checked():
    """Forces of pw.x 6.7, Ry/Bohr in the file: 0.0431698 Ry/Bohr is 1.1099 eV/Å."""
    label = read_label(PW_OUT, silicon(), functional="PBE / PBE+U")
    assert label.usable
    assert label.frame.forces[0, 0] == pytest.approx(1.10989, abs=1e-4)
    assert label.provenance.functional == "PBE"
    assert "Quantum ESPRESSO 6.7" in label.provenance.code


def test_unconverged_pw_is_refused(tmp_path):
    text = PW_OUT.read_text(encoding="utf-8").replace("convergence has been achieved in", "convergence NOT achieved after")
    (tmp_path / "pw.out").write_text(text, encoding="utf-8")
    label = read_label(tmp_path / "pw.out", silicon(), functional="PBE")
    assert any("did not converge" in what for what in failed(label))


def test_cut_off_pw_is_a_message_and_no_traceback(tmp_path):
    text = PW_OUT.read_text(encoding="utf-8")
    (tmp_path / "pw.out").write_text(text[: len(text) // 3], encoding="utf-8")
    with pytest.raises(UserFacingError):
        read_label(tmp_path / "pw.out", silicon())


def test_another_structure_is_told_by_what_differs(result):
    moved = distorted(1)[0]
    positions = moved.positions.copy()
    positions[3] += [0.3, 0, 0]
    assert "an atom is 0.30 Å away" in failed(result(positions=positions))[0]
    assert "cell is" in failed(result(cell=1.01 * moved.cell))[0]
    assert "Cl4 Na4" in failed(result(proposed=moved.with_changes(numbers=np.full(8, 12))))[0]


def test_label_of_another_structure_is_not_taken_over(result):
    label = result(positions=distorted(1, seed=8)[0].positions, proposed=distorted(1)[0].with_changes(forces=None))
    assert not label.usable
    assert label.frame.forces is None
    assert "another structure" in str(label.problem)


def test_unconverged_is_refused_and_unknown_convergence_is_told(result):
    assert any("did not converge" in what for what in failed(result(info={"dft": "X PBE", "converged": False})))
    unknown = result(info={"dft": "X PBE"})
    assert unknown.usable
    assert [check.passed for check in unknown.checks].count(None) == 1


def test_other_functional_than_the_training_data_is_refused(result):
    label = result(functional="r2SCAN")
    assert any("mix two functionals" in what for what in failed(label))
    assert result(functional="PBE / PBE+U, energies with MP2020 corrections").usable


def test_labels_of_two_functionals_are_not_fitted_together(result):
    assert any("mix functionals" in what for what in failed(result(others=("r2SCAN", "PBE"))))
    assert result(others=("PBE", "PBE+U")).usable


def test_missing_nan_and_unbalanced_forces_are_refused(result):
    forces = distorted(1)[0].forces
    assert any("no forces" in what for what in failed(result(forces=None)))
    assert any("add up" in what for what in failed(result(forces=forces + 0.1)))
    broken = forces.copy()
    broken[0, 0] = np.nan
    assert not result(forces=broken).usable


def test_reordered_and_turned_results_are_put_right():
    """VASP sorts atoms by element, and some programs turn the cell: forces must come back to the proposed atoms and axes."""
    frame = distorted(1, amplitude=0.2)[0]
    random = np.random.default_rng(5)
    turn = np.linalg.qr(random.normal(size=(3, 3)))[0]
    turn *= np.sign(np.linalg.det(turn))
    order = random.permutation(frame.n_atoms)
    shift = random.integers(-1, 2, size=(frame.n_atoms, 3)) @ frame.cell
    other = frame.with_changes(
        numbers=frame.numbers[order],
        positions=((frame.positions + shift) @ turn)[order],
        cell=frame.cell @ turn,
        forces=(frame.forces @ turn)[order],
        stress=turn.T @ frame.stress @ turn,
    )
    match = match_structures(other, frame)
    assert match.same
    assert match.turned
    assert match.reordered
    back = in_frame_of(other, match)
    np.testing.assert_allclose(back.forces, frame.forces, atol=1e-9)
    np.testing.assert_allclose(back.stress, frame.stress, atol=1e-12)
    np.testing.assert_array_equal(back.numbers, frame.numbers)


def test_mirror_image_is_another_structure():
    frame = distorted(1, amplitude=0.3)[0]
    skewed = frame.with_changes(cell=frame.cell + np.array([[0, 0.4, 0.2], [0, 0, 0.7], [0.1, 0, 0]]))
    mirror = np.diag([1.0, 1.0, -1.0])
    mirrored = skewed.with_changes(positions=skewed.positions @ mirror, cell=skewed.cell @ mirror)
    assert not match_structures(mirrored, skewed).same


def test_step_of_a_relaxation_is_found_in_a_real_outcar(shared_data: Path):
    """Of the many geometries in a file, the one that was proposed counts, with its own forces."""
    path = shared_data / "neb-fe-vacancy" / "00" / "OUTCAR.gz"
    frames = read_frames([path]).sets[0].frames
    for frame in (frames[0], frames[-1]):
        label = read_label(path, frame.with_changes(forces=None, energy=None))
        assert "Same structure" in label.checks[0].what
        np.testing.assert_allclose(label.frame.forces, frame.forces, atol=1e-12)
    assert not read_label(path, silicon()).usable
