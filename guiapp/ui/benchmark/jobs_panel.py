"""All jobs: running, waiting and done; nothing runs unseen."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from guiapp.engine.job import JobState
from guiapp.ui.benchmark.job_row import JobRow
from guiapp.ui.benchmark.job_view import JobView
from guiapp.ui.theme import Palette

__all__ = ["JobView", "JobsPanel"]


class JobsPanel(QFrame):
    """A row a job, in the order in which they came.

    Signals:
        pause_requested(str): Id of a running job.
        resume_requested(str): Id of a paused job.
        cancel_requested(str): Id of a waiting, running or paused job.
        run_again_requested(str): Id of a job that is over.
        retry_requested(str): Id of a job that is over; only its failed frames.
        failures_requested(str): Id of a job whose failures the user wants to see.
        resume_interrupted_requested(str): Id of a job that an earlier session left unfinished.
        dismissed(str): Id of a job whose row the user took off the list; the panel has removed it.
    """

    pause_requested = Signal(str)
    resume_requested = Signal(str)
    cancel_requested = Signal(str)
    run_again_requested = Signal(str)
    retry_requested = Signal(str)
    failures_requested = Signal(str)
    resume_interrupted_requested = Signal(str)
    dismissed = Signal(str)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Start without a job."""
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._palette = palette
        self._rows: dict[str, JobRow] = {}
        self._intents = {
            "pause": self.pause_requested,
            "resume": self.resume_requested,
            "cancel": self.cancel_requested,
            "run_again": self.run_again_requested,
            "retry": self.retry_requested,
            "failures": self.failures_requested,
            "resume_interrupted": self.resume_interrupted_requested,
        }
        title = QLabel("Jobs")
        title.setProperty("role", "section")
        self.summary = QLabel()
        self.summary.setProperty("role", "small")
        self.nothing = QLabel("Nothing runs. Run benchmark (Ctrl+R) starts one; what it computes is kept in the project.")
        self.nothing.setProperty("role", "muted")
        self.nothing.setWordWrap(True)
        inside = QWidget()
        self._list = QVBoxLayout(inside)
        self._list.setContentsMargins(0, 0, 4, 0)
        self._list.setSpacing(2)
        self._list.addWidget(self.nothing)
        self._list.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        inside.setAutoFillBackground(False)
        area.viewport().setAutoFillBackground(False)
        head = QHBoxLayout()
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self.summary)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 8, 8)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addWidget(area, 1)

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        self._palette = palette
        for row in self._rows.values():
            row.set_palette(palette)

    def update_job(self, view: JobView) -> None:
        """Show a job's news; a job that is not known yet gets a row."""
        row = self._rows.get(view.id)
        if row is None:
            row = JobRow(view, self._palette)
            row.intent.connect(self._tell)
            self._rows[view.id] = row
            self._list.insertWidget(self._list.count() - 1, row)
            self.nothing.setVisible(False)
        else:
            row.show_view(view)
        self._show_summary()

    def remove_job(self, job: str) -> None:
        """Take a job's row off the list."""
        row = self._rows.pop(job, None)
        if row is not None:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.nothing.setVisible(not self._rows)
        self._show_summary()

    def jobs(self) -> tuple[JobView, ...]:
        """Return what is shown, in order."""
        return tuple(row.view for row in self._rows.values())

    def row(self, job: str) -> JobRow:
        """Return the row of a job."""
        return self._rows[job]

    def _tell(self, intent: str, job: str) -> None:
        if intent == "dismiss":
            self.remove_job(job)
            self.dismissed.emit(job)
        else:
            self._intents[intent].emit(job)

    def _show_summary(self) -> None:
        states = [row.view.state for row in self._rows.values()]
        counts = ((states.count(JobState.RUNNING), "running"), (states.count(JobState.WAITING), "waiting"))
        words = " · ".join(f"{count} {word}" for count, word in counts if count)
        if words != self.summary.text():
            self.summary.setText(words)
