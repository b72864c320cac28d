"""The queue of jobs: one runs, the others wait; the views hear of it at most 20 times a second."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from guiapp.benchmarks.high_energy_summary import FAMILY as HIGH_ENERGY
from guiapp.engine.estimate import Speeds
from guiapp.engine.executor import Executor
from guiapp.engine.family_run import FramesEvaluated, FramesPlanned
from guiapp.engine.job import BatchFinished, BenchmarkJob, FrameFailure, JobState, Progress
from guiapp.engine.run import JobOutcome
from guiapp.engine.worker_processes import WorkerProcesses
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.ui.background import Background
from guiapp.ui.job_entry import JobEnding, JobEntry, interrupted_entry, waiting_entry, with_progress, worker_count
from guiapp.ui.job_records import JobRecords
from guiapp.ui.project_content import remember_speeds
from guiapp.ui.workers.job_thread import JobThread

if TYPE_CHECKING:
    from guiapp.engine.cluster.connection import SchedulerLink
    from guiapp.store.jobs import JobRecord
    from guiapp.store.project import Project

REDRAW_INTERVAL = 50
"""Milliseconds between two looks at a running job."""
_LONGEST_LOOK = 0.012  # seconds; what is known already comes in thousands of frames, and is taken in over several looks
_LIVE = (JobState.WAITING, JobState.RUNNING, JobState.PAUSED)
USUAL_STEPS = 20
"""Predictions that a relaxation, or an image of a band, takes, for an estimate before anything is known.

Measured with CHGNet 0.3.0: 18 (LiF), 24 (MgO) and 25 (NaCl) an image of a vacancy hop with five images, its ends' relaxations included.
"""


class JobQueue(QObject):
    """All jobs of the session.

    Signals:
        changed: A ``JobView`` that is new or differs from the last one.
        removed: Id of a job that is no longer listed.
        batch_finished: Model name, frames and predictions of a high-energy job.
        family_event: A ``BenchmarkJob`` of another family, and what it plans (``FramesPlanned``) or has (``FramesEvaluated``).
        ended: Id of a job that is over, whatever way.
        refused: A ``UserFacingError`` to show.
        crashed: An exception that is a bug.
    """

    changed = Signal(object)
    removed = Signal(str)
    batch_finished = Signal(str, object, object)
    family_event = Signal(object, object)
    ended = Signal(str)
    refused = Signal(object)
    crashed = Signal(object)

    def __init__(self, background: Background, parent: QObject | None = None, *, executor: Executor | None = None) -> None:
        """Start empty; worker processes start with the first job.

        Args:
            background: Writes the records of jobs.
            parent: Owner.
            executor: Where batches run; worker processes on this machine where not given.
        """
        super().__init__(parent)
        self._background = background
        self._executor = executor
        self._elsewhere: Executor | None = None
        self.place = ""
        """What the user calls the cluster that the next job runs on; empty for this machine."""
        self.link: SchedulerLink | None = None
        """The way to that cluster for other processes; None for this machine."""
        self._project: Project | None = None
        self._entries: dict[str, JobEntry] = {}
        self._thread: JobThread | None = None
        self._ending: JobEnding | None = None
        self.workers = worker_count()
        self._speeds = Speeds()
        self._records = JobRecords(background, self)
        self._records.ready.connect(self._take_ready)
        self._records.refused.connect(self._take_refused)
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

    def estimate(self, model: str, frames: Sequence[Frame], device: str, mode: str = "static") -> float:
        """Return about how many seconds a model needs for frames that are not kept yet."""
        workers = self._elsewhere.slots if self._elsewhere is not None else self.workers
        once = self._speeds.estimate(frames, model, device, workers).seconds
        return once if mode == "static" else once * USUAL_STEPS

    def model_is_busy(self, model: str, family: str = HIGH_ENERGY, mode: str | None = None) -> bool:
        """Say whether more results of a model on a family (in a mode, or in any) are still to come."""
        wanted = (entry for entry in self._entries.values() if entry.model == model and entry.family == family)
        return any(entry.view.state in _LIVE and mode in {None, entry.mode} for entry in wanted)

    def use_project(self, project: Project | None, unfinished: Sequence[JobRecord] = (), speeds: Mapping[str, float] | None = None) -> None:
        """Work for another project; the list starts anew with the jobs it left unfinished.

        Args:
            project: The project, or None.
            unfinished: Jobs that an earlier session left under way.
            speeds: Atoms a second as measured in earlier runs.
        """
        self.stop()
        for identity in list(self._entries):
            del self._entries[identity]
            self.removed.emit(identity)
        self._project = project
        self._speeds = Speeds(speeds)
        for record in unfinished:
            self._show(interrupted_entry(record))

    def add(self, model: str, frames: Sequence[Frame], *, family: str, device: str, mode: str) -> str:
        """Queue a benchmark in the open project and return its id."""
        assert self._project is not None
        job = BenchmarkJob(uuid.uuid4().hex, family, model, tuple(frames), device, mode)
        self._show(waiting_entry(job, self.estimate(model, frames, device, mode)))
        self._records.create(self._project, job)
        return job.id

    def trouble(self, identity: str) -> UserFacingError | None:
        """Return why a whole job failed, None where it did not."""
        entry = self._entries.get(identity)
        return entry.trouble if entry is not None else None

    def failures(self, identity: str) -> tuple[FrameFailure, ...]:
        """Return what failed in a job.

        Raises:
            UserFacingError: Where the project cannot be read.
        """
        entry = self._entries.get(identity)
        if entry is None or self._project is None:
            return ()
        if not entry.failures and entry.view.failed:  # it failed in an earlier session
            return self._project.jobs.failures(identity)
        return tuple(entry.failures.values())

    def failures_of_model(self, model: str) -> tuple[FrameFailure, ...]:
        """Return what failed in all jobs of a model that this window ran, each frame once."""
        found: dict[str, FrameFailure] = {}
        for entry in self._entries.values():
            if entry.model == model:
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
        if entry is None or entry.view.state not in (*_LIVE, JobState.INTERRUPTED):
            return
        if self._project is not None:
            self._records.give_up(self._project, identity)
        entry.ready = False
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
        """Run the failed frames of a job again: as a job of their own, or, where systems need all of theirs, as the whole job."""
        entry = self._entries.get(identity)
        if entry is None or entry.view.state in _LIVE:
            return
        job = entry.job
        if job is None or job.family != HIGH_ENERGY:  # given up without having been resumed, or what is kept costs nothing anyway
            self._requeue(entry)
            return
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

    def compute_on(self, executor: Executor | None, place: str = "", link: SchedulerLink | None = None) -> None:
        """Let the next job run elsewhere; the one under way stays where it is.

        Args:
            executor: Where batches run, closed by its owner; None for the worker processes of this machine.
            place: What the user calls it.
            link: The way there for processes that correct a model.
        """
        self._elsewhere, self.place, self.link = executor, place, link

    def stop(self) -> None:
        """Stop at once; what runs or waits stays unfinished in the project and can be resumed."""
        self._timer.stop()
        self._ending = None
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

    def _requeue(self, entry: JobEntry) -> None:
        if self._project is None:
            return
        entry.failures.clear()
        entry.trouble, entry.ready, entry.before = None, False, entry.view.state
        entry.view = replace(entry.view, state=JobState.WAITING, seconds_left=None, note="")
        self.changed.emit(entry.view)
        self._records.claim(self._project, entry.view.id, entry.job)

    @Slot(object)
    def _take_ready(self, job: BenchmarkJob) -> None:
        entry = self._entries.get(job.id)
        if entry is not None and entry.view.state is JobState.WAITING:
            entry.job, entry.ready = job, True
            self._start_next()

    @Slot(str, object)
    def _take_refused(self, identity: str, error: UserFacingError) -> None:
        entry = self._entries.get(identity)
        if entry is not None and entry.view.state is JobState.WAITING:
            entry.trouble = error
            note = error.what if entry.before is JobState.FAILED else entry.view.note
            entry.view = replace(entry.view, state=entry.before, note=note)
            self.changed.emit(entry.view)
            self.ended.emit(identity)
        self.refused.emit(error)

    def _show(self, entry: JobEntry) -> None:
        self._entries[entry.view.id] = entry
        self.changed.emit(entry.view)

    def _start_next(self) -> None:
        if self._thread is not None or self._project is None:
            return
        waiting = next((e for e in self._entries.values() if e.view.state is JobState.WAITING and e.ready), None)
        if waiting is None or waiting.job is None:
            return
        if self._elsewhere is None and self._executor is None:
            self._executor = WorkerProcesses(self.workers)
        executor = self._elsewhere or self._executor
        assert executor is not None
        waiting.started = time.monotonic()
        thread = JobThread(waiting.job, self._project, executor, self)
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
        until = time.monotonic() + _LONGEST_LOOK
        while (event := thread.take_event()) is not None:
            if isinstance(event, Progress):
                newest = event
            elif isinstance(event, BatchFinished):
                self.batch_finished.emit(thread.job.model, event.frames, event.predictions)
            elif isinstance(event, (FramesPlanned, FramesEvaluated)):
                self.family_event.emit(thread.job, event)
            else:
                entry.failures[event.frame_hash] = event
            if time.monotonic() > until:
                break
        if newest is not None:
            self._show_progress(entry, newest)
        if event is None and self._ending is not None:
            self._end(thread, entry, self._ending)

    def _show_progress(self, entry: JobEntry, progress: Progress) -> None:
        view = with_progress(entry.view, progress, time.monotonic() - entry.started)
        if view != entry.view:
            entry.view = view
            self.changed.emit(view)

    @Slot(object)
    def _finish(self, outcome: JobOutcome) -> None:
        thread, project = self._thread, self._project
        if thread is None or self.sender() is not thread:  # stopped meanwhile
            return
        if project is not None:
            self._speeds.learn(thread.job.model, outcome)
            speeds = self._speeds.as_mapping()
            if not project.read_only:
                self._background.write(lambda: remember_speeds(project, speeds))
        stopped = outcome.state in {JobState.FAILED, JobState.INTERRUPTED}
        self._ending = JobEnding(
            outcome.state, outcome.seconds, UserFacingError(outcome.reason, advice=outcome.advice) if stopped else None
        )
        self._redraw()

    @Slot(object)
    def _refuse(self, error: UserFacingError) -> None:
        if self.sender() is self._thread:
            self._ending = JobEnding(JobState.FAILED, None, error)
            self._redraw()

    @Slot(object)
    def _crash(self, error: Exception) -> None:
        if self.sender() is self._thread:
            advice = "What was computed is kept; please send the crash report."
            self._ending = JobEnding(JobState.FAILED, None, UserFacingError(f"A bug in Temper stopped the job: {error}", advice=advice))
            self._redraw()
        self.crashed.emit(error)

    def _end(self, thread: JobThread, entry: JobEntry, ending: JobEnding) -> None:
        thread.wait()
        self._thread = self._ending = None
        self._timer.stop()
        thread.deleteLater()
        took = ending.seconds if ending.seconds is not None else time.monotonic() - entry.started
        if ending.trouble is not None:
            told = f"{entry.view.title} stopped. {ending.trouble.what}"
            entry.trouble = UserFacingError(told, advice=ending.trouble.advice, path=ending.trouble.path)
        note = ending.trouble.what if ending.trouble is not None else entry.view.note
        entry.view = replace(entry.view, state=ending.state, seconds=took, seconds_left=None, note=note)
        self.changed.emit(entry.view)
        self.ended.emit(entry.view.id)
        if entry.trouble is not None:
            self.refused.emit(entry.trouble)
        self._start_next()
