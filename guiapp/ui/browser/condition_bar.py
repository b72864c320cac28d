"""Search field, filter button and chips: all that says which frames are listed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from guiapp.ui.browser.chips import ChipRow
from guiapp.ui.browser.conditions import Conditions
from guiapp.ui.browser.filter_popover import FilterPopover
from guiapp.ui.icons import icon
from guiapp.ui.theme import Palette

_SEARCH_DELAY = 120  # ms after the last key, so that a fast typist's letters are searched once
_LEAVE_KEYS = (Qt.Key.Key_Escape, Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ConditionBar(QWidget):
    """Edits ``Conditions``.

    Signals:
        changed(object): The ``Conditions`` that the user asks for.
        left(): The user is done with the search field and wants to go on to the list.
    """

    changed = Signal(object)
    left = Signal()

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Start without a condition."""
        super().__init__(parent)
        self._conditions = Conditions()
        self.search = QLineEdit()
        self.search.setPlaceholderText("formula, element, name…")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search structures")
        self.search.setToolTip("Li finds the element, LiF the formula, anything else names. Several words must all match. (Ctrl+F)")
        self.search.installEventFilter(self)
        self.button = QToolButton()
        self.button.setProperty("role", "chip")
        self.button.setText("Filter")
        self.button.setIconSize(QSize(14, 14))
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setToolTip("Filter by element, size, largest force, labels and flags")
        self.popover = FilterPopover(palette, self)
        self.chips = ChipRow(palette)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SEARCH_DELAY)
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.search, 1)
        line.addWidget(self.button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(line)
        layout.addWidget(self.chips)
        self.search.textChanged.connect(self._text_changed)
        self._timer.timeout.connect(self.search_now)
        self.button.clicked.connect(self._open_popover)
        self.popover.changed.connect(self.changed)
        self.chips.removed.connect(self._remove)
        self.set_palette(palette)

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        self.popover.set_palette(palette)
        self.chips.set_palette(palette)
        self.button.setIcon(icon("funnel", palette))

    def set_counts(self, counts: Mapping[str, int]) -> None:
        """Tell how many frames contain each element."""
        self.popover.set_counts(counts)

    def set_conditions(self, conditions: Conditions) -> None:
        """Show these conditions, without a signal."""
        self._timer.stop()
        self._conditions = conditions
        if self.search.text().strip() != conditions.text:
            self.search.blockSignals(True)
            self.search.setText(conditions.text)
            self.search.blockSignals(False)
        self.popover.set_conditions(conditions)
        chips = conditions.chips()
        self.chips.set_chips(chips)
        self.button.setText(f"Filter · {len(chips)}" if chips else "Filter")

    def focus_search(self) -> None:
        """Put the cursor into the search field."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def search_now(self) -> None:
        """Search for what is in the field, without waiting for more letters."""
        self._timer.stop()
        text = self.search.text().strip()
        if text != self._conditions.text:
            self.changed.emit(replace(self._conditions, text=text))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Esc empty the search before it means "one level up", and Enter or Down go on to the list."""
        if watched is self.search and isinstance(event, QKeyEvent):
            escape = event.key() == Qt.Key.Key_Escape
            if escape and event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.key() in _LEAVE_KEYS and event.type() == QEvent.Type.KeyPress:
                if escape:
                    self.search.clear()
                self.search_now()
                self.left.emit()
                return True
        return super().eventFilter(watched, event)

    def _text_changed(self, text: str) -> None:
        # An emptied field brings everything back at once; letters wait for the next one.
        if text.strip():
            self._timer.start()
        else:
            self.search_now()

    def _remove(self, key: str) -> None:
        self.changed.emit(self._conditions.without(key))

    def _open_popover(self) -> None:
        self.popover.set_conditions(self._conditions)
        self.popover.adjustSize()
        self.popover.move(self.button.mapToGlobal(QPoint(0, self.button.height() + 4)))
        self.popover.show()
        self.popover.table.setFocus()
