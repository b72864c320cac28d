"""A panel that takes files and folders dropped on it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QWidget

from guiapp.ui.theme import Palette


class DropFrame(QFrame):
    """Lights up while local files hover over it.

    Signals:
        paths_dropped(list): Files and folders were dropped, as ``Path``.
    """

    paths_dropped = Signal(list)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Paint in the colours of that palette."""
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAcceptDrops(True)
        self._palette = palette
        self._hovered = False

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome local files and folders."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            self._light(on=True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Take the welcome back."""
        self._light(on=False)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell what was dropped."""
        self._light(on=False)
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.paths_dropped.emit(paths)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the welcome behind the panel's contents."""
        super().paintEvent(event)
        if self._hovered:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(self._palette.accent), 2, Qt.PenStyle.DashLine))
            painter.setBrush(QColor(self._palette.accent_soft))
            painter.drawRoundedRect(self.rect().adjusted(2, 2, -2, -2), 8, 8)

    def _light(self, *, on: bool) -> None:
        self._hovered = on
        self.update()
