"""The entry point: files, folders and patterns, several at once, progress, cancel, and errors that say what to do."""

from itertools import pairwise
from pathlib import Path

import pytest
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write

from guiapp.errors import UserFacingError
from guiapp.frames.reading.choosing import natural_order, worth_reading
from guiapp.frames.reading.read import read_frames
from guiapp.frames.reading.set_names import set_name, set_title


def labelled(n=1):
    frames = []
    for number in range(n):
        atoms = bulk("NaCl", "rocksalt", a=5.6)
        atoms.rattle(0.05, seed=number)
        atoms.calc = SinglePointCalculator(atoms, energy=-float(number), forces=atoms.positions * 0)
        frames.append(atoms)
    return frames


def test_folder_pattern_and_file_are_one_set_each(tmp_path):
    for name in ("runs/a/x.extxyz", "runs/b/x.extxyz", "single.extxyz"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        write(tmp_path / name, labelled(2))
    result = read_frames([tmp_path / "runs", str(tmp_path / "runs" / "*" / "x.extxyz"), tmp_path / "single.extxyz"])
    assert [len(found.frames) for found in result.sets] == [4, 4, 2]
    assert len({found.name for found in result.sets}) == 3
    assert [frame.name for frame in result.sets[0].frames] == [f"frame {i} of {folder}/x.extxyz" for folder in "ab" for i in (1, 2)]
    assert [frame.name for frame in result.sets[1].frames] == [frame.name for frame in result.sets[0].frames]
    assert [frame.name for frame in result.sets[2].frames] == ["frame 1", "frame 2"]
    assert result.sets[2].provenance.source == str(tmp_path / "single.extxyz")


def test_bad_files_never_stop_the_others(tmp_path):
    write(tmp_path / "good.extxyz", labelled())
    (tmp_path / "bad.json").write_text("{broken")
    (tmp_path / "vasprun.xml").write_text("nothing")
    (tmp_path / "empty.xyz").write_text("")
    (tmp_path / "notes.txt").write_text("these are notes")
    result = read_frames([tmp_path, tmp_path / "missing.xyz"])
    assert len(result.sets) == 1
    assert len(result.sets[0].frames) == 1
    named = {Path(problem.path).name for problem in result.problems}
    assert named == {"bad.json", "vasprun.xml", "missing.xyz"}
    assert all(problem.what.endswith(".") for problem in result.problems)


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("missing", None, "no such file"),
        ("empty.xyz", "", "empty"),
        ("notes.txt", "these are notes\nof mine\n", "none of the formats"),
        ("a.json", "{}", "holds no configuration"),
        ("a.json", '{"some": {"other": "data"}}', "holds no configuration"),
        ("folder", "folder", "holds no file|No frames"),
        ("no-match-*.xyz", None, "No file matches"),
    ],
)
def test_nothing_readable_is_one_clear_error(tmp_path, name, content, what):
    path = tmp_path / name
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_text(content)
    with pytest.raises(UserFacingError, match=what) as error:
        read_frames([path])
    assert str(error.value.path) == str(path)
    assert error.value.advice


def test_no_paths_is_an_error_too():
    with pytest.raises(UserFacingError, match="No frames"):
        read_frames([])


def test_progress_is_called_at_least_every_fifty_frames(tmp_path):
    write(tmp_path / "a.extxyz", labelled(120))
    calls = []
    read_frames([tmp_path / "a.extxyz"], progress=lambda count, name: calls.append((count, name)))
    counts = [count for count, _ in calls]
    assert max(b - a for a, b in pairwise(counts)) <= 50
    assert counts[-1] >= 100
    assert all(name.endswith("a.extxyz") for _, name in calls)


@pytest.mark.parametrize("after", [0, 60])
def test_exception_from_progress_passes_through(tmp_path, after):
    """That is how the window cancels; it must not be taken for a bad file."""

    class CancelledError(Exception):
        pass

    def progress(count, _name):
        if count >= after:
            raise CancelledError

    write(tmp_path / "a.extxyz", labelled(120))
    with pytest.raises(CancelledError):
        read_frames([tmp_path], progress=progress)


def test_limit_counts_for_each_path(tmp_path):
    for name in "ab":
        write(tmp_path / f"{name}.extxyz", labelled(5))
    assert [len(found.frames) for found in read_frames([tmp_path / "a.extxyz", tmp_path / "b.extxyz"], limit=3).sets] == [3, 3]
    assert [frame.energy for frame in read_frames([tmp_path / "a.extxyz"], stride=2).sets[0].frames] == [0.0, -2.0, -4.0]


def test_one_run_is_read_once():
    """Of one directory only the richest file of a run is taken; other files and other directories stay."""
    names = [
        "a/POSCAR",
        "a/OUTCAR",
        "a/vasprun.xml",
        "a/CHGCAR",
        "b/POSCAR",
        "b/OUTCAR.gz",
        "c/POSCAR",
        "c/CONTCAR",
        "d/POSCAR",
        ".git/x.json",
        "e/x.extxyz",
    ]
    assert worth_reading(names) == ["a/vasprun.xml", "b/OUTCAR.gz", "c/CONTCAR", "d/POSCAR", "e/x.extxyz"]


def test_numbers_in_names_sort_as_numbers():
    assert sorted(["disp-10", "disp-9", "disp-1"], key=natural_order) == ["disp-1", "disp-9", "disp-10"]


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("data/mlearn/Ge/training.json.gz", "Ge training"),
        ("x/Ag-Au_DFT.tar.xz", "Ag-Au_DFT"),
        ("runs/MgO/vasprun.xml", "MgO vasprun"),
        ("runs/MgO", "MgO"),
        ("runs/*/OUTCAR", "runs OUTCAR"),
    ],
)
def test_titles_say_what_is_inside(path, title):
    assert set_title(path) == title


def test_names_are_stable_and_unlike():
    assert set_name("Ge training", []) == "ge-training"
    assert set_name("Ge training", ["ge-training"]) == "ge-training-2"
