"""The conversation with one running job; the heavy work itself runs in worker processes."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal

from guiapp.benchmarks.high_energy_summary import FAMILY as HIGH_ENERGY
from guiapp.engine.executor import Executor
from guiapp.engine.family_run import FamilyEvent, run_family_job
from guiapp.engine.job import BenchmarkJob, Event, FrameFailure, JobState, Progress
from guiapp.engine.run import JobControl, JobOutcome, run_job
from guiapp.errors import UserFacingError

if TYPE_CHECKING:
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
        self._events: deque[Event | FamilyEvent] = deque()
        self._leaving = False

    def take_event(self) -> Event | FamilyEvent | None:
        """Return and forget the oldest thing that happened and was not fetched yet; None where all was."""
        with self._lock:
            return self._events.popleft() if self._events else None

    def leave(self) -> None:
        """Stop as soon as possible because the program ends; unless the user cancelled it before, the job can be resumed."""
        self._leaving = not self.control.cancelled
        self.control.cancel()

    def run(self) -> None:
        """Run the job (called by Qt in the new thread)."""
        try:
            outcome = self._run()
        except UserFacingError as error:
            self.refused.emit(error)
        except Exception as error:  # noqa: BLE001 - every bug must reach the crash report, whatever its type
            self.crashed.emit(error)
        else:
            self.ended.emit(outcome)

    def _run(self) -> JobOutcome:
        kept = self._project.predictions
        if self.job.family == HIGH_ENERGY:
            return run_job(self.job, kept, self._executor, self._tell, self.control)
        from guiapp.benchmarks.registry import family  # noqa: PLC0415 - importing every family takes time that the start has not

        return run_family_job(self.job, kept, self._executor, self._tell, self.control, family=family(self.job.family))

    def _tell(self, event: Event | FamilyEvent) -> None:
        if not self._project.read_only:
            if isinstance(event, Progress):
                left_off = self._leaving and event.state is JobState.CANCELLED
                self._project.jobs.update(replace(event, state=JobState.INTERRUPTED) if left_off else event)
            elif isinstance(event, FrameFailure):
                self._project.jobs.add_failures(self.job.id, [event])
        with self._lock:
            self._events.append(event)
