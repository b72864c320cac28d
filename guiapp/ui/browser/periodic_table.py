"""The periodic table as a picker of elements, and as a picture of one number an element."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ase.data import atomic_names, chemical_symbols
from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from guiapp.ui.theme import Palette, text_font

COLUMNS, ROWS = 18, 9
_GAP_ROW = 0.35  # of a cell, between the main table and the lanthanides
_NOBLE = (2, 10, 18, 36, 54, 86, 118)


def place_of(number: int) -> tuple[int, int]:
    """Return row and column, from 0, of an element in the 18-column table; f elements fill rows 7 and 8."""
    if 57 <= number <= 71:
        return 7, number - 57 + 2
    if 89 <= number <= 103:
        return 8, number - 89 + 2
    period = next(row for row, last in enumerate(_NOBLE) if number <= last)
    before = 0 if period == 0 else _NOBLE[period - 1]
    step = number - before
    from_right = _NOBLE[period] - number
    s_block = step <= (1 if period == 0 else 2)
    return period, step - 1 if s_block else COLUMNS - 1 - from_right


@dataclass(frozen=True)
class ElementValue:
    """What the table says of one element when it is a picture."""

    value: float
    text: str
    """Written under the symbol."""
    color: QColor


class PeriodicTable(QWidget):
    """All elements; click to include, click again to exclude, once more to let go; arrows and Space do the same.

    Signals:
        selection_changed(object, object): Included and excluded symbols, as frozensets, after the user changed them.
        element_clicked(str): A symbol was clicked or Space was pressed on it.
    """

    selection_changed = Signal(object, object)
    element_clicked = Signal(str)

    def __init__(self, palette: Palette, parent: QWidget | None = None, *, picks: bool = True) -> None:
        """Draw the table.

        Args:
            palette: Colours.
            parent: Qt's owner.
            picks: Whether a click includes and excludes; without, it is told only.
        """
        super().__init__(parent)
        self._palette = palette
        self._picks = picks
        self._places = {symbol: place_of(number) for number, symbol in enumerate(chemical_symbols[1:119], 1)}
        self._by_place = {place: symbol for symbol, place in self._places.items()}
        self._counts: dict[str, int] | None = None
        self._values: dict[str, ElementValue] = {}
        self._include: frozenset[str] = frozenset()
        self._exclude: frozenset[str] = frozenset()
        self._current = "H"
        self._hovered = ""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(COLUMNS * 22, round((ROWS + _GAP_ROW) * 24))
        self.setAccessibleName("Periodic table")

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        self._palette = palette
        self.update()

    def set_counts(self, counts: Mapping[str, int] | None) -> None:
        """Write under each element how many frames contain it; elements that are not named are dimmed."""
        self._counts = None if counts is None else dict(counts)
        self.update()

    def set_values(self, values: Mapping[str, tuple[float, str, QColor]]) -> None:
        """Colour each element by a value: (value, text under the symbol, colour)."""
        self._values = {symbol: ElementValue(*value) for symbol, value in values.items()}
        self.update()

    def set_selection(self, include: Iterable[str], exclude: Iterable[str] = ()) -> None:
        """Show what is included and excluded, without a signal."""
        self._include, self._exclude = frozenset(include), frozenset(exclude)
        self.update()

    def selection(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return included and excluded symbols."""
        return self._include, self._exclude

    def rect_of(self, symbol: str) -> QRectF:
        """Return the cell of an element, in the widget's coordinates."""
        row, column = self._places[symbol]
        cell, left, top = self._metrics()
        y = row + (_GAP_ROW if row >= 7 else 0)
        return QRectF(left + column * cell, top + y * cell, cell, cell).adjusted(1, 1, -1, -1)

    def symbol_at(self, point: QPoint) -> str:
        """Return the element under a point, empty where there is none."""
        return next((symbol for symbol in self._places if self.rect_of(symbol).contains(point)), "")

    def sizeHint(self) -> QSize:
        """Return a size at which symbols and counts are read easily."""
        return QSize(COLUMNS * 30, round((ROWS + _GAP_ROW) * 30))

    # -- Qt's events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pick the element under the mouse; the right button excludes at once."""
        symbol = self.symbol_at(event.position().toPoint())
        if symbol:
            self._current = symbol
            self._pick(symbol, exclude=event.button() == Qt.MouseButton.RightButton)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the element under the mouse."""
        hovered = self.symbol_at(event.position().toPoint())
        if hovered != self._hovered:
            self._hovered = hovered
            self.setCursor(Qt.CursorShape.PointingHandCursor if hovered else Qt.CursorShape.ArrowCursor)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Put out the light."""
        self._hovered = ""
        self.update()
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk with the arrows, pick with Space, exclude with Delete."""
        steps = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
        if event.key() in steps:
            self._walk(*steps[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_Space:
            self._pick(self._current)
        elif event.key() == Qt.Key.Key_Delete:
            self._pick(self._current, exclude=True)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Explain the element under the mouse."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            symbol = self.symbol_at(event.pos())
            QToolTip.showText(event.globalPos(), self.describe(symbol) if symbol else "", self)
            return True
        return super().event(event)

    def describe(self, symbol: str) -> str:
        """Return in words what the table shows of an element."""
        number = chemical_symbols.index(symbol)
        parts = [f"{symbol} {atomic_names[number].lower()}"]
        if symbol in self._values:
            parts.append(self._values[symbol].text)
        if self._counts is not None:
            count = self._counts.get(symbol, 0)
            parts.append(f"in {count} frame{'' if count == 1 else 's'}")
        if symbol in self._include:
            parts.append("included")
        if symbol in self._exclude:
            parts.append("excluded")
        return ", ".join(parts)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Paint every element."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for symbol in self._places:
            self._paint_element(painter, symbol)

    # -- inside

    def _metrics(self) -> tuple[float, float, float]:
        """Return the side of a cell and the table's left and top edge, px."""
        cell = min(self.width() / COLUMNS, self.height() / (ROWS + _GAP_ROW))
        return cell, (self.width() - cell * COLUMNS) / 2, (self.height() - cell * (ROWS + _GAP_ROW)) / 2

    def _paint_element(self, painter: QPainter, symbol: str) -> None:
        p, rect, value = self._palette, self.rect_of(symbol), self._values.get(symbol)
        present = self._counts is None or self._counts.get(symbol, 0) > 0
        fill, edge, ink = QColor(p.surface), QColor(p.line), QColor(p.text if present else p.muted)
        if value is not None:
            fill = QColor(value.color)
            edge, ink = fill, QColor("#FFFFFF" if _is_dark(fill) else "#15181C")
        elif symbol in self._include:
            fill, edge, ink = QColor(p.accent), QColor(p.accent), QColor(p.on_accent)
        elif symbol in self._exclude:
            edge, ink = QColor(p.bad), QColor(p.bad)
        elif not present:
            fill = QColor(p.window)
            ink.setAlphaF(0.55)
        elif symbol == self._hovered:
            fill = QColor(p.accent_soft)
        focused = self.hasFocus() and symbol == self._current
        painter.setPen(QPen(QColor(p.accent) if focused or symbol == self._hovered else edge, 2 if focused else 1))
        painter.setBrush(fill)
        painter.drawRoundedRect(rect, 3, 3)
        note = value.text if value is not None else _short(self._counts.get(symbol, 0)) if self._counts is not None else ""
        painter.setPen(ink)
        side = rect.width()
        if note and side >= 24:
            painter.setFont(text_font(round(side * 0.40), bold=present))
            painter.drawText(rect.adjusted(0, 1, 0, -side * 0.36), Qt.AlignmentFlag.AlignCenter, symbol)
            painter.setFont(text_font(max(7, round(side * 0.27))))
            painter.drawText(rect.adjusted(-4, side * 0.52, 4, 0), Qt.AlignmentFlag.AlignCenter, note)
        else:
            painter.setFont(text_font(max(8, round(side * 0.44)), bold=present))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, symbol)
        if symbol in self._exclude:
            painter.setPen(QPen(QColor(p.bad), 1.4))
            painter.drawLine(rect.bottomLeft() + QPoint(4, -4), rect.topRight() + QPoint(-4, 4))

    def _pick(self, symbol: str, *, exclude: bool = False) -> None:
        self._tell_current()
        if self._picks:
            included, excluded = symbol in self._include, symbol in self._exclude
            self._include -= {symbol}
            self._exclude -= {symbol}
            if (exclude and not excluded) or (not exclude and included):
                self._exclude |= {symbol}
            elif not exclude and not excluded:
                self._include |= {symbol}
            self.update()
            self.selection_changed.emit(self._include, self._exclude)
        self.element_clicked.emit(symbol)

    def _walk(self, down: int, right: int) -> None:
        """Go to the next element in one direction, over the holes of the table."""
        row, column = self._places[self._current]
        while 0 <= row + down < ROWS and 0 <= column + right < COLUMNS:
            row, column = row + down, column + right
            if (row, column) in self._by_place:
                self._current = self._by_place[row, column]
                break
        self._tell_current()
        self.update()

    def _tell_current(self) -> None:
        self.setAccessibleDescription(self.describe(self._current))


def _is_dark(color: QColor) -> bool:
    return 0.299 * color.redF() + 0.587 * color.greenF() + 0.114 * color.blueF() < 0.55


def _short(count: int) -> str:
    """Return a count in at most four signs, nothing for none."""
    if count < 10_000:
        return str(count) if count else ""
    return f"{count // 1000}k"
