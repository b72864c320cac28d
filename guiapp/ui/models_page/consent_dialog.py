"""The question before a file that runs code is opened: what it would import, and whether the user trusts it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from guiapp.potentials.trust import scan_words
from guiapp.ui.models_page.inspection import Inspection
from guiapp.ui.theme import Palette


class ConsentDialog(QDialog):
    """Shows what was found without running it; Keep closed is what Enter and Esc do."""

    def __init__(self, inspection: Inspection, palette: Palette, parent: QWidget | None = None) -> None:
        """Ask about one file."""
        super().__init__(parent)
        self.inspection = inspection
        self.setWindowTitle(f"Open {inspection.title}?")
        self.setModal(True)
        self.resize(620, 520)
        scan, p = inspection.scan, palette
        title = QLabel("Opening this file runs what its author put in")
        title.setProperty("role", "title")
        title.setWordWrap(True)
        self.words = QLabel(
            f"{scan_words(scan)}\nIt was looked at and not run. It is opened in a worker process, and only while it has this very content."
        )
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        if scan.suspicious:
            self.words.setStyleSheet(f"color: {p.bad};")
        place = QLabel(f"{inspection.path}\nSHA-256 {inspection.sha256}")
        place.setProperty("role", "small")
        place.setWordWrap(True)
        place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.imports = QListWidget()
        self.imports.setAccessibleName("What the file would import")
        for name in (*scan.suspicious, *(name for name in scan.imports if name not in scan.suspicious)):
            item = QListWidgetItem(name)
            if name in scan.suspicious:
                item.setText(f"{name}   no genuine model needs this")
                item.setForeground(QColor(p.bad))
            self.imports.addItem(item)
        self.sure = QCheckBox("I know why this file needs what is marked red, and trust its author")
        self.sure.setVisible(bool(scan.suspicious))
        self.open_button = QPushButton("Trust this file")
        self.open_button.setAutoDefault(False)
        self.keep_button = QPushButton("Keep closed")
        self.keep_button.setDefault(True)
        self.open_button.clicked.connect(self.accept)
        self.keep_button.clicked.connect(self.reject)
        self.sure.toggled.connect(self._allow)
        self._allow()
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.open_button)
        foot.addWidget(self.keep_button)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(20, 20, 20, 16)
        rows.setSpacing(10)
        for part in (title, self.words, self.imports, place, self.sure):
            rows.addWidget(part)
        rows.addLayout(foot)
        self.keep_button.setFocus()

    @Slot()
    def _allow(self) -> None:
        self.open_button.setEnabled(not self.inspection.scan.suspicious or self.sure.isChecked())
