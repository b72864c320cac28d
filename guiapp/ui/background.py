"""Work outside the Qt thread on behalf of the session: started here, ended here, errors told in one place."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot

from guiapp.ui.workers.task_thread import TaskState, TaskThread


class Background(QObject):
    """The threads of a session that are not jobs.

    Signals:
        refused: A ``UserFacingError`` to show as it is.
        crashed: An exception that is a bug.
    """

    refused = Signal(object)
    crashed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        """Start with nothing to do."""
        super().__init__(parent)
        self._tasks: set[TaskThread] = set()
        self._writes: deque[TaskThread] = deque()

    def start(
        self,
        work: Callable[[TaskState], object],
        done: Callable[..., object] | None = None,
        *,
        progress: Callable[..., object] | None = None,
        failed: Callable[..., object] | None = None,
    ) -> TaskThread:
        """Run work in a thread of its own.

        Args:
            work: Called in the thread.
            done: Takes its result; a method of a QObject, because anything else would be called in the other thread.
            progress: Takes a count and words; a method of a QObject.
            failed: Told of any error besides the signals; a method of a QObject.
        """
        task = TaskThread(work, self)
        if done is not None:
            task.succeeded.connect(done)
        if progress is not None:
            task.progressed.connect(progress)
        for signal, told in ((task.refused, self.refused), (task.crashed, self.crashed)):
            if failed is not None:
                signal.connect(failed)
            signal.connect(told)
        task.finished.connect(self._forget)
        self._tasks.add(task)
        task.start()
        return task

    def write(self, work: Callable[[], object], done: Callable[..., object] | None = None) -> None:
        """Write something in the background: one after the other, in the order of the calls, never given up.

        Args:
            work: Called in a thread.
            done: Takes its result; a method of a QObject.
        """
        task = TaskThread(lambda _state: work(), self)
        if done is not None:
            task.succeeded.connect(done)
        task.refused.connect(self.refused)
        task.crashed.connect(self.crashed)
        task.finished.connect(self._next_write)
        self._writes.append(task)
        if len(self._writes) == 1:
            task.start()

    def stop(self) -> None:
        """Finish the writes and give up the rest; results of what still runs are not told."""
        while self._writes:
            task = self._writes[0]
            if not (task.isRunning() or task.isFinished()):
                task.start()
            task.wait()
            self._writes.popleft()
            task.deleteLater()
        for other in list(self._tasks):
            other.state.cancel()
            other.wait()

    @Slot()
    def _next_write(self) -> None:
        task = self.sender()
        if not self._writes or task is not self._writes[0]:  # stop() has waited for it already
            return
        self._writes.popleft().deleteLater()
        if self._writes:
            self._writes[0].start()

    @Slot()
    def _forget(self) -> None:
        task = self.sender()
        if isinstance(task, TaskThread):
            self._tasks.discard(task)
            task.deleteLater()
