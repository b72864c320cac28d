"""What every page of the wizard has: a question as its title, one muted line, its content."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractSpinBox, QFrame, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from guiapp.ui.theme import Palette


class WizardPage(QWidget):
    """One step.

    Signals:
        ready_changed: Whether Next may be pressed changed.
        dropped: Paths of files.
    """

    ready_changed = Signal()
    dropped = Signal(object)
    takes_files = False
    """Whether files may be dropped on it."""
    next_words = "Next"
    """What the button that leaves this page says."""
    term = "correction"
    """What "What is this?" explains."""

    def __init__(self, title: str, subtitle: str) -> None:
        """Lay out title and subtitle; the content goes into ``body``."""
        super().__init__()
        self.setAcceptDrops(self.takes_files)
        self.setAccessibleName(title)
        heading = QLabel(title)
        heading.setProperty("role", "headline")
        words = QLabel(subtitle)
        words.setProperty("role", "muted")
        words.setWordWrap(True)
        content = QWidget()
        self.body = QVBoxLayout(content)
        self.body.setContentsMargins(24, 0, 24, 8)
        self.body.setSpacing(10)
        scroll = QScrollArea()  # a small screen must not cut off a step
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(content)
        scroll.viewport().setAutoFillBackground(False)
        content.setAutoFillBackground(False)
        head = QVBoxLayout()
        head.setContentsMargins(24, 20, 24, 0)
        head.setSpacing(6)
        head.addWidget(heading)
        head.addWidget(words)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(scroll, 1)

    @property
    def is_ready(self) -> bool:
        """Whether the next page may be opened."""
        return True

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if _paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell which files were dropped."""
        event.acceptProposedAction()
        self.dropped.emit(_paths(event.mimeData()))

    def set_palette(self, palette: Palette) -> None:
        """Repaint in another theme; pages made of plain labels have nothing to do."""


class Card(QFrame):
    """A framed box with a column."""

    def __init__(self) -> None:
        """Build it, empty."""
        super().__init__()
        self.setProperty("role", "panel")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(14, 12, 14, 12)
        self.column.setSpacing(6)


def card() -> tuple[Card, QVBoxLayout]:
    """Return a framed box and its column."""
    frame = Card()
    return frame, frame.column


def words(text: str = "", role: str = "") -> QLabel:
    """Return a label that wraps."""
    label = QLabel(text)
    label.setWordWrap(True)
    if role:
        label.setProperty("role", role)
    return label


def padded(box: QAbstractSpinBox) -> None:
    """Keep the number of a field away from its frame, as words in other fields are."""
    box.lineEdit().setTextMargins(6, 0, 6, 0)


def _paths(data: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
