"""How fast a job goes and how long it will still take."""

from __future__ import annotations

import math

_MEMORY_SECONDS = 10.0


class Pace:
    """Speed of the last few seconds of computing, loading and pauses not included."""

    def __init__(self, slots: int) -> None:
        """Start without a measurement.

        Args:
            slots: How many batches run at the same time.
        """
        self._slots = slots
        self._seconds = self._atoms = self._frames = 0.0

    def add(self, frames: int, atoms: int, seconds: float, slots: int | None = None) -> None:
        """Take one finished batch into account.

        Args:
            frames: Frames in it.
            atoms: Atoms in it.
            seconds: Time that its worker spent on it.
            slots: How many batches run at the same time now, where workers come and go.
        """
        self._slots = slots or self._slots
        keep = math.exp(-seconds / _MEMORY_SECONDS)
        self._seconds = keep * self._seconds + seconds
        self._frames = keep * self._frames + frames
        self._atoms = keep * self._atoms + atoms

    @property
    def rate(self) -> float:
        """Frames a second; 0 while unknown."""
        return self._slots * self._frames / self._seconds if self._seconds > 0 else 0.0

    def seconds_left(self, atoms: int) -> float | None:
        """Return the time for atoms that are still to be computed; None while unknown.

        Atoms and not frames are counted, because small frames are computed first.
        """
        if not atoms:
            return 0.0
        return atoms * self._seconds / (self._atoms * self._slots) if self._seconds > 0 and self._atoms else None
