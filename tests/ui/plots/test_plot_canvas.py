"""The canvas under every plot shows where the keyboard is, tells of the mouse sparingly, and prints no frame."""

from __future__ import annotations

import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QWidget

from guiapp.ui.plots.plot_canvas import PlotCanvas
from guiapp.ui.theme import LIGHT


@pytest.fixture
def canvas(qtbot):
    page = QWidget()
    qtbot.addWidget(page)
    canvas = PlotCanvas(pg.PlotItem(), LIGHT)
    canvas.set_palette(LIGHT)
    canvas.setParent(page)
    canvas.setGeometry(0, 0, 200, 120)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    canvas.clearFocus()
    yield canvas
    page.close()


def has_frame(image):
    """Whether the middle of the upper edge is coloured."""
    return any(QColor(image.pixel(100, y)) != QColor(LIGHT.surface) for y in range(4))


@pytest.mark.parametrize(
    ("reason", "framed"),
    [(Qt.FocusReason.TabFocusReason, True), (Qt.FocusReason.BacktabFocusReason, True), (Qt.FocusReason.MouseFocusReason, False)],
)
def test_frame_for_the_keyboard_only(canvas, reason, framed):
    """Who comes by Tab sees a frame until the focus goes; who clicks does not; a printed figure never has one."""
    canvas.setFocus(reason)
    assert has_frame(canvas.viewport().grab().toImage()) == framed
    printed = QImage(200, 120, QImage.Format.Format_RGB32)
    painter = QPainter(printed)
    canvas.paint(painter, QRectF(0, 0, 200, 120))
    painter.end()
    assert not has_frame(printed)
    canvas.clearFocus()
    assert not has_frame(canvas.viewport().grab().toImage())


def test_moves_are_told_once_a_moment(canvas, qtbot):
    """Many moves in one turn of the event loop lead to one search, at the last place; none once the mouse has left."""
    told = []
    canvas.hovered.connect(told.append)
    for x in range(20):
        canvas.scene().sigMouseMoved.emit(QPointF(x, 5))
    qtbot.waitUntil(lambda: told == [QPointF(19, 5)])
    canvas.scene().sigMouseMoved.emit(QPointF(7, 7))
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    qtbot.wait(80)
    assert told == [QPointF(19, 5)]


def test_only_a_left_click_is_a_click(canvas, qtbot):
    """The right button belongs to menus."""
    told = []
    canvas.clicked.connect(told.append)
    qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.RightButton, pos=QPoint(50, 40))
    assert told == []
    qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(50, 40))
    assert told == [canvas.mapToScene(QPoint(50, 40))]
