"""The question that is asked before sets of different functionals or +U come together in one project."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from guiapp.frames.mixing import Mismatch
from guiapp.ui.icons import icon
from guiapp.ui.theme import Palette


class MixingBar(QFrame):
    """Shown at the top of the window while sets wait for the user's answer; nothing else waits.

    Signals:
        accepted(): Add the sets all the same.
        declined(): Leave them out.
    """

    accepted = Signal()
    declined = Signal()

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Start hidden."""
        super().__init__(parent)
        self.setObjectName("mixing")
        self._icon = QLabel()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard)
        self.add_button = QPushButton("Add all the same")
        self.leave_button = QPushButton("Leave out")
        self.add_button.clicked.connect(self.accepted)
        self.leave_button.clicked.connect(self.declined)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 8, 8, 8)
        layout.setSpacing(10)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._text, 1)
        layout.addWidget(self.leave_button, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignTop)
        self.set_palette(palette)
        self.hide()

    def set_palette(self, palette: Palette) -> None:
        """Dress in another theme."""
        self.setStyleSheet(f"QFrame#mixing {{ background: {palette.raised}; border: none; border-bottom: 2px solid {palette.warn}; }}")
        self._icon.setPixmap(icon("warning", palette, color=palette.warn).pixmap(18, 18))

    @property
    def text(self) -> str:
        """What is asked."""
        return self._text.text()

    def show_mismatches(self, found: Sequence[Mismatch]) -> None:
        """Ask about these, or hide where there are none."""
        if found:
            waiting = "It is not added yet." if len(found) == 1 else "They are not added yet."
            self._text.setText("\n".join([*(str(one) for one in found), f"{waiting} A project of its own keeps the numbers clean."]))
        self.setVisible(bool(found))
