"""One job as the queue holds it, and how it ends."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from guiapp.benchmarks.description import describe_family
from guiapp.benchmarks.high_energy_summary import FAMILY as HIGH_ENERGY
from guiapp.engine.job import BenchmarkJob, FrameFailure, JobState, Progress
from guiapp.errors import UserFacingError
from guiapp.potentials.registry import find_card
from guiapp.ui.benchmark.job_view import JobView

if TYPE_CHECKING:
    from guiapp.store.jobs import JobRecord

_UNDER_WAY = (JobState.RUNNING, JobState.PAUSED)
_MOST_WORKERS = 4


@dataclass
class JobEntry:
    """One job in the list: what to compute and what is shown of it."""

    view: JobView
    model: str
    job: BenchmarkJob | None
    """None until an interrupted job is loaded from the project."""
    failures: dict[str, FrameFailure] = field(default_factory=dict)
    ready: bool = False
    """Whether the project has a record of it as this program's, so that it may start."""
    before: JobState = JobState.INTERRUPTED
    """The state to return to where it may not start."""
    started: float = 0.0
    trouble: UserFacingError | None = None
    """Why the whole job failed."""
    family: str = HIGH_ENERGY
    mode: str = "static"


@dataclass(frozen=True)
class JobEnding:
    """How the running job ended; told once everything it brought is taken in."""

    state: JobState
    seconds: float | None
    trouble: UserFacingError | None = None


def worker_count() -> int:
    """Return how many worker processes suit this machine: one core stays free for the window."""
    return max(1, min(_MOST_WORKERS, (os.cpu_count() or 2) - 1))


def interrupted_entry(record: JobRecord) -> JobEntry:
    """Return the entry of a job that an earlier session left under way."""
    view = JobView(
        id=record.id,
        title=job_title(record.family, record.model, record.mode),
        state=JobState.INTERRUPTED,
        done=record.done,
        total=record.total,
        kept=record.kept,
        failed=record.failed,
    )
    return JobEntry(view, record.model, None, family=record.family, mode=record.mode)


def waiting_entry(job: BenchmarkJob, seconds: float) -> JobEntry:
    """Return the entry of a new job that is expected to take so many seconds."""
    title = job_title(job.family, job.model, job.mode)
    view = JobView(id=job.id, title=title, state=JobState.WAITING, total=len(job.frames), seconds_left=seconds)
    return JobEntry(view, job.model, job, before=JobState.FAILED, family=job.family, mode=job.mode)


def with_progress(view: JobView, progress: Progress, seconds: float) -> JobView:
    """Return what is shown of a job that has come so far in so many seconds."""
    return replace(
        view,
        # That a job is over is said by its end, when all that it brought is taken in.
        state=progress.state if progress.state in _UNDER_WAY else view.state,
        done=progress.done,
        total=progress.total,
        kept=progress.kept,
        failed=progress.failed,
        rate=progress.rate,
        seconds_left=progress.seconds_left,
        seconds=seconds,
        note=progress.note,
    )


def job_title(family: str, model: str, mode: str = "static") -> str:
    """Return what the list calls a job, e.g. ``High-energy states · CHGNet 0.3.0``."""
    try:
        title = find_card(model).title
    except UserFacingError:  # its weights file is gone; the job is listed all the same
        title = model
    try:
        what = describe_family(family).title
    except FileNotFoundError:  # a project of a newer program
        what = family
    return f"{what}{_in_mode(mode)} · {title}"


def _in_mode(mode: str) -> str:
    """Return how the title names a mode; the usual one needs no word."""
    return {"static": "", "neb": ", NEB"}.get(mode, f", {mode}")
