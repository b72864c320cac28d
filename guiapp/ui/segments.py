"""One choice of a few, all in sight: flat buttons side by side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QSizePolicy, QWidget


class Segments(QWidget):
    """A row of buttons of which exactly one is down; arrows move between them.

    Signals:
        chosen(int): The user chose the button at that place.
    """

    chosen = Signal(int)

    def __init__(self, name: str, words: Sequence[str], parent: QWidget | None = None) -> None:
        """Show the choices, with the first one chosen.

        Args:
            name: What is chosen, for screen readers.
            words: What the buttons say.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self.buttons: list[QPushButton] = []
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for place, word in enumerate(words):
            button = QPushButton(word)
            button.setCheckable(True)
            button.setChecked(place == 0)
            button.setAutoDefault(False)
            button.setProperty("role", "chip")
            button.setAccessibleName(f"{name}: {word}")
            self._group.addButton(button, place)
            self.buttons.append(button)
            layout.addWidget(button)
        layout.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._group.idClicked.connect(self.chosen)

    def choice(self) -> int:
        """Return the place of the button that is down."""
        return self._group.checkedId()

    def choose(self, place: int) -> None:
        """Put a button down, without a signal."""
        self.buttons[place].setChecked(True)

    def set_possible(self, place: int, reason_against: str = "") -> None:
        """Allow a choice, or forbid it and say why in its tooltip."""
        button = self.buttons[place]
        button.setEnabled(not reason_against)
        button.setToolTip(reason_against)
