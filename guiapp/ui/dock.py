"""A dock whose title bar is a slim grip: the panels carry their own titles."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QVBoxLayout, QWidget

from guiapp.ui.theme import Palette

_HEIGHT = 12
_DOTS = 5


class DockGrip(QWidget):
    """Five dots to drag a dock by; a double click lets it float, as on any title bar."""

    def __init__(self, palette: Palette, title: str) -> None:
        """Name the panel that the grip moves."""
        super().__init__()
        self._color = QColor(palette.muted)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setToolTip(f"Drag to move {title.lower()}, double-click to float it")
        self.setAccessibleName(f"{title}: drag to move")

    def set_palette(self, palette: Palette) -> None:
        """Repaint in another theme."""
        self._color = QColor(palette.muted)
        self.update()

    def sizeHint(self) -> QSize:
        """Be as slim as can still be grabbed."""
        return QSize(40, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Keep the height."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the dots."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._color)
        painter.setOpacity(0.55)
        for k in range(_DOTS):
            painter.drawEllipse(QPointF(self.width() / 2 + 7 * (k - (_DOTS - 1) / 2), self.height() / 2), 1.5, 1.5)


class PanelDock(QDockWidget):
    """Holds one panel with the window's margins around it."""

    def __init__(self, title: str, panel: QWidget, palette: Palette, window: QMainWindow) -> None:
        """Put a panel into a dock."""
        super().__init__(title, window)
        self.setObjectName(title)
        self.grip = DockGrip(palette, title)
        self.setTitleBarWidget(self.grip)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(8, 0, 8, 8)
        column.addWidget(panel)
        self.setWidget(holder)
