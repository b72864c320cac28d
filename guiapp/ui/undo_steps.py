"""What Ctrl+Z takes back: a filter, a regrouping, frames taken out of the project."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtGui import QUndoCommand

State = TypeVar("State")


class ChangeState(QUndoCommand, Generic[State]):
    """Replaces one immutable state by another, and back."""

    def __init__(self, words: str, before: State, after: State, apply: Callable[[State], None]) -> None:
        """Describe the step.

        Args:
            words: What the Edit menu calls it, e.g. ``filter``.
            before: The state to return to.
            after: The state to go to.
            apply: Makes a state current.
        """
        super().__init__(words)
        self._before, self._after, self._apply = before, after, apply

    def redo(self) -> None:
        """Make the new state current."""
        self._apply(self._after)

    def undo(self) -> None:
        """Make the old state current."""
        self._apply(self._before)
