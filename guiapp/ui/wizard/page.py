"""What every page of the wizard has: a question as its title, one muted line, its content."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from guiapp.ui.theme import Palette


class WizardPage(QWidget):
    """One step.

    Signals:
        ready_changed: Whether Next may be pressed changed.
    """

    ready_changed = Signal()
    next_words = "Next"
    """What the button that leaves this page says."""
    term = "correction"
    """What "What is this?" explains."""

    def __init__(self, title: str, subtitle: str) -> None:
        """Lay out title and subtitle; the content goes into ``body``."""
        super().__init__()
        self.setAccessibleName(title)
        heading = QLabel(title)
        heading.setProperty("role", "headline")
        words = QLabel(subtitle)
        words.setProperty("role", "muted")
        words.setWordWrap(True)
        self.body = QVBoxLayout()
        self.body.setSpacing(10)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 8)
        column.setSpacing(8)
        column.addWidget(heading)
        column.addWidget(words)
        column.addSpacing(4)
        column.addLayout(self.body, 1)

    @property
    def is_ready(self) -> bool:
        """Whether the next page may be opened."""
        return True

    def set_palette(self, palette: Palette) -> None:
        """Repaint in another theme; pages made of plain labels have nothing to do."""


def card() -> tuple[QFrame, QVBoxLayout]:
    """Return a framed box and its column."""
    frame = QFrame()
    frame.setProperty("role", "panel")
    column = QVBoxLayout(frame)
    column.setContentsMargins(14, 12, 14, 12)
    column.setSpacing(6)
    return frame, column


def words(text: str = "", role: str = "") -> QLabel:
    """Return a label that wraps."""
    label = QLabel(text)
    label.setWordWrap(True)
    if role:
        label.setProperty("role", role)
    return label
