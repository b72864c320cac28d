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
from guiapp.frames.frame import Frame
from guiapp.frames.reading.read import read_frames

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


def read(path: Path) -> tuple[Frame, ...]:
    (found,) = read_frames([path]).sets
    assert found.family == "phonons"
    return found.frames


def test_displacements_and_forces_are_taken_from_force_sets(tmp_path):
    perfect, displaced = read(write(tmp_path, CELL + DISPLACED, FORCES))
    assert (perfect.info["role"], displaced.info["role"]) == ("perfect", "displaced")
    np.testing.assert_allclose(displaced.positions - perfect.positions, [[0, 0, 0], [0.02, 0, 0]])
    np.testing.assert_allclose(displaced.forces, [[0.1, 0, 0], [-0.1, 0, 0]])
    assert perfect.forces is None
    assert perfect.formula == "MgO"


def test_forces_inside_the_file_need_no_force_sets(tmp_path):
    text = CELL + DISPLACED + "  forces:\n  - [0.1, 0, 0]\n  - [-0.1, 0, 0]\n"
    _, displaced = read(write(tmp_path, text))
    np.testing.assert_allclose(displaced.positions[1], [2.01, 2, 2])
    np.testing.assert_allclose(displaced.forces, [[0.1, 0, 0], [-0.1, 0, 0]])


@pytest.mark.parametrize(("suffix", "opened"), [(".xz", lzma.open), (".gz", gzip.open)])
def test_packed_files_are_read(tmp_path, suffix, opened):
    path = tmp_path / f"phonopy_params.yaml{suffix}"
    with opened(path, "wb") as file:
        file.write((CELL + DISPLACED + "  forces:\n  - [0.1, 0, 0]\n  - [-0.1, 0, 0]\n").encode())
    assert len(read(path)) == len(read(tmp_path)) == 2


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
        read(path)
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
        read(write(tmp_path, text, forces))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_crash_the_reader(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("noise") / "phonopy.yaml"
    path.write_bytes(content)
    with pytest.raises(UserFacingError):
        read(path)


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
    perfect, *displaced = read(tmp_path)
    np.testing.assert_allclose(perfect.positions, theirs.supercell.positions, atol=1e-9)
    np.testing.assert_allclose([frame.forces for frame in displaced], forces)
    np.testing.assert_allclose([frame.positions - perfect.positions for frame in displaced], displacements, atol=1e-9)


def test_forces_come_from_vasp_results_beside_the_file(shared_data, tmp_path):
    """The Si example has no FORCE_SETS, only the vasprun.xml of its one supercell; NaCl has both, and they agree."""
    _, silicon = read(shared_data / "phonopy-examples" / "Si" / "phonopy_disp.yaml")
    assert np.abs(silicon.forces).max() > 0.05
    folder = shared_data / "phonopy-examples" / "NaCl"
    for file in ("phonopy_disp.yaml", "vasprun.xml-001", "vasprun.xml-002"):
        shutil.copy(folder / file, tmp_path)
    for ours, theirs in zip(read(tmp_path / "phonopy_disp.yaml")[1:], read(folder / "phonopy_disp.yaml")[1:], strict=True):
        np.testing.assert_allclose(ours.forces, theirs.forces, atol=1e-8)


def test_a_folder_of_displacements_is_one_crystal(shared_data, tmp_path):
    """Results, structures and archives beside phonopy's YAML do not come a second time as frames of their own."""
    (examples,) = read_frames([shared_data / "phonopy-examples"]).sets
    systems = {str(frame.info["system"]) for frame in examples.frames}
    assert systems == {"MgO", "NaCl", "NaCl (NaCl-rd)", "Si", "ZnO"}
    assert {frame.compound for frame in examples.frames} == systems
    assert (examples.family, {frame.info["role"] for frame in examples.frames}) == ("phonons", {"perfect", "displaced"})
    folder = shared_data / "phonopy-examples" / "NaCl"
    for number in (1, 2):
        (tmp_path / f"disp-00{number}").mkdir()
        shutil.copy(folder / f"vasprun.xml-00{number}", tmp_path / f"disp-00{number}" / "vasprun.xml")
    shutil.copy(folder / "phonopy_disp.yaml", tmp_path)
    assert [frame.info["role"] for frame in read(tmp_path)] == ["perfect", "displaced", "displaced"]


def test_force_sets_finds_its_crystal_and_no_stride_or_limit_cuts_it(tmp_path):
    write(tmp_path, CELL + DISPLACED, FORCES)
    assert len(read(tmp_path / "FORCE_SETS")) == 2
    assert len(read_frames([tmp_path], stride=3, limit=1).sets[0].frames) == 2


def test_a_leftover_of_phonopy_hides_no_results(shared_data, tmp_path):
    """A bare phonopy.yaml beside a finished run is no set of displacements; the run is read."""
    shutil.copy(shared_data / "phonopy-examples" / "NaCl" / "vasprun.xml-001", tmp_path / "vasprun.xml")
    (tmp_path / "phonopy.yaml").write_text("phonopy:\n  version: 2.40\n" + CELL, encoding="utf-8")
    result = read_frames([tmp_path])
    assert [frame.origin.path for frame in result.sets[0].frames] == [str(tmp_path / "vasprun.xml")]


def test_an_archive_with_forces_in_the_yaml_is_read(tmp_path):
    """As the MDR database packs one compound."""
    import io
    import tarfile

    content = (CELL + DISPLACED + "  forces:\n  - [0.1, 0, 0]\n  - [-0.1, 0, 0]\n").encode()
    with tarfile.open(tmp_path / "mp-1265.tar.xz", "w:xz") as archive:
        member = tarfile.TarInfo("mp-1265/phonopy_params.yaml")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    assert [frame.info["system"] for frame in read(tmp_path / "mp-1265.tar.xz")] == ["MgO (mp-1265)"] * 2
