"""The signed axis with its head held in place: rows scroll under it, so that the ticks are always in sight."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from guiapp.ui.summary.axis_scale import HEAD_HEIGHT, draw_head
from guiapp.ui.summary.signed_axis import SignedAxis


class AxisHead(QWidget):
    """Soft and stiff side and the ticks of an axis that scrolls below."""

    def __init__(self, axis: SignedAxis, parent: QWidget) -> None:
        """Follow an axis.

        Args:
            axis: Whose rows scroll.
            parent: The scroll area.
        """
        super().__init__(parent)
        self._axis = axis
        self.setAccessibleName("Scale of the signed axis")

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the head at the scale of the rows."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(self._axis.colors.surface))
        if self._axis.rows:
            draw_head(painter, 0.0, self._axis.scale, self._axis.colors)
        painter.end()


class AxisView(QScrollArea):
    """Scrolls the rows of an axis under its head."""

    def __init__(self, axis: SignedAxis, parent: QWidget | None = None) -> None:
        """Take the axis in."""
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setViewportMargins(0, round(HEAD_HEIGHT), 0, 0)
        self.head = AxisHead(axis, self)
        self.setWidget(axis)
        self.viewport().setAutoFillBackground(False)
        axis.scale_changed.connect(self.head.update)
        axis.current_moved.connect(self._show_rows)
        axis.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the head as wide as the rows, which a scroll bar narrows."""
        if event.type() == QEvent.Type.Resize:
            self._place_head()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the head above the rows."""
        super().resizeEvent(event)
        self._place_head()

    def _place_head(self) -> None:
        self.head.setGeometry(self.viewport().x(), 0, self.viewport().width(), round(HEAD_HEIGHT))
        self.head.update()

    def _show_rows(self, top: float, bottom: float) -> None:
        self.ensureVisible(0, round(top), 0, 4)
        self.ensureVisible(0, round(bottom), 0, 4)
