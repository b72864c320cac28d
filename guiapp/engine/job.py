"""A job as data: what shall be computed, and what is told while it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction


class JobState(StrEnum):
    """Where a job stands; ``interrupted`` is what a killed program leaves behind."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, eq=False)
class BenchmarkJob:
    """One model on one list of frames."""

    id: str
    family: str
    model: str
    """Name in the registry, or the path of a weights file."""
    frames: tuple[Frame, ...]
    device: str = "auto"
    mode: str = "static"
    settings: Mapping[str, str | float | int | bool] = field(default_factory=dict)
    """Everything else that determines a prediction, e.g. ``precision``."""


@dataclass(frozen=True)
class FrameFailure:
    """A frame that could not be predicted: what, where, why, and what to do."""

    frame_hash: str
    frame_name: str
    compound: str
    reason: str
    advice: str = ""


@dataclass(frozen=True)
class Progress:
    """How far a job is."""

    job: str
    state: JobState
    done: int
    """Frames finished: kept, predicted or failed; equals ``total`` at the end."""
    total: int
    kept: int
    """Frames whose result was already in the project."""
    failed: int
    rate: float
    """Frames a second computed in this run; 0 while unknown."""
    seconds_left: float | None
    """None while unknown."""
    note: str = ""
    """What is going on in words, e.g. ``loading CHGNet 0.3.0``."""


@dataclass(frozen=True, eq=False)
class BatchFinished:
    """Predictions of one batch, in the order of ``frames``; already stored when this is told."""

    job: str
    frames: tuple[Frame, ...]
    predictions: tuple[Prediction, ...]


Event = Progress | BatchFinished | FrameFailure


@dataclass(frozen=True)
class JobOutcome:
    """How a job ended."""

    state: JobState
    """``done``, ``cancelled``, ``failed`` or ``interrupted``; a job with failed frames is done all the same."""
    done: int
    """Frames finished: kept, predicted or failed."""
    kept: int
    """Frames whose result was known before."""
    failures: tuple[FrameFailure, ...]
    seconds: float
    """Wall time from start to end, pauses included."""
    reason: str = ""
    """Why a job failed or was interrupted, in plain words."""
    advice: str = ""
    """What to do about it."""
    device: str = ""
    """Where batches ran, ``cpu`` or ``cuda``; empty where none did."""
    atoms: int = 0
    """Atoms in the frames that were computed in this run."""
    computing_seconds: float = 0.0
    """Time that workers spent computing them, loading not included."""
    computed_by: str = ""
    """Which of several ways to the same numbers computed in this run, see ``BatchOutcome``."""


class KeptPredictions(Protocol):
    """Where finished work is kept; the project file is one, a dictionary in memory another.

    Every call is atomic and may come from several processes at once.
    """

    def find(self, weights_hash: str, settings_hash: str, frame_hashes: Sequence[str]) -> dict[str, Prediction]:
        """Return what is already known, by frame hash."""
        ...

    def keep(self, weights_hash: str, settings_hash: str, frame_hashes: Sequence[str], predictions: Sequence[Prediction]) -> None:
        """Store the predictions of one batch, durable when this returns."""
        ...
