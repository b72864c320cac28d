"""The card that starts workers on this machine."""

from __future__ import annotations

import os

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSpinBox, QVBoxLayout, QWidget

from guiapp.ui.cluster_page.card import Card

_WORDS = "A cluster of your own, to try one out. Only programs of yours can reach it: it is bound to this machine, and encrypted."


class LocalCard(Card):
    """Asks how many.

    Signals:
        start_requested(int): So many worker processes shall start.
    """

    start_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Propose one worker a core, but one core for the window."""
        super().__init__("Workers on this machine", parent)
        cores = os.cpu_count() or 1
        self.count = QSpinBox()
        self.count.setRange(1, max(4, 2 * cores))
        self.count.setValue(max(1, cores - 1))
        self.count.lineEdit().setTextMargins(6, 0, 6, 0)
        self.count.setAccessibleName("Number of workers")
        self.start_button = QPushButton("Start workers")
        self.start_button.setAutoDefault(False)
        self.start_button.clicked.connect(self._start)
        words = QLabel(_WORDS)
        words.setProperty("role", "small")
        words.setWordWrap(True)
        text = QVBoxLayout()
        text.setSpacing(4)
        text.addWidget(self.title)
        text.addWidget(words)
        row = QHBoxLayout(self)
        self.frame_in(row, spacing=10)
        row.addLayout(text, 1)
        row.addWidget(self.count)
        row.addWidget(self.start_button)

    @Slot()
    def _start(self) -> None:
        self.start_requested.emit(self.count.value())
