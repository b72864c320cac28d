"""The conversation with one running job; the heavy work itself runs in worker processes."""

from __future__ import annotations

import threading
from collections import deque

from PySide6.QtCore import QObject, QThread, Signal

from guiapp.engine.executor import Executor
from guiapp.engine.job import BenchmarkJob, Event, FrameFailure, Progress
from guiapp.engine.run import JobControl, JobOutcome, run_job
from guiapp.errors import UserFacingError
from guiapp.store.project import Project


class JobThread(QThread):
    """Runs one job to its end and keeps its record in the project.

    What happens meanwhile is collected for the window to fetch when it redraws, so that 2,000 messages a second cost the
    Qt thread no more than 20.

    Signals:
        ended: The ``JobOutcome``.
        refused: A ``UserFacingError`` that kept the job from running, to be shown as it is.
        crashed: Any other exception: a bug.
    """

    ended = Signal(object)
    refused = Signal(object)
    crashed = Signal(object)

    def __init__(self, job: BenchmarkJob, project: Project, executor: Executor, parent: QObject | None = None) -> None:
        """Prepare the thread.

        Args:
            job: What to compute; the project has a record of it unless it is read-only.
            project: Where results and the job's state are kept.
            executor: Where batches run.
            parent: Owner of the thread.
        """
        super().__init__(parent)
        self.job = job
        self.control = JobControl()
        self._project = project
        self._executor = executor
        self._lock = threading.Lock()
        self._events: deque[Event] = deque()
        self._leaving = False

    def take_events(self) -> list[Event]:
        """Return and forget what happened since the last call; called by the window at most 20 times a second."""
        with self._lock:
            events = list(self._events)
            self._events.clear()
        return events

    def leave(self) -> None:
        """Stop as soon as possible because the program ends; the job stays unfinished and can be resumed."""
        self._leaving = True
        self.control.cancel()

    def run(self) -> None:
        """Run the job (called by Qt in the new thread)."""
        try:
            outcome: JobOutcome = run_job(self.job, self._project.predictions, self._executor, self._tell, self.control)
        except UserFacingError as error:
            self.refused.emit(error)
        except Exception as error:  # noqa: BLE001 - every bug must reach the crash report, whatever its type
            self.crashed.emit(error)
        else:
            self.ended.emit(outcome)

    def _tell(self, event: Event) -> None:
        if not self._leaving and not self._project.read_only:
            if isinstance(event, Progress):
                self._project.jobs.update(event)
            elif isinstance(event, FrameFailure):
                self._project.jobs.add_failures(self.job.id, [event])
        with self._lock:
            self._events.append(event)
