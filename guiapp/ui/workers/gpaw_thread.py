"""Follows GPAW through several structures, one after the other."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal

from guiapp.correction.gpaw_run import RESULT, GpawProgress, GpawRun
from guiapp.errors import UserFacingError

_LOOK_AGAIN = 0.5  # seconds between two looks at the log


@dataclass(frozen=True)
class GpawStep:
    """Where the work is."""

    place: int
    """Of the structure, from 0."""
    count: int
    progress: GpawProgress
    seconds: float
    """Since this structure was begun."""


class GpawThread(QThread):
    """Runs GPAW in folders that hold its input; folders that hold a result already are passed over.

    Signals:
        progressed: A ``GpawStep``.
        written: Path of a result.
        refused: A ``UserFacingError``; the work ends with it.
    """

    progressed = Signal(object)
    written = Signal(object)
    refused = Signal(object)

    def __init__(self, folders: Sequence[Path], python: str, parent: QObject | None = None) -> None:
        """Prepare; ``start()`` runs it.

        Args:
            folders: With ``run_gpaw.py`` each.
            python: A Python that has GPAW.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._folders, self._python = tuple(folders), python
        self._stop = threading.Event()

    def give_up(self) -> None:
        """End GPAW; what it has finished stays, and what it has begun goes on the next time."""
        self._stop.set()

    def run(self) -> None:
        """Work through the folders (called by Qt in the new thread)."""
        try:
            for place, folder in enumerate(self._folders):
                if self._stop.is_set():
                    return
                path = folder / RESULT if (folder / RESULT).is_file() else self._label(place, folder)
                if path is not None:
                    self.written.emit(path)
        except UserFacingError as error:
            self.refused.emit(error)

    def _label(self, place: int, folder: Path) -> Path | None:
        run = GpawRun(folder, self._python)
        try:
            while run.is_running:
                self.progressed.emit(GpawStep(place, len(self._folders), run.progress(), run.seconds))
                if self._stop.wait(_LOOK_AGAIN):
                    return None
            return run.result()
        finally:
            run.kill()
