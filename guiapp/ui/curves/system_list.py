"""The list of systems: a name, the signed deviation, and a small bar or one dot a model."""

from __future__ import annotations

import math
import re

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QWidget

from guiapp.benchmarks.system_sentence import deviation_text
from guiapp.ui.curves.system_model import ASIDE_ROLE, DEVIATION, NAME, SYSTEM_ROLE, SystemModel
from guiapp.ui.curves.systems import ListedFamily, ListedSystem, system_title
from guiapp.ui.theme import Palette, scale_color, text_font

Index = QModelIndex | QPersistentModelIndex

_ROW, _LINE = 26, 16
"""Height of a system's row, and what each further line of its name adds."""
_MOST_LINES = 3
_BAR_HALF = 14.0  # pixels
_BAR_FULL = 0.5  # a deviation this large fills the bar
_WIDEST_DEVIATION = "−100 %"
_MARGIN = 4.0
_WORD = re.compile(r"(?:\([^)]*\)|\S)+")


class _SystemDelegate(QStyledItemDelegate):
    """Paints both columns; a name that is too long for one line takes more."""

    def __init__(self, palette: Palette, tree: QTreeView) -> None:
        super().__init__(tree)
        self.palette = palette
        self._tree = tree
        self._wrapped: dict[str, tuple[str, ...]] = {}
        self._wrapped_at = -1.0
        self._font, self._bold, self._small = text_font(13), text_font(13, bold=True), text_font(12)

    @property
    def deviation_width(self) -> int:
        """Pixels that the number and its bar need."""
        number = QFontMetricsF(self._small).horizontalAdvance(_WIDEST_DEVIATION)
        return math.ceil(number + 2 * _BAR_HALF + 4 * _MARGIN)

    def name_lines(self, name: str) -> tuple[str, ...]:
        """Return the lines in which the name of a system is written at the present width."""
        width = self._tree.columnWidth(NAME) - 2 * self._tree.indentation() - 2 * _MARGIN
        if width != self._wrapped_at:
            self._wrapped, self._wrapped_at = {}, width
        if name not in self._wrapped:
            self._wrapped[name] = wrapped(system_title(name), width, QFontMetricsF(self._font), most=_MOST_LINES)
        return self._wrapped[name]

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        system = index.data(SYSTEM_ROLE)
        lines = len(self.name_lines(system.system)) if isinstance(system, ListedSystem) else 1
        return QSize(60, _ROW + (lines - 1) * _LINE)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        state, rect = option.state, QRectF(option.rect)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, QColor(self.palette.accent_soft))
        elif state & QStyle.StateFlag.State_MouseOver:
            hovered = QColor(self.palette.accent_soft)
            hovered.setAlphaF(0.45)
            painter.fillRect(option.rect, hovered)
        system = index.data(SYSTEM_ROLE)
        words = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        rect = rect.adjusted(_MARGIN, 0, -_MARGIN, 0)
        if system is None:
            self._write(painter, rect, words, str(index.data(ASIDE_ROLE)))
        elif index.column() == NAME:
            painter.setFont(self._font)
            painter.setPen(QColor(self.palette.text if system.marks else self.palette.muted))
            lines = self.name_lines(words)
            top = rect.center().y() - len(lines) * _LINE / 2
            for k, line in enumerate(lines):
                place = QRectF(rect.left(), top + k * _LINE, rect.width(), _LINE)
                painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, line)
        else:
            self._draw_deviation(painter, rect, system)

    def _write(self, painter: QPainter, rect: QRectF, title: str, aside: str) -> None:
        """Write a family's title, and how many systems it has where there is room."""
        left, centre = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignVCenter
        painter.setFont(self._bold)
        painter.setPen(QColor(self.palette.text))
        shown = QFontMetricsF(self._bold).elidedText(title, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, left | centre, shown)
        taken, needed = (QFontMetricsF(font).horizontalAdvance(text) for font, text in ((self._bold, title), (self._small, aside)))
        if taken + needed + 12 <= rect.width():
            painter.setFont(self._small)
            painter.setPen(QColor(self.palette.muted))
            painter.drawText(rect, Qt.AlignmentFlag.AlignRight | centre, aside)

    def _draw_deviation(self, painter: QPainter, rect: QRectF, system: ListedSystem) -> None:
        right, centre = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignVCenter
        painter.setFont(self._small)
        marks = [mark for mark in system.marks if math.isfinite(mark.deviation)]
        if not marks:
            painter.setPen(QColor(self.palette.muted))
            known = any(mark.has_reference for mark in system.marks)
            words = "no signal" if known else "no DFT value" if system.marks else "not there"
            painter.drawText(rect, right | centre, words)
            return
        middle, y = rect.right() - _BAR_HALF, rect.center().y() + 0.5
        axis = QColor(self.palette.muted)
        axis.setAlphaF(0.45)
        painter.setPen(QPen(axis, 1))
        painter.drawLine(QPointF(round(middle) + 0.5, y - 7), QPointF(round(middle) + 0.5, y + 7))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if len(system.marks) == 1:
            reach = _reach(marks[0].deviation)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(scale_color(1 + marks[0].deviation, self.palette))
            painter.drawRoundedRect(QRectF(min(middle, middle + reach), y - 3, max(abs(reach), 1.5), 6), 2, 2)
        else:
            for mark in reversed(marks):
                color = self.palette.model_color(mark.color_index)
                painter.setPen(QPen(color, 1.4) if mark.corrected else Qt.PenStyle.NoPen)
                painter.setBrush(QColor(self.palette.surface) if mark.corrected else color)
                painter.drawEllipse(QPointF(middle + _reach(mark.deviation), y), 3, 3)
        painter.restore()
        painter.setPen(QColor(self.palette.text))
        numbers = rect.adjusted(0, 0, -2 * _BAR_HALF - 2 * _MARGIN, 0)
        painter.drawText(numbers, right | centre, deviation_text(system.deviation))


class SystemList(QTreeView):
    """Families and their systems; arrows walk, Enter opens and closes a family.

    Signals:
        system_chosen: Family and system that the user picked.
    """

    system_chosen = Signal(str, str)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._model = SystemModel(self)
        self._delegate = _SystemDelegate(palette, self)
        self._quiet = False
        self._closed: set[str] = set()
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
        self.setHeaderHidden(True)
        self.setIndentation(12)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Systems by family")
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(DEVIATION, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(DEVIATION, self._delegate.deviation_width)
        header.sectionResized.connect(self._wrap_anew)
        self.selectionModel().currentChanged.connect(self._tell)
        self.expanded.connect(self._opened)
        self.collapsed.connect(self._shut)

    @property
    def families(self) -> tuple[ListedFamily, ...]:
        """What is listed."""
        return self._model.families

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self._delegate.palette = palette
        self.viewport().update()

    def set_families(self, families: tuple[ListedFamily, ...]) -> None:
        """List other systems; the picked one, the open families and the scrolled place stay."""
        picked, scrolled = self.current(), self.verticalScrollBar().value()
        self._quiet = True
        if self._model.set_families(families):
            for row, family in enumerate(families):
                self.setFirstColumnSpanned(row, QModelIndex(), True)
                self.setExpanded(self._model.index(row, 0), family.family not in self._closed)
            self._put(*picked)
            self.verticalScrollBar().setValue(scrolled)
        self._quiet = False

    def current(self) -> tuple[str, str]:
        """Return family and system that are picked; two empty words where none is."""
        system = self.currentIndex().siblingAtColumn(NAME).data(SYSTEM_ROLE)
        return (system.family, system.system) if isinstance(system, ListedSystem) else ("", "")

    def set_current(self, family: str, system: str) -> None:
        """Pick a system without a signal, and bring it into sight."""
        self._quiet = True
        index = self._put(family, system)
        self._quiet = False
        if index.isValid():
            self.scrollTo(index)

    def index_of(self, family: str, system: str) -> QModelIndex:
        """Return the index of a system's line."""
        return self._model.place_of(family, system)

    def _put(self, family: str, system: str) -> QModelIndex:
        index = self._model.place_of(family, system)
        if index.isValid():
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().setCurrentIndex(index, flags)
        return index

    def name_lines(self, system: str) -> tuple[str, ...]:
        """Return the lines in which a system's name is written at the present width."""
        return self._delegate.name_lines(system)

    @Slot(int, int, int)
    def _wrap_anew(self, section: int, _before: int, _width: int) -> None:
        """Give each line the height that its name needs at another width."""
        if section == NAME:
            self.scheduleDelayedItemsLayout()

    @Slot(QModelIndex)
    def _tell(self, index: QModelIndex) -> None:
        system = index.siblingAtColumn(NAME).data(SYSTEM_ROLE)
        if not self._quiet and isinstance(system, ListedSystem):
            self.system_chosen.emit(system.family, system.system)

    @Slot(QModelIndex)
    def _opened(self, index: QModelIndex) -> None:
        if not self._quiet:
            self._closed.discard(self._model.families[index.row()].family)

    @Slot(QModelIndex)
    def _shut(self, index: QModelIndex) -> None:
        if not self._quiet:
            self._closed.add(self._model.families[index.row()].family)


def wrapped(words: str, width: float, metrics: QFontMetricsF, *, most: int) -> tuple[str, ...]:
    """Return words broken into lines of a width; what does not fit into the last one is elided at its right end.

    What stands in brackets, such as the indices of a direction, stays together.

    Args:
        words: A name.
        width: Pixels of a line.
        metrics: Of the font.
        most: How many lines there may be.
    """
    lines = [""]
    for word in _WORD.findall(words):
        longer = f"{lines[-1]} {word}".strip()
        if len(lines) == most or metrics.horizontalAdvance(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return tuple(metrics.elidedText(line, Qt.TextElideMode.ElideRight, width) for line in lines)


def _reach(deviation: float) -> float:
    return max(-1.0, min(1.0, deviation / _BAR_FULL)) * _BAR_HALF
