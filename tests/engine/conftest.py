"""Clusters for the tests of the engine; a test that wants one is skipped where Dask is not installed."""

from __future__ import annotations

import pytest


@pytest.fixture
def cluster(tmp_path):
    """Return a running scheduler without workers."""
    pytest.importorskip("distributed")
    from dask_processes import DaskProcesses

    processes = DaskProcesses(tmp_path)
    yield processes
    processes.close()


@pytest.fixture
def connection(cluster):
    """Return a connection to it."""
    from guiapp.engine.cluster.connection import connect

    connection = connect(cluster.address())
    yield connection
    connection.close()
