"""Rows that were found unreadable: told, not hidden."""

from __future__ import annotations

import logging
import threading

_LOG = logging.getLogger(__name__)


class DamageLog:
    """What could not be read since the project was opened; any thread may report."""

    def __init__(self) -> None:
        """Start empty."""
        self._entries: list[str] = []
        self._lock = threading.Lock()

    def report(self, what: str) -> None:
        """Note one unreadable row, in words for the user."""
        _LOG.warning("unreadable row in the project: %s", what)
        with self._lock:
            self._entries.append(what)

    @property
    def entries(self) -> tuple[str, ...]:
        """Everything reported so far, oldest first."""
        with self._lock:
            return tuple(self._entries)
