"""Fetching, taking and removing data sets on behalf of the window; no call waits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from guiapp.errors import UserFacingError
from guiapp.frames.catalogue import CatalogueSet, find_in_catalogue
from guiapp.frames.library import DataLibrary, SetState
from guiapp.ui.workers.download_thread import DownloadThread
from guiapp.ui.workers.task_thread import TaskState, TaskThread


class Downloads(QObject):
    """Everything that changes the library of data sets.

    Signals:
        progressed: A set's name and a ``DownloadProgress``.
        changed: A set's name; its state is another one.
        refused: A set's name and a ``UserFacingError``.
        crashed: An exception that is a bug.
    """

    progressed = Signal(str, object)
    changed = Signal(str)
    refused = Signal(str, object)
    crashed = Signal(object)

    def __init__(
        self, library: DataLibrary, parent: QObject | None = None, *, find: Callable[[str], CatalogueSet] = find_in_catalogue
    ) -> None:
        """Work on a library.

        Args:
            library: Where sets are kept.
            parent: Qt's owner.
            find: Looks a set up by name.
        """
        super().__init__(parent)
        self.library = library
        self.find = find
        self._threads: dict[str, DownloadThread] = {}
        self._tasks: dict[TaskThread, str] = {}
        self._discard: set[str] = set()

    def state(self, name: str) -> SetState:
        """Return whether a set is on this machine."""
        return self.library.state(self.find(name))

    def is_fetching(self, name: str) -> bool:
        """Tell whether a set is being downloaded."""
        return name in self._threads

    def is_busy(self, name: str) -> bool:
        """Tell whether a set is being checked, removed or downloaded."""
        return name in self._threads or name in self._tasks.values()

    def fetch(self, name: str) -> None:
        """Download a set, or go on with it."""
        if self.is_busy(name):
            return
        thread = DownloadThread(self.library, self.find(name), self)
        thread.progressed.connect(self.progressed)
        thread.succeeded.connect(self._ended)
        thread.stopped.connect(self._ended)
        thread.refused.connect(self._fetch_refused)
        thread.crashed.connect(self.crashed)
        thread.finished.connect(self._forget_thread)
        self._threads[name] = thread
        thread.start()
        self.changed.emit(name)

    def pause(self, name: str) -> None:
        """Stop a download; what has come is kept, and ``fetch`` goes on with it."""
        if name in self._threads:
            self._threads[name].stop()

    def discard(self, name: str) -> None:
        """Stop a download and throw away what has come of the unfinished file."""
        if name in self._threads:
            self._discard.add(name)
            self._threads[name].stop()
        else:
            self._run(name, self.library.forget_parts)

    def take(self, name: str, path: Path) -> None:
        """Use a file that the user has already, once it was checked."""
        self._run(name, lambda one: self.library.add(one, path))

    def remove(self, name: str) -> None:
        """Delete what was downloaded of a set; a file of the user is only forgotten."""
        self._run(name, self.library.remove)

    def shut_down(self) -> None:
        """End everything within moments, as when the window closes; downloads go on next time."""
        for thread in list(self._threads.values()):
            thread.stop()
            thread.wait()
        for task in list(self._tasks):
            task.state.cancel()
            task.wait()

    def _run(self, name: str, work: Callable[[CatalogueSet], object]) -> None:
        if self.is_busy(name):
            return
        one = self.find(name)

        def task_work(_state: TaskState) -> str:
            work(one)
            return name

        task = TaskThread(task_work, self)
        task.refused.connect(self._task_refused)
        task.crashed.connect(self.crashed)
        task.finished.connect(self._forget_task)
        self._tasks[task] = name
        task.start()
        self.changed.emit(name)

    @Slot(str)
    def _ended(self, name: str) -> None:
        self._threads.pop(name, None)
        if name in self._discard:
            self._discard.discard(name)
            self.discard(name)
        self.changed.emit(name)

    @Slot(str, object)
    def _fetch_refused(self, name: str, error: UserFacingError) -> None:
        self._ended(name)
        self.refused.emit(name, error)

    @Slot(object)
    def _task_refused(self, error: UserFacingError) -> None:
        task = self.sender()
        if isinstance(task, TaskThread):
            self.refused.emit(self._tasks.get(task, ""), error)

    @Slot()
    def _forget_thread(self) -> None:
        thread = self.sender()
        if isinstance(thread, DownloadThread):
            if self._threads.get(thread.set.name) is thread:  # it crashed
                self._ended(thread.set.name)
            thread.deleteLater()

    @Slot()
    def _forget_task(self) -> None:
        task = self.sender()
        if isinstance(task, TaskThread):
            name = self._tasks.pop(task, "")
            task.deleteLater()
            self.changed.emit(name)
