"""The command ``cluster`` and ``--cluster``: profiles, scripts, certificates, and the same results as on this machine."""

from __future__ import annotations

import csv
import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from guiapp.cli.main import DONE, UNUSABLE_INPUT, main
from guiapp.engine.cluster.profile import ClusterProfile, load_profile

ROOT = Path(__file__).parents[2]
EMT = "ase:ase.calculators.emt:EMT"


@pytest.fixture(autouse=True)
def own_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("TEMPER_CONFIG_DIR", str(tmp_path / "config"))


def test_a_profile_is_added_listed_shown_and_removed(capsys):
    command = ["cluster", "profile", "add", "big", "--system", "slurm", "--cores", "8", "--memory", "16GB", "--directive=--gres=gpu:1"]
    assert main([*command, "--prologue", "module load cuda", "--queue", "short"]) == DONE
    assert "use it with --cluster profile:big" in capsys.readouterr().out
    assert load_profile("big") == ClusterProfile(
        "big", system="slurm", cores=8, memory="16GB", directives=("--gres=gpu:1",), prologue=("module load cuda",), queue="short"
    )
    assert main(["cluster", "profile", "list"]) == DONE
    assert "big: slurm in short: 1 × (8 cores, 16GB, 01:00:00), 8 workers" in capsys.readouterr().out
    assert main(["cluster", "profile", "show", "big"]) == DONE
    assert "--gres=gpu:1" in capsys.readouterr().out
    assert main(["cluster", "profile", "remove", "big"]) == DONE
    assert main(["cluster", "profile", "show", "big"]) == UNUSABLE_INPUT
    assert "no cluster profile called “big”" in capsys.readouterr().err


def test_the_files_of_an_address_are_found_from_any_folder(tmp_path, monkeypatch, capsys):
    """A profile outlives the folder in which it was made."""
    pytest.importorskip("cryptography")
    monkeypatch.chdir(tmp_path)
    main(["cluster", "certificates", "tls"])
    files = [f"--tls-{part}=tls/{name}.pem" for part, name in (("authority", "authority"), ("certificate", "certificate"), ("key", "key"))]
    assert main(["cluster", "profile", "add", "lab", "--address", "tls://head:8786", *files]) == DONE
    assert load_profile("lab").scheduler_address().tls.key == tmp_path / "tls" / "key.pem"
    assert "lab: tls://head:8786" in capsys.readouterr().out


def test_a_script_is_printed_and_nothing_is_started(capsys):
    pytest.importorskip("dask_jobqueue")
    main(["cluster", "profile", "add", "mine", "--system", "slurm", "--cores", "4", "--account", "chem42"])
    capsys.readouterr()
    assert main(["cluster", "script", "mine"]) == DONE
    lines = capsys.readouterr().out.splitlines()
    assert {"#SBATCH -A chem42", "#SBATCH --cpus-per-task=4"} <= set(lines)


def test_certificates_come_with_the_commands_that_use_them(capsys, tmp_path):
    pytest.importorskip("cryptography")
    assert main(["cluster", "certificates", str(tmp_path / "tls")]) == DONE
    words = capsys.readouterr().out
    assert f"--tls-ca-file {tmp_path / 'tls' / 'authority.pem'}" in words
    assert "--cluster-tls-authority" in words
    assert main(["cluster", "certificates", str(tmp_path / "tls")]) == UNUSABLE_INPUT


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--cluster", "tcp://10.0.0.1:8786"], "not encrypted"),
        (["--cluster", "tls://10.0.0.1:8786"], "no certificates were given"),
        (["--cluster", "tls://10.0.0.1:8786", "--cluster-tls-key", "k.pem"], "three files"),
        (["--cluster-tls-key", "k.pem"], "no cluster"),
        (["--cluster", "profile:absent"], "no cluster profile"),
        (["--cluster", "somewhere"], "names no cluster"),
        (["--cluster", "local:2"], "only be started to be looked at"),
    ],
)
def test_a_cluster_that_cannot_be_used_is_refused_in_words(capsys, options, words):
    assert main(["cluster", "status", *options]) == UNUSABLE_INPUT
    assert words in capsys.readouterr().err


IMPORTS = """
import sys
sys.modules.update(dict.fromkeys(("dask", "distributed", "dask_jobqueue", "toolz", "cryptography")))
import guiapp.cli.bench, guiapp.cli.cluster, guiapp.engine.cluster.worker_side, guiapp.ui.cluster_page.desk
"""


def test_without_dask_everything_else_works_and_a_cluster_says_what_to_install(capsys, monkeypatch):
    """The extra is optional: nothing imports it before a cluster is asked for."""
    done = subprocess.run([sys.executable, "-c", IMPORTS], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    for name in ("dask", "distributed", "dask_jobqueue", "cryptography"):
        monkeypatch.setitem(sys.modules, name, None)
    assert main(["cluster", "status", "--cluster", "tcp://127.0.0.1:8786"]) == UNUSABLE_INPUT
    assert "-m pip install dask distributed" in capsys.readouterr().err
    main(["cluster", "profile", "add", "mine", "--system", "slurm"])
    assert main(["cluster", "script", "mine"]) == UNUSABLE_INPUT
    assert main(["cluster", "certificates", "somewhere"]) == UNUSABLE_INPUT
    assert "cryptography" in capsys.readouterr().err


@pytest.fixture
def copper_file(tmp_path):
    """Write labelled copper cells whose DFT forces are a quarter larger than those of EMT."""
    import ase.io
    from ase.build import bulk
    from ase.calculators.emt import EMT as Calculator
    from ase.calculators.singlepoint import SinglePointCalculator

    cells = []
    for seed in range(30):
        atoms = bulk("Cu", cubic=True) * (1, 1, 2)
        atoms.rattle(0.12, seed=seed)
        atoms.calc = Calculator()
        atoms.calc = SinglePointCalculator(atoms, energy=atoms.get_potential_energy(), forces=1.25 * atoms.get_forces())
        cells.append(atoms)
    ase.io.write(tmp_path / "copper.extxyz", cells)
    return tmp_path / "copper.extxyz"


@pytest.mark.slow
def test_a_benchmark_on_a_cluster_gives_the_files_of_one_on_this_machine(capsys, tmp_path, copper_file):
    """Two workers of this machine against local worker processes: equal numbers, and the second run computes nothing."""
    pytest.importorskip("distributed")
    main(["models", "add", EMT])
    written = {}
    for name, options in (("here", []), ("there", ["--cluster", "local:2"])):
        folder = tmp_path / name
        assert main(["bench", str(copper_file), "--model", EMT, "--out", str(folder), *options]) == DONE
        with gzip.open(folder / "components.csv.gz", "rt", encoding="utf-8") as stream:
            written[name] = sorted(tuple(row) for row in csv.reader(stream))
        assert {path.name for path in folder.iterdir()} >= {"summary.json", "rows.csv", "results.temper"}
    assert len(written["here"]) == 30 * 8 * 3 + 1
    assert written["here"] == written["there"]
    words = capsys.readouterr()
    assert "computing on workers on this machine" in words.err
    assert "0.80" in words.out
    # What the cluster computed lies in the project: the same command without a cluster computes nothing.
    assert main(["bench", str(copper_file), "--model", EMT, "--out", str(tmp_path / "there")]) == DONE
