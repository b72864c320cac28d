"""The failures: sorted, copied, exported, and followed to the frame."""

from __future__ import annotations

import csv

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester

from guiapp.engine.job import FrameFailure
from guiapp.ui.benchmark.failures_dialog import FailuresDialog

FAILURES = (
    FrameFailure("h1", "frame 7", "MgO", 'An atom, "alone".', "Leave it out."),
    FrameFailure("h2", "frame 2", "AmO2", "Element Am is unknown.", "Choose another model."),
)


@pytest.fixture
def dialog(qtbot):
    widget = FailuresDialog("job 3", "High-energy states", FAILURES)
    widget.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(widget)
    widget.show()
    return widget


def test_double_click_asks_for_the_frame(dialog, qtbot):
    """After sorting by compound the first row is AmO2, and a double click on it asks for its frame."""
    dialog.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    place = dialog.table.visualRect(dialog._sorted.index(0, 2)).center()
    qtbot.mouseClick(dialog.table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    with qtbot.waitSignal(dialog.frame_requested) as told:
        qtbot.mouseDClick(dialog.table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    assert told.args == ["h2"]
    assert "Choose another model." in dialog.detail.text()


def test_retry_tells_the_job(dialog, qtbot):
    """Retry failed tells the job."""
    with qtbot.waitSignal(dialog.retry_requested) as told:
        qtbot.mouseClick(dialog.retry, Qt.MouseButton.LeftButton)
    assert told.args == ["job 3"]


def test_copy_and_export(dialog, qtbot, tmp_path):
    """Nothing picked copies all, a picked row copies itself; the CSV survives quotes and commas."""
    qtbot.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text().count("\n") == 2
    dialog.table.selectRow(1)
    dialog.activateWindow()
    dialog.table.setFocus()
    qtbot.keyClick(dialog.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text().count("\n") == 1)
    assert "AmO2\tframe 2" in QGuiApplication.clipboard().text()
    dialog.write_csv(tmp_path / "f.csv")
    with (tmp_path / "f.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["compound", "frame", "why", "what to do", "frame hash"]
    assert rows[1] == ["MgO", "frame 7", 'An atom, "alone".', "Leave it out.", "h1"]


def test_table_keeps_the_contract_of_qt(dialog):
    """Qt's own tester is content."""
    tester = QAbstractItemModelTester(dialog.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert tester.model() is dialog.model
    assert dialog.model.rowCount() == len(FAILURES)
    assert dialog.model.rowCount(dialog.model.index(0, 0)) == 0
