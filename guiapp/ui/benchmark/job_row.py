"""One job: its state as a sign, title, progress, words, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from guiapp.engine.job import JobState
from guiapp.ui.benchmark.job_view import JobView, describe
from guiapp.ui.elided_label import ElidedLabel
from guiapp.ui.icons import icon
from guiapp.ui.theme import Palette

_ACTIVE = (JobState.WAITING, JobState.RUNNING, JobState.PAUSED)
_OVER = (JobState.DONE, JobState.CANCELLED, JobState.FAILED)


@dataclass(frozen=True)
class _Button:
    intent: str
    words: str
    tip: str
    shown: Callable[[JobView], bool]


_BUTTONS = (
    _Button("failures", "Why?", "Show what failed, why, and what to do", lambda v: v.failed > 0 or v.state is JobState.FAILED),
    _Button("retry", "Retry failed", "Compute only the failed frames once more", lambda v: v.failed > 0 and v.state in _OVER),
    _Button("resume_interrupted", "Resume", "Go on where it stopped; what is done stays done", lambda v: v.state is JobState.INTERRUPTED),
    _Button("pause", "Pause", "Finish the batch that runs, then wait", lambda v: v.state is JobState.RUNNING),
    _Button("resume", "Resume", "Go on", lambda v: v.state is JobState.PAUSED),
    _Button("cancel", "Cancel", "Stop; what is done stays in the project", lambda v: v.state in _ACTIVE),
    _Button("run_again", "Run again", "Run the same benchmark; what is known already is not computed", lambda v: v.state in _OVER),
    _Button("dismiss", "", "Take this row off the list; results stay", lambda v: v.state in (*_OVER, JobState.INTERRUPTED)),
)


class JobRow(QWidget):
    """Shows a ``JobView``.

    Signals:
        intent(str, str): What the user wants (``pause``, ``cancel`` ...) and the job's id.
    """

    intent = Signal(str, str)

    def __init__(self, view: JobView, palette: Palette, parent: QWidget | None = None) -> None:
        """Show that job."""
        super().__init__(parent)
        self._palette = palette
        self._icon_shown: tuple[str, str] | None = None
        self.view = view
        self.sign = QLabel()
        self.sign.setFixedWidth(18)
        self.title = ElidedLabel()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setMinimumWidth(60)
        self.bar.setMaximumWidth(320)
        self.words = ElidedLabel()
        self.words.setProperty("role", "muted")
        self.buttons: dict[str, QPushButton] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 2)
        layout.setSpacing(8)
        layout.addWidget(self.sign)
        layout.addWidget(self.title)
        layout.addWidget(self.bar, 2)
        layout.addWidget(self.words)
        layout.addStretch(1)
        for button in _BUTTONS:
            layout.addWidget(self._button(button))
        self.set_palette(palette)
        self.show_view(view)

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        self._palette = palette
        self._icon_shown = None
        self.buttons["dismiss"].setIcon(icon("x", palette, color=palette.muted))
        self._show_sign()

    def show_view(self, view: JobView) -> None:
        """Show the job's news; only what differs is touched."""
        before, self.view = self.view, view
        self.title.set_whole(view.title)
        self.words.set_whole(describe(view))
        going = view.state in (JobState.RUNNING, JobState.PAUSED)
        if going:
            starting = view.state is JobState.RUNNING and view.done == 0 and bool(view.note)
            self.bar.setRange(0, 0 if starting else max(view.total, 1))
            self.bar.setValue(view.done)
        self.bar.setVisible(going)
        self.bar.setAccessibleName(f"Progress of {view.title}")
        if before is view or (before.state, before.failed > 0) != (view.state, view.failed > 0):
            for button in _BUTTONS:
                self.buttons[button.intent].setVisible(button.shown(view))
        self._show_sign()

    def _button(self, spec: _Button) -> QPushButton:
        button = QPushButton(spec.words)
        button.setProperty("role", "chip" if spec.words else "link")
        button.setToolTip(spec.tip)
        button.setAccessibleName(spec.words or "Take off the list")
        button.setIconSize(QSize(13, 13))
        button.setVisible(False)
        button.clicked.connect(lambda: self.intent.emit(spec.intent, self.view.id))
        self.buttons[spec.intent] = button
        return button

    def _show_sign(self) -> None:
        p, view = self._palette, self.view
        signs = {
            JobState.WAITING: ("clock", p.muted, "waiting"),
            JobState.RUNNING: ("play", p.accent, "running"),
            JobState.PAUSED: ("pause", p.warn, "paused"),
            JobState.DONE: ("check", p.good, "done"),
            JobState.CANCELLED: ("prohibit", p.muted, "cancelled"),
            JobState.FAILED: ("warning-circle", p.bad, "failed"),
            JobState.INTERRUPTED: ("warning", p.warn, "interrupted"),
        }
        name, color, words = signs[view.state]
        if view.state is JobState.DONE and view.failed:
            name, color, words = "warning", p.warn, "done, some frames failed"
        if self._icon_shown != (name, color):
            self._icon_shown = (name, color)
            self.sign.setPixmap(icon(name, p, color=color).pixmap(16, 16))
            self.sign.setToolTip(words)
            self.sign.setAccessibleName(words)
