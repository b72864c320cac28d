"""The tree itself: its columns by width, its keys, and more frames as the user scrolls."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTreeView, QWidget

from guiapp.ui.browser.arrangement import Column
from guiapp.ui.browser.delegates import CellDelegate, NameDelegate, ScaleDelegate
from guiapp.ui.browser.tree_model import FRAME, HEADERS, FrameTreeModel
from guiapp.ui.theme import Palette

_WIDTHS = {Column.SCALE: 104, Column.SIZE: 84, Column.FORCE: 68, Column.CONDITION: 112, Column.LABELS: 76}
# A column joins as soon as the tree is that wide, px; below, name and scale have the room to themselves.
_FROM_WIDTH = {Column.SIZE: 360, Column.FORCE: 440, Column.CONDITION: 560, Column.LABELS: 640}


class FrameTreeView(QTreeView):
    """Shows a ``FrameTreeModel``.

    Signals:
        delete_pressed(): Delete was pressed on the selection.
        up_pressed(): Esc was pressed: one level up.
        columns_changed(): Columns were shown or hidden.
    """

    delete_pressed = Signal()
    up_pressed = Signal()
    columns_changed = Signal()

    def __init__(self, model: FrameTreeModel, palette: Palette, parent: QWidget | None = None) -> None:
        """Show the model in the colours of that palette."""
        super().__init__(parent)
        self._frames = model
        self._chosen_by_hand = False
        self.setModel(model)
        self.setUniformRowHeights(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setIndentation(16)
        self.setAllColumnsShowFocus(True)
        self.setAnimated(False)
        self.setExpandsOnDoubleClick(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName("Structures")
        self._names = NameDelegate(palette, self)
        self._scales = ScaleDelegate(palette, self)
        self.setItemDelegate(self._names)
        self.setItemDelegateForColumn(Column.SCALE, self._scales)
        self._cells = CellDelegate(palette, self)
        for column in _FROM_WIDTH:
            self.setItemDelegateForColumn(column, self._cells)
        self._set_up_header()
        self.verticalScrollBar().valueChanged.connect(self._fetch_where_seen)

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        for delegate in (self._names, self._scales, self._cells):
            delegate.set_palette(palette)
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter expands and collapses, Delete asks to remove, Esc goes one level up; the rest is Qt's."""
        if self.state() == QAbstractItemView.State.EditingState:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            row = self.currentIndex().siblingAtColumn(0)
            self.setExpanded(row, not self.isExpanded(row))
        elif event.key() == Qt.Key.Key_Delete:
            self.delete_pressed.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.up_pressed.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many columns as there is room for, until the user has chosen."""
        super().resizeEvent(event)
        if not self._chosen_by_hand:
            self._show_by_width()

    def changeEvent(self, event: QEvent) -> None:
        """Measure the rows anew with another font or style."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.scheduleDelayedItemsLayout()

    def span_sets(self) -> None:
        """Let the title of a set run over the columns to its right, where it has nothing to show there."""
        for row in range(self._frames.rowCount()):
            self.setFirstColumnSpanned(row, QModelIndex(), self.isColumnHidden(Column.SIZE))

    def show_column(self, column: Column, *, shown: bool) -> None:
        """Show or hide a column by the user's choice, which a change of width no longer overrules."""
        self._chosen_by_hand = True
        self.setColumnHidden(column, not shown)
        self.columns_changed.emit()

    def _set_up_header(self) -> None:
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(48)
        for column, width in _WIDTHS.items():
            header.resizeSection(column, width)
        header.setSectionResizeMode(Column.NAME, QHeaderView.ResizeMode.Stretch)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setSortIndicatorClearable(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._choose_columns)
        header.setSectionsMovable(False)
        self.setSortingEnabled(True)
        self._show_by_width()

    def _show_by_width(self) -> None:
        width, changed = self.width(), False
        for column, least in _FROM_WIDTH.items():
            hide = width < least
            changed |= hide != self.isColumnHidden(column)
            self.setColumnHidden(column, hide)
        if changed:
            self.columns_changed.emit()

    def _choose_columns(self, point: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for column in _WIDTHS:
            action = QAction(HEADERS[column][0], menu, checkable=True, checked=not self.isColumnHidden(column))
            action.toggled.connect(lambda shown, c=column: self.show_column(c, shown=shown))
            menu.addAction(action)
        menu.popup(self.header().mapToGlobal(point))

    def _fetch_where_seen(self) -> None:
        """Ask for more frames of each compound whose last one so far is in sight."""
        index = self.indexAt(QPoint(1, 1))
        bottom = self.viewport().height()
        compounds: list[QModelIndex] = []
        while index.isValid() and self.visualRect(index).top() <= bottom:
            if self._frames.node(index).kind == FRAME:
                parent = index.parent()
                if index.row() == self._frames.rowCount(parent) - 1 and self._frames.canFetchMore(parent):
                    compounds.append(parent)
            index = self.indexBelow(index)
        for compound in compounds:
            self._frames.fetchMore(compound)
