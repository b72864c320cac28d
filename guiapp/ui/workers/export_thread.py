"""The conversation with the process that writes a corrected model."""

from __future__ import annotations

import multiprocessing

from PySide6.QtCore import QObject, QThread, Signal

from guiapp.errors import UserFacingError
from guiapp.ui.wizard.export_process import ExportOrder, run_export

_LOOK_AGAIN = 0.2  # seconds between two looks at whether the user gave up


class ExportThread(QThread):
    """Runs one export in a new process.

    Signals:
        noted: What is going on, in words.
        succeeded: The ``ExportResult``.
        refused: A ``UserFacingError``.
        crashed: An exception that is a bug.
    """

    noted = Signal(str)
    succeeded = Signal(object)
    refused = Signal(object)
    crashed = Signal(object)

    def __init__(self, order: ExportOrder, parent: QObject | None = None) -> None:
        """Prepare; ``start()`` runs it."""
        super().__init__(parent)
        self._order = order
        self._given_up = False

    def give_up(self) -> None:
        """End the process; a folder that is not complete is not left behind under its name."""
        self._given_up = True

    def run(self) -> None:
        """Start the process and pass on what it says (called by Qt in the new thread)."""
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=run_export, args=(self._order, there), daemon=True)
        process.start()
        there.close()
        try:
            self._listen(here)
        finally:
            process.terminate()
            process.join()
            here.close()

    def _listen(self, pipe: multiprocessing.connection.Connection) -> None:
        while not self._given_up:
            if not pipe.poll(_LOOK_AGAIN):
                continue
            try:
                kind, content = pipe.recv()
            except EOFError:
                self.refused.emit(
                    UserFacingError("The process that writes the model ended early.", advice="Free some memory and try again.")
                )
                return
            if kind == "note":
                self.noted.emit(content)
                continue
            if kind == "done":
                self.succeeded.emit(content)
            elif kind == "refused":
                what, advice, path = content
                self.refused.emit(UserFacingError(what, advice=advice, path=path or None))
            else:
                self.crashed.emit(RuntimeError(content))
            return
