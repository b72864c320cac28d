"""Pausing and cancelling a running job from another thread."""

from __future__ import annotations

import threading


class JobControl:
    """Switches that ``run_job`` looks at ten times a second; every method may be called from any thread."""

    def __init__(self) -> None:
        """Start as running."""
        self._paused = threading.Event()
        self._cancelled = threading.Event()

    def pause(self) -> None:
        """Start no further batches; those that run are finished and kept."""
        self._paused.set()

    def resume(self) -> None:
        """Go on after a pause."""
        self._paused.clear()

    def cancel(self) -> None:
        """End the job; what is kept stays kept. It cannot be undone."""
        self._cancelled.set()

    @property
    def paused(self) -> bool:
        """True while no batches shall be started."""
        return self._paused.is_set() and not self._cancelled.is_set()

    @property
    def cancelled(self) -> bool:
        """True once the job shall end."""
        return self._cancelled.is_set()
