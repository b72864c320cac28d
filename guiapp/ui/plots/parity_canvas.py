"""The pyqtgraph side of the parity plot: axes with a real minus sign, and a view in which regions can be drawn."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGraphicsRectItem

from guiapp.ui.plots.number_text import MINUS
from guiapp.ui.theme import Palette, text_font

_LEFT_AXIS, _BOTTOM_AXIS = 56, 44  # pixels


class ForceAxis(pg.AxisItem):
    """An axis whose negative numbers carry a minus sign instead of a hyphen."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Return pyqtgraph's own tick labels with the sign replaced."""
        return [str(text).replace("-", MINUS) for text in super().tickStrings(values, scale, spacing)]


class RegionViewBox(pg.ViewBox):
    """A view with equal scales in which a drag moves the view, or draws a region.

    Signals:
        region_drawn: The rectangle in data units, once the drag ends.
    """

    region_drawn = Signal(object)

    def __init__(self) -> None:
        """Lock the scales to each other: the diagonal stands at 45 degrees."""
        super().__init__(lockAspect=True, enableMenu=False, defaultPadding=0)
        self.disableAutoRange()
        self.setLimits(minXRange=1e-4, minYRange=1e-4, maxXRange=1e5, maxYRange=1e5)
        self.region_mode = False
        self._band = QGraphicsRectItem()
        self._band.setZValue(1e6)
        self._band.hide()
        self.addItem(self._band, ignoreBounds=True)

    def set_palette(self, palette: Palette) -> None:
        """Colour the rectangle that is being drawn."""
        pen = QPen(QColor(palette.accent), 1.2, Qt.PenStyle.DashLine)
        pen.setCosmetic(True)
        fill = QColor(palette.accent)
        fill.setAlpha(36)
        self._band.setPen(pen)
        self._band.setBrush(fill)

    def mouseDragEvent(self, ev: Any, axis: int | None = None) -> None:
        """Draw a region with the left button in region mode or with Shift; else move or zoom the view."""
        shift = bool(ev.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        drawing = ev.button() == Qt.MouseButton.LeftButton and (self.region_mode or shift or self._band.isVisible())
        if axis is not None or not drawing:
            super().mouseDragEvent(ev, axis)
            return
        ev.accept()
        rect = QRectF(self.mapToView(ev.buttonDownPos()), self.mapToView(ev.pos())).normalized()
        self._band.setRect(rect)
        self._band.setVisible(not ev.isFinish())
        if ev.isFinish():
            self.region_drawn.emit(rect)


class ParityCanvas(pg.PlotWidget):
    """The drawing area.

    Signals:
        key_pressed: A key event that nothing on the canvas took.
        left: The mouse left the canvas.
    """

    key_pressed = Signal(QKeyEvent)
    left = Signal()

    def __init__(self) -> None:
        """Build empty axes with their labels."""
        self.view = RegionViewBox()
        self._palette: Palette | None = None
        self._focus_seen = False
        super().__init__(viewBox=self.view, axisItems={"left": ForceAxis("left"), "bottom": ForceAxis("bottom")})
        self.setFrameShape(self.Shape.NoFrame)
        self.setMinimumSize(180, 160)
        item = self.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.layout.setContentsMargins(4, 6, 8, 4)
        # Fixed, so that wider tick labels do not shift the whole plot while data arrive.
        item.getAxis("left").setWidth(_LEFT_AXIS)
        item.getAxis("bottom").setHeight(_BOTTOM_AXIS)

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self._palette = palette
        self.setBackground(palette.surface)
        self.view.set_palette(palette)
        item = self.getPlotItem()
        labels = {"bottom": "DFT force component (eV/Å)", "left": "model force component (eV/Å)"}
        for side, text in labels.items():
            axis = item.getAxis(side)
            axis.setPen(QColor(palette.line))
            axis.setTextPen(QColor(palette.muted))
            axis.setStyle(tickFont=text_font(11), tickLength=-5)
            axis.setLabel(text, color=palette.muted, **{"font-size": "12px"})
            axis.enableAutoSIPrefix(enable=False)

    def keyPressEvent(self, ev: QKeyEvent) -> None:
        """Pass every key on: the view has none of its own."""
        ev.ignore()
        self.key_pressed.emit(ev)

    def focusInEvent(self, ev: QFocusEvent) -> None:
        """Show where the keyboard is, once it came here by keyboard."""
        self._focus_seen = ev.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        super().focusInEvent(ev)
        self.viewport().update()

    def focusOutEvent(self, ev: QFocusEvent) -> None:
        """Take the frame away."""
        self._focus_seen = False
        super().focusOutEvent(ev)
        self.viewport().update()

    def leaveEvent(self, ev: QEvent) -> None:
        """Tell that the mouse has gone."""
        super().leaveEvent(ev)
        self.left.emit()

    def paintEvent(self, ev: QPaintEvent) -> None:
        """Draw the plot, and a frame while the keyboard acts on it."""
        super().paintEvent(ev)
        if self._focus_seen and self._palette is not None:
            painter = QPainter(self.viewport())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(self._palette.accent), 1.2))
            painter.drawRoundedRect(QRectF(self.viewport().rect()).adjusted(1, 1, -1, -1), 5, 5)
            painter.end()
