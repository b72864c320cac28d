"""Signs of life of the jobs that this program runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from guiapp.store.errors import ProjectError
from guiapp.store.owner import HEARTBEAT

_LOG = logging.getLogger(__name__)


class Heart:
    """A thread that calls a function at even intervals until it is stopped; it starts on first use."""

    def __init__(self, beat: Callable[[], None], interval: float = HEARTBEAT) -> None:
        """Prepare.

        Args:
            beat: Called in the thread; a project that cannot be written just now is tried again at the next beat.
            interval: Seconds between two calls.
        """
        self._beat = beat
        self._interval = interval
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start beating; nothing happens where it beats already or was stopped."""
        with self._lock:
            if self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._run, name="project heartbeat", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Stop and wait for the beat in progress."""
        self._stop.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._interval):
            try:
                self._beat()
            except ProjectError as error:
                _LOG.warning("no sign of life could be written: %s", error)
