"""Where the viewer's numbers stand: all of them where there is room, else a part of them that scrolls."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

_LEAST_HEIGHT = 90  # px


class NumbersArea(QScrollArea):
    """Numbers of many models scroll in a low window, which they would keep from becoming lower; elsewhere all of them are seen."""

    def __init__(self, inside: QWidget) -> None:
        """Put numbers inside."""
        super().__init__()
        self._inside = inside
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(inside)
        for ground in (inside, self.viewport()):
            ground.setAutoFillBackground(False)
        self.verticalScrollBar().setStyleSheet("QScrollBar:vertical { width: 15px; margin-left: 5px; }")  # not upon the last column
        inside.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ask for another height when the numbers need one."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        """Return room for everything."""
        inside = self._inside
        width = max(self.viewport().width(), inside.minimumSizeHint().width())
        return QSize(inside.sizeHint().width(), inside.heightForWidth(width) if inside.hasHeightForWidth() else inside.sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Return room for a few lines, at the width that the table needs."""
        return QSize(self._inside.minimumSizeHint().width(), _LEAST_HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for the height of words that wrap at another width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()
