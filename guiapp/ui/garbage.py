"""Python's cyclic garbage collection, kept in the Qt thread.

Python collects cycles in whichever thread happens to allocate. A cycle that holds a widget would then be taken apart outside the Qt
thread, which Qt forbids: the process ends with a segmentation fault, somewhere else and seldom. So a program with a window switches the
automatic collection off and collects from a timer.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer, Slot

_INTERVAL_MS = 1000


def collect_due() -> int:
    """Collect the oldest generation whose threshold is passed, as Python itself would; call it in the Qt thread only.

    Returns:
        The generation that was collected, -1 where none was due.
    """
    counts = gc.get_count()
    thresholds = gc.get_threshold()
    for generation in (2, 1, 0):
        if thresholds[generation] and counts[generation] > thresholds[generation]:
            gc.collect(generation)
            return generation
    return -1


class GarbageCollection(QObject):
    """Collects once a second, in the thread that made it; Python's own collection stays off as long as this lives."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Switch the automatic collection off and start the timer."""
        super().__init__(parent)
        gc.disable()
        gc.freeze()  # what the imports made stays anyway: walking over it would hold the window up for a tenth of a second
        timer = QTimer(self)
        timer.timeout.connect(self._collect)
        timer.start(_INTERVAL_MS)

    @Slot()
    def _collect(self) -> None:
        collect_due()
