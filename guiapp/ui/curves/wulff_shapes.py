"""Wulff shapes of a crystal for DFT and every model, computed beside the window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject, Signal, Slot

from guiapp.benchmarks.family import FamilyResult
from guiapp.benchmarks.slab_recognition import miller_of
from guiapp.benchmarks.wulff import WulffShape, compared_shapes
from guiapp.frames.frame import Frame
from guiapp.ui.family_entry import FamilyEntry
from guiapp.ui.workers.task_thread import TaskState, TaskThread

LEAST_FACETS = 2
"""One kind of facet has one shape, whatever its energy."""
Pair = tuple[WulffShape | None, WulffShape | None]


@dataclass(frozen=True, eq=False)
class ShownShape:
    """The shape that DFT or a model gives a crystal."""

    title: str
    color_index: int | None
    """None for DFT."""
    shape: WulffShape


class WulffShapes(QObject):
    """Latest wins: while one crystal is computed, the newest wish waits.

    Signals:
        ready: Shapes that were asked for are known now.
        crashed: An exception that is a bug.
    """

    ready = Signal()
    crashed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        """Start without shapes."""
        super().__init__(parent)
        self._known: WeakKeyDictionary[FamilyResult, dict[str, Pair]] = WeakKeyDictionary()
        self._wish: tuple[str, tuple[FamilyResult, ...]] | None = None
        self._tasks: list[TaskThread] = []
        self.destroyed.connect(partial(_wait_for, self._tasks))

    def shapes(self, crystal: str, entries: Sequence[FamilyEntry]) -> tuple[ShownShape, ...]:
        """Return what is known of a crystal's shapes, DFT's first; what is not known yet is computed, and ``ready`` tells.

        Args:
            crystal: Reduced formula.
            entries: Of the surface family, one a model.
        """
        wanted = [entry for entry in entries if _has_shape(entry.result, crystal)]
        missing = tuple(entry.result for entry in wanted if crystal not in self._known.get(entry.result, {}))
        if missing:
            self._wish = (crystal, missing)
            self._start()
        shown: list[ShownShape] = []
        for entry in wanted:
            dft, model = self._known.get(entry.result, {}).get(crystal, (None, None))
            if dft is not None and not shown:
                shown.append(ShownShape("DFT", None, dft))
            if model is not None:
                shown.append(ShownShape(entry.title, entry.color_index, model))
        return tuple(shown)

    @property
    def busy(self) -> bool:
        """Whether shapes are being computed."""
        return bool(self._tasks)

    def _start(self) -> None:
        if self._tasks or self._wish is None:
            return
        crystal, results = self._wish
        self._wish = None

        def work(_state: TaskState) -> list[tuple[FamilyResult, str, Pair]]:
            return [(result, crystal, compared_shapes(_bulk(result, crystal), result.rows)) for result in results]

        task = TaskThread(work, self)
        task.succeeded.connect(self._take)
        for failed in (task.refused, task.crashed):
            failed.connect(self.crashed)
        task.finished.connect(self._end)
        self._tasks.append(task)
        task.start()

    @Slot(object)
    def _take(self, found: list[tuple[FamilyResult, str, Pair]]) -> None:
        for result, crystal, pair in found:
            self._known.setdefault(result, {})[crystal] = pair
        self.ready.emit()

    @Slot()
    def _end(self) -> None:
        for task in self._tasks:
            task.deleteLater()
        self._tasks.clear()
        self._start()


def _wait_for(tasks: list[TaskThread], _object: QObject | None = None) -> None:
    """Let a thread end before its owner goes: Qt ends the program where a running one is destroyed."""
    for task in tasks:
        task.wait()
    tasks.clear()


def _has_shape(result: FamilyResult, crystal: str) -> bool:
    planes = {miller_of(row.system) for row in result.rows if row.system.partition("(")[0] == crystal} - {None}
    return len(planes) >= LEAST_FACETS and any(frame.formula == crystal for frame in result.crystals)


def _bulk(result: FamilyResult, crystal: str) -> Frame:
    return next(frame for frame in result.crystals if frame.formula == crystal)
