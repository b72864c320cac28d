"""One job as the queue holds it, and how it ends."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from guiapp.benchmarks.description import describe_family
from guiapp.engine.job import BenchmarkJob, FrameFailure, JobState
from guiapp.errors import UserFacingError
from guiapp.potentials.registry import find_card
from guiapp.ui.benchmark.job_view import JobView

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


@dataclass(frozen=True)
class JobEnding:
    """How the running job ended; told once everything it brought is taken in."""

    state: JobState
    seconds: float | None
    trouble: UserFacingError | None = None


def worker_count() -> int:
    """Return how many worker processes suit this machine: one core stays free for the window."""
    return max(1, min(_MOST_WORKERS, (os.cpu_count() or 2) - 1))


def job_title(family: str, model: str) -> str:
    """Return what the list calls a job, e.g. ``High-energy states · CHGNet 0.3.0``."""
    try:
        title = find_card(model).title
    except UserFacingError:  # its weights file is gone; the job is listed all the same
        title = model
    return f"{describe_family(family).title} · {title}"
