"""Where jobs run, in words; no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from guiapp.engine.cluster.connection import ClusterState

HERE = "Jobs run on this machine"


class Link(StrEnum):
    """How things stand with a cluster."""

    NONE = "none"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    LOST = "lost"


@dataclass(frozen=True)
class Situation:
    """All that the page shows of a connection."""

    link: Link = Link.NONE
    place: str = ""
    """What the user calls the cluster."""
    state: ClusterState | None = None
    """The newest look at it."""
    problem: str = ""
    """Why there is no connection, or what was not possible."""
    own: bool = False
    """Whether this program started the cluster, which then ends with the connection."""

    @property
    def headline(self) -> str:
        """One sentence on where jobs run."""
        match self.link:
            case Link.CONNECTING:
                return f"Connecting to {self.place}"
            case Link.CONNECTED:
                return f"Jobs run on {self.place}"
            case Link.LOST:
                return f"{self.place} does not answer any more"
            case Link.NONE:
                return HERE

    @property
    def evidence(self) -> str:
        """What stands behind it: workers, memory, what runs and waits; or what to do."""
        if self.link is Link.CONNECTING:
            return "An address where nothing answers is given up after 20 s. The window works on meanwhile."
        if self.link is Link.LOST:
            return "Jobs under way are interrupted, and what they finished is kept. Connect again and resume them, or resume them here."
        if self.link is Link.NONE:
            return (
                "Connect to a Dask scheduler, start workers, or use a saved profile; the next job then runs there, into the same project."
            )
        state = self.state
        if state is None:
            return "looking at the workers"
        return " · ".join(part for part in (_workers(state), _memory(state), _batches(state)) if part)

    @property
    def leave_words(self) -> str:
        """What the button that ends the connection says."""
        if self.link is Link.CONNECTING:
            return "Give up"
        return "End these workers" if self.own else "Disconnect"


def size_words(size: float) -> str:
    """Return an amount of memory, e.g. ``3.4 GB``."""
    return f"{size / 1e9:.1f} GB"


def _workers(state: ClusterState) -> str:
    count = len(state.workers)
    if not count:
        asked = f"{state.wanted} asked for, " if state.wanted else ""
        return f"no worker yet ({asked}jobs wait for the first one)"
    if state.wanted > count:
        return f"{count} of {state.wanted} workers"
    return f"{count} worker{'' if count == 1 else 's'}"


def _memory(state: ClusterState) -> str:
    if not state.workers:
        return ""
    used, limit = sum(one.memory for one in state.workers), sum(one.memory_limit for one in state.workers)
    return f"{size_words(used)} of {size_words(limit)} memory" if limit else f"{size_words(used)} memory"


def _batches(state: ClusterState) -> str:
    running = sum(one.running for one in state.workers)
    if not running and not state.waiting:
        return "nothing to do"
    return f"{running} batch{'' if running == 1 else 'es'} running, {state.waiting} waiting"
