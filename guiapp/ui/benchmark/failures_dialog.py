"""Frames that failed: which, why, and what to do about it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPoint, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from guiapp.engine.job import FrameFailure
from guiapp.report.formula_text import subscripted

COLUMNS = ("compound", "frame", "why", "what to do")
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_TOOLTIP = int(Qt.ItemDataRole.ToolTipRole)


class FailureTable(QAbstractTableModel):
    """One row a failed frame."""

    def __init__(self, failures: Sequence[FrameFailure], parent: QWidget | None = None) -> None:
        """Show these failures."""
        super().__init__(parent)
        self.failures = tuple(failures)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return the number of failures."""
        return 0 if parent.isValid() else len(self.failures)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return the number of columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = _DISPLAY) -> str | None:
        """Return a cell, in whole in the tooltip."""
        if not index.isValid() or role not in (_DISPLAY, _TOOLTIP):
            return None
        words = cells(self.failures[index.row()])[index.column()]
        return subscripted(words) if index.column() == 0 else words

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> str | None:
        """Return the title of a column."""
        return COLUMNS[section] if orientation == Qt.Orientation.Horizontal and role == _DISPLAY else None


def cells(failure: FrameFailure) -> tuple[str, str, str, str]:
    """Return compound, frame, why, and what to do."""
    return failure.compound, failure.frame_name, failure.reason, failure.advice


class FailuresDialog(QDialog):
    """A window of its own that blocks nothing.

    Signals:
        frame_requested(str): Content hash of the frame that the user wants to see.
        retry_requested(str): Id of the job whose failed frames shall be computed once more.
    """

    frame_requested = Signal(str)
    retry_requested = Signal(str)

    def __init__(self, job: str, title: str, failures: Sequence[FrameFailure], parent: QWidget | None = None) -> None:
        """Show the failures of one job.

        Args:
            job: Its id.
            title: Its title.
            failures: What failed.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self.setWindowTitle(f"Failed frames · {title}")
        self.setModal(False)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(860, 380)
        self._job = job
        self.model = FailureTable(failures, self)
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self.model)
        self.table = QTableView()
        self.table.setModel(self._sorted)
        self._set_up_table()
        count = len(self.model.failures)
        head = QLabel(f"{count} frame{'' if count == 1 else 's'} could not be computed")
        head.setProperty("role", "title")
        note = QLabel(f"{title}. All other frames are done and count. Double click shows a frame.")
        note.setProperty("role", "small")
        self.detail = QLabel()
        self.detail.setWordWrap(True)
        self.detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.detail.setMinimumHeight(40)
        self.detail.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.retry = QPushButton("Retry failed")
        self.copy = QPushButton("Copy")
        self.export = QPushButton("Export CSV…")
        self.close_button = QPushButton("Close")
        for button in (self.retry, self.copy, self.export):
            button.setAutoDefault(False)
        self.close_button.setDefault(True)
        foot = QHBoxLayout()
        foot.addWidget(self.retry)
        foot.addStretch(1)
        for button in (self.copy, self.export, self.close_button):
            foot.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(8)
        for widget in (head, note, self.table, self.detail):
            layout.addWidget(widget)
        layout.addLayout(foot)
        self.retry.clicked.connect(lambda: self.retry_requested.emit(self._job))
        self.copy.clicked.connect(self.copy_rows)
        self.export.clicked.connect(self._choose_file)
        self.close_button.clicked.connect(self.close)
        self.table.doubleClicked.connect(self._show_frame)
        self.table.selectionModel().currentRowChanged.connect(self._show_detail)
        if self.model.failures:
            self.table.setCurrentIndex(self._sorted.index(0, 0))
            self.table.clearSelection()

    def copy_rows(self) -> None:
        """Put the picked rows, or all where none is picked, on the clipboard as a table."""
        rows = [cells(failure) for failure in self._picked()]
        QGuiApplication.clipboard().setText("\n".join("\t".join(row) for row in [COLUMNS, *rows]))

    def write_csv(self, path: Path) -> None:
        """Write all failures, in the order shown."""
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow([*COLUMNS, "frame hash"])
        for row in range(self._sorted.rowCount()):
            failure = self._failure(self._sorted.index(row, 0))
            writer.writerow([*cells(failure), failure.frame_hash])
        path.write_text(text.getvalue(), encoding="utf-8", newline="")

    def _set_up_table(self) -> None:
        table = self.table
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setShowGrid(False)
        table.setSortingEnabled(True)
        table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(28)
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.resizeSection(0, 110)
        header.resizeSection(1, 110)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._open_menu)
        copy = QAction("Copy", self)
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(self.copy_rows)
        table.addAction(copy)

    def _failure(self, index: QModelIndex) -> FrameFailure:
        return self.model.failures[self._sorted.mapToSource(index).row()]

    def _picked(self) -> list[FrameFailure]:
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows()) or list(range(self._sorted.rowCount()))
        return [self._failure(self._sorted.index(row, 0)) for row in rows]

    def _show_detail(self, index: QModelIndex) -> None:
        """Write out what a narrow column may have cut off."""
        if index.isValid():
            compound, frame, why, advice = cells(self._failure(index))
            self.detail.setText(f"{subscripted(compound)} {frame}: {why} {advice}".rstrip())

    def _show_frame(self, index: QModelIndex) -> None:
        self.frame_requested.emit(self._failure(index).frame_hash)

    def _open_menu(self, point: QPoint) -> None:
        index = self.table.indexAt(point)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        show = menu.addAction("Show this frame")
        show.setEnabled(index.isValid())
        show.triggered.connect(lambda: self._show_frame(index))
        menu.addAction("Copy").triggered.connect(self.copy_rows)
        menu.popup(self.table.viewport().mapToGlobal(point))

    def _choose_file(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Export failed frames", "failed-frames.csv", "CSV (*.csv)")
        if path:
            self.write_csv(Path(path))
