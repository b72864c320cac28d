"""The workers of a cluster: where they are, how full their memory is, what they do."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from guiapp.engine.cluster.connection import WorkerState
from guiapp.ui.cluster_page.situation import size_words

_COLUMNS = ("Worker", "Machine", "Memory", "Processor", "Batches")
_NUMBERS = {2, 3, 4}


class WorkerTable(QWidget):
    """A row for each worker; one can be restarted.

    Signals:
        restart_requested(str): The worker at that address shall be restarted.
    """

    restart_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._workers: tuple[WorkerState, ...] = ()
        self.table = QTableWidget(0, len(_COLUMNS))
        self.table.setAccessibleName("Workers")
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, title in enumerate(_COLUMNS):
            head = QTableWidgetItem(title)
            head.setTextAlignment(_alignment(column))
            self.table.setHorizontalHeaderItem(column, head)
        self.empty_label = QLabel("The workers show up here as they start; in a queue that can take a while.")
        self.empty_label.setProperty("role", "muted")
        self.empty_label.setWordWrap(True)
        self.restart_button = QPushButton("Restart the worker")
        self.restart_button.setToolTip("End its process and start another, as when a batch hangs; the batch goes to another worker")
        self.restart_button.setAutoDefault(False)
        self.restart_button.clicked.connect(self._restart)
        self.table.itemSelectionChanged.connect(self._allow)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.restart_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.empty_label, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.table, 1)
        layout.addLayout(foot)
        self.set_workers(())

    def set_workers(self, workers: tuple[WorkerState, ...]) -> None:
        """Show these workers; the selected one stays selected."""
        chosen = self._chosen()
        if [one.address for one in workers] != [one.address for one in self._workers]:
            self.table.setRowCount(len(workers))
        self._workers = workers
        for row, one in enumerate(workers):
            used = f"{size_words(one.memory)} of {size_words(one.memory_limit)}" if one.memory_limit else size_words(one.memory)
            for column, text in enumerate((one.name, one.host, used, f"{100 * one.busy:.0f} %", str(one.running))):
                item = self.table.item(row, column)
                if item is None:
                    item = QTableWidgetItem()
                    item.setTextAlignment(_alignment(column))
                    self.table.setItem(row, column, item)
                if item.text() != text:
                    item.setText(text)
                item.setToolTip(one.address)
        addresses = [one.address for one in workers]
        if chosen is not None and chosen.address in addresses:
            self.table.selectRow(addresses.index(chosen.address))
        elif chosen is not None:
            self.table.clearSelection()
        self.table.setVisible(bool(workers))
        self.empty_label.setVisible(not workers)
        self.restart_button.setVisible(bool(workers))
        self._allow()

    def _chosen(self) -> WorkerState | None:
        rows = {index.row() for index in self.table.selectedIndexes()}
        return self._workers[rows.pop()] if len(rows) == 1 else None

    @Slot()
    def _allow(self) -> None:
        chosen = self._chosen()
        self.restart_button.setEnabled(chosen is not None and chosen.restartable)

    @Slot()
    def _restart(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            self.restart_requested.emit(chosen.address)


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in _NUMBERS else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
