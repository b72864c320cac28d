"""The input written is the structure proposed, in a form that the programs and their own parsers take."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from ase.build import bulk
from ase.io import read
from pymatgen.io.vasp import Incar, Poscar

from guiapp.correction.dft_input import STRUCTURE, Code, k_mesh, write_dft_input
from guiapp.correction.same_structure import match_structures
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.frames.frame_from_atoms import frame_from_atoms
from guiapp.frames.reading.read import read_frames


def oxide(symbols: str = "FeO") -> Frame:
    """A distorted cell whose elements alternate, so that VASP must reorder its atoms."""
    atoms = bulk(symbols, "rocksalt", a=4.3, cubic=True)
    atoms.rattle(0.1, seed=2)
    return Frame(atoms.numbers, atoms.positions, atoms.cell.array, name="frame 1", compound=symbols)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return {one.code: one for one in write_dft_input(oxide(), tmp_path_factory.mktemp("label"), functional="PBE / PBE+U")}


def test_every_program_gets_input_readme_and_job(written):
    assert set(written) == set(Code)
    for one in written.values():
        assert {path.name for path in one.folder.iterdir()} == set(one.files)
        text = (one.folder / "README.md").read_text(encoding="utf-8")
        assert one.result in text
        for missing in one.missing:
            assert missing in text


def test_structure_is_beside_the_input_without_labels(written):
    folder = written[Code.VASP].folder.parent
    frame = read_frames([folder / STRUCTURE]).sets[0].frames[0]
    assert frame.content_hash == oxide().content_hash
    assert frame.forces is None


def test_vasp_is_the_materials_project_set_and_says_which_potcars_are_missing(written, monkeypatch):
    one = written[Code.VASP]
    incar = Incar.from_file(str(one.folder / "INCAR"))
    assert incar["ENCUT"] == 520
    assert incar["NSW"] == 0
    assert incar["LDAUU"] == [5.3, 0], "the training data use U for iron oxides"
    assert "POTCAR" not in one.files
    assert "Fe_pv, O" in one.missing[0]
    assert (one.folder / "POTCAR.spec").read_text(encoding="utf-8").split() == ["Fe_pv", "O"]
    atoms = Poscar.from_file(str(one.folder / "POSCAR"), check_for_potcar=False).structure.to_ase_atoms()
    match = match_structures(frame_from_atoms(atoms), oxide())
    assert match.same
    assert match.reordered
    assert match.distance < 1e-9


def test_espresso_input_is_what_ase_reads(written):
    one = written[Code.ESPRESSO]
    atoms = read(one.folder / "pw.in", format="espresso-in")
    match = match_structures(frame_from_atoms(atoms), oxide())
    assert match.same
    assert not match.reordered
    text = (one.folder / "pw.in").read_text(encoding="utf-8")
    assert "tprnfor = .true." in text
    assert "starting_magnetization(1)" in text
    assert "PBE+U" in " ".join(one.remarks)


def test_scripts_compile_and_read_the_structure(written):
    for code, name in ((Code.GPAW, "run_gpaw.py"), (Code.CP2K, "run_cp2k.py")):
        source = (written[code].folder / name).read_text(encoding="utf-8")
        ast.parse(source)
        assert f"../{STRUCTURE}" in source


def test_cp2k_input_that_ase_makes_of_the_script_holds_the_structure(written, tmp_path, monkeypatch):
    """Run the script up to the calculation, with ase's own input generator and no CP2K."""
    source = (written[Code.CP2K].folder / "run_cp2k.py").read_text(encoding="utf-8").split("\nforces =")[0]
    monkeypatch.chdir(written[Code.CP2K].folder)
    shell = SimpleNamespace(version=9.0, isready=False, close=lambda: None)
    monkeypatch.setattr("ase.calculators.cp2k.Cp2kShell", lambda *_: shell)
    scope: dict = {}
    exec(compile(source, "run_cp2k.py", "exec"), scope)
    calculator = scope["atoms"].calc
    calculator.atoms = scope["atoms"]
    text = calculator._generate_input()
    assert text.count("&KIND") == 2
    assert "STRESS_TENSOR ANALYTICAL" in text
    assert "UNRESTRICTED_KOHN_SHAM ON" in text
    assert f"{oxide().positions[1, 0]:.18e}" in text
    assert text.count("BASIS_SET DZVP-MOLOPT-SR-GTH") == 2


def test_k_mesh_is_the_density_along_each_axis():
    cell = np.diag([2.0, 4.0, 40.0])
    frame = oxide().with_changes(cell=cell)
    assert k_mesh(frame, 4.0) == tuple(int(np.ceil(4 * 2 * np.pi / length)) for length in (2.0, 4.0, 40.0))


def test_r2scan_is_written_for_vasp_only(tmp_path):
    (one,) = write_dft_input(oxide("MgO"), tmp_path, codes=[Code.VASP], functional="r2SCAN")
    assert "R2scan" in (one.folder / "INCAR").read_text(encoding="utf-8").title().replace("R2Scan", "R2scan")
    with pytest.raises(UserFacingError, match="VASP only"):
        write_dft_input(oxide("MgO"), tmp_path, codes=[Code.GPAW], functional="r2SCAN")


def test_unknown_functional_and_molecule_are_refused(tmp_path):
    with pytest.raises(UserFacingError, match="PBEsol"):
        write_dft_input(oxide("MgO"), tmp_path, functional="PBEsol")
    with pytest.raises(UserFacingError, match="crystals"):
        write_dft_input(oxide("MgO").with_changes(cell=np.zeros((3, 3)), pbc=(False, False, False)), tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("gpaw") is None or not Path("/usr/bin/python3").exists(), reason="GPAW is not installed")
def test_gpaw_script_runs_and_its_result_is_taken(tmp_path):
    """The whole way with a real calculation, coarse so that it takes seconds."""
    from guiapp.correction.dft_result import read_label

    atoms = bulk("Si")
    atoms.positions[1] += [0.15, -0.08, 0.05]
    frame = Frame(atoms.numbers, atoms.positions, atoms.cell.array, name="f", compound="Si")
    (one,) = write_dft_input(frame, tmp_path, codes=[Code.GPAW])
    script = one.folder / "run_gpaw.py"
    source = script.read_text(encoding="utf-8").replace("(9, 9, 9)", "(2, 2, 2)").replace("PW(600)", "PW(250)")
    script.write_text(source, encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")} | {"OMP_NUM_THREADS": "1"}
    subprocess.run(["/usr/bin/python3", script.name], cwd=one.folder, check=True, env=environment, capture_output=True)
    label = read_label(one.folder / one.result, frame, functional="PBE / PBE+U")
    assert label.usable
    assert [check.passed for check in label.checks] == [True] * 4
    assert np.abs(label.frame.forces).max() > 0.5
