"""The widget that plots are drawn in: it shows the keyboard's focus, says where the mouse is, and prints what it shows."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen

from guiapp.ui.theme import Palette

_HOVER_MS = 40  # between two searches for the point under the mouse
_KEYBOARD = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)


class PlotCanvas(pg.GraphicsView):
    """A pyqtgraph scene filled by one item: a plot, or a layout of several.

    Signals:
        key_pressed: A key event; the scene takes none.
        clicked: Place in the scene that was clicked once with the left button.
        hovered: Place in the scene under the mouse, as often as a search for the nearest point can follow.
        left: The mouse left the canvas.
    """

    key_pressed = Signal(QKeyEvent)
    clicked = Signal(QPointF)
    hovered = Signal(QPointF)
    left = Signal()

    def __init__(self, content: pg.GraphicsWidget, palette: Palette) -> None:
        """Show an item.

        Args:
            content: The plot, or the layout with its plots.
            palette: The colours to start with.
        """
        super().__init__()
        self._palette = palette
        self._focus_seen = False
        self._hover_place = QPointF()
        self._hover_timer = QTimer(self, singleShot=True, interval=_HOVER_MS)
        self._hover_timer.timeout.connect(self._tell_hovered)
        self.setCentralItem(content)
        scene = self.scene()
        scene.sigMouseClicked.connect(self._tell_clicked)
        scene.sigMouseMoved.connect(self._wait_for_rest)

    def set_palette(self, palette: Palette) -> None:
        """Draw ground and frame in other colours; the plots have their own."""
        self._palette = palette
        self.setBackground(palette.surface)

    def figure_size(self) -> QSizeF:
        """Return the size of what is shown in logical pixels."""
        return QSizeF(self.viewport().size())

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Draw what is shown, without the frame of the focus, into a rectangle of any device."""
        painter.fillRect(rect, QColor(self._palette.surface))
        source = self.mapToScene(self.viewport().rect()).boundingRect()
        self.scene().prepareForPaint()
        self.scene().render(painter, rect, source, Qt.AspectRatioMode.KeepAspectRatio)

    def keyPressEvent(self, ev: QKeyEvent) -> None:
        """Pass every key on: the scene has none of its own."""
        ev.ignore()
        self.key_pressed.emit(ev)

    def leaveEvent(self, ev: QEvent) -> None:
        """Tell that the mouse has gone."""
        super().leaveEvent(ev)
        self._hover_timer.stop()
        self.left.emit()

    def focusInEvent(self, ev: QFocusEvent) -> None:
        """Show where the keyboard is, once it came here by keyboard."""
        self._focus_seen = ev.reason() in _KEYBOARD
        super().focusInEvent(ev)
        self.viewport().update()

    def focusOutEvent(self, ev: QFocusEvent) -> None:
        """Take the frame away."""
        self._focus_seen = False
        super().focusOutEvent(ev)
        self.viewport().update()

    def paintEvent(self, ev: QPaintEvent) -> None:
        """Draw the plots, and a frame while the keyboard acts on them."""
        super().paintEvent(ev)
        if self._focus_seen:
            painter = QPainter(self.viewport())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(self._palette.accent), 1.2))
            painter.drawRoundedRect(QRectF(self.viewport().rect()).adjusted(1, 1, -1, -1), 5, 5)
            painter.end()

    def _tell_clicked(self, event: Any) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not event.double():
            self.clicked.emit(event.scenePos())

    def _wait_for_rest(self, place: QPointF) -> None:
        self._hover_place = place
        if not self._hover_timer.isActive():
            self._hover_timer.start()

    def _tell_hovered(self) -> None:
        self.hovered.emit(self._hover_place)
