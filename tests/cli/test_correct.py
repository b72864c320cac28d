"""``correct`` on the command line: from labelled frames to a model that opens elsewhere, from a bare structure to DFT input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ase.build import bulk
from ase.io import read, write

from guiapp.cli.main import DONE, SOME_FAILED, UNUSABLE_INPUT, build_parser, main

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]  # each command loads torch in processes of its own


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Predictions are shared by the tests of this file."""
    return tmp_path_factory.mktemp("project") / "kept.temper"


@pytest.fixture(scope="module")
def two_compounds(shipped_labels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "two.extxyz"
    write(path, [atoms for atoms in read(shipped_labels, ":") if atoms.info["name"] in {"LiF", "NaCl"}])
    return path


def correct(data: Path, out: Path, project: Path, *more: str) -> int:
    arguments = ["correct", str(data), "--model", "chgnet-0.3.0", "--out", str(out), "--project", str(project), "--device", "cpu"]
    return main([*arguments, *more])


def test_soft_compound_is_found_corrected_and_exported(two_compounds, tmp_path, project, capsys):
    """Without any choice of the user: LiF is softer than NaCl, one label repairs it, the file opens in plain CHGNet."""
    assert correct(two_compounds, tmp_path, project) == DONE
    said = capsys.readouterr().out
    assert "Target: LiF" in said
    card = json.loads((tmp_path / "model" / "model-card.json").read_text(encoding="utf-8"))
    assert card["scalar"]["c"] == pytest.approx(1.3, abs=0.05)
    assert card["reload_check"]["passed"] is True
    assert card["verdict"]["unseen"]["mae_ratio"] < 0.5
    assert (tmp_path / "model" / "unseen-before-after.png").stat().st_size > 10_000
    repeat = build_parser().parse_args(card["reproduce"].split()[1:])
    assert repeat.target == "LiF"
    assert correct(two_compounds, tmp_path / "again", project, "--label", repeat.label, "--target", "LiF") == DONE
    again = json.loads((tmp_path / "again" / "model" / "model-card.json").read_text(encoding="utf-8"))
    assert again["scalar"]["c"] == pytest.approx(card["scalar"]["c"], abs=1e-6)
    assert again["model_file_sha256"] == card["model_file_sha256"]


def test_rejected_correction_is_not_exported_without_override(two_compounds, tmp_path, project, capsys):
    assert correct(two_compounds, tmp_path, project, "--target", "NaCl") == SOME_FAILED
    assert not (tmp_path / "model").exists()
    assert "Nothing was exported" in capsys.readouterr().out
    assert correct(two_compounds, tmp_path, project, "--target", "NaCl", "--override") == DONE
    card = json.loads((tmp_path / "model" / "model-card.json").read_text(encoding="utf-8"))
    assert card["verdict"]["exported_against_the_verdict"] is True


def test_wrong_names_are_answered_with_what_there_is(two_compounds, tmp_path, project, capsys):
    assert correct(two_compounds, tmp_path, project, "--target", "KBr") == UNUSABLE_INPUT
    assert "LiF" in capsys.readouterr().err
    assert correct(two_compounds, tmp_path, project, "--target", "LiF", "--label", "frame 99") == UNUSABLE_INPUT
    assert "Candidates are" in capsys.readouterr().err


def test_bare_structure_gets_candidates_and_dft_input(tmp_path, capsys):
    write(tmp_path / "MgO.cif", bulk("MgO", "rocksalt", a=4.25))
    assert correct(tmp_path / "MgO.cif", tmp_path / "out", tmp_path / "p.temper") == DONE
    assert "Proposed" in capsys.readouterr().out
    assert {p.name for p in (tmp_path / "out" / "label-1").iterdir()} == {"structure.extxyz", "vasp", "quantum-espresso", "cp2k", "gpaw"}
    assert len(read(tmp_path / "out" / "candidates.extxyz", ":")) == 8
