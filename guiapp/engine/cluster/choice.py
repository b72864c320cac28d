"""A cluster as it is named in one word: an address, ``profile:NAME``, or ``local`` for workers on this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass

from guiapp.engine.cluster.address import SchedulerAddress, TlsFiles
from guiapp.engine.cluster.connection import ClusterConnection, connect, connect_to_local_workers
from guiapp.engine.cluster.profile import load_profile
from guiapp.engine.cluster.queueing import connect_to_profile
from guiapp.errors import UserFacingError

LOCAL, PROFILE = "local", "profile:"
_FORM = "Write tls://host:port, tcp://host:port, profile:NAME, local, or local:N for N workers on this machine."


@dataclass(frozen=True)
class ClusterChoice:
    """Which cluster the user wants."""

    name: str
    """An address, ``profile:NAME``, ``local`` or ``local:N``."""
    tls: TlsFiles | None = None
    without_tls: bool = False

    @property
    def starts_workers(self) -> bool:
        """Whether connecting means starting workers, here or through a queueing system.

        Raises:
            UserFacingError: Where the profile cannot be read.
        """
        if self.name.startswith(PROFILE):
            return bool(load_profile(self.name.removeprefix(PROFILE)).system)
        return self.name.partition(":")[0] == LOCAL

    def connect(self) -> ClusterConnection:
        """Connect to it, starting what has to be started.

        Raises:
            UserFacingError: Where that is refused or not possible.
        """
        if self.name.startswith(PROFILE):
            return connect_to_profile(load_profile(self.name.removeprefix(PROFILE)))
        kind, _, count = self.name.partition(":")
        if kind == LOCAL:
            return connect_to_local_workers(_count(count))
        if "://" not in self.name:
            raise UserFacingError(f"“{self.name}” names no cluster.", advice=_FORM)
        return connect(SchedulerAddress(self.name, self.tls, self.without_tls))


def _count(text: str) -> int:
    if not text:
        return max(1, (os.cpu_count() or 2) - 1)
    if not text.isascii() or not text.isdigit() or not int(text):
        raise UserFacingError(f"“{text}” is no number of workers.", advice=_FORM)
    return int(text)
