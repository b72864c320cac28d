"""What the cards of the cluster page share: a panel with a title, and a form that tells what is filled in or why it cannot be meant."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QLayout, QPushButton, QVBoxLayout, QWidget

from guiapp.errors import UserFacingError

_MARGINS = (16, 12, 16, 12)


class Card(QFrame):
    """A panel with a title."""

    def __init__(self, title: str, parent: QWidget | None = None, *, name: str = "") -> None:
        """Make the panel; the title is not laid out yet.

        Args:
            title: Stands at the top.
            parent: Qt's owner.
            name: For screen readers; the title where empty.
        """
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAccessibleName(name or title)
        self.title = QLabel(title)
        self.title.setProperty("role", "title")

    def frame_in(self, layout: QLayout, spacing: int = 8) -> None:
        """Keep the usual distance from the panel's edge."""
        layout.setContentsMargins(*_MARGINS)
        layout.setSpacing(spacing)


class FormCard(Card):
    """A card of fields with buttons below.

    Signals:
        save_requested(object): What is filled in, to be kept.
        refused(object): A ``UserFacingError``: what is wrong with what was filled in.
    """

    save_requested = Signal(object)
    refused = Signal(object)

    def __init__(self, title: str, parent: QWidget | None = None, *, name: str = "", columns: int = 1) -> None:
        """Start without fields.

        Args:
            title: Stands at the top.
            parent: Qt's owner.
            name: For screen readers; the title where empty.
            columns: How many fields stand side by side.
        """
        super().__init__(title, parent, name=name)
        self._columns, self._count = columns, 0
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(6)
        for column in range(columns):
            self._grid.setColumnStretch(2 * column + 1, 1)

    def add_field(self, words: str, field: QWidget) -> QLabel:
        """Put a field into the next place and return the label before it."""
        label = QLabel(words)
        label.setProperty("role", "muted")
        label.setBuddy(field)
        row, column = divmod(self._count, self._columns)
        self._grid.addWidget(label, row, 2 * column)
        self._grid.addWidget(field, row, 2 * column + 1)
        self._count += 1
        return label

    def lay_out(self, buttons: Sequence[QPushButton], *, before_buttons: QWidget | None = None) -> None:
        """Lay everything out, the buttons at the right below the fields.

        Args:
            buttons: From left to right; Enter in another field does not press them.
            before_buttons: Stands above them, as wide as it needs to be.
        """
        foot = QHBoxLayout()
        foot.addStretch(1)
        for button in buttons:
            button.setAutoDefault(False)
            foot.addWidget(button)
        rows = QVBoxLayout(self)
        self.frame_in(rows)
        rows.addWidget(self.title)
        rows.addLayout(self._grid)
        if before_buttons is not None:
            line = QHBoxLayout()
            line.addWidget(before_buttons)
            line.addStretch(1)
            rows.addLayout(line)
        rows.addLayout(foot)

    def tell(self, signal: SignalInstance, filled_in: Callable[[], object]) -> None:
        """Emit what is filled in, or tell why it is refused."""
        try:
            thing = filled_in()
        except UserFacingError as error:
            self.refused.emit(error)
        else:
            signal.emit(thing)
