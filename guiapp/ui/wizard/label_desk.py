"""How labels come in: input written, folders watched, results dropped, GPAW run here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal, Slot

from guiapp.correction.dft_input import Code, DftInput, write_dft_input
from guiapp.correction.gpaw_run import GpawPython, ask_python, find_gpaw
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.ui.background import Background
from guiapp.ui.wizard.label_search import Finding, LabelSearch, Wanted
from guiapp.ui.workers.gpaw_thread import GpawThread
from guiapp.ui.workers.task_thread import TaskState

_LOOK_AGAIN = 1500
"""Milliseconds between two looks; network folders tell nobody when a file changes."""


class LabelDesk(QObject):
    """Waits for the labels of some structures.

    Signals:
        found: A ``Finding``, usable or not.
        written: ``(folder of a structure, its DftInput)`` pairs.
        failed: A ``UserFacingError``.
        gpaw_found: A ``GpawPython``, or None.
        gpaw_progressed: A ``GpawStep``.
        gpaw_ended: GPAW is no longer running.
    """

    found = Signal(object)
    written = Signal(object)
    failed = Signal(object)
    gpaw_found = Signal(object)
    gpaw_progressed = Signal(object)
    gpaw_ended = Signal()

    def __init__(self, background: Background, functional: str, parent: QObject | None = None) -> None:
        """Wait for nothing.

        Args:
            background: Runs what takes time.
            functional: Of the model's training data.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._background, self._functional = background, functional
        self._search = LabelSearch(functional)
        self._wanted: tuple[Wanted, ...] = ()
        self._others: tuple[str, ...] = ()
        self._done: tuple[Frame, ...] = ()
        self._folders: tuple[Path, ...] = ()
        self._looking = False
        self._gpaw: GpawThread | None = None
        self.python: GpawPython | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_AGAIN)
        self._timer.timeout.connect(self._look)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(self._look)

    @property
    def is_running(self) -> bool:
        """Whether GPAW is at work."""
        return self._gpaw is not None

    def want(self, wanted: Sequence[Wanted], others: Sequence[str] = (), done: Sequence[Frame] = ()) -> None:
        """Wait for the labels of these structures.

        Args:
            wanted: Structures without a label.
            others: Functionals of labels taken in before.
            done: Structures that have their label.
        """
        hashes = {one.frame.content_hash for one in wanted}
        if hashes - {one.frame.content_hash for one in self._wanted}:
            self._search.forget()
        self._wanted, self._others, self._done = tuple(wanted), tuple(dict.fromkeys(others)), tuple(done)

    def watch(self, folders: Sequence[Path]) -> None:
        """Take results out of these folders as they appear; none to stop."""
        self._folders = tuple(folder for folder in folders if folder.is_dir())
        if self._watcher.directories():
            self._watcher.removePaths(self._watcher.directories())
        if self._folders:
            self._watcher.addPaths([str(folder) for folder in self._folders])
            self._timer.start()
        else:
            self._timer.stop()

    def take(self, paths: Sequence[Path]) -> None:
        """Read results that the user names or drops."""
        wanted, others, search = self._wanted, self._others, LabelSearch(self._functional)
        if not wanted:
            self.failed.emit(UserFacingError("No structure waits for a label.", advice="Choose one on the page before."))
            return
        self._background.start(lambda _state: search.take(paths, wanted, others), self._tell)

    def write_input(self, folder: Path, codes: Sequence[Code]) -> None:
        """Write input for every structure that waits, a folder each, and watch the folder."""
        wanted, functional = self._wanted, self._functional

        def work(_state: TaskState) -> list[tuple[Path, DftInput]]:
            return _write_all(wanted, folder, codes, functional)

        self._background.start(work, self._tell_written, failed=self._fail)

    def find_gpaw(self, preferred: str = "") -> None:
        """Look for a Python that has GPAW."""
        self._background.start(lambda _state: find_gpaw(preferred), self._take_python)

    def use_python(self, path: str) -> None:
        """Ask a Python that the user chose whether it has GPAW."""
        self._background.start(lambda _state: ask_python(path), self._take_python, failed=self._fail)

    def run_gpaw(self, folder: Path) -> None:
        """Label every structure that waits, one after the other; what was begun earlier goes on."""
        wanted, functional = self._wanted, self._functional
        if self._gpaw is not None or self.python is None or not wanted:
            return
        self._background.start(
            lambda _state: [path for path, _ in _write_all(wanted, folder, (Code.GPAW,), functional)], self._start_gpaw, failed=self._fail
        )

    def stop_gpaw(self) -> None:
        """End GPAW; finished structures stay labelled."""
        if self._gpaw is not None:
            self._gpaw.give_up()

    def shut_down(self) -> None:
        """End everything and wait for it."""
        self._timer.stop()
        if self._gpaw is not None:
            self._gpaw.give_up()
            self._gpaw.wait()

    @Slot()
    def _look(self) -> None:
        if self._looking or not self._wanted or not self._folders:
            return
        self._looking = True
        folders, wanted, others, done, search = self._folders, self._wanted, self._others, self._done, self._search
        self._background.start(lambda _state: search.look(folders, wanted, others, done), self._looked, failed=self._look_failed)

    @Slot(object)
    def _looked(self, findings: tuple[Finding, ...]) -> None:
        self._looking = False
        self._tell(findings)

    @Slot(object)
    def _look_failed(self, _error: Exception) -> None:
        self._looking = False

    @Slot(object)
    def _tell(self, findings: tuple[Finding, ...]) -> None:
        for finding in findings:
            self.found.emit(finding)

    @Slot(object)
    def _tell_written(self, written: list[tuple[Path, DftInput]]) -> None:
        self.written.emit(written)

    @Slot(object)
    def _fail(self, error: Exception) -> None:
        if isinstance(error, UserFacingError):
            self.failed.emit(error)

    @Slot(object)
    def _take_python(self, python: GpawPython | None) -> None:
        self.python = python
        self.gpaw_found.emit(python)

    @Slot(object)
    def _start_gpaw(self, folders: list[Path]) -> None:
        if self.python is None or self._gpaw is not None:
            return
        thread = GpawThread(folders, self.python.path, self)
        thread.progressed.connect(self.gpaw_progressed)
        thread.written.connect(self._take_written)
        thread.refused.connect(self.failed)
        thread.finished.connect(self._end_gpaw)
        self._gpaw = thread
        thread.start()

    @Slot(object)
    def _take_written(self, path: Path) -> None:
        self.take([path])

    @Slot()
    def _end_gpaw(self) -> None:
        if self._gpaw is not None:
            self._gpaw.deleteLater()
            self._gpaw = None
        self.gpaw_ended.emit()


def input_folder(folder: Path, one: Wanted) -> Path:
    """Return the folder of one structure's input: named by what it is and by its content, so that a label never meets another structure."""
    name = "".join(letter if letter.isalnum() else "-" for letter in f"{one.frame.compound} {one.frame.name}".strip())
    return folder / f"{name}-{one.frame.content_hash[:8]}"


def _write_all(wanted: Sequence[Wanted], folder: Path, codes: Sequence[Code], functional: str) -> list[tuple[Path, DftInput]]:
    written: list[tuple[Path, DftInput]] = []
    for one in wanted:
        labels = write_dft_input(one.frame, input_folder(folder, one), codes=codes, functional=functional)
        written += [(label.folder, label) for label in labels]
    return written
