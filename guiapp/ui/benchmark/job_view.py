"""What the jobs panel shows of one job, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass

from guiapp.engine.job import JobState, Progress
from guiapp.number_words import counted, duration


@dataclass(frozen=True)
class JobView:
    """One row of the jobs panel."""

    id: str
    title: str
    """E.g. ``High-energy states · CHGNet 0.3.0``."""
    state: JobState
    done: int = 0
    """Frames finished, kept ones included."""
    total: int = 0
    kept: int = 0
    """Frames whose result was already in the project."""
    failed: int = 0
    rate: float = 0.0
    """Frames a second; 0 while unknown."""
    seconds_left: float | None = None
    """For a waiting job: the estimate of the whole; None while unknown."""
    seconds: float | None = None
    """How long the job took or has been running."""
    note: str = ""
    """What is going on, or what went wrong, in words."""

    @classmethod
    def of(cls, progress: Progress, title: str, seconds: float | None = None) -> JobView:
        """Return the view of a job's latest progress."""
        return cls(
            progress.job,
            title,
            progress.state,
            progress.done,
            progress.total,
            progress.kept,
            progress.failed,
            progress.rate,
            progress.seconds_left,
            seconds,
            progress.note,
        )


def describe(view: JobView) -> str:
    """Return the words behind the progress bar, e.g. ``131 of 264 · 38 frames/s · 4 s left``."""
    failed = f"{view.failed} failed" if view.failed else ""
    place = f"{view.done:,} of {counted(view.total, 'frame')}"
    match view.state:
        case JobState.WAITING:
            parts = [view.note or "waiting", f"about {duration(view.seconds_left)}" if view.seconds_left is not None else ""]
        case JobState.RUNNING:
            parts = [f"{view.done:,} of {view.total:,}", failed, *_pace(view)]
        case JobState.PAUSED:
            parts = [f"paused at {place}", failed, view.note]
        case JobState.DONE:
            parts = _done(view)
        case JobState.CANCELLED:
            parts = [f"cancelled at {place}", failed, _kept(view.done - view.failed)]
        case JobState.FAILED:
            parts = [view.note or "stopped by an error", _kept(view.done - view.failed)]
        case JobState.INTERRUPTED:
            parts = [f"interrupted at {place}", _kept(view.done - view.failed)]
    return " · ".join(part for part in parts if part)


def _pace(view: JobView) -> list[str]:
    """Return rate and time left; while nothing is computed yet, what is being waited for."""
    parts = [view.note] if view.note else []
    if view.rate > 0:
        parts.append(f"{view.rate:.0f} frames/s" if view.rate >= 9.5 else f"{view.rate:.1f} frames/s")
    if view.seconds_left is not None:
        parts.append(f"{duration(view.seconds_left)} left")
    return parts


def _done(view: JobView) -> list[str]:
    good = view.done - view.failed
    frames = counted(view.done, "frame") if not view.failed else f"{good:,} of {counted(view.total, 'frame')}"
    took = duration(view.seconds) if view.seconds is not None else ""
    if view.kept and view.kept >= good:
        return [frames, "all known already, nothing computed", took, f"{view.failed} failed"]
    known = f"{view.kept:,} known already" if view.kept else ""
    way = f"computed by {view.note}" if view.note else ""
    return [frames, took, known, f"{view.failed} failed", "kept in project", way]


def _kept(count: int) -> str:
    return f"{counted(count, 'frame')} kept in project" if count > 0 else ""
