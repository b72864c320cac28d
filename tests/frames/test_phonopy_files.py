"""phonopy's files are read without running anything in them, as phonopy itself reads them, and damage is told in words."""

import gzip
import lzma
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guiapp.errors import UserFacingError
from guiapp.frames.reading.phonopy_files import phonopy_files, read_phonopy

CELL = """
supercell:
  lattice:
  - [ 4.0, 0.0, 0.0 ]
  - [ 0.0, 4.0, 0.0 ]
  - [ 0.0, 0.0, 4.0 ]
  points:
  - {symbol: Mg, coordinates: [0.0, 0.0, 0.0]}
  - {symbol: O, coordinates: [0.5, 0.5, 0.5]}
"""
DISPLACED = """
displacements:
- atom: 2
  displacement: [0.01, 0.0, 0.0]
"""
FORCES = "2\n1\n\n2\n 0.02 0.0 0.0\n 0.1 0.0 0.0\n -0.1 0.0 0.0\n"


def write(folder: Path, text: str, forces: str | None = None) -> Path:
    path = folder / "phonopy_disp.yaml"
    path.write_text(text, encoding="utf-8")
    if forces is not None:
        (folder / "FORCE_SETS").write_text(forces, encoding="utf-8")
    return path


def test_displacements_and_forces_are_taken_from_force_sets(tmp_path):
    perfect, displaced = read_phonopy([write(tmp_path, CELL + DISPLACED, FORCES)]).frames
    assert (perfect.info["role"], displaced.info["role"]) == ("perfect", "displaced")
    np.testing.assert_allclose(displaced.positions - perfect.positions, [[0, 0, 0], [0.02, 0, 0]])
    np.testing.assert_allclose(displaced.forces, [[0.1, 0, 0], [-0.1, 0, 0]])
    assert perfect.forces is None
    assert perfect.formula == "MgO"


def test_forces_inside_the_file_need_no_force_sets(tmp_path):
    text = CELL + DISPLACED + "  forces:\n  - [0.1, 0, 0]\n  - [-0.1, 0, 0]\n"
    _, displaced = read_phonopy([write(tmp_path, text)]).frames
    np.testing.assert_allclose(displaced.positions[1], [2.01, 2, 2])
    np.testing.assert_allclose(displaced.forces, [[0.1, 0, 0], [-0.1, 0, 0]])


@pytest.mark.parametrize(("suffix", "opened"), [(".xz", lzma.open), (".gz", gzip.open)])
def test_packed_files_are_read(tmp_path, suffix, opened):
    path = tmp_path / f"phonopy_params.yaml{suffix}"
    with opened(path, "wb") as file:
        file.write((CELL + DISPLACED + "  forces:\n  - [0.1, 0, 0]\n  - [-0.1, 0, 0]\n").encode())
    assert phonopy_files(tmp_path) == [path]
    assert len(read_phonopy([path]).frames) == 2


@pytest.mark.parametrize(
    "payload",
    [
        "!!python/object/apply:pathlib.Path.touch [!!python/object/apply:pathlib.Path ['{mark}']]",
        "!!python/object/apply:os.system ['touch {mark}']",
        "!!python/object/new:os.system ['touch {mark}']",
    ],
)
def test_a_hostile_file_runs_nothing(tmp_path, payload):
    mark = tmp_path / "mark"
    path = write(tmp_path, f"phonopy: {payload.format(mark=mark)}\n" + CELL + DISPLACED, FORCES)
    with pytest.raises(UserFacingError, match="plain YAML"):
        read_phonopy([path])
    assert not mark.exists()


@pytest.mark.parametrize(
    ("text", "forces", "words"),
    [
        ("- 1\n- 2\n", None, "no phonopy file"),
        ("supercell: 3\n", None, "no phonopy file"),
        (CELL.replace("Mg", "Qq"), None, "no phonopy file"),
        (CELL + DISPLACED, None, "no forces"),
        (CELL, None, "no forces"),
        (CELL + DISPLACED, FORCES.replace("-0.1", "x"), "FORCE_SETS"),
        (CELL + DISPLACED, "3\n1\n\n2\n 0.02 0.0 0.0\n 0 0 0\n 0 0 0\n 0 0 0\n", "FORCE_SETS"),
        (CELL + DISPLACED, "", "FORCE_SETS"),
        ("a: [1, 2\n", None, "plain YAML"),
        (CELL + DISPLACED.replace("atom: 2", "atom: 9"), FORCES, "no phonopy file"),
    ],
)
def test_damage_is_told_in_words(tmp_path, text, forces, words):
    with pytest.raises(UserFacingError, match=words):
        read_phonopy([write(tmp_path, text, forces)])


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_crash_the_reader(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("noise") / "phonopy.yaml"
    path.write_bytes(content)
    with pytest.raises(UserFacingError):
        read_phonopy([path])


@pytest.mark.parametrize("name", ["NaCl", "MgO", "ZnO", "NaCl-rd"])
def test_real_files_give_what_phonopy_reads(shared_data, tmp_path, name):
    import phonopy
    from phonopy.structure.dataset import get_displacements_and_forces

    for file in ("phonopy_disp.yaml", "FORCE_SETS"):
        shutil.copy(shared_data / "phonopy-examples" / name / file, tmp_path)
    theirs = phonopy.load(
        tmp_path / "phonopy_disp.yaml", force_sets_filename=tmp_path / "FORCE_SETS", is_nac=False, produce_fc=False, log_level=0
    )
    displacements, forces = get_displacements_and_forces(theirs.dataset)
    perfect, *displaced = read_phonopy(phonopy_files(tmp_path)).frames
    np.testing.assert_allclose(perfect.positions, theirs.supercell.positions, atol=1e-9)
    np.testing.assert_allclose([frame.forces for frame in displaced], forces)
    np.testing.assert_allclose([frame.positions - perfect.positions for frame in displaced], displacements, atol=1e-9)


def test_forces_come_from_vasp_results_beside_the_file(shared_data, tmp_path):
    """The Si example has no FORCE_SETS, only the vasprun.xml of its one supercell; NaCl has both, and they agree."""
    _, silicon = read_phonopy([shared_data / "phonopy-examples" / "Si" / "phonopy_disp.yaml"]).frames
    assert np.abs(silicon.forces).max() > 0.05
    folder = shared_data / "phonopy-examples" / "NaCl"
    for file in ("phonopy_disp.yaml", "vasprun.xml-001", "vasprun.xml-002"):
        shutil.copy(folder / file, tmp_path)
    for ours, theirs in zip(
        read_phonopy([tmp_path / "phonopy_disp.yaml"]).frames[1:], read_phonopy([folder / "phonopy_disp.yaml"]).frames[1:], strict=True
    ):
        np.testing.assert_allclose(ours.forces, theirs.forces, atol=1e-8)
