"""Families from the command line: files that promise the numbers of the terminal, exit codes, restarts and refusals, with CHGNet."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from guiapp.cli.main import DONE, UNUSABLE_INPUT, main

MODEL = ["--model", "chgnet-0.3.0", "--device", "cpu"]


def rows_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "rows.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def eos_results(tmp_path_factory):
    out = tmp_path_factory.mktemp("eos")
    assert main(["bench", "eos", "--family", "eos", "--limit", "4", "--out", str(out), *MODEL]) == DONE
    return out


def test_the_summary_follows_from_the_rows(eos_results):
    record = json.loads((eos_results / "summary.json").read_text(encoding="utf-8"))
    (result,) = record["results"]
    modulus = result["quantities"][0]
    rows = [row for row in rows_of(eos_results) if row["quantity"] == "bulk modulus"]
    assert (modulus["quantity"], modulus["n_systems"], len(rows)) == ("bulk modulus", 4, 4)
    deviations = [float(row["predicted"]) / float(row["reference"]) - 1 for row in rows]
    assert modulus["mean_deviation"]["value"] == pytest.approx(sum(deviations) / 4)
    assert [float(row["deviation"]) for row in rows] == pytest.approx(deviations)
    assert record["units"]["bulk modulus"] == "GPa"
    assert record["reference_sets"][0]["name"] == "eos"


def test_curves_and_plots_are_there(eos_results):
    names = {path.name for path in eos_results.iterdir()}
    assert {"curves-eos.csv", "chgnet-0.3.0-eos-parity.png", "chgnet-0.3.0-eos-deviations.svg", "eos-MgO.png", "results.temper"} <= names
    with (eos_results / "curves-eos.csv").open(encoding="utf-8") as stream:
        points = [line for line in csv.DictReader(stream) if line["system"] == "MgO" and line["kind"] == "point"]
    assert len([line for line in points if line["series"] == "DFT"]) == 7
    assert len([line for line in points if line["series"] == "model"]) == 7


def test_a_second_run_computes_nothing_and_gives_the_same_rows(eos_results, capsys):
    before = rows_of(eos_results)
    assert main(["bench", "eos", "--family", "eos", "--limit", "4", "--out", str(eos_results), *MODEL]) == DONE
    assert "28 kept from before" in capsys.readouterr().err
    assert rows_of(eos_results) == before


def test_the_relaxed_mode_of_cubic_crystals_gives_the_static_numbers(eos_results, tmp_path):
    """Symmetry leaves the atoms of MgO no way to go; the static predictions of the project are all that is needed."""
    project = ["--project", str(eos_results / "results.temper")]
    assert main(["bench", "eos", "--family", "eos", "--relaxed", "--limit", "1", "--out", str(tmp_path), *project, *MODEL]) == DONE
    (static,) = [row for row in rows_of(eos_results) if row["quantity"] == "bulk modulus" and row["system"] == "MgO"]
    (relaxed,) = [row for row in rows_of(tmp_path) if row["quantity"] == "bulk modulus"]
    assert relaxed["mode"] == "relaxed"
    assert float(relaxed["predicted"]) == pytest.approx(float(static["predicted"]), rel=1e-6)


@pytest.mark.slow
def test_elements_come_with_the_family(tmp_path):
    assert (
        main(["bench", "all-electron-elements", "--family", "eos", "--limit", "3", "--stride", "12", "--out", str(tmp_path), *MODEL])
        == DONE
    )
    systems = {row["system"] for row in rows_of(tmp_path)}
    assert len(systems) == 3
    assert all(system.endswith("(WIEN2k)") for system in systems)


@pytest.mark.slow
def test_phonopy_files_are_data(shared_data, tmp_path):
    for file in ("phonopy_disp.yaml", "FORCE_SETS"):
        shutil.copy(shared_data / "phonopy-examples" / "ZnO" / file, tmp_path)
    out = tmp_path / "out"
    assert main(["bench", str(tmp_path), "--family", "phonons", "--out", str(out), *MODEL]) == DONE
    largest = next(row for row in rows_of(out) if row["quantity"] == "largest frequency")
    assert 0.7 < float(largest["predicted"]) / float(largest["reference"]) < 1.0
    assert {"curves-bands.csv", "curves-dos.csv"} <= {path.name for path in out.iterdir()}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["high-energy", "--family", "eos"], "No complete system"),
        (["eos", "--family", "curvature", "--relaxed"], "not relaxed"),
        (["no-such-file", "--family", "eos"], "no-such-file"),
        (["eos", "--family", "eos", "--miller", "1"], "--miller means nothing"),
        (["surfaces", "--family", "surfaces", "--neb"], "not neb"),
        (["high-energy", "--neb"], "Leave out --neb"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(arguments, words, tmp_path, capsys):
    assert main(["bench", *arguments, "--out", str(tmp_path), *MODEL]) == UNUSABLE_INPUT
    assert words in capsys.readouterr().err


@pytest.mark.slow
def test_a_structure_alone_can_be_scanned(tmp_path, capsys):
    """A file without DFT results gives curvatures of the model and says that nothing judges them."""
    path = tmp_path / "POSCAR"
    path.write_text("MgO\n1.0\n0 2.12 2.12\n2.12 0 2.12\n2.12 2.12 0\nMg O\n1 1\nDirect\n0 0 0\n0.5 0.5 0.5\n", encoding="utf-8")
    assert main(["bench", str(path), "--family", "curvature", "--out", str(tmp_path / "out"), *MODEL]) == DONE
    assert "without a DFT reference" in capsys.readouterr().out
    springs = [float(row["predicted"]) for row in rows_of(tmp_path / "out") if row["quantity"] == "curvature along a displacement"]
    assert len(springs) == 6  # two elements, three directions; cubic symmetry makes the directions alike
    assert springs[:3] == pytest.approx([springs[0]] * 3, rel=1e-3)
    assert springs[3:] == pytest.approx([springs[0]] * 3, rel=1e-2)  # moving Mg or O against the other is the same mode
    assert springs[0] > 2
    assert (tmp_path / "out" / "curves-scan.csv").is_file()


@pytest.fixture
def magnesia(tmp_path):
    path = tmp_path / "POSCAR"
    path.write_text("MgO\n1.0\n0 2.12 2.12\n2.12 0 2.12\n2.12 2.12 0\nMg O\n1 1\nDirect\n0 0 0\n0.5 0.5 0.5\n", encoding="utf-8")
    return path


@pytest.mark.slow
def test_slabs_of_a_users_crystal_and_their_convergence(magnesia, tmp_path, capsys):
    out = tmp_path / "out"
    arguments = ["bench", str(magnesia), "--family", "surfaces", "--plane", "100", "--thickness", "4,8,12", "--out", str(out), *MODEL]
    assert main(arguments) == DONE
    printed = capsys.readouterr().out
    assert "of thickness the surface energy converges: the model's changes by" in printed
    values = [float(row["predicted"]) for row in rows_of(out)]
    assert values[-1] == pytest.approx(values[-2], rel=0.05)
    assert 0.04 < values[-1] < 0.08  # eV/Å²; PBE has 0.056
    assert {"made.extxyz", "curves-thickness.csv"} <= {path.name for path in out.iterdir()}
    # What was made can be labelled and read again as the same systems.
    again = tmp_path / "again"
    assert main(["bench", str(out / "made.extxyz"), "--family", "surfaces", "--out", str(again), *MODEL]) == DONE
    assert [float(row["predicted"]) for row in rows_of(again)] == pytest.approx(values, rel=1e-4)


@pytest.mark.slow
def test_a_hop_of_a_users_crystal_by_a_climbing_band(magnesia, tmp_path):
    out = tmp_path / "out"
    arguments = ["bench", str(magnesia), "--family", "migration", "--hop", "Mg", "--supercell", "2x2x2", "--neb", "--out", str(out), *MODEL]
    assert main(arguments) == DONE
    barrier = next(row for row in rows_of(out) if row["quantity"] == "KRA barrier")
    assert 1.2 < float(barrier["predicted"]) < 2.4  # eV; PBE has 2.0 for the shipped path
    with (out / "curves-trace.csv").open(encoding="utf-8") as stream:
        forces = [float(line["y"]) for line in csv.DictReader(stream)]
    assert forces[-1] < 0.05 < forces[0]
