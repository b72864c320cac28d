"""The conversation with a process of the wizard: it samples, trains or writes a model, and tells what it is doing."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal

from guiapp.engine.worker_process import worker_environment
from guiapp.errors import UserFacingError
from guiapp.ui.wizard.process import run_in_process

_LOOK_AGAIN = 0.1  # seconds between two looks at whether the user gave up


class ProcessThread(QThread):
    """Runs one function in a new process and passes on what it tells.

    Signals:
        progressed: Whatever the function tells while it works.
        succeeded: Its result.
        refused: A ``UserFacingError``.
        crashed: An exception that is a bug.
        died: The process ended without an answer: killed, or out of memory.
        given_up: The user cancelled, and the process is gone.
    """

    progressed = Signal(object)
    succeeded = Signal(object)
    refused = Signal(object)
    crashed = Signal(object)
    died = Signal()
    given_up = Signal()

    def __init__(self, work: Callable[..., object], order: object, parent: QObject | None = None) -> None:
        """Prepare; ``start()`` runs it.

        Args:
            work: A function of a module, called with the order and a function that tells progress.
            order: Everything that it needs; it can be pickled.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._work, self._order = work, order
        self._cancelled = False
        self._process: SpawnProcess | None = None

    @property
    def process_id(self) -> int | None:
        """Of the process, while it runs."""
        return self._process.pid if self._process is not None else None

    def give_up(self) -> None:
        """End the process; what it has written whole stays."""
        self._cancelled = True

    def run(self) -> None:
        """Start the process and listen (called by Qt in the new thread)."""
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=run_in_process, args=(self._work, self._order, there), daemon=True)
        with worker_environment():
            process.start()
        self._process = process
        there.close()
        try:
            self._listen(here)
        finally:
            process.kill()
            process.join()
            here.close()
            self._process = None
            if self._cancelled:
                self.given_up.emit()

    def _listen(self, pipe: Connection) -> None:
        while not self._cancelled:
            if not pipe.poll(_LOOK_AGAIN):
                continue
            try:
                kind, content = pipe.recv()
            except (EOFError, OSError):
                self.died.emit()
                return
            if kind == "progress":
                self.progressed.emit(content)
                continue
            self._answer(kind, content)
            return

    def _answer(self, kind: str, content: Any) -> None:
        if kind == "done":
            self.succeeded.emit(content)
        elif kind == "refused":
            what, advice, path = content
            self.refused.emit(UserFacingError(what, advice=advice, path=path or None))
        else:
            self.crashed.emit(RuntimeError(content))
