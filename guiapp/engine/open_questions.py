"""Geometries that calculations wait for: each is asked once, and together they fill the batches."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from guiapp.engine.batches import BatchSize
from guiapp.frames.frame import Frame

_LEAST_SHARE = 4
"""A batch is not cut below this part of its full size to keep another worker busy: the way there costs more than it saves."""

Asker = TypeVar("Asker", bound=Hashable)


@dataclass(frozen=True, eq=False)
class Question(Generic[Asker]):
    """One geometry, and who waits for its prediction."""

    frame: Frame
    askers: list[Asker] = field(default_factory=list)


class OpenQuestions(Generic[Asker]):
    """Questions from being asked to being answered, in the order in which they were asked."""

    def __init__(self) -> None:
        """Start without any."""
        self._open: dict[str, Question[Asker]] = {}
        self._waiting: deque[Question[Asker]] = deque()
        """Those that no batch holds yet."""

    def __bool__(self) -> bool:
        """Return whether any is open."""
        return bool(self._open)

    @property
    def waiting(self) -> bool:
        """Whether a batch can be made."""
        self._drop_withdrawn()
        return bool(self._waiting)

    def fill(self, size: BatchSize) -> bool:
        """Return whether what waits fills a whole batch."""
        atoms = 0
        for count, question in enumerate(self._waiting, start=1):
            atoms += question.frame.n_atoms
            if atoms >= size.atoms or count >= size.frames:
                return True
        return False

    def is_open(self, content_hash: str) -> bool:
        """Return whether a geometry is asked for already."""
        return content_hash in self._open

    def ask(self, frame: Frame, asker: Asker) -> None:
        """Ask for a prediction; a geometry that is asked for already is not asked for twice."""
        question = self._open.get(frame.content_hash)
        if question is None:
            question = self._open[frame.content_hash] = Question(frame)
            self._waiting.append(question)
        if asker not in question.askers:
            question.askers.append(asker)

    def withdraw(self, asker: Asker) -> None:
        """Let one asker wait for nothing any more."""
        for question in self._open.values():
            if asker in question.askers:
                question.askers.remove(asker)

    def next_batch(self, size: BatchSize, slots: int) -> list[Question[Asker]]:
        """Take the questions of a batch out of those that wait.

        Args:
            size: Most that goes into one; a larger geometry gets a batch of its own.
            slots: How many batches run at the same time: where all that is open fits into fewer, each gets a share of it.

        Returns:
            At least one question, if any waits.
        """
        self._drop_withdrawn()
        open_atoms = sum(question.frame.n_atoms for question in self._open.values())
        atoms = min(size.atoms, max(size.atoms // _LEAST_SHARE, math.ceil(open_atoms / slots)))
        batch: list[Question[Asker]] = []
        taken = 0
        while self._waiting and len(batch) < size.frames and (not batch or taken + self._waiting[0].frame.n_atoms <= atoms):
            batch.append(self._waiting.popleft())
            taken += batch[-1].frame.n_atoms
            self._drop_withdrawn()
        return batch

    def close(self, content_hash: str) -> list[Asker]:
        """End a question that was answered and return who waited for it."""
        return list(self._open.pop(content_hash).askers)

    def _drop_withdrawn(self) -> None:
        while self._waiting and not self._waiting[0].askers:
            del self._open[self._waiting.popleft().frame.content_hash]
