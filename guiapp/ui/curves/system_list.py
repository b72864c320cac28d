"""The list of systems: a name, the signed deviation, and a small bar or one dot a model."""

from __future__ import annotations

import math

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QWidget

from guiapp.benchmarks.system_sentence import deviation_text
from guiapp.ui.curves.system_model import ASIDE_ROLE, DEVIATION, NAME, SYSTEM_ROLE, SystemModel
from guiapp.ui.curves.systems import ListedFamily, ListedSystem, system_title
from guiapp.ui.theme import Palette, scale_color, text_font

Index = QModelIndex | QPersistentModelIndex

_ROW = 26
_BAR_HALF = 20.0  # pixels
_BAR_FULL = 0.5  # a deviation this large fills the bar
_DEVIATION_WIDTH = 98
_MARGIN = 4.0


class _SystemDelegate(QStyledItemDelegate):
    """Paints both columns."""

    def __init__(self, palette: Palette, parent: QWidget) -> None:
        super().__init__(parent)
        self.palette = palette
        self._font, self._bold, self._small = text_font(13), text_font(13, bold=True), text_font(12)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(60, _ROW)

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
            # Paths of one crystal differ in their ends, other systems in their beginnings.
            elide = Qt.TextElideMode.ElideMiddle if ": " in words else Qt.TextElideMode.ElideRight
            text = QFontMetricsF(self._font).elidedText(system_title(words), elide, rect.width())
            painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        else:
            self._draw_deviation(painter, rect, system)

    def _write(self, painter: QPainter, rect: QRectF, title: str, aside: str) -> None:
        """Write a family's title, and how many systems it has where there is room."""
        left, centre = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignVCenter
        painter.setFont(self._bold)
        painter.setPen(QColor(self.palette.text))
        painter.drawText(rect, left | centre, title)
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
        middle, y = rect.right() - _BAR_HALF - _MARGIN, rect.center().y() + 0.5
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
        numbers = rect.adjusted(0, 0, -2 * _BAR_HALF - 3 * _MARGIN, 0)
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
        self.setUniformRowHeights(True)
        self.setIndentation(12)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Systems by family")
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(DEVIATION, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(DEVIATION, _DEVIATION_WIDTH)
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


def _reach(deviation: float) -> float:
    return max(-1.0, min(1.0, deviation / _BAR_FULL)) * _BAR_HALF
