"""How long a job will take, told before it starts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from guiapp.engine.job import JobOutcome
from guiapp.frames.frame import Frame

_DEFAULT_ATOMS_PER_SECOND = {"cpu": 300.0, "cuda": 8000.0}
_FEWEST_SECONDS = 2.0  # a shorter run measures the start of the model more than its speed
_NEW_WEIGHT = 0.5


@dataclass(frozen=True)
class TimeEstimate:
    """How long a job will take."""

    seconds: float
    measured: bool
    """True where an earlier run of this model on this machine was measured; else a typical speed was taken."""


class Speeds:
    """Atoms a second by model and device, learnt from finished jobs."""

    def __init__(self, known: Mapping[str, float] | None = None) -> None:
        """Start from what ``as_mapping`` returned in an earlier session.

        Args:
            known: Atoms a second, keys as in ``as_mapping``; values that are no positive numbers are left out.
        """
        self._known = {str(key): float(value) for key, value in (known or {}).items() if isinstance(value, (int, float)) and value > 0}

    def as_mapping(self) -> dict[str, float]:
        """Return what is known in a form that a settings file can hold."""
        return dict(self._known)

    def learn(self, model: str, outcome: JobOutcome) -> None:
        """Take a finished job into account, if it computed for long enough to be a measurement.

        Args:
            model: As in ``BenchmarkJob.model``.
            outcome: How it ended.
        """
        if outcome.computing_seconds < _FEWEST_SECONDS or not outcome.atoms or not outcome.device:
            return
        speed = outcome.atoms / outcome.computing_seconds
        key = _key(model, outcome.device)
        self._known[key] = (1 - _NEW_WEIGHT) * self._known.get(key, speed) + _NEW_WEIGHT * speed

    def estimate(self, frames: Iterable[Frame], model: str, device: str = "cpu", workers: int = 1) -> TimeEstimate:
        """Return the time for frames that are not kept yet, loading of the model not included.

        Args:
            frames: What is to be computed.
            model: As in ``BenchmarkJob.model``.
            device: ``auto``, ``cpu`` or ``cuda``; auto counts as the faster of the two that was measured, else as cpu.
            workers: How many batches run at the same time.
        """
        atoms = sum(frame.n_atoms for frame in {frame.content_hash: frame for frame in frames}.values())
        devices = ("cuda", "cpu") if device == "auto" else (device,)
        measured = next((self._known[_key(model, name)] for name in devices if _key(model, name) in self._known), None)
        speed = measured if measured is not None else _DEFAULT_ATOMS_PER_SECOND.get(devices[-1], _DEFAULT_ATOMS_PER_SECOND["cpu"])
        return TimeEstimate(atoms / (speed * max(1, workers)), measured is not None)


def _key(model: str, device: str) -> str:
    return f"{device}:{model}"
