"""Looks at new sets a slice at a time, so that 100,000 frames never hold up the window."""

from __future__ import annotations

from collections.abc import Container, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from guiapp.frames.reference_set import ReferenceSet
from guiapp.ui.browser.frame_columns import SetColumns

_AT_ONCE = 4000  # frames that are looked at without letting the window draw in between, about 40 ms


class SetLooker(QObject):
    """Makes the columns of sets that are not known yet.

    Signals:
        finished(object, object): All sets that were asked for, as a list, and the columns of the new ones.
    """

    finished = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        """Start idle."""
        super().__init__(parent)
        self.busy = False
        """Whether sets wait to be looked at."""
        self._sets: list[ReferenceSet] = []
        self._new: list[SetColumns] = []
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)

    def look_at(self, sets: Sequence[ReferenceSet], known: Container[int]) -> int:
        """Begin; few frames are done at once, many in slices. Asking anew drops what was asked before.

        Args:
            sets: All sets that shall be shown.
            known: Identities of the sets that need no look.

        Returns:
            The number of frames still to look at; 0 where ``finished`` was told already.
        """
        self._sets = list(sets)
        self._new = [SetColumns(s) for s in sets if id(s) not in known]
        self.busy = True
        frames = sum(len(columns.reference_set.frames) for columns in self._new)
        if frames > _AT_ONCE:
            self._timer.start()
            return frames
        while self.busy:
            self._look()
        return 0

    def _look(self) -> None:
        if any(columns.look_at_next() for columns in self._new):
            return
        self._timer.stop()
        self.busy = False
        self.finished.emit(self._sets, self._new)
