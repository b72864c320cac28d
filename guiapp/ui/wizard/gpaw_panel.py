"""GPAW on this computer: which Python has it, how far it is, Cancel."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QProgressBar, QPushButton

from guiapp.correction.gpaw_run import GpawPython
from guiapp.number_words import duration
from guiapp.ui.wizard.page import Card, words
from guiapp.ui.workers.gpaw_thread import GpawStep

_PARTS = 1000  # of the progress bar, a structure


class GpawPanel(Card):
    """Starts and follows GPAW.

    Signals:
        run_requested: Start, or go on.
        cancel_requested: The user gave up.
        python_chosen: Path of another Python.
    """

    run_requested = Signal()
    cancel_requested = Signal()
    python_chosen = Signal(str)

    def __init__(self) -> None:
        """Build it before anybody has looked for GPAW."""
        super().__init__()
        self._python: GpawPython | None = None
        self._looked = False
        self._count = 0
        self.is_running = False
        self.found = words()
        self.start, self.cancel = QPushButton("Run GPAW"), QPushButton("Cancel")
        self.other = QPushButton("Choose a Python that has GPAW…")
        self.start.setProperty("role", "primary")
        buttons = QHBoxLayout()
        for button in (self.start, self.cancel, self.other):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.note = words(role="small")
        self.column.addWidget(self.found)
        self.column.addLayout(buttons)
        self.column.addWidget(self.progress)
        self.column.addWidget(self.note)
        self.start.clicked.connect(self.run_requested)
        self.cancel.clicked.connect(self.cancel_requested)
        self.other.clicked.connect(self._ask_python)
        self._refresh()

    def show_python(self, python: GpawPython | None) -> None:
        """Say which GPAW was found."""
        self._python, self._looked = python, True
        self._refresh()

    def show_count(self, count: int, begun: int) -> None:
        """Say how many structures wait.

        Args:
            count: Without a label.
            begun: Of them, how many were begun earlier and go on from there.
        """
        self._count = count
        self.start.setText("Go on" if begun else "Run GPAW")
        self._refresh()

    def show_progress(self, step: GpawStep) -> None:
        """Show how far it is."""
        self.is_running = True
        self.progress.setRange(0, step.count * _PARTS)
        self.progress.setValue(round((step.place + step.progress.share) * _PARTS))
        left = ""
        if step.progress.share > 0.1:
            this = step.seconds * (1 / step.progress.share - 1)
            rest = (step.count - step.place - 1) * step.seconds / step.progress.share
            left = f", about {duration(this + rest)} left"
        self.note.setText(f"structure {step.place + 1} of {step.count}: {step.progress.words}{left}")
        self._refresh()

    def show_stopped(self, words: str = "") -> None:
        """Show that GPAW no longer runs."""
        self.is_running = False
        self.note.setText(words)
        self._refresh()

    def _refresh(self) -> None:
        if not self._looked:
            text = "Looking for a Python that has GPAW …"
        elif self._python is None:
            text = (
                "No Python with GPAW was found here. Install GPAW (conda-forge, or the system's package), or choose a Python that has it."
            )
        else:
            text = f"GPAW {self._python.version} in {self._python.path}, one core; it may be cancelled and gone on with."
        self.found.setText(text)
        self.start.setVisible(not self.is_running)
        self.start.setEnabled(self._python is not None and self._count > 0)
        self.cancel.setVisible(self.is_running)
        self.other.setVisible(not self.is_running)
        self.progress.setVisible(self.is_running)
        self.note.setVisible(bool(self.note.text()))

    @Slot()
    def _ask_python(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "A Python that has GPAW")
        if name:
            self.python_chosen.emit(name)
