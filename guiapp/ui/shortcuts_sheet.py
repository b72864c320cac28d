"""The sheet under "?": every action with its keys, made from the table of actions."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from guiapp.ui.actions import ACTIONS

_ELSEWHERE = (
    ("Viewer", "A, B, C", "look along a lattice vector"),
    ("Viewer", "F", "fit the structure into the view"),
    ("Viewer", "Space", "play the frames of the compound"),
    ("Viewer", "Left, Right", "step through frames"),
    ("Viewer", "Shift+click", "measure a distance (two atoms) or an angle (three)"),
    ("Parity", "Shift+drag", "select a region: only its frames count"),
)


class ShortcutsSheet(QDialog):
    """All keys at a glance."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """List the actions by menu."""
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        self.resize(560, 640)
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(4)
        row, menu = 0, ""
        for place, keys, words in [
            *((spec.menu.replace("&", ""), ", ".join(_native(k) for k in spec.keys), spec.title) for spec in ACTIONS if spec.keys),
            *_ELSEWHERE,
        ]:
            if place != menu:
                menu = place
                title = QLabel(menu)
                title.setProperty("role", "section")
                grid.addWidget(title, row, 0, 1, 2)
                row += 1
            key_label = QLabel(keys)
            key_label.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
            grid.addWidget(QLabel(words), row, 0)
            grid.addWidget(key_label, row, 1, Qt.AlignmentFlag.AlignRight)
            row += 1
        grid.setRowStretch(row, 1)
        body = QWidget()
        body.setLayout(grid)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(body)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(scroll, 1)
        layout.addWidget(buttons)


def _native(keys: str) -> str:
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
