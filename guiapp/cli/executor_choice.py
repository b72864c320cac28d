"""Where a command computes: in worker processes of this machine, or on a cluster."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

from guiapp.engine.cluster.choice import ClusterChoice
from guiapp.engine.cluster.profile import tls_files
from guiapp.engine.executor import Executor
from guiapp.engine.worker_processes import WorkerProcesses
from guiapp.errors import UserFacingError

_MOST_WORKERS = 8


def chosen_cluster(options: argparse.Namespace) -> ClusterChoice | None:
    """Return the cluster that the options of a command name; None for this machine.

    Raises:
        UserFacingError: Where only some of the files for TLS are named.
    """
    files = [options.cluster_tls_authority, options.cluster_tls_certificate, options.cluster_tls_key]
    if not options.cluster:
        if any(files):
            raise UserFacingError("Files for TLS were named, but no cluster.", advice="Name it with --cluster tls://host:port.")
        return None
    return ClusterChoice(options.cluster, tls_files(*files), options.cluster_without_tls)


@contextmanager
def open_executor(cluster: ClusterChoice | None) -> Iterator[Executor]:
    """Compute on a cluster, or in worker processes of this machine where none is chosen.

    Raises:
        UserFacingError: Where the cluster cannot be reached.
    """
    if cluster is None:
        with closing(WorkerProcesses(n_workers())) as executor:
            yield executor
        return
    print(f"connecting to {cluster.name}", file=sys.stderr, flush=True)
    with closing(cluster.connect()) as connection:
        print(f"computing on {connection.title}", file=sys.stderr, flush=True)
        yield connection.executor


def n_workers() -> int:
    """Return how many worker processes a command uses on this machine."""
    return max(1, min(_MOST_WORKERS, os.cpu_count() or 1))
