"""The result folder: complete, valid, exact enough to compute everything again, and never half written."""

import csv
import errno
import gzip
import json
import os
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import curve_fit

from guiapp.errors import UserFacingError
from guiapp.frames.reference_set import Provenance, ReferenceSet
from guiapp.report import atomic_file
from guiapp.report.result_files import summary_record, write_results


@pytest.fixture(scope="module")
def folder(soft, make_evaluation, tmp_path_factory):
    """One folder with two models, written once."""
    folder = tmp_path_factory.mktemp("results") / "new" / "folder"
    other = make_evaluation(model="path/to my model.pth", scale=1.02, names=("CO", "Al2O3"))
    sets = [ReferenceSet("set", "A set", soft.summary.frames, Provenance(functional="PBE", citation="somebody"))]
    files = write_results(folder, [soft, other], reference_sets=sets, settings={"limit": None})
    assert sorted(files) == sorted(folder.iterdir())
    return folder


def strict_json(path: Path):
    """Read JSON as the standard has it: NaN and Infinity are errors."""

    def refuse(token):
        raise AssertionError(token)

    return json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)


def components(folder):
    with gzip.open(folder / "components.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_files(folder):
    """Summary, rows, components and the plots of each model, as PNG and SVG that their readers accept."""
    names = {path.name for path in folder.iterdir()}
    assert {"summary.json", "rows.csv", "components.csv.gz", "test-1.0-parity.png", "test-1.0-scales.svg", "models.png"} <= names
    assert "path-to-my-model.pth-parity.svg" in names
    for path in folder.glob("*.png"):
        assert path.read_bytes().startswith(b"\x89PNG")
    for path in folder.glob("*.svg"):
        assert "<svg" in path.read_text(encoding="utf-8")[:500]


def test_the_summary(folder, soft):
    """Every promised field, with the numbers of the summary."""
    record = strict_json(folder / "summary.json")
    first = record["results"][0]
    assert (first["model"], first["family"], first["mode"], first["device"]) == ("test-1.0", "high-energy", "static", "cpu")
    assert first["computed_by"] == "PyTorch"
    assert (first["n_compounds"], first["n_frames"], first["n_components"]) == (5, 25, soft.summary.n_components)
    scale = first["softening_scale"]
    assert scale["pooled"] == pytest.approx(0.8, abs=0.02)
    assert scale["ci95"][0] < scale["mean"] < scale["ci95"][1]
    assert (scale["ci95_of"], scale["ci95_resampled"]) == ("mean", "compounds")
    assert first["rmse"]["total"] ** 2 == pytest.approx(first["rmse"]["systematic"] ** 2 + first["rmse"]["random"] ** 2)
    assert first["failures"] == [
        {
            "frame": "frame 9",
            "compound": "Li2O",
            "frame_hash": "abc",
            "reason": "two atoms are at one place.",
            "advice": "Check the file.",
        }
    ]
    assert first["weights_sha256"] == "f" * 64
    assert first["filter"].startswith("|F| ≤ 30")
    assert first["not_determined"] == {}
    assert record["reference_sets"][0]["provenance"]["citation"] == "somebody"
    assert record["versions"]["numpy"] == np.__version__
    assert record["results"][1]["softening_scale"]["ci95_resampled"] == "frames"


def test_numbers_that_are_none(silent, tmp_path):
    """Without a signal the JSON is still valid: null, and a reason beside it."""
    write_results(tmp_path, [silent], formats=("png",))
    result = strict_json(tmp_path / "summary.json")["results"][0]
    assert result["softening_scale"]["mean"] is None
    assert result["softening_scale"]["ci95"] is None
    assert "too small" in result["not_determined"]["softening_scale.mean"]
    assert result["verdict"] == "not enough signal"
    assert result["signal"]["enough"] is False


def test_rows(folder, soft):
    """One row a compound and a frame, with the same numbers as the summary object."""
    with (folder / "rows.csv").open(encoding="utf-8", newline="") as file:
        everything = [row for row in csv.DictReader(file) if row["model"] == "test-1.0"]
    parts = [row for row in everything if row["kind"] not in {"compound", "frame"}]
    summary = soft.summary
    for kind, groups in (("element", summary.by_element), ("force range", summary.by_force), ("strain class", summary.by_strain)):
        assert [(row["name"], float(row["slope"])) for row in parts if row["kind"] == kind] == [
            (group.label, pytest.approx(group.statistics.scale)) for group in groups
        ]
    rows = [row for row in everything if row["kind"] in {"compound", "frame"}]
    assert [row["kind"] for row in rows] == ["compound"] * 5 + ["frame"] * 25
    by_name = {row["name"]: row for row in rows if row["kind"] == "compound"}
    for compound in soft.summary.compounds:
        row = by_name[compound.name]
        assert float(row["slope"]) == compound.statistics.scale
        assert float(row["ci95_low"]) == compound.interval.low
        assert (row["verdict"], int(row["n_frames"])) == (compound.verdict.value, 5)
        assert int(row["n_atoms"]) == compound.n_atoms
    assert {row["strain"] for row in rows if row["kind"] == "frame"} == {"-0.03", "0.0", "0.03"}
    assert {"formula", "mae", "cmae", "rms_force"} <= set(rows[0])


def test_everything_can_be_computed_again_from_the_components(folder, soft):
    """A reader with nothing but this file finds every compound's scale to 1e-8, and frames by hash and atom."""
    rows = [row for row in components(folder) if row["model"] == "test-1.0"]
    assert len(rows) == soft.summary.n_components
    for compound in soft.summary.compounds:
        mine = [row for row in rows if row["compound"] == compound.name]
        x, y = (np.array([float(row[side]) for row in mine]) for side in ("dft", "predicted"))
        (slope,), _ = curve_fit(lambda v, a: a * v, x, y)
        assert slope == pytest.approx(compound.statistics.scale, abs=1e-8)
    frame = soft.summary.frames[7]
    mine = [row for row in rows if row["frame_hash"] == frame.content_hash]
    assert [(int(row["atom"]), row["axis"]) for row in mine] == [(atom, axis) for atom in range(frame.n_atoms) for axis in "xyz"]
    assert [row["element"] for row in mine[::3]] == list(frame.symbols)
    assert [float(row["dft"]) for row in mine] == pytest.approx(frame.forces.ravel().tolist(), rel=1e-8)


def test_names_with_commas_quotes_and_percents(make_evaluation, tmp_path):
    """A compound's name is the user's, so it may hold anything."""
    awkward = 'a,"b" 5 %d'
    write_results(tmp_path, [make_evaluation(names=(awkward,))], formats=())
    assert {row["compound"] for row in components(tmp_path)} == {awkward}


def test_two_models_of_one_file_name(make_evaluation, tmp_path):
    """Plots of models whose paths differ only in forbidden letters do not overwrite each other."""
    pair = [make_evaluation(model=name, names=("CO",)) for name in ("a/b.pth", "a b.pth")]
    write_results(tmp_path, pair, formats=("svg",))
    assert {path.name for path in tmp_path.glob("*parity*")} == {"a-b.pth-1-parity.svg", "a-b.pth-2-parity.svg"}


def test_no_evaluation_at_all(tmp_path):
    """A run in which every model failed to load still leaves a valid summary."""
    write_results(tmp_path, [])
    assert strict_json(tmp_path / "summary.json")["results"] == []


def test_the_same_numbers_give_the_same_files(soft, tmp_path):
    """No time of day in the component file and the plots: they can be compared and kept in version control."""
    for name in ("a", "b"):
        write_results(tmp_path / name, [soft], formats=("png",))
    for name in ("components.csv.gz", "rows.csv", "test-1.0-parity.png"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    """The message says what happened; the old result is whole and no temporary file stays."""
    path = tmp_path / "summary.json"
    atomic_file.write_text(path, "old")
    monkeypatch.setattr(Path, "write_text", lambda *args, **kwargs: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space left")))
    with pytest.raises(UserFacingError, match="the disk is full") as caught:
        atomic_file.write_text(path, "new")
    assert caught.value.path == path
    assert caught.value.advice
    monkeypatch.undo()
    assert path.read_text(encoding="utf-8") == "old"
    assert [child.name for child in tmp_path.iterdir()] == ["summary.json"]


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(tmp_path):
    """A read-only folder is an explained error."""
    tmp_path.chmod(0o500)
    with pytest.raises(UserFacingError, match="cannot be written to"):
        atomic_file.write_text(tmp_path / "summary.json", "new")


def test_a_file_in_the_place_of_the_folder(soft, tmp_path):
    """Also an explained error, not a traceback."""
    (tmp_path / "out").write_text("x", encoding="utf-8")
    with pytest.raises(UserFacingError, match="could not be written"):
        write_results(tmp_path / "out", [soft])


def test_the_record_is_plain(soft, silent):
    """Numbers, strings, lists and dictionaries only, so that any reader of JSON takes it."""
    record = summary_record([soft, silent])
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    first, second = record["results"]
    assert first["softening_scale"]["mean"] == soft.summary.mean.value
    assert second["softening_scale"]["mean"] is None
    assert second["signal"] == {"enough": False, "reason": silent.summary.statistics.signal.reason}
