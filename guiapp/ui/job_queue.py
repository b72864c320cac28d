"""The queue of jobs: one runs, the others wait; the views hear of it at most 20 times a second."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from guiapp.benchmarks.description import describe_family
from guiapp.engine.estimate import Speeds
from guiapp.engine.executor import Executor
from guiapp.engine.job import BatchFinished, BenchmarkJob, FrameFailure, JobState, Progress
from guiapp.engine.run import JobOutcome
from guiapp.engine.worker_processes import WorkerProcesses
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.registry import find_card
from guiapp.store.project import Project
from guiapp.ui.benchmark.job_view import JobView
from guiapp.ui.workers.job_thread import JobThread

REDRAW_INTERVAL = 50
"""Milliseconds between two looks at a running job."""
_LIVE = (JobState.WAITING, JobState.RUNNING, JobState.PAUSED)
_MOST_WORKERS = 4
_SPEEDS = "atoms per second"


@dataclass
class _Entry:
    """One job in the list: what to compute and what is shown of it."""

    view: JobView
    job: BenchmarkJob | None
    """None until an interrupted job is loaded from the project."""
    failures: dict[str, FrameFailure]
    started: float = 0.0


def worker_count() -> int:
    """Return how many worker processes suit this machine: one core stays free for the window."""
    return max(1, min(_MOST_WORKERS, (os.cpu_count() or 2) - 1))


class JobQueue(QObject):
    """All jobs of the session.

    Signals:
        changed: A ``JobView`` that is new or differs from the last one.
        removed: Id of a job that is no longer listed.
        batch_finished: Model name, frames and predictions.
        ended: Id of a job that is over, whatever way.
        refused: A ``UserFacingError`` to show.
        crashed: An exception that is a bug.
    """

    changed = Signal(object)
    removed = Signal(str)
    batch_finished = Signal(str, object, object)
    ended = Signal(str)
    refused = Signal(object)
    crashed = Signal(object)

    def __init__(self, parent: QObject | None = None, *, executor: Executor | None = None) -> None:
        """Start empty; worker processes start with the first job.

        Args:
            parent: Owner.
            executor: Where batches run; worker processes on this machine where not given.
        """
        super().__init__(parent)
        self._executor = executor
        self._project: Project | None = None
        self._entries: dict[str, _Entry] = {}
        self._thread: JobThread | None = None
        self.workers = worker_count()
        self._speeds = Speeds()
        self._timer = QTimer(self)
        self._timer.setInterval(REDRAW_INTERVAL)
        self._timer.timeout.connect(self._redraw)

    @property
    def running(self) -> str | None:
        """Id of the job under way, paused or not."""
        return self._thread.job.id if self._thread is not None else None

    @property
    def has_interrupted(self) -> bool:
        """Whether an earlier session left a job unfinished."""
        return any(entry.view.state is JobState.INTERRUPTED for entry in self._entries.values())

    def estimate(self, model: str, frames: Sequence[Frame], device: str) -> float:
        """Return about how many seconds a model needs for frames that are not kept yet."""
        return self._speeds.estimate(frames, model, device, self.workers).seconds

    def model_is_busy(self, model: str) -> bool:
        """Say whether more results of a model are still to come."""
        return any(entry.view.state in _LIVE and entry.job is not None and entry.job.model == model for entry in self._entries.values())

    def use_project(self, project: Project | None) -> None:
        """Work for another project; the list starts anew with the jobs it left unfinished."""
        self.stop()
        for identity in list(self._entries):
            del self._entries[identity]
            self.removed.emit(identity)
        self._project = project
        if project is None:
            return
        self._speeds = Speeds(project.settings.get(_SPEEDS, {}))
        for record in project.unfinished_jobs():
            view = JobView(
                id=record.id,
                title=_title(record.family, record.model),
                state=JobState.INTERRUPTED,
                done=record.done,
                total=record.total,
                kept=record.kept,
                failed=record.failed,
            )
            self._show(_Entry(view, None, {}))

    def add(self, model: str, frames: Sequence[Frame], *, family: str, device: str, mode: str) -> str:
        """Queue a benchmark and return its id.

        Raises:
            UserFacingError: Where the project cannot be written.
        """
        job = BenchmarkJob(uuid.uuid4().hex, family, model, tuple(frames), device, mode)
        if self._project is not None and not self._project.read_only:
            self._project.jobs.create(job)
        view = JobView(
            id=job.id,
            title=_title(family, model),
            state=JobState.WAITING,
            total=len(frames),
            seconds_left=self.estimate(model, frames, device),
        )
        self._show(_Entry(view, job, {}))
        self._start_next()
        return job.id

    def failures(self, identity: str) -> tuple[FrameFailure, ...]:
        """Return what failed in a job."""
        entry = self._entries.get(identity)
        if entry is None:
            return ()
        if not entry.failures and self._project is not None and not self._project.read_only:
            return self._project.jobs.failures(identity)
        return tuple(entry.failures.values())

    def failures_of_model(self, model: str) -> tuple[FrameFailure, ...]:
        """Return what failed in all jobs of a model that this window ran, each frame once."""
        found: dict[str, FrameFailure] = {}
        for entry in self._entries.values():
            if entry.job is not None and entry.job.model == model:
                found.update(entry.failures)
        return tuple(found.values())

    @Slot(str)
    def pause(self, identity: str) -> None:
        """Pause the running job."""
        if self._thread is not None and self._thread.job.id == identity:
            self._thread.control.pause()

    @Slot(str)
    def resume(self, identity: str) -> None:
        """Go on with a paused job, or take up one that an earlier session left."""
        if self._thread is not None and self._thread.job.id == identity:
            self._thread.control.resume()
            return
        entry = self._entries.get(identity)
        if entry is not None and self._project is not None and entry.view.state not in _LIVE:
            self._requeue(entry)

    @Slot(str)
    def cancel(self, identity: str) -> None:
        """Cancel a job; what it finished is kept. A job left by an earlier session is given up."""
        if self._thread is not None and self._thread.job.id == identity:
            self._thread.control.cancel()
            return
        entry = self._entries.get(identity)
        if entry is None:
            return
        if self._project is not None and not self._project.read_only:
            self._project.jobs.discard(identity)
        entry.view = replace(entry.view, state=JobState.CANCELLED)
        self.changed.emit(entry.view)
        self.ended.emit(identity)

    @Slot(str)
    def run_again(self, identity: str) -> None:
        """Run a job once more; what is kept is not computed again."""
        entry = self._entries.get(identity)
        if entry is not None and entry.view.state not in _LIVE:
            self._requeue(entry)

    @Slot(str)
    def retry(self, identity: str) -> None:
        """Run the failed frames of a job again, as a job of their own."""
        entry = self._entries.get(identity)
        if entry is None or entry.view.state in _LIVE:
            return
        job = self._job_of(entry)
        failed = {failure.frame_hash for failure in self.failures(identity)}
        frames = [frame for frame in job.frames if frame.content_hash in failed]
        if frames:
            self.add(job.model, frames, family=job.family, device=job.device, mode=job.mode)

    @Slot(str)
    def dismiss(self, identity: str) -> None:
        """Forget a job that is over; one that an earlier session left is given up."""
        entry = self._entries.get(identity)
        if entry is None or entry.view.state in _LIVE:
            return
        if entry.view.state is JobState.INTERRUPTED:
            self.cancel(identity)
        del self._entries[identity]
        self.removed.emit(identity)

    def toggle_pause(self) -> None:
        """Pause the running job, or go on."""
        if self._thread is not None:
            control = self._thread.control
            if control.paused:
                control.resume()
            else:
                control.pause()

    def cancel_running(self) -> None:
        """Cancel the running job."""
        if self._thread is not None:
            self._thread.control.cancel()

    def stop(self) -> None:
        """Stop at once; what runs or waits stays unfinished in the project and can be resumed."""
        self._timer.stop()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.leave()
            thread.wait()
            thread.deleteLater()

    def close(self) -> None:
        """Stop and end the worker processes."""
        self.stop()
        if self._executor is not None:
            self._executor.close()
            self._executor = None

    def _requeue(self, entry: _Entry) -> None:
        self._job_of(entry)
        identity = entry.view.id
        if self._project is not None and not self._project.read_only and not self._project.jobs.claim(identity):
            self.refused.emit(
                UserFacingError(
                    "Another Temper window is working on this job.", advice="Wait until it is done there, or close that window first."
                )
            )
            return
        entry.failures.clear()
        entry.view = replace(entry.view, state=JobState.WAITING, seconds_left=None, note="")
        self.changed.emit(entry.view)
        self._start_next()

    def _job_of(self, entry: _Entry) -> BenchmarkJob:
        if entry.job is None:
            assert self._project is not None
            entry.job = self._project.jobs.load(entry.view.id)
        return entry.job

    def _show(self, entry: _Entry) -> None:
        self._entries[entry.view.id] = entry
        self.changed.emit(entry.view)

    def _start_next(self) -> None:
        if self._thread is not None or self._project is None:
            return
        waiting = next((e for e in self._entries.values() if e.view.state is JobState.WAITING and e.job is not None), None)
        if waiting is None or waiting.job is None:
            return
        if self._executor is None:
            self._executor = WorkerProcesses(self.workers)
        waiting.started = time.monotonic()
        thread = JobThread(waiting.job, self._project, self._executor, self)
        thread.ended.connect(self._finish)
        thread.refused.connect(self._refuse)
        thread.crashed.connect(self._crash)
        self._thread = thread
        self._timer.start()
        thread.start()

    @Slot()
    def _redraw(self) -> None:
        thread = self._thread
        if thread is None:
            return
        entry = self._entries[thread.job.id]
        newest: Progress | None = None
        frames: list[Frame] = []
        predictions: list[object] = []
        for event in thread.take_events():
            if isinstance(event, Progress):
                newest = event
            elif isinstance(event, BatchFinished):
                frames.extend(event.frames)
                predictions.extend(event.predictions)
            else:
                entry.failures[event.frame_hash] = event
        if frames:
            self.batch_finished.emit(thread.job.model, frames, predictions)
        if newest is not None:
            view = replace(
                entry.view,
                state=newest.state,
                done=newest.done,
                total=newest.total,
                kept=newest.kept,
                failed=newest.failed,
                rate=newest.rate,
                seconds_left=newest.seconds_left,
                seconds=time.monotonic() - entry.started,
                note=newest.note,
            )
            if view != entry.view:
                entry.view = view
                self.changed.emit(view)

    @Slot(object)
    def _finish(self, outcome: JobOutcome) -> None:
        if self._thread is not None and self._project is not None:
            self._speeds.learn(self._thread.job.model, outcome)
            if not self._project.read_only:
                self._project.settings.set(_SPEEDS, self._speeds.as_mapping())
        self._end(outcome.state, outcome.seconds, "")

    @Slot(object)
    def _refuse(self, error: UserFacingError) -> None:
        self._end(JobState.FAILED, None, str(error))
        self.refused.emit(error)

    @Slot(object)
    def _crash(self, error: Exception) -> None:
        self._end(JobState.FAILED, None, f"a bug in Temper: {error}")
        self.crashed.emit(error)

    def _end(self, state: JobState, seconds: float | None, note: str) -> None:
        thread = self._thread
        if thread is None:  # stopped meanwhile
            return
        self._redraw()
        thread.wait()
        self._thread = None
        self._timer.stop()
        thread.deleteLater()
        entry = self._entries[thread.job.id]
        took = seconds if seconds is not None else time.monotonic() - entry.started
        entry.view = replace(entry.view, state=state, seconds=took, seconds_left=None, note=note or entry.view.note)
        self.changed.emit(entry.view)
        self.ended.emit(entry.view.id)
        self._start_next()


def _title(family: str, model: str) -> str:
    try:
        title = find_card(model).title
    except UserFacingError:  # its weights file is gone; the job is listed all the same
        title = model
    return f"{describe_family(family).title} · {title}"
