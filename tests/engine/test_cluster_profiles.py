"""Saved ways to a cluster: kept as YAML, refused where they cannot be meant, and turned into job scripts that say what was asked."""

from __future__ import annotations

import os
import stat
import sys

import pytest
from cheap_potentials import copper
from dask_processes import ROOT, wait_for_workers
from hypothesis import given
from hypothesis import strategies as st

from guiapp.engine.cluster.profile import SYSTEMS, ClusterProfile, load_profile, profiles, remove_profile, save_profile
from guiapp.engine.cluster.queueing import connect_to_profile, job_script
from guiapp.errors import UserFacingError

BIG = ClusterProfile(
    "big",
    system="slurm",
    jobs=2,
    cores=16,
    processes=4,
    memory="32GB",
    walltime="02:30:00",
    queue="short",
    account="chem42",
    interface="lo",
    directives=("--gres=gpu:4",),
    prologue=("module load cuda",),
    python="/opt/temper/bin/python",
    scratch_folder="/scratch/me",
    log_folder="/home/me/logs",
)


@pytest.fixture(autouse=True)
def own_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("TEMPER_CONFIG_DIR", str(tmp_path / "config"))
    return tmp_path / "config" / "clusters"


def test_a_profile_comes_back_as_it_was_saved_and_can_be_removed(own_settings):
    path = save_profile(BIG)
    assert path == own_settings / "big.yaml"
    assert load_profile("big") == BIG
    local = ClusterProfile("lab", address="tcp://127.0.0.1:8786")
    save_profile(local)
    assert profiles() == ((BIG, local), ())
    assert remove_profile("big")
    assert not remove_profile("big")
    with pytest.raises(UserFacingError, match=r"no cluster profile called “big”.*lab"):
        load_profile("big")


@given(
    jobs=st.integers(1, 99),
    cores=st.integers(1, 128),
    processes=st.integers(0, 64),
    queue=st.text("abc-_.é# :'\"[]{}", max_size=12),
    lines=st.lists(st.text("abc=:,-#'\" ", max_size=12), max_size=3),
)
def test_any_profile_survives_its_file(jobs, cores, processes, queue, lines):
    one = ClusterProfile("any", system="pbs", jobs=jobs, cores=cores, processes=processes, queue=queue, directives=tuple(lines))
    save_profile(one)
    assert load_profile("any") == one
    assert one.workers == jobs * (processes or cores)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "../x"}, "cannot be a profile's name"),
        ({"name": "x", "system": ""}, "either the address"),
        ({"name": "x", "address": "tcp://127.0.0.1:1"}, "either the address"),
        ({"name": "x", "system": "cron"}, "no queueing system"),
        ({"name": "x", "cores": 0}, "asks for nothing"),
        ({"name": "x", "queue": "a\n#SBATCH --x"}, "more than one line"),
        ({"name": "x", "system": "", "address": "tcp://10.0.0.1:1"}, "not encrypted"),
        ({"name": "x", "system": "", "address": "tls://10.0.0.1:1", "tls_key": "k.pem"}, "three files"),
    ],
)
def test_what_cannot_be_meant_is_refused(changes, words):
    with pytest.raises(UserFacingError, match=words):
        ClusterProfile(**({"system": "slurm"} | changes))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("system: slurm\njob: 3\n", "has no “job”"),
        ("system: slurm\njobs: many\n", "no whole number"),
        ("system: slurm\nwithout_tls: 1\n", "no yes or no"),
        ("system: !!python/object/apply:os.system ['true']\n", "not YAML"),
        ("- 1\n", "empty"),
        ("a: [", "not YAML"),
    ],
)
def test_a_file_that_somebody_edited_is_read_with_care(own_settings, text, words):
    own_settings.mkdir(parents=True)
    (own_settings / "mine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UserFacingError, match=words) as caught:
        load_profile("mine")
    assert caught.value.path == own_settings / "mine.yaml"
    assert [type(problem) for problem in profiles()[1]] == [UserFacingError]


def test_a_slurm_script_asks_for_what_the_profile_says():
    pytest.importorskip("dask_jobqueue")
    lines = job_script(BIG).splitlines()
    for wanted in (
        "#SBATCH -p short",
        "#SBATCH -A chem42",
        "#SBATCH -n 1",
        "#SBATCH --cpus-per-task=16",
        "#SBATCH --mem=30G",
        "#SBATCH -t 02:30:00",
        "#SBATCH --gres=gpu:4",
        "#SBATCH -o /home/me/logs/temper-worker-%J.out",
        "module load cuda",
        "export OMP_NUM_THREADS=1",
    ):
        assert wanted in lines
    assert lines[0].startswith("#!")
    command = lines[-1] or lines[-2]
    assert command.startswith("/opt/temper/bin/python -m distributed.cli.dask_worker tls://")
    for wanted in (
        "--nthreads 4 --memory-limit 7.45GiB --nworkers 4",
        "--interface lo",
        "--protocol tls://",
        "--tls-key",
        "--no-dashboard",
        "--dashboard-address 127.0.0.1:0",
        "--local-directory /scratch/me",
    ):
        assert wanted in command
    assert lines.index("module load cuda") < lines.index(command)


@pytest.mark.parametrize(
    ("system", "wanted"),
    [
        ("pbs", ["#PBS -q short", "#PBS -A chem42", "#PBS -l walltime=02:30:00", "#PBS --gres=gpu:4"]),
        ("lsf", ["#BSUB -q short", '#BSUB -P "chem42"', "#BSUB -n 16", "#BSUB -W 02:30"]),
        ("sge", ["#$ -q short", "#$ -P chem42", "#$ -l h_rt=02:30:00"]),
        ("oar", ["#OAR -q short", "#OAR --project chem42", "#OAR -l /nodes=1/core=16,walltime=02:30:00"]),
        ("moab", ["#PBS -q short", "#PBS -A chem42"]),
    ],
)
def test_the_scripts_of_the_other_systems(system, wanted):
    pytest.importorskip("dask_jobqueue")
    from dataclasses import replace

    text = job_script(replace(BIG, system=system))
    assert all(line in text.splitlines() for line in wanted), text
    assert "dask_worker tls://" in text


def test_every_system_of_the_command_line_is_known():
    from guiapp.cli import cluster_parser

    assert cluster_parser.SYSTEMS == SYSTEMS
    with pytest.raises(UserFacingError, match="starts no jobs"):
        job_script(ClusterProfile("lab", address="tcp://127.0.0.1:1"))


SBATCH = """#!{python}
import os, subprocess, sys
log = open({log!r}, "ab")
process = subprocess.Popen(["bash", sys.argv[-1]], stdout=log, stderr=log, start_new_session=True)
print("Submitted batch job", process.pid)
"""
SCANCEL = """#!{python}
import os, signal, sys
try:
    os.killpg(int(sys.argv[-1]), signal.SIGTERM)
except ProcessLookupError:
    pass
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="queueing systems run on POSIX")
def test_jobs_of_a_queueing_system_become_workers_over_tls(tmp_path, monkeypatch):
    """Slurm itself is played by two scripts that start and end the job script right here; everything else is real."""
    pytest.importorskip("dask_jobqueue")
    from guiapp.engine.executor import BatchTask
    from guiapp.engine.job import BenchmarkJob
    from guiapp.engine.model_source import registry_source

    commands = tmp_path / "bin"
    commands.mkdir()
    for name, text in (("sbatch", SBATCH), ("scancel", SCANCEL)):
        (commands / name).write_text(text.format(python=sys.executable, log=str(tmp_path / "jobs.log")), encoding="utf-8")
        (commands / name).chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{commands}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    profile = ClusterProfile("played", system="slurm", cores=1, memory="4GB", interface="lo", shared_folder=str(tmp_path))
    connection = connect_to_profile(profile)
    try:
        assert connection.address.startswith("tls://")
        wait_for_workers(connection, 1)
        assert connection.state().wanted == 1
        source = registry_source(BenchmarkJob("job", "high-energy", "chgnet-0.3.0", (), "cpu"))
        outcome = connection.executor.submit(BatchTask("job", source, (copper(0, atoms=2),)), print).result(timeout=100)
        assert outcome.results[0].forces.shape == (2, 3)
    finally:
        connection.close()
    import psutil

    left = [one for one in psutil.process_iter(["cmdline"]) if str(tmp_path) in " ".join(one.info["cmdline"] or [])]
    psutil.wait_procs(left, timeout=20)
    assert not [one for one in left if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
