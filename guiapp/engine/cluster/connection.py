"""One connection to a cluster: to a scheduler that runs somewhere, or to one that this program starts and ends."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from guiapp.engine.cluster.address import SchedulerAddress
from guiapp.engine.cluster.dask_package import distributed
from guiapp.engine.cluster.local_workers import start_local_workers
from guiapp.errors import UserFacingError

_PATIENCE = "20s"


@dataclass(frozen=True)
class WorkerState:
    """One worker process of a cluster."""

    address: str
    name: str
    host: str
    memory: int
    """Bytes in use."""
    memory_limit: int
    """Bytes after which Dask restarts it; 0 where there is no limit."""
    busy: float
    """Share of its processor time in use, 1 for one core."""
    running: int
    """Batches that it computes or that wait there."""
    threads: int
    restartable: bool
    """Whether a nanny watches it, so that it can be restarted."""


@dataclass(frozen=True)
class ClusterState:
    """A look at a cluster."""

    address: str
    workers: tuple[WorkerState, ...]
    waiting: int
    """Batches of this program that wait for a worker."""
    wanted: int = 0
    """Workers that were asked for; more than there are while jobs wait in a queue."""


@dataclass(frozen=True, eq=False)
class SchedulerLink:
    """All that another process of this program needs to compute on the same cluster; it is sent to that process alone."""

    url: str
    security: Any
    """A ``distributed.Security``; None where the connection is not encrypted."""
    title: str
    """What the user calls the cluster."""


class ClusterConnection:
    """A connected client, the executor that uses it, and whatever was started for it."""

    def __init__(self, client: Any, title: str, cluster: Any = None, wanted: int = 0) -> None:
        """Take over a connected client.

        Args:
            client: A ``distributed.Client``.
            title: What the user calls the cluster.
            cluster: A Dask cluster object that ends with the connection; None where somebody else started it.
            wanted: Workers that were asked for.
        """
        self.title = title
        from guiapp.engine.cluster.executor import DaskExecutor  # noqa: PLC0415 - the window starts without it

        self.executor = DaskExecutor(client, title)
        self._client, self._cluster, self._wanted = client, cluster, wanted

    @property
    def address(self) -> str:
        """The scheduler's address."""
        return str(self._client.scheduler.address) if self._client.scheduler is not None else ""

    @property
    def link(self) -> SchedulerLink:
        """The way to the same cluster for another process of this program."""
        return SchedulerLink(self.address, self._client.security if self.address.startswith("tls://") else None, self.title)

    @property
    def is_own(self) -> bool:
        """Whether this program started the scheduler, which then ends with the connection."""
        return self._cluster is not None

    def state(self) -> ClusterState:
        """Ask the scheduler how things are; takes a moment.

        Raises:
            UserFacingError: Where it does not answer any more.
        """
        self.executor.require_scheduler()
        try:
            info = self._client.scheduler_info(n_workers=-1)
        except Exception as error:
            raise self.executor.lose(error) from error
        workers = tuple(_worker(address, entry) for address, entry in sorted(info["workers"].items()))
        return ClusterState(self.address, workers, self.executor.waiting, self._wanted)

    def restart_worker(self, address: str) -> None:
        """End a worker process and start another in its place; its batch is given to another worker.

        Raises:
            UserFacingError: Where that is not possible.
        """
        try:
            self._client.restart_workers([address], timeout=30)
        except Exception as error:
            raise UserFacingError(f"The worker {address} could not be restarted: {error}.", advice="Look at it on its machine.") from error

    def close(self) -> None:
        """Leave the cluster; what this program started for it ends."""
        self.executor.close()
        # The scheduler may be gone already; there is nobody to tell then.
        with contextlib.suppress(Exception):
            self._client.close(timeout=2)
        if self._cluster is not None:
            with contextlib.suppress(Exception):
                self._cluster.close(timeout=10)


def connect(address: SchedulerAddress) -> ClusterConnection:
    """Connect to a scheduler that runs somewhere.

    Raises:
        UserFacingError: Where the address is refused, nobody answers there, or the certificates do not fit.
    """
    sound = address.checked()
    return ClusterConnection(_client(sound.url, sound.security()), sound.url)


def connect_to_link(link: SchedulerLink) -> ClusterConnection:
    """Connect once more to a cluster that another process of this program is connected to.

    Raises:
        UserFacingError: Where it does not answer any more.
    """
    return ClusterConnection(_client(link.url, link.security), link.title)


def connect_to_own(start: Callable[[], Any], title: str, wanted: int) -> ClusterConnection:
    """Start a cluster and connect to it.

    Args:
        start: Returns a Dask cluster object whose scheduler runs.
        title: What the user calls it.
        wanted: Workers that it was asked for.

    Raises:
        UserFacingError: Where it cannot be started.
    """
    try:
        cluster = start()
    except (OSError, RuntimeError, ValueError, TimeoutError) as error:
        raise UserFacingError(f"{title} could not be started: {error}.", advice="Check the settings of the profile.") from error
    try:
        return ClusterConnection(_client(cluster, cluster.security), title, cluster, wanted)
    except BaseException:
        cluster.close(timeout=10)
        raise


def connect_to_local_workers(workers: int) -> ClusterConnection:
    """Start worker processes on this machine, reachable from this machine only, and connect to them.

    Raises:
        UserFacingError: Where they cannot be started.
    """
    return connect_to_own(lambda: start_local_workers(workers), "workers on this machine", workers)


def _client(where: Any, security: Any) -> Any:
    dask = distributed()
    try:
        return dask.Client(where, security=security, timeout=_PATIENCE, set_as_default=False, name="temper")
    except (OSError, TimeoutError, ValueError, TypeError) as error:
        reason = str(error).strip().splitlines()
        raise UserFacingError(
            f"No connection to {where if isinstance(where, str) else 'the cluster'}: {reason[0] if reason else type(error).__name__}",
            advice="Check that the scheduler runs there, that no firewall is between, and that both sides use the same certificates.",
        ) from error


def _worker(address: str, entry: dict[str, Any]) -> WorkerState:
    metrics = entry.get("metrics", {})
    counts = metrics.get("task_counts", {})
    return WorkerState(
        address=address,
        name=str(entry.get("name", address)),
        host=str(entry.get("host", "")),
        memory=int(metrics.get("memory", 0)),
        memory_limit=int(entry.get("memory_limit") or 0),
        busy=float(metrics.get("cpu", 0.0)) / 100,
        running=sum(int(count) for state, count in counts.items() if state in {"executing", "ready", "waiting"}),
        threads=int(entry.get("nthreads", 1)),
        restartable=bool(entry.get("nanny")),
    )
