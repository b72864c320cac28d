"""Errors that a user can do something about, told at the top of the window without stopping the work."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from guiapp.errors import UserFacingError
from guiapp.ui.icons import icon
from guiapp.ui.theme import Palette

_MOST_SHOWN = 3


class MessageBar(QFrame):
    """Shows the last few errors until they are dismissed; hidden while there is none."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Start hidden."""
        super().__init__(parent)
        self.setObjectName("message")
        self._errors: list[UserFacingError] = []
        self._icon = QLabel()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.RichText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard)
        self.close_button = QToolButton()
        self.close_button.setToolTip("Dismiss")
        self.close_button.setAccessibleName("Dismiss this message")
        self.close_button.clicked.connect(self.dismiss)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 8, 8, 8)
        layout.setSpacing(10)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._text, 1)
        layout.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        self.set_palette(palette)
        self.hide()

    def set_palette(self, palette: Palette) -> None:
        """Repaint in another theme."""
        self.setStyleSheet(f"QFrame#message {{ background: {palette.raised}; border: none; border-bottom: 2px solid {palette.warn}; }}")
        self._icon.setPixmap(icon("warning", palette, color=palette.warn).pixmap(18, 18))
        self.close_button.setIcon(icon("x", palette))

    @property
    def text(self) -> str:
        """What is shown, as plain text."""
        return "\n".join(str(error) for error in self._errors)

    @Slot(object)
    def show_error(self, error: UserFacingError) -> None:
        """Add one error; the same one again is shown once."""
        if str(error) not in {str(known) for known in self._errors}:
            self._errors.append(error)
        lines = [_line(one) for one in self._errors[-_MOST_SHOWN:]]
        more = len(self._errors) - _MOST_SHOWN
        if more > 0:
            lines.append(f"and {more} more like these")
        self._text.setText("<br>".join(lines))
        self.show()

    @Slot()
    def dismiss(self) -> None:
        """Take all messages away."""
        self._errors.clear()
        self.hide()


def _line(error: UserFacingError) -> str:
    place = f"<b>{html.escape(str(error.path))}</b>: " if error.path is not None else ""
    return f"{place}{html.escape(error.what)} {html.escape(error.advice)}"
