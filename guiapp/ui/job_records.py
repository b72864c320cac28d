"""What the project remembers of jobs, written outside the Qt thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from guiapp.engine.job import BenchmarkJob
from guiapp.errors import UserFacingError
from guiapp.ui.background import Background

if TYPE_CHECKING:
    from guiapp.store.project import Project


@dataclass(frozen=True, eq=False)
class _Answer:
    """What became of a request."""

    id: str
    job: BenchmarkJob | None
    """None where there was trouble."""
    trouble: UserFacingError | None = None


class JobRecords(QObject):
    """Creates, claims and gives up jobs in the project file; a big job has many frames, and another program may hold the lock.

    Signals:
        ready: A ``BenchmarkJob`` that is recorded as this program's and may start.
        refused: Id of a job that may not start, and the ``UserFacingError`` that says why.
    """

    ready = Signal(object)
    refused = Signal(str, object)

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        """Work in the background of a session."""
        super().__init__(parent)
        self._background = background

    def create(self, project: Project, job: BenchmarkJob) -> None:
        """Record a new job; ``ready`` or ``refused`` follows."""

        def work() -> _Answer:
            try:
                project.jobs.create(job)
            except UserFacingError as error:
                return _Answer(job.id, None, error)
            return _Answer(job.id, job)

        self._background.write(work, self._tell)

    def claim(self, project: Project, identity: str, job: BenchmarkJob | None) -> None:
        """Take a job over to run it once more; ``ready`` or ``refused`` follows.

        Args:
            project: Where it is recorded.
            identity: Its id.
            job: The job where it is known already; else it is read from the project.
        """

        def work() -> _Answer:
            try:
                if not project.jobs.claim(identity):
                    busy = UserFacingError(
                        "Another Temper window is working on this job.", advice="Wait until it is done there, or close that window first."
                    )
                    return _Answer(identity, None, busy)
                return _Answer(identity, job if job is not None else project.jobs.load(identity))
            except UserFacingError as error:
                return _Answer(identity, None, error)

        self._background.write(work, self._tell)

    def give_up(self, project: Project, identity: str) -> None:
        """Record that a job shall not be resumed; its results stay."""
        if not project.read_only:
            self._background.write(lambda: project.jobs.discard(identity))

    @Slot(object)
    def _tell(self, answer: _Answer) -> None:
        if answer.job is not None:
            self.ready.emit(answer.job)
        else:
            self.refused.emit(answer.id, answer.trouble)
