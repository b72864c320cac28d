"""``bench --relaxed``, ``bench --neb`` and ``correct`` on a cluster give what they give on this machine."""

from __future__ import annotations

import csv
import json

import ase.io
import pytest
from ase.build import bulk
from ase.calculators.emt import EMT as Calculator
from ase.calculators.singlepoint import SinglePointCalculator

from guiapp.cli.main import DONE, SOME_FAILED, main

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
EMT = "ase:ase.calculators.emt:EMT"
THERE = ["--cluster", "local:2"]


@pytest.fixture(autouse=True)
def calculator(tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    for kind in ("CONFIG", "CACHE"):
        monkeypatch.setenv(f"TEMPER_{kind}_DIR", str(tmp_path / kind))
    main(["models", "add", EMT])


@pytest.fixture
def crystal(tmp_path):
    ase.io.write(tmp_path / "Cu.cif", bulk("Cu", a=3.6))
    return tmp_path / "Cu.cif"


def rows_of(folder):
    with (folder / "rows.csv").open(encoding="utf-8") as stream:
        return [(row["system"], row["quantity"], row["predicted"]) for row in csv.DictReader(stream)]


@pytest.mark.parametrize(
    "options",
    [
        ["--family", "defects", "--supercell", "2x2x2", "--relaxed"],
        ["--family", "migration", "--hop", "Cu", "--supercell", "2x2x2", "--neb"],
    ],
    ids=["relaxed", "neb"],
)
def test_a_family_has_the_rows_of_this_machine(crystal, tmp_path, capsys, options):
    for name, where in (("here", []), ("there", THERE)):
        assert main(["bench", str(crystal), "--model", EMT, *options, "--out", str(tmp_path / name), *where]) == DONE
    assert "computing on workers on this machine" in capsys.readouterr().err
    assert rows_of(tmp_path / "here")
    assert rows_of(tmp_path / "here") == rows_of(tmp_path / "there")


def test_a_correction_has_the_numbers_of_this_machine(tmp_path, capsys):
    """DFT forces a quarter larger than the model's: c is 1.25 wherever the model is asked."""
    cells = []
    for seed in range(12):
        atoms = bulk("Cu", cubic=True)
        atoms.rattle(0.12, seed=seed)
        atoms.calc = Calculator()
        atoms.calc = SinglePointCalculator(atoms, energy=1.25 * atoms.get_potential_energy(), forces=1.25 * atoms.get_forces())
        cells.append(atoms)
    ase.io.write(tmp_path / "copper.extxyz", cells)
    cards = []
    for name, where in (("here", []), ("there", THERE)):
        arguments = ["correct", str(tmp_path / "copper.extxyz"), "--model", EMT, "--target", "Cu", "--out", str(tmp_path / name), *where]
        assert main(arguments) in {DONE, SOME_FAILED}
        capsys.readouterr()
        assert main([*arguments, "--override", "--skip-families"]) == DONE
        cards.append(json.loads((tmp_path / name / "model" / "model-card.json").read_text(encoding="utf-8")))
    assert cards[0]["scalar"]["c"] == pytest.approx(1.25)
    assert cards[0]["scalar"] == cards[1]["scalar"]
    assert cards[0]["verdict"] == cards[1]["verdict"]
