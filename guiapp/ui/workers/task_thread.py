"""One piece of work outside the Qt thread: files to read, a project to open, numbers to reduce."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal

from guiapp.errors import UserFacingError


class TaskCancelledError(Exception):
    """Raised inside a task that the user no longer wants."""


class TaskState:
    """What a task may tell and ask while it runs; safe to call from its thread."""

    def __init__(self, tell: Callable[[int, str], None]) -> None:
        """Connect the task to whoever listens to its progress."""
        self._tell = tell
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Ask the task to stop at its next progress report."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        """Whether the result is still wanted."""
        return self._cancelled.is_set()

    def progress(self, done: int, words: str) -> None:
        """Report progress.

        Raises:
            TaskCancelledError: Where the result is no longer wanted.
        """
        if self.cancelled:
            raise TaskCancelledError
        self._tell(done, words)


class TaskThread(QThread):
    """Runs one callable and hands its result to the Qt thread.

    Signals:
        progressed: Count done so far and a few words.
        succeeded: The callable's result.
        refused: A ``UserFacingError``, to be shown as it is.
        crashed: Any other exception: a bug, for the crash report.
    """

    progressed = Signal(int, str)
    succeeded = Signal(object)
    refused = Signal(object)
    crashed = Signal(object)

    def __init__(self, work: Callable[[TaskState], Any], parent: QObject | None = None) -> None:
        """Prepare the thread; ``start()`` runs it."""
        super().__init__(parent)
        self._work = work
        self.state = TaskState(self.progressed.emit)

    def run(self) -> None:
        """Do the work (called by Qt in the new thread)."""
        try:
            result = self._work(self.state)
        except TaskCancelledError:
            return
        except UserFacingError as error:
            self.refused.emit(error)
        except Exception as error:  # noqa: BLE001 - every bug must reach the crash report, whatever its type
            self.crashed.emit(error)
        else:
            if not self.state.cancelled:
                self.succeeded.emit(result)
