"""Every action by name: type a few letters, press Enter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from guiapp.ui.theme import Palette, text_font

_ROW_HEIGHT = 34
_MOST_ROWS = 10
_WIDTH = 560
_COMMAND_ROLE = int(Qt.ItemDataRole.UserRole)
_MATCH_ROLE = _COMMAND_ROLE + 1
_WORD_START, _RUN, _GAP = 8, 5, -1  # what a matched letter is worth: at a word's start, after the one before, and per letter skipped


@dataclass(frozen=True)
class Command:
    """One line of the palette."""

    id: str
    title: str
    run: Callable[[], object]
    keys: str = ""
    """The shortcut as the user would press it, e.g. ``Ctrl+R``."""
    enabled: bool = True
    reason: str = ""
    """Why it is not possible now; shown in place of the shortcut."""


def fuzzy_match(letters: str, title: str) -> tuple[int, tuple[int, ...]] | None:
    """Find the letters in the title, in order but not side by side; the best of all ways.

    Args:
        letters: What was typed; blanks and case do not count.
        title: Where to look.

    Returns:
        How good the match is, and the places of the letters in the title; None where it does not match.
    """
    wanted, text = letters.replace(" ", "").lower(), title.lower()
    if not wanted:
        return 0, ()
    starts = [place == 0 or not text[place - 1].isalnum() for place in range(len(text))]
    # best[place] is the best way to have matched all letters so far with the last one at that place.
    best: dict[int, tuple[int, tuple[int, ...]]] = {}
    for number, letter in enumerate(wanted):
        found: dict[int, tuple[int, tuple[int, ...]]] = {}
        for place, here in enumerate(text):
            if here != letter:
                continue
            bonus = _WORD_START if starts[place] else 0
            if number == 0:
                found[place] = (bonus + _GAP * min(place, 5), (place,))
                continue
            ways = [
                (score + bonus + (_RUN if before == place - 1 else _GAP * min(place - before, 5)), (*places, place))
                for before, (score, places) in best.items()
                if before < place
            ]
            if ways:
                found[place] = max(ways)
        best = found
    return max(best.values()) if best else None


class _CommandDelegate(QStyledItemDelegate):
    """Title with the matched letters in bold; shortcut or reason on the right."""

    def __init__(self, palette: Palette, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.palette = palette

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: ARG002 - Qt's signature
        return QSize(_WIDTH - 40, _ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        command: Command = index.data(_COMMAND_ROLE)
        matched: tuple[int, ...] = index.data(_MATCH_ROLE)
        p, rect = self.palette, QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & option.state.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(p.accent_soft))
            painter.drawRoundedRect(rect.adjusted(2, 1, -2, -1), 6, 6)
        x = rect.left() + 12
        for place, letter in enumerate(command.title):
            font = text_font(13, bold=place in matched)
            painter.setFont(font)
            painter.setPen(QColor(p.muted if not command.enabled else p.accent if place in matched else p.text))
            width = QFontMetricsF(font).horizontalAdvance(letter)
            painter.drawText(QRectF(x, rect.top(), width + 2, rect.height()), Qt.AlignmentFlag.AlignVCenter, letter)
            x += width
        painter.setFont(text_font(12))
        painter.setPen(QColor(p.muted))
        room = QRectF(x + 16, rect.top(), rect.right() - x - 28, rect.height())
        words = QFontMetricsF(painter.font()).elidedText(
            command.keys if command.enabled else command.reason, Qt.TextElideMode.ElideRight, max(room.width(), 0)
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
        painter.restore()


class CommandPalette(QFrame):
    """Floats over the upper middle of its window; closes on Esc, on Enter, and when the focus goes elsewhere."""

    def __init__(self, palette: Palette, parent: QWidget) -> None:
        """Make the palette of a window; ``open_with`` shows it."""
        super().__init__(parent)
        self._window = parent
        parent.installEventFilter(self)
        self.setProperty("role", "panel")
        self.setAutoFillBackground(True)
        self._commands: tuple[Command, ...] = ()
        self._recent: list[str] = []
        self._focus_before: QWidget | None = None
        self.search = QLineEdit()
        self.search.setPlaceholderText("What do you want to do?")
        self.search.setAccessibleName("Command")
        self.search.installEventFilter(self)
        self.model = QStandardItemModel(self)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setMouseTracking(True)
        self.list.setAccessibleName("Commands")
        self._delegate = _CommandDelegate(palette, self)
        self.list.setItemDelegate(self._delegate)
        self.nothing = QLabel("No command has that name.")
        self.nothing.setProperty("role", "muted")
        self.nothing.setContentsMargins(12, 4, 12, 8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        for widget in (self.search, self.list, self.nothing):
            layout.addWidget(widget)
        self.search.textChanged.connect(self._filter)
        self.list.clicked.connect(self._run)
        self.list.entered.connect(self.list.setCurrentIndex)
        self.hide()

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        self._delegate.palette = palette
        self.list.viewport().update()

    def open_with(self, commands: Sequence[Command]) -> None:
        """Show these commands; those used last stand first."""
        place = {command: rank for rank, command in enumerate(self._recent)}
        self._commands = tuple(sorted(commands, key=lambda command: place.get(command.id, len(place))))
        if not self.isVisible():
            self._focus_before = QApplication.focusWidget()
        self.search.clear()
        self._filter("")
        self.show()
        self.raise_()
        self.search.setFocus()

    def shown(self) -> tuple[Command, ...]:
        """Return the commands that match, best first."""
        return tuple(self.model.item(row).data(_COMMAND_ROLE) for row in range(self.model.rowCount()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Steer the list from the search field."""
        if watched is self._window and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        if watched is self.search:
            if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and event.type() == QEvent.Type.ShortcutOverride:
                event.accept()  # Esc means "close" here, whatever it means in the window
                return True
            if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
                return self._key(Qt.Key(event.key()))
            if (
                event.type() == QEvent.Type.FocusOut
                and self.isVisible()
                and not self.isAncestorOf(QApplication.focusWidget() or self.search)
            ):
                self.hide()
        return super().eventFilter(watched, event)

    def _key(self, key: Qt.Key) -> bool:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: _MOST_ROWS, Qt.Key.Key_PageUp: -_MOST_ROWS}
        if key in steps:
            self._step(steps[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self.list.currentIndex())
        elif key == Qt.Key.Key_Escape:
            self._close()
        return key in (*steps, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)

    def _step(self, by: int) -> None:
        rows = self.model.rowCount()
        if rows:
            row = self.list.currentIndex().row() + by
            # One step past an end goes round; a page stops there.
            row = row % rows if abs(by) == 1 else max(0, min(rows - 1, row))
            self._choose(row)

    def _choose(self, row: int) -> None:
        index = self.model.index(row, 0)
        self.list.setCurrentIndex(index)
        self.list.scrollTo(index)
        self.search.setAccessibleDescription(str(index.data(int(Qt.ItemDataRole.AccessibleTextRole)) or ""))

    def _filter(self, text: str) -> None:
        found: list[tuple[int, int, Command, tuple[int, ...]]] = []
        for order, command in enumerate(self._commands):
            match = fuzzy_match(text, command.title)
            if match is not None:
                found.append((-match[0], order, command, match[1]))
        # What can be done now comes before what cannot; equal matches keep their order.
        found.sort(key=lambda entry: (entry[0], not entry[2].enabled, entry[1]))
        self.model.clear()
        for _, _, command, places in found:
            item = QStandardItem(command.title)
            item.setData(command, _COMMAND_ROLE)
            item.setData(places, _MATCH_ROLE)
            item.setAccessibleText(f"{command.title}, {command.keys}" if command.enabled else f"{command.title}, not now: {command.reason}")
            item.setToolTip(command.reason if not command.enabled else "")
            self.model.appendRow(item)
        self.list.setVisible(bool(found))
        self.nothing.setVisible(not found)
        if found:
            self._choose(0)
        self._place()

    def _run(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        command: Command = index.data(_COMMAND_ROLE)
        if not command.enabled:
            return
        self._recent = [command.id, *(other for other in self._recent if other != command.id)][:8]
        self._close()
        command.run()

    def _close(self) -> None:
        self.hide()
        if self._focus_before is not None:
            self._focus_before.setFocus()

    def _place(self) -> None:
        window = self._window
        rows = max(1, min(_MOST_ROWS, self.model.rowCount()))
        self.list.setFixedHeight(rows * _ROW_HEIGHT + 4)
        width = min(_WIDTH, window.width() - 32)
        height = self.search.sizeHint().height() + rows * _ROW_HEIGHT + 30
        self.setGeometry(QRect((window.width() - width) // 2, min(72, window.height() // 8), width, min(height, window.height() - 80)))
