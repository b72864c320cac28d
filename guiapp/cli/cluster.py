"""The command ``cluster``: profiles, job scripts, certificates, and a look at the workers."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any

from guiapp.cli.executor_choice import chosen_cluster
from guiapp.cli.main import DONE
from guiapp.engine.cluster.certificates import make_certificates
from guiapp.engine.cluster.connection import ClusterState
from guiapp.engine.cluster.profile import ClusterProfile, load_profile, profiles, remove_profile, save_profile
from guiapp.engine.cluster.queueing import job_script
from guiapp.errors import UserFacingError
from guiapp.potentials.user_folders import config_folder
from guiapp.report.terminal_table import aligned


def run_cluster(options: argparse.Namespace) -> int:
    """Run one action of the command ``cluster`` and return the exit code.

    Raises:
        UserFacingError: Where it is not possible.
    """
    if options.action == "profile":
        return _profile(options)
    if options.action == "script":
        print(job_script(load_profile(options.name)))
    elif options.action == "certificates":
        _certificates(options.folder, options.days)
    else:
        cluster = chosen_cluster(options)
        if cluster is None:
            raise UserFacingError("No cluster is named.", advice="Name it with --cluster.")
        if cluster.starts_workers:
            raise UserFacingError(
                f"{cluster.name} would only be started to be looked at.",
                advice="Give the address of a scheduler that runs, or its profile.",
            )
        with closing(cluster.connect()) as connection:
            print("\n".join(state_lines(connection.state())))
    return DONE


def state_lines(state: ClusterState) -> list[str]:
    """Return a look at a cluster as lines of text."""
    count = len(state.workers)
    lines = [f"{state.address}: {count or 'no'} worker{'' if count == 1 else 's'}"]
    if count:
        rows = [
            [one.name, one.host, f"{one.memory / 1e9:.1f} of {one.memory_limit / 1e9:.1f} GB" if one.memory_limit else "", str(one.running)]
            for one in state.workers
        ]
        lines += [aligned(["worker", "machine", "memory", "batches"], rows, left={0, 1})]
    return lines


def _profile(options: argparse.Namespace) -> int:
    if options.profile_action == "add":
        given = {one.name: getattr(options, one.name) for one in fields(ClusterProfile)}
        for file in ("tls_authority", "tls_certificate", "tls_key"):
            given[file] = str(Path(given[file]).expanduser().absolute()) if given[file] else ""
        values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
        profile = ClusterProfile(**values)
        path = save_profile(profile)
        print(f"{profile.name}: {profile.words}\nsaved as {path}; use it with --cluster profile:{profile.name}")
    elif options.profile_action == "remove":
        removed = remove_profile(options.name)
        print(f"{options.name} is removed" if removed else f"there was no profile called {options.name}")
    elif options.profile_action == "show":
        profile = load_profile(options.name)
        print(f"{profile.name}: {profile.words}")
        for one in fields(profile):
            value = getattr(profile, one.name)
            if one.name != "name" and value != one.default:
                print(f"    {one.name:<16}{'; '.join(value) if isinstance(value, tuple) else value}")
        print(f"    {'file':<16}{config_folder() / 'clusters' / (profile.name + '.yaml')}")
    else:
        found, problems = profiles()
        for profile in found:
            print(f"{profile.name}: {profile.words}")
        for problem in problems:
            print(f"not read: {problem}", file=sys.stderr)
        if not found:
            print("No profile is saved. Save one with: cluster profile add NAME --address tls://host:port, or --system slurm ...")
    return DONE


def _certificates(folder: Path, days: int) -> None:
    files = make_certificates(folder, days)
    a, c, k = (path.resolve() for path in (files.authority, files.certificate, files.key))
    print(f"Written, for {days} days. Whoever holds the key can run programs on the cluster: keep it to yourself.\n  {a}\n  {c}\n  {k}\n")
    tls = f"--tls-ca-file {a} --tls-cert {c} --tls-key {k}"
    print("Start the scheduler on one machine, and workers on as many as you like (with the three files copied there):")
    print(f"  dask scheduler --protocol tls {tls}")
    print(f"  dask worker tls://SCHEDULER:8786 --nthreads 1 --nworkers CORES {tls}\n")
    print("Then compute there:")
    print(f"  --cluster tls://SCHEDULER:8786 --cluster-tls-authority {a} --cluster-tls-certificate {c} --cluster-tls-key {k}")
