"""Conditions as small buttons with a cross, in as many lines as they need."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtWidgets import QLayout, QLayoutItem, QPushButton, QSizePolicy, QWidget

from guiapp.ui.icons import icon
from guiapp.ui.theme import Palette


class FlowLayout(QLayout):
    """Widgets from left to right, breaking into lines as words do."""

    def __init__(self, parent: QWidget | None = None, spacing: int = 6) -> None:
        """Start empty."""
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap = spacing
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        """Append an item."""
        self._items.append(item)

    def count(self) -> int:
        """Return the number of items."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return one item."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Remove one item and return it."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Take no more room than the lines need."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Say that a narrow window needs more lines."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of the lines at that width, px."""
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        """Place the items."""
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:
        """Return the smallest useful size."""
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        """Return the size of the widest item."""
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        x, y, line = rect.x(), rect.y(), 0
        for item in self._items:
            hint = item.sizeHint()
            width = min(hint.width(), max(rect.width(), 1))
            if x > rect.x() and x + width > rect.x() + rect.width():
                x, y, line = rect.x(), y + line + self._gap, 0
            if move:
                item.setGeometry(QRect(QPoint(x, y), QSize(width, hint.height())))
            x += width + self._gap
            line = max(line, hint.height())
        return y + line - rect.y()


class ChipRow(QWidget):
    """The conditions that are set.

    Signals:
        removed(str): The chip with that key was clicked.
    """

    removed = Signal(str)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Start without a chip, and hidden."""
        super().__init__(parent)
        self._palette = palette
        self._chips: dict[str, str] = {}
        self._layout = FlowLayout(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setVisible(False)

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        self._palette = palette
        chips, self._chips = self._chips, {}
        self.set_chips(chips)

    def set_chips(self, chips: Mapping[str, str]) -> None:
        """Show these chips: words by key."""
        if dict(chips) == self._chips:
            return
        self._chips = dict(chips)
        while (item := self._layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for key, words in chips.items():
            button = QPushButton(f"{words} ")
            button.setProperty("role", "chip")
            button.setIcon(icon("x", self._palette, color=self._palette.muted))
            button.setIconSize(QSize(11, 11))
            button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the cross stands behind the words
            button.setToolTip(f"Remove this condition: {words}")
            button.setAccessibleName(f"Remove the condition {words}")
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            button.clicked.connect(lambda _=False, k=key: self.removed.emit(k))
            self._layout.addWidget(button)
        self.setVisible(bool(chips))
        self.updateGeometry()
