"""A line for the path of a file, with a button to choose it."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget


class FileField(QWidget):
    """Holds a path; a file may also be dropped as text.

    Signals:
        changed: Another path, or none, is given.
    """

    changed = Signal()

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        """Start empty.

        Args:
            title: What the file is, for the file dialog and for screen readers.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._title = title
        self.edit = QLineEdit()
        self.edit.setAccessibleName(title)
        self.edit.setPlaceholderText("PEM file")
        self.edit.textChanged.connect(self.changed)
        self.button = QPushButton("…")
        self.button.setToolTip(f"Choose the file: {title}")
        self.button.setAccessibleName(f"Choose {title}")
        self.button.setAutoDefault(False)
        self.button.clicked.connect(self._choose)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.edit, 1)
        row.addWidget(self.button)

    @property
    def path(self) -> str:
        """The path as given."""
        return self.edit.text().strip()

    @Slot()
    def _choose(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, self._title, self.path, "Certificates and keys (*.pem *.crt *.key);;All files (*)")
        if name:
            self.edit.setText(name)
