"""The consents that were given, each with a button that takes it back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from guiapp.potentials.trust import TrustedFile


class ConsentList(QWidget):
    """Files that may be opened although that runs what they hold.

    Signals:
        revoke_requested(str): SHA-256 of the file that shall stay closed from now on.
    """

    revoke_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        head = QLabel("Files that you trust")
        head.setProperty("role", "headline")
        note = QLabel(
            "Some model files run what they hold when they are opened. Each of these was shown to you first; "
            "the trust holds for exactly this content, wherever the file lies."
        )
        note.setProperty("role", "muted")
        note.setWordWrap(True)
        self.empty = QLabel("No file of this kind was trusted.")
        self.buttons: dict[str, QPushButton] = {}
        self._rows = QVBoxLayout()
        self._rows.setSpacing(8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(head)
        layout.addWidget(note)
        layout.addWidget(self.empty)
        layout.addLayout(self._rows)
        layout.addStretch(1)

    def show_consents(self, files: Sequence[TrustedFile]) -> None:
        """Show these, oldest first."""
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.buttons = {}
        self.empty.setVisible(not files)
        for one in files:
            self._rows.addWidget(self._row(one))

    def _row(self, one: TrustedFile) -> QFrame:
        frame = QFrame()
        frame.setProperty("role", "panel")
        words = QLabel(f"{one.note or 'a file'}\nsince {one.since[:10]} · SHA-256 {one.sha256[:16]}…")
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        words.setToolTip(one.sha256)
        button = QPushButton("Take back")
        button.setObjectName(one.sha256)
        button.setAutoDefault(False)
        button.setToolTip("Files of this content stay closed from now on")
        button.setAccessibleName(f"Take back the trust in {one.note}")
        button.clicked.connect(self._tell)
        row = QHBoxLayout(frame)
        row.setContentsMargins(12, 8, 12, 8)
        row.addWidget(words, 1)
        row.addWidget(button)
        self.buttons[one.sha256] = button
        return frame

    @Slot()
    def _tell(self) -> None:
        self.revoke_requested.emit(self.sender().objectName())
