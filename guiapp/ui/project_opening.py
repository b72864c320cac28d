"""Opening a project file in the background; what is open stays open until the other one turns out to be sound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from guiapp.errors import UserFacingError
from guiapp.ui.background import Background
from guiapp.ui.project_content import ProjectContent, open_content
from guiapp.ui.workers.task_thread import TaskState, TaskThread


@dataclass(frozen=True)
class OpenedProject:
    """A project that can be shown now."""

    content: ProjectContent
    demo: bool
    then_read: tuple[Path, ...]
    """Files to read into it."""


class ProjectOpening(QObject):
    """The project on its way into the window; a newer wish takes the place of an older one.

    Signals:
        opened: An ``OpenedProject``.
        busy_changed: What is going on in words.
    """

    opened = Signal(object)
    busy_changed = Signal(str)

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        """Start with nothing on its way.

        Args:
            background: Runs the work, and tells its errors.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._background = background
        self._task: TaskThread | None = None
        self._demo = False
        self._then_read: tuple[Path, ...] = ()

    @property
    def is_busy(self) -> bool:
        """Whether a project is on its way."""
        return self._task is not None

    def open(self, path: Path, *, demo: bool = False, then_read: Sequence[Path] = ()) -> None:
        """Open or create a project.

        Args:
            path: The project file.
            demo: Whether it is the demo project.
            then_read: Files to read into it.
        """
        self._demo, self._then_read = demo, tuple(then_read)
        self._start(f"opening {path.name}", lambda _state: open_content(path, demo=demo))

    def recover(self, path: Path) -> None:
        """Copy what can still be read of a damaged project beside it, and open the copy.

        Args:
            path: The damaged project; it stays as it is.
        """
        self._demo, self._then_read = False, ()
        self._start(f"recovering {path.name}", lambda _state: _recovered(path))

    def read_too(self, paths: Sequence[Path]) -> None:
        """Read these files as well, once the project is open."""
        self._then_read = (*self._then_read, *paths)

    def give_up(self) -> None:
        """Let the project that is on its way go."""
        if self._task is not None:
            self._task.state.cancel()
            self._task = None

    def _start(self, words: str, work: Callable[[TaskState], ProjectContent]) -> None:
        self.busy_changed.emit(words)
        self._task = self._background.start(work, self._tell_opened, failed=self._forget)

    @Slot(object)
    def _tell_opened(self, content: ProjectContent) -> None:
        then_read, self._then_read, self._task = self._then_read, (), None
        self.opened.emit(OpenedProject(content, self._demo, then_read))

    @Slot(object)
    def _forget(self, _error: Exception) -> None:
        if self.sender() is self._task:  # else a newer one has taken its place
            self._task, self._then_read = None, ()


def _recovered(path: Path) -> ProjectContent:
    from guiapp.store.recovery import recover  # noqa: PLC0415 - with the store, a second that the first window need not wait for

    report = recover(path)
    content = open_content(report.path, demo=False)
    found = UserFacingError(report.describe(), advice="The copy is open now; the damaged file was not changed.", path=report.path)
    return replace(content, remarks=(found, *content.remarks))
