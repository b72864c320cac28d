"""A cluster on this machine: reachable from this machine only, and encrypted, since others may be logged in here."""

from __future__ import annotations

from typing import Any

from guiapp.engine.cluster.dask_package import distributed
from guiapp.engine.worker_variables import worker_variables

LOOPBACK = "127.0.0.1"
DEATHS_ALLOWED = 1
"""A batch whose worker died is tried once more before the frame that is to blame is looked for."""


def scheduler_options() -> dict[str, Any]:
    """Return the options of every scheduler that this program starts: no page for browsers that others could open."""
    return {"dashboard": False, "dashboard_address": f"{LOOPBACK}:0", "allowed_failures": DEATHS_ALLOWED}


def start_local_workers(workers: int) -> Any:
    """Start a scheduler and worker processes on this machine.

    A port on the loopback address can be reached by every user of the machine, and whoever reaches a scheduler can run programs. So
    both ends prove who they are with a certificate that is made now, kept in memory, and forgotten at the end.

    Args:
        workers: How many processes, one core each.

    Returns:
        A ``distributed.LocalCluster`` that runs.
    """
    dask = distributed()
    return dask.LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        host=LOOPBACK,
        dashboard_address=None,
        security=dask.Security.temporary(),
        protocol="tls://",
        scheduler_kwargs=scheduler_options(),
        env=worker_variables(),
        silence_logs="CRITICAL",
    )
