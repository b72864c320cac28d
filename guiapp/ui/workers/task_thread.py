"""One piece of work outside the Qt thread: files to read, a project to open, numbers to reduce."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal, SignalInstance, Slot

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
        """Ask the task to stop at its next progress report; its result is not told."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        """Whether the result is still wanted."""
        return self._cancelled.is_set()

    def stop_if_cancelled(self) -> None:
        """End the task here where nobody waits for it any more.

        Raises:
            TaskCancelledError: Where the result is no longer wanted.
        """
        if self.cancelled:
            raise TaskCancelledError

    def progress(self, done: int, words: str) -> None:
        """Report progress.

        Raises:
            TaskCancelledError: Where the result is no longer wanted.
        """
        self.stop_if_cancelled()
        self._tell(done, words)


class TaskThread(QThread):
    """Runs one callable and hands its result to the Qt thread, unless the task was cancelled meanwhile.

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
        self._outcome: tuple[SignalInstance, object] | None = None
        self.state = TaskState(self.progressed.emit)
        # The outcome waits for the Qt thread, because only there it is certain that nobody cancels between the question and the answer.
        self.finished.connect(self._deliver)

    def run(self) -> None:
        """Do the work (called by Qt in the new thread)."""
        try:
            self._outcome = (self.succeeded, self._work(self.state))
        except TaskCancelledError:
            return
        except UserFacingError as error:
            self._outcome = (self.refused, error)
        except Exception as error:  # noqa: BLE001 - every bug must reach the crash report, whatever its type
            self._outcome = (self.crashed, error)

    @Slot()
    def _deliver(self) -> None:
        outcome, self._outcome = self._outcome, None
        if outcome is not None and not self.state.cancelled:
            signal, value = outcome
            signal.emit(value)
