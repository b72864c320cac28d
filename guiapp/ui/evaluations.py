"""The numbers of the shown models, reduced anew in a thread whenever something they depend on changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from guiapp.benchmarks.force_table import ForceTable
from guiapp.benchmarks.frame_filter import FrameFilter
from guiapp.ui.background import Background
from guiapp.ui.evaluation import Evaluation, evaluate
from guiapp.ui.shown_models import ShownModel
from guiapp.ui.workers.task_thread import TaskState

INTERVAL = 0.1
"""Seconds between two reductions while results stream in."""


@dataclass(frozen=True, eq=False)
class Wanted:
    """One model to evaluate."""

    table: ForceTable
    """A snapshot."""
    look: ShownModel
    running: bool


class Evaluations(QObject):
    """Latest wins: while one reduction runs, any number of changes lead to one more.

    Signals:
        changed: ``current`` is new.
    """

    changed = Signal()

    def __init__(
        self, background: Background, ask: Callable[[], tuple[Sequence[Wanted], FrameFilter]], parent: QObject | None = None
    ) -> None:
        """Start without numbers.

        Args:
            background: Runs the reductions.
            ask: Returns what to evaluate, called in the Qt thread just before a reduction starts.
            parent: Owner.
        """
        super().__init__(parent)
        self.current: tuple[Evaluation, ...] = ()
        self._background = background
        self._ask = ask
        self._stale = False
        self._working = False
        self._last = 0.0
        self._generation = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._start)

    @property
    def is_up_to_date(self) -> bool:
        """Whether ``current`` reflects everything known."""
        return not (self._stale or self._working or self._timer.isActive())

    def mark_stale(self) -> None:
        """Something changed; reduce again soon."""
        self._stale = True
        if not self._working and not self._timer.isActive():
            self._timer.start(max(0, int(1000 * (INTERVAL - (time.monotonic() - self._last)))))

    def clear(self) -> None:
        """Forget everything, also what a running reduction will bring."""
        self._generation += 1
        self._timer.stop()
        self._stale = self._working = False
        self.current = ()
        self.changed.emit()

    @Slot()
    def _start(self) -> None:
        self._stale, self._working = False, True
        wanted, frame_filter = self._ask()
        generation = self._generation

        def work(_state: TaskState) -> tuple[int, tuple[Evaluation, ...]]:
            return generation, tuple(evaluate(one.table, frame_filter, one.look, running=one.running) for one in wanted)

        self._background.start(work, self._take, failed=self._failed)

    @Slot(object)
    def _take(self, found: tuple[int, tuple[Evaluation, ...]]) -> None:
        generation, evaluations = found
        if generation != self._generation:
            return
        self._working = False
        self._last = time.monotonic()
        self.current = evaluations
        self.changed.emit()
        if self._stale:
            self.mark_stale()

    @Slot(object)
    def _failed(self, _error: Exception) -> None:
        self._working = False
        if self._stale:  # what made the numbers stale meanwhile may have taken the trouble away
            self.mark_stale()
