"""The command line: exit codes, files and numbers that scripts rely on, with CHGNet run for real on a few frames."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from ase.io import read, write

from guiapp.cli.main import DONE, SOME_FAILED, UNUSABLE_INPUT, main
from guiapp.cli.progress_line import ProgressLine, duration, progress_words
from guiapp.engine.job import JobState, Progress


@pytest.fixture(scope="module")
def few_frames(shipped_labels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write three labelled frames of two compounds, and one that no model can take."""
    chosen = [a for a in read(shipped_labels, ":") if (a.info["name"], a.info["frame"]) in {("MgO", 1), ("MgO", 2), ("LiF", 1)}]
    path = tmp_path_factory.mktemp("data") / "few.extxyz"
    write(path, chosen)
    return path


@pytest.fixture(scope="module")
def results(few_frames: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run one benchmark with real worker processes."""
    out = tmp_path_factory.mktemp("results")
    assert main(["bench", str(few_frames), "--model", "chgnet-0.3.0", "--out", str(out), "--device", "cpu"]) == DONE
    return out


def test_bench_writes_every_promised_file(results: Path) -> None:
    """Numbers, components, plots as PNG and SVG, and the project that keeps the predictions."""
    names = {path.name for path in results.iterdir()}
    assert {"summary.json", "rows.csv", "components.csv.gz", "results.temper"} <= names
    assert {path.suffix for path in results.iterdir()} >= {".png", ".svg"}


def test_summary_equals_plain_numpy_on_the_written_components(results: Path) -> None:
    """The pooled scale, MAE and error split in summary.json follow from components.csv.gz by the formulas of the field."""
    result = json.loads((results / "summary.json").read_text(encoding="utf-8"))["results"][0]
    with gzip.open(results / "components.csv.gz", "rt", encoding="utf-8") as stream:
        lines = list(csv.DictReader(io.StringIO(stream.read())))
    columns = {name.split(" ")[0]: name for name in lines[0]}
    x = np.array([float(line[columns["dft"]]) for line in lines])
    y = np.array([float(line[columns["predicted"] if "predicted" in columns else columns["model_value"]]) for line in lines])
    scale = (x @ y) / (x @ x)
    assert result["n_components"] == len(x)
    assert result["n_frames"] == 3
    assert result["n_compounds"] == 2
    assert result["softening_scale"]["pooled"] == pytest.approx(scale, abs=1e-6)
    assert result["mae"] == pytest.approx(np.abs(y - x).mean(), abs=1e-6)
    assert result["cmae"] == pytest.approx(np.abs(y / scale - x).mean(), abs=1e-6)
    systematic, random, total = (result["rmse"][key] for key in ("systematic", "random", "total"))
    assert systematic**2 + random**2 == pytest.approx(total**2)
    assert total == pytest.approx(np.sqrt(np.mean((y - x) ** 2)), abs=1e-6)
    assert 0.6 < scale < 1.0, "CHGNet 0.3.0 is soft on these frames"


def test_rows_hold_a_line_a_frame_and_a_compound(results: Path) -> None:
    """rows.csv has the promised columns and counts; slopes by element, force and strain come besides."""
    with (results / "rows.csv").open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert {"name", "formula", "n_atoms", "slope", "mae", "cmae", "rms_force", "verdict"} <= {key.split(" ")[0] for key in lines[0]}
    kinds = Counter(line["kind"] for line in lines)
    assert (kinds["compound"], kinds["frame"]) == (2, 3)
    elements = {symbol for line in lines if line["kind"] == "frame" for symbol in re.findall("[A-Z][a-z]?", line["formula"])}
    assert {line["name"] for line in lines if line["kind"] == "element"} == elements


def test_second_run_computes_nothing(results: Path, few_frames: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The project in the results folder answers, and the numbers stay."""
    before = json.loads((results / "summary.json").read_text(encoding="utf-8"))["results"]
    assert main(["bench", str(few_frames), "--model", "chgnet-0.3.0", "--out", str(results)]) == DONE
    assert "3 kept from before" in capsys.readouterr().err
    after = json.loads((results / "summary.json").read_text(encoding="utf-8"))["results"]
    for old, new in zip(before, after, strict=True):
        assert new["softening_scale"]["pooled"] == pytest.approx(old["softening_scale"]["pooled"], rel=1e-12)


def test_failed_frames_give_exit_code_1_and_are_listed(
    few_frames: Path, results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A frame with coincident atoms fails with its reason; the others count."""
    frames = read(few_frames, ":")
    broken = frames[0].copy()
    broken.calc = frames[0].calc
    broken.positions[1] = broken.positions[0]
    data, out = tmp_path / "broken.extxyz", tmp_path / "out"
    write(data, [*frames, broken])
    out.mkdir()
    shutil.copy(results / "results.temper", out / "results.temper")
    assert main(["bench", str(data), "--model", "chgnet-0.3.0", "--out", str(out)]) == SOME_FAILED
    failures = json.loads((out / "summary.json").read_text(encoding="utf-8"))["results"][0]["failures"]
    assert len(failures) == 1
    assert failures[0]["reason"]
    assert "1 frame failed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["bench", "no-such-file.xml", "--model", "chgnet-0.3.0"], "no-such-file.xml"),
        (["bench", "high-energy", "--model", "no-such-model"], "no-such-model"),
        (["bench", "high-energy", "--model", "chgnet-0.3.0", "--relaxed"], "--relaxed"),
    ],
)
def test_unusable_input_gives_exit_code_2_and_one_line(
    arguments: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line names what is wrong; no traceback."""
    assert main([*arguments, "--out", str(tmp_path / "out")]) == UNUSABLE_INPUT
    said = capsys.readouterr().err.strip().splitlines()
    assert words in said[-1]
    assert said[-1].startswith("temper: ")


def test_unlabelled_structures_are_refused_with_advice(tmp_path: Path, shipped_labels: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A CIF alone cannot be benchmarked, and the line says what to bring."""
    atoms = read(shipped_labels, 0)
    atoms.calc = None
    write(tmp_path / "bare.cif", atoms)
    assert main(["bench", str(tmp_path / "bare.cif"), "--model", "chgnet-0.3.0", "--out", str(tmp_path / "out")]) == UNUSABLE_INPUT
    assert "REF_forces" in capsys.readouterr().err


def test_lists_name_sets_and_models(capsys: pytest.CaptureFixture[str]) -> None:
    """``data`` and ``models`` print what can be named elsewhere."""
    assert main(["data"]) == DONE
    assert "high-energy" in capsys.readouterr().out
    assert main(["models"]) == DONE
    said = capsys.readouterr().out
    assert all(name in said for name in ("chgnet-0.3.0", "chgnet-0.2.0", "chgnet-r2scan"))


def test_progress_tells_rate_and_time_left() -> None:
    """The words hold what a waiting person wants to know."""
    words = progress_words(Progress("j", JobState.RUNNING, 131, 264, 20, 1, 38.2, 125.0))
    assert words == "131 of 264 frames · 20 kept from before · 1 failed · 38.2 frames/s · 2 min 5 s left"


def test_progress_in_a_pipe_is_whole_lines() -> None:
    """Without a terminal no line is rewritten."""
    stream = io.StringIO()
    line = ProgressLine("CHGNet", stream)
    line.show(Progress("j", JobState.RUNNING, 1, 2, 0, 0, 0.0, None))
    line.show(Progress("j", JobState.DONE, 2, 2, 0, 0, 1.0, None), final=True)
    assert stream.getvalue().splitlines() == ["CHGNet: 1 of 2 frames", "CHGNet: 2 of 2 frames · 1 frames/s"]


@pytest.mark.parametrize(("seconds", "words"), [(0.4, "0 s"), (59.4, "59 s"), (125, "2 min 5 s"), (4320, "1 h 12 min")])
def test_durations_are_said_as_people_say_them(seconds: float, words: str) -> None:
    """Seconds, minutes, hours."""
    assert duration(seconds) == words
