"""How the browser paints a name, a softening scale, and the other cells.

A hundred cells are painted for each step of scrolling, so fonts, their measures and colours are made once, and the row's background is
a plain rectangle instead of a question to the style sheet (31 ms of processor time a full window before, 15 after).
"""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from guiapp.report.formula_text import subscript_runs
from guiapp.ui.browser.arrangement import Column
from guiapp.ui.browser.cell_text import ScaleEntry
from guiapp.ui.browser.tree_model import FRAME, PAINT_ROLE, SET
from guiapp.ui.icons import icon
from guiapp.ui.theme import Palette, scale_color, text_font

Index = QModelIndex | QPersistentModelIndex

ROW_HEIGHT = 26
BAR_HALF = 24.0  # px; length of a bar at its full value
BAR_FULL = 0.5  # a scale this far from 1 fills the bar
_MARGIN = 4.0
_SUBSCRIPT_DROP = 3.0  # px
_NUMBERS = (int(Column.SIZE), int(Column.FORCE))
_SELECTED, _HOVERED = QStyle.StateFlag.State_Selected.value, QStyle.StateFlag.State_MouseOver.value
_ELIDE = Qt.TextElideMode.ElideRight


class _Face:
    """A font with its measures."""

    def __init__(self, pixels: int, *, bold: bool = False) -> None:
        self.font: QFont = text_font(pixels, bold=bold)
        self.metrics = QFontMetricsF(self.font)
        self.width = lru_cache(maxsize=8192)(self._measure)
        """Width of a text, px; the same few names and numbers are asked for again and again."""
        self.base = (self.metrics.ascent() - self.metrics.descent()) / 2
        """How far the base line lies below the middle of a line, px."""

    def _measure(self, text: str) -> float:
        # In Python, because the cache asks for the signature of what it wraps, and PySide would build those of all its classes.
        return self.metrics.horizontalAdvance(text)

    def draw(self, painter: QPainter, x: float, middle: float, text: str) -> float:
        """Write text from x on; return its width."""
        painter.setFont(self.font)
        painter.drawText(QPointF(x, middle + self.base), text)
        return self.width(text)

    def fitted(self, text: str, room: float) -> str:
        """Return the text, cut where it needs more room than there is."""
        return text if self.width(text) <= room else self.metrics.elidedText(text, _ELIDE, room)

    def draw_to(self, painter: QPainter, right: float, middle: float, text: str) -> None:
        """Write text that ends at x = right."""
        self.draw(painter, right - self.width(text), middle, text)


class _BrowserDelegate(QStyledItemDelegate):
    """Paints the row's background; its heirs paint what stands on it."""

    def __init__(self, palette: Palette, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name, self._title = _Face(13), _Face(13, bold=True)
        self._low, self._low_title = _Face(10), _Face(10, bold=True)
        self._small, self._number = _Face(11), _Face(12)
        self.set_palette(palette)

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        self.palette = palette
        self._text, self._muted = QColor(palette.text), QColor(palette.muted)
        self._picked, self._hovered = QColor(palette.accent_soft), QColor(palette.accent_soft)
        self._hovered.setAlphaF(0.45)
        self._axis = QColor(palette.muted)
        self._axis.setAlphaF(0.45)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002 - Qt's signature
        """Return one height for every row, so that the view need not ask each."""
        return QSize(60, ROW_HEIGHT)

    def _background(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        state = option.state.value
        if state & _SELECTED:
            painter.fillRect(option.rect, self._picked)
        elif state & _HOVERED:
            painter.fillRect(option.rect, self._hovered)


class NameDelegate(_BrowserDelegate):
    """A name with its formulas set properly, a sign where something is flagged, and a muted aside."""

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        super().set_palette(palette)
        self._warning = icon("warning", palette, color=palette.warn)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one name."""
        self._background(painter, option)
        rect = QRectF(option.rect).adjusted(_MARGIN, 0, -_MARGIN, 0)
        middle = rect.center().y()
        kind, name, aside, flagged, _ = index.data(PAINT_ROLE)
        painter.setPen(self._text)
        x = self._write_name(painter, rect, name, title=kind == SET)
        if flagged:
            self._warning.paint(painter, QRect(round(x) + 6, round(middle) - 7, 14, 14))
            x += 20
        if aside and x + 8 < rect.right():
            painter.setPen(self._muted)
            self._small.draw(painter, x + 8, middle, self._small.fitted(aside, rect.right() - x - 8))

    def _write_name(self, painter: QPainter, rect: QRectF, name: str, *, title: bool) -> float:
        """Write the name from the left edge; return where it ends."""
        face, low = (self._title, self._low_title) if title else (self._name, self._low)
        middle = rect.center().y()
        if face.width(name) > rect.width():
            return rect.left() + face.draw(painter, rect.left(), middle, face.fitted(name, rect.width()))
        x = rect.left()
        for run, lowered in subscript_runs(name):
            x += low.draw(painter, x, middle + _SUBSCRIPT_DROP, run) if lowered else face.draw(painter, x, middle, run)
        return x


class CellDelegate(_BrowserDelegate):
    """Plain words or a number, aligned as the model says; what a set or compound sums up is muted, so that frames stand out."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell."""
        self._background(painter, option)
        kind, words, *_ = index.data(PAINT_ROLE)
        if not words:
            return
        painter.setPen(self._text if kind == FRAME else self._muted)
        rect = QRectF(option.rect).adjusted(_MARGIN, 0, -_MARGIN, 0)
        shown = self._number.fitted(words, rect.width())
        if index.column() in _NUMBERS:
            self._number.draw_to(painter, rect.right(), rect.center().y(), shown)
        else:
            self._number.draw(painter, rect.left(), rect.center().y(), shown)


class ScaleDelegate(_BrowserDelegate):
    """The scale and a small bar that grows from 1: to the left where soft, to the right where stiff."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one scale."""
        self._background(painter, option)
        entry: ScaleEntry | None = index.data(PAINT_ROLE)[4]
        if entry is None:
            return
        rect = QRectF(option.rect)
        if entry.enough_signal and math.isfinite(entry.scale):
            self._bar(painter, rect, entry.scale)
        else:
            painter.setPen(self._muted)
            self._small.draw_to(painter, rect.right() - _MARGIN, rect.center().y(), "not enough signal")

    def _bar(self, painter: QPainter, rect: QRectF, scale: float) -> None:
        middle, y = rect.right() - BAR_HALF - 2 * _MARGIN, rect.center().y() + 0.5
        reach = max(-1.0, min(1.0, (scale - 1) / BAR_FULL)) * BAR_HALF
        painter.setPen(QPen(self._axis, 1))
        painter.drawLine(round(middle), round(y - 7), round(middle), round(y + 7))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(scale_color(scale, self.palette))
        painter.drawRoundedRect(QRectF(min(middle, middle + reach), y - 3, max(abs(reach), 1.5), 6), 2, 2)
        painter.restore()
        painter.setPen(self._text)
        self._number.draw_to(painter, middle - BAR_HALF - 2 * _MARGIN, rect.center().y(), f"{scale:.2f}")
