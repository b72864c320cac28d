"""The one thread that speaks to Dask for the window: it connects, looks, restarts, leaves."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from guiapp.engine.cluster.connection import ClusterConnection
from guiapp.errors import UserFacingError

_LOOK_AGAIN = 1.0
"""Seconds between two looks at a connected cluster."""

Connect = Callable[[], ClusterConnection]


class ClusterLink(QObject):
    """Does one thing after the other in a thread of its own.

    The thread is no QThread, because nobody may wait for it: an address where nothing answers takes 20 s, and the window closes at once
    all the same. A connection that comes too late is left on the spot.

    Signals:
        connected: The ``ClusterConnection``.
        looked: A ``ClusterState``, once a second.
        refused: A ``UserFacingError``: there is no connection, or something asked for was not possible.
        lost: A ``UserFacingError``: the connection that there was is gone.
        left: The cluster was left as asked.
        crashed: An exception that is a bug.
    """

    connected = Signal(object)
    looked = Signal(object)
    refused = Signal(object)
    lost = Signal(object)
    left = Signal()
    crashed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        """Start without a connection; the thread starts with the first thing to do."""
        super().__init__(parent)
        self._wishes: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._connection: ClusterConnection | None = None
        self._thread: threading.Thread | None = None
        self._over = threading.Event()
        self._attempt = 0

    def open(self, connect: Connect) -> None:
        """Connect, leaving the cluster that there is before.

        Args:
            connect: Called in the thread; may take long, and may start a cluster.
        """
        self._attempt += 1
        attempt = self._attempt
        self._wish(lambda: self._open(connect, attempt))

    def leave(self) -> None:
        """Leave the cluster, or give up the attempt to reach one; what was started for it ends."""
        self._attempt += 1
        self._wish(self._leave)

    def restart_worker(self, address: str) -> None:
        """End a worker process and start another in its place."""
        self._wish(lambda: self._restart(address))

    def shut_down(self, patience: float = 5.0) -> None:
        """Leave everything because the window closes; a connection is given some seconds to end what was started for it."""
        self._over.set()
        self._wishes.put(None)
        if self._thread is not None and self._connection is not None:
            self._thread.join(patience)

    # ---- in the thread

    def _wish(self, wish: Callable[[], None]) -> None:
        if self._over.is_set():
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="cluster link", daemon=True)
            self._thread.start()
        self._wishes.put(wish)

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                wish = self._wishes.get(timeout=_LOOK_AGAIN if self._connection is not None else None)
            except queue.Empty:
                wish = self._look
            if wish is None:
                break
            try:
                wish()
            except UserFacingError as error:
                self._tell(self.refused, error)
            except Exception as error:  # noqa: BLE001 - every bug must reach the crash report, whatever its type
                self._tell(self.crashed, error)
        self._end_connection()

    def _open(self, connect: Connect, attempt: int) -> None:
        if attempt != self._attempt:
            return
        self._end_connection()
        connection = connect()
        if attempt != self._attempt or self._over.is_set():
            connection.close()
            return
        self._connection = connection
        self._tell(self.connected, connection)
        self._look()

    def _look(self) -> None:
        connection = self._connection
        if connection is None:
            return
        try:
            state = connection.state()
        except UserFacingError as error:
            self._end_connection()
            self._tell(self.lost, error)
        else:
            self._tell(self.looked, state)

    def _leave(self) -> None:
        self._end_connection()
        self._tell(self.left)

    def _restart(self, address: str) -> None:
        if self._connection is not None:
            self._connection.restart_worker(address)
            self._look()

    def _end_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _tell(self, signal: Any, *values: object) -> None:
        if not self._over.is_set():
            signal.emit(*values)
