"""Writing the corrected model, in a process that can be given up."""

from __future__ import annotations

import shlex
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from guiapp.correction.corrected import Method
from guiapp.correction.training_record import recipe_options
from guiapp.errors import UserFacingError
from guiapp.ui.wizard.export_process import ExportOrder, run_export
from guiapp.ui.wizard.fit_desk import FitDesk
from guiapp.ui.wizard.flow import CorrectionFlow, problem_of
from guiapp.ui.wizard.order import CorrectionOrder
from guiapp.ui.workers.process_thread import ProcessThread


class ExportDesk(QObject):
    """Writes what was fitted.

    Signals:
        noted: What is going on, in words.
        written: An ``ExportResult``.
        stopped: Why nothing was written, in words.
        refused: A ``UserFacingError``.
        crashed: An exception that is a bug.
    """

    noted = Signal(object)
    written = Signal(object)
    stopped = Signal(str)
    refused = Signal(object)
    crashed = Signal(object)

    def __init__(self, flow: CorrectionFlow, fits: FitDesk, parent: QObject | None = None) -> None:
        """Begin with nothing to write."""
        super().__init__(parent)
        self._flow, self._fits = flow, fits
        self._thread: ProcessThread | None = None

    @property
    def is_running(self) -> bool:
        """Whether a model is being written."""
        return self._thread is not None

    def write(self, folder: Path, *, override: bool) -> None:
        """Write the corrected model into a new folder, in a process of its own."""
        order = self._fits.order()
        if order is None or self._thread is not None:
            return
        thread = ProcessThread(run_export, ExportOrder(order, str(folder), override, self._reproduce(order)), self)
        thread.progressed.connect(self.noted)
        thread.succeeded.connect(self.written)
        thread.refused.connect(self._tell_refusal)
        thread.crashed.connect(self._tell_crash)
        thread.died.connect(self._tell_death)
        thread.given_up.connect(self._tell_stop)
        thread.finished.connect(self._end)
        self._thread = thread
        self.noted.emit("starting")
        thread.start()

    def give_up(self) -> None:
        """Give the export up; a folder that is not complete is not left behind under its name."""
        if self._thread is not None:
            self._thread.give_up()

    def shut_down(self) -> None:
        """End it and wait for it."""
        if self._thread is not None:
            self._thread.give_up()
            self._thread.wait()

    def _reproduce(self, order: CorrectionOrder) -> str:
        files = list(dict.fromkeys(frame.origin.path for frame in (*order.labels.frames, *order.unseen.frames) if frame.origin.path))
        labels = ",".join(frame.content_hash[:16] for frame in order.labels.frames)
        parts = ["temper-cli", "correct", *(files or ["labels.extxyz"]), "--model", order.model, "--method", order.method.value]
        parts += ["--target", ",".join(self._flow.choices.compounds), "--label", labels]
        parts += ["--slope-matching"] if order.method is Method.SCALE and self._flow.choices.slope_matching else []
        parts += recipe_options(order.recipe) if order.method is not Method.SCALE else []
        return shlex.join(parts)

    @Slot(object)
    def _tell_refusal(self, error: UserFacingError) -> None:
        self.stopped.emit(problem_of(error))
        self.refused.emit(error)

    @Slot()
    def _tell_death(self) -> None:
        self.stopped.emit("The process that writes the model ended early; nothing was written. Free some memory and try again.")

    @Slot()
    def _tell_stop(self) -> None:
        self.stopped.emit("The export was cancelled; nothing was written.")

    @Slot()
    def _end(self) -> None:
        if self._thread is not None:
            self._thread.deleteLater()
            self._thread = None

    @Slot(object)
    def _tell_crash(self, error: Exception) -> None:
        self.stopped.emit("The export failed because of a bug in Temper; nothing was written.")
        self.crashed.emit(error)
