"""The pyqtgraph side of the parity plot: its axes, and a view in which regions can be drawn."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QGraphicsRectItem

from guiapp.ui.plots.plot_axis import PlotAxis
from guiapp.ui.plots.plot_canvas import PlotCanvas
from guiapp.ui.theme import Palette

_LEFT_AXIS, _BOTTOM_AXIS = 56, 44  # pixels
_LABELS = {"left": "model force component (eV/Å)", "bottom": "DFT force component (eV/Å)"}


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


class ParityCanvas(PlotCanvas):
    """One pair of axes of equal scales for force components, eV/Å."""

    def __init__(self, palette: Palette) -> None:
        """Build empty axes."""
        self.view = RegionViewBox()
        self.axes = {side: PlotAxis(side) for side in _LABELS}
        plot = pg.PlotItem(viewBox=self.view, axisItems=self.axes)
        super().__init__(plot, palette)
        self.setMinimumSize(180, 160)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.layout.setContentsMargins(4, 6, 8, 4)
        # Fixed, so that wider tick labels do not shift the whole plot while data arrive.
        self.axes["left"].setWidth(_LEFT_AXIS)
        self.axes["bottom"].setHeight(_BOTTOM_AXIS)

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        super().set_palette(palette)
        self.view.set_palette(palette)
        for side, axis in self.axes.items():
            axis.set_palette(palette)
            axis.set_words(_LABELS[side], palette)
