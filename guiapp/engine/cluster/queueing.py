"""Workers from a queueing system (Slurm, PBS, LSF, SGE and others) through dask-jobqueue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from guiapp.engine.cluster.connection import ClusterConnection, connect, connect_to_own
from guiapp.engine.cluster.dask_package import dask_jobqueue, distributed
from guiapp.engine.cluster.local_workers import LOOPBACK, scheduler_options
from guiapp.engine.cluster.profile import ClusterProfile
from guiapp.engine.worker_variables import worker_variables
from guiapp.errors import UserFacingError

_CLASSES = {
    "slurm": "SLURMCluster",
    "pbs": "PBSCluster",
    "lsf": "LSFCluster",
    "sge": "SGECluster",
    "oar": "OARCluster",
    "moab": "MoabCluster",
}
_ACCOUNT = {"slurm": "account", "pbs": "account", "moab": "account"}
"""What the account is called where it is not ``project``."""
_NOT_YET = "tls://<address of the scheduler>:<port>"
_PROTOCOL = "tls://"
_PATIENCE = "120"
"""Seconds after which a worker ends that finds no scheduler."""


def job_script(profile: ClusterProfile) -> str:
    """Return the script that each job of a profile runs; nothing is started and no port is opened.

    Where the scheduler's address and the certificates of the cluster would stand, the script says so.

    Raises:
        UserFacingError: Where the profile is none of a queueing system, or does not fit it.
    """
    security = distributed().Security(
        require_encryption=True,
        **{f"tls_{part}": f"<made for each cluster>/{part}.pem" for part in ("ca_file", "worker_cert", "worker_key")},
    )
    job = _class(profile).job_cls
    try:
        return str(job(_NOT_YET, name="<name>", protocol=_PROTOCOL, security=security, **_job_options(profile)).job_script())
    except (ValueError, TypeError) as error:
        raise _misfit(profile, error) from error


def connect_to_profile(profile: ClusterProfile) -> ClusterConnection:
    """Connect to the scheduler of a profile, or start one here and ask the queueing system for workers.

    Raises:
        UserFacingError: Where that is not possible.
    """
    if profile.address:
        return connect(profile.scheduler_address())
    return connect_to_own(lambda: _start(profile), f"{profile.name} ({profile.system})", profile.workers)


def _start(profile: ClusterProfile) -> Any:
    try:
        cluster = _class(profile)(
            **_job_options(profile),
            protocol=_PROTOCOL,
            security=distributed().Security.temporary(),
            shared_temp_directory=profile.shared_folder or str(Path.home()),
            scheduler_options=scheduler_options() | ({"interface": profile.interface} if profile.interface else {}),
            silence_logs="critical",
        )
    except (ValueError, TypeError) as error:
        raise _misfit(profile, error) from error
    try:
        cluster.scale(jobs=profile.jobs)
    except BaseException:
        cluster.close(timeout=10)
        raise
    return cluster


def _class(profile: ClusterProfile) -> Any:
    if profile.system not in _CLASSES:
        raise UserFacingError(f"The profile {profile.name} starts no jobs: it is an address.", advice="Give one of a queueing system.")
    return getattr(dask_jobqueue(), _CLASSES[profile.system])


def _job_options(profile: ClusterProfile) -> dict[str, Any]:
    variables = sorted(worker_variables("linux").items())
    return {
        "cores": profile.cores,
        "processes": profile.processes or profile.cores,
        "memory": profile.memory,
        "walltime": _walltime(profile),
        "queue": profile.queue or None,
        _ACCOUNT.get(profile.system, "project"): profile.account or None,
        "python": profile.python or None,
        "interface": profile.interface or None,
        "local_directory": profile.scratch_folder or None,
        "log_directory": profile.log_folder or None,
        "job_extra_directives": list(profile.directives),
        "job_script_prologue": [*(f"export {name}={value}" for name, value in variables), *profile.prologue],
        # A worker's page for browsers is bound to its own machine: everybody in the network could open it otherwise.
        "worker_extra_args": ["--no-dashboard", "--dashboard-address", f"{LOOPBACK}:0"],
        "death_timeout": _PATIENCE,
        "job_name": "temper-worker",
    }


def _walltime(profile: ClusterProfile) -> str | None:
    """Return the time as the system reads it: LSF knows no seconds and would refuse ``01:00:00``."""
    parts = profile.walltime.split(":")
    return ":".join(parts[:2]) if profile.system == "lsf" and len(parts) == 3 else profile.walltime or None


def _misfit(profile: ClusterProfile, error: Exception) -> UserFacingError:
    return UserFacingError(
        f"{profile.system} does not take the profile {profile.name}: {error}.", advice="Change it with: cluster profile add."
    )
