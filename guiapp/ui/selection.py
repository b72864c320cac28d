"""One selection for the whole window, with a history that Back and Forward walk through."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal


@dataclass(frozen=True)
class Selection:
    """Compound, frame and atom, each narrower than the one before; None means no choice at that level."""

    compound: str | None = None
    frame: str | None = None
    """Content hash of the frame."""
    atom: int | None = None

    def wider(self) -> Selection:
        """Return the selection one level up: what Esc does."""
        if self.atom is not None:
            return Selection(self.compound, self.frame)
        if self.frame is not None:
            return Selection(self.compound)
        return Selection()


_LONGEST_HISTORY = 200


class SelectionModel(QObject):
    """The current selection and the ones before it.

    Signals:
        changed: The new ``Selection``.
    """

    changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        """Start with nothing selected."""
        super().__init__(parent)
        self.current = Selection()
        self._back: list[Selection] = []
        self._forward: list[Selection] = []

    @property
    def can_go_back(self) -> bool:
        """Whether there is an earlier selection."""
        return bool(self._back)

    @property
    def can_go_forward(self) -> bool:
        """Whether Back was used before."""
        return bool(self._forward)

    def select(self, selection: Selection, *, remember: bool = True) -> None:
        """Make a selection; the same one again is no event.

        Args:
            selection: What is selected now.
            remember: Whether Back returns to the one it replaces.
        """
        if selection == self.current:
            return
        # Picking one atom after another in one frame is one step of the history.
        if remember and (selection.compound, selection.frame) != (self.current.compound, self.current.frame):
            self._back = [*self._back[-_LONGEST_HISTORY:], self.current]
            self._forward.clear()
        self._set(selection)

    def select_wider(self) -> None:
        """Go one level up."""
        self.select(self.current.wider())

    def go_back(self) -> None:
        """Return to the selection before this one."""
        if self._back:
            self._forward.append(self.current)
            self._set(self._back.pop())

    def go_forward(self) -> None:
        """Undo one Back."""
        if self._forward:
            self._back.append(self.current)
            self._set(self._forward.pop())

    def forget(self) -> None:
        """Drop selection and history, as when another project is opened."""
        self._back.clear()
        self._forward.clear()
        self._set(Selection())

    def _set(self, selection: Selection) -> None:
        self.current = selection
        self.changed.emit(selection)
