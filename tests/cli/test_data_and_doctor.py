"""The commands data and doctor: what is listed, fetched, taken and told, with a server on this machine and CHGNet for real."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest
from awkward_server import Served
from small_sets import wbm_bytes

from guiapp.cli import data, named_sets
from guiapp.cli.bench import BenchOptions, read_sets
from guiapp.cli.doctor import diagnosis_lines
from guiapp.cli.main import DONE, UNUSABLE_INPUT, main
from guiapp.frames.catalogue import CatalogueFile, find_in_catalogue
from guiapp.frames.download import Home
from guiapp.frames.energy_doctor import ElementOffset, EnergyDiagnosis, Suspicion
from guiapp.frames.energy_units import EV
from guiapp.frames.shipped import shipped_sets


@pytest.fixture
def small_catalogue(server, tmp_path, monkeypatch):
    """Let the paper's set lie on this machine's server, and the library in a folder of the test."""
    monkeypatch.setattr(named_sets, "data_folder", lambda: tmp_path / "home")
    server.files["/data"] = Served(gzip.compress(wbm_bytes(2, 3)))
    files = (CatalogueFile("wbm.json", (Home(server.url("/moved")), Home(server.url("/data")))),)
    one = replace(find_in_catalogue("wbm-high-energy"), files=files)
    monkeypatch.setattr(data, "catalogue", lambda: (one, find_in_catalogue("phonondb")))
    monkeypatch.setattr(data, "find_in_catalogue", lambda name: one if name == one.name else find_in_catalogue(name))
    monkeypatch.setattr(named_sets, "find_in_catalogue", lambda name: one if name == one.name else find_in_catalogue(name))
    return one


def test_data_lists_shipped_and_public_sets(small_catalogue, capsys):
    """Every set with functional, licence, citation and, for public ones, whether it is here."""
    assert main(["data"]) == DONE
    out = capsys.readouterr().out
    for shipped in shipped_sets():
        assert f"{shipped.name}: " in out
    assert "wbm-high-energy: WBM high-energy states" in out
    assert "not on this machine" in out
    assert "doi:10.6084/m9.figshare.27307776" in out


def test_a_set_is_downloaded_read_and_removed(small_catalogue, tmp_path, capsys):
    """From the second home to frames that bench reads by name; before the download and after the removal bench says what to do."""
    bench = ["bench", "wbm-high-energy", "--model", "chgnet-0.3.0", "--out", str(tmp_path / "out"), "--device", "cpu"]
    assert main(bench) == UNUSABLE_INPUT
    assert "data download wbm-high-energy" in capsys.readouterr().err
    assert main(["data", "download", "wbm-high-energy"]) == DONE
    assert "downloaded on" in capsys.readouterr().out
    assert main(["data"]) == DONE
    assert "downloaded on" in capsys.readouterr().out
    (one,), problems = read_sets(BenchOptions(("wbm-high-energy",), ("chgnet-0.3.0",), tmp_path, limit=4))
    assert (one.name, len(one.frames), problems) == ("wbm-high-energy", 4, ())
    assert main(["data", "remove", "wbm-high-energy"]) == DONE
    assert "not on this machine" in capsys.readouterr().out
    assert main(bench) == UNUSABLE_INPUT


def test_a_file_of_the_user_is_taken(small_catalogue, tmp_path, capsys):
    """A right file is recorded; a wrong name or file is told in one line with exit code 2."""
    mine = tmp_path / "mine.json"
    mine.write_bytes(wbm_bytes())
    assert main(["data", "add", "wbm-high-energy", str(mine)]) == DONE
    assert str(mine) in capsys.readouterr().out
    assert main(["data", "add", "wbm-high-energy", str(tmp_path / "none")]) == UNUSABLE_INPUT
    assert main(["data", "add", "nothing", str(mine)]) == UNUSABLE_INPUT
    assert main(["data", "download", "phonondb"]) == UNUSABLE_INPUT
    assert "github.com/atztogo/phonondb" in capsys.readouterr().err


def test_doctor_explains_the_shipped_labels(tmp_path, capsys):
    """CHGNet learned corrected energies, GPAW prints raw ones: the command says so, and a second run computes nothing."""
    command = ["doctor", "high-energy", "--model", "chgnet-0.3.0", "--stride", "6", "--device", "cpu", "--out", str(tmp_path)]
    assert main(command) == DONE
    first = capsys.readouterr()
    assert "MP2020 corrections of the Materials Project" in first.out
    assert "Alignment of energies: per composition" in first.out
    assert "Forces need none" in first.out
    assert main(command) == DONE
    again = capsys.readouterr()
    assert again.out == first.out
    assert ", 0 kept from before" in first.err
    assert ", 0 kept from before" not in again.err


def test_doctor_refuses_data_without_energies(tmp_path, capsys):
    """Structures alone give one sentence and exit code 2."""
    (tmp_path / "POSCAR").write_text("Si\n1.0\n4 0 0\n0 4 0\n0 0 4\nSi\n1\nDirect\n0 0 0\n", encoding="utf-8")
    assert main(["doctor", str(tmp_path / "POSCAR"), "--model", "chgnet-0.3.0", "--out", str(tmp_path)]) == UNUSABLE_INPUT
    assert "DFT energy" in capsys.readouterr().err


def test_a_diagnosis_reads_well():
    """Counts in singular and plural, offsets with errors, what is not known left out."""
    nan = float("nan")
    offsets = (ElementOffset("O", 0.69, 0.02, 5), ElementOffset("Li", -0.01, nan, 1), ElementOffset("F", nan, nan, 1))
    suspicion = Suspicion("constants", "It looks so.", "Do this.")
    diagnosis = EnergyDiagnosis(1, 6, EV, 0.4, 0.5, 0.01, True, offsets, (suspicion,), "element", "Because.")
    text = "\n".join(diagnosis_lines(diagnosis))
    assert "over 1 frame of 6 compositions: median +0.400 eV/atom, spread 0.500; 0.010 after" in text
    assert "O     +0.69 ± 0.02  in 5 compositions" in text
    assert "Li    -0.01         in 1 composition\n" in text
    assert "not told apart by these compositions: F" in text
    assert "after one constant" not in "\n".join(diagnosis_lines(replace(diagnosis, constants_tested=False)))
