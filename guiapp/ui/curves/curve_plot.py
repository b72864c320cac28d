"""One pair of axes: drawing, steady ranges, and what is under the mouse."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QPointF

from guiapp.ui.curves.pictures import DrawnSeries, PanelPicture
from guiapp.ui.curves.series_item import SeriesItem
from guiapp.ui.curves.steady_range import Range, data_bounds, fitted, followed
from guiapp.ui.plots.plot_axis import PlotAxis
from guiapp.ui.theme import Palette

REACH = 9.0
"""Pixels from a point within which the mouse means it."""
_LEFT_AXIS, _BOTTOM_AXIS = 58, 40  # pixels; fixed, so that wider tick labels do not shift the plot while data arrive
_NARROW_AXIS = 8
_TICK_ROOM = 14.0  # pixels that the name of a special point needs


class CurvePlot(pg.PlotItem):
    """Shows one panel of a picture."""

    def __init__(self, palette: Palette) -> None:
        """Build empty axes."""
        view = pg.ViewBox(enableMenu=False, defaultPadding=0)
        super().__init__(viewBox=view, axisItems={side: PlotAxis(side) for side in ("left", "bottom")})
        self.setMenuEnabled(False)
        self.hideButtons()
        view.disableAutoRange()
        self.layout.setContentsMargins(2, 4, 8, 2)
        self.items_shown = SeriesItem(palette)
        self.addItem(self.items_shown, ignoreBounds=True)
        self._panel: PanelPicture | None = None
        self._ranges: tuple[Range, Range] | None = None
        self._untouched = True
        self.getAxis("bottom").setHeight(_BOTTOM_AXIS)
        view.sigRangeChangedManually.connect(self._stop_following)
        view.sigResized.connect(self._space_ticks)
        self.set_palette(palette)

    @property
    def panel(self) -> PanelPicture | None:
        """What is shown."""
        return self._panel

    @property
    def ranges(self) -> tuple[Range, Range] | None:
        """The ranges of x and y that data have asked for."""
        return self._ranges

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self._palette = palette
        self.items_shown.set_palette(palette)
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.set_palette(palette)
            axis.setStyle(hideOverlappingLabels=False)
        self._label_axes()

    def set_panel(self, panel: PanelPicture, current: str, *, anew: bool) -> None:
        """Show a panel.

        Args:
            panel: What to draw.
            current: The picked system, whose points get a ring.
            anew: Whether axes are fitted; else they stay unless data leave them.
        """
        changed = self._panel is None or (self._panel.x_label, self._panel.y_label, self._panel.ticks, self._panel.title) != (
            panel.x_label,
            panel.y_label,
            panel.ticks,
            panel.title,
        )
        self._panel = panel
        self.items_shown.set_panel(panel, current)
        if changed:
            self._label_axes()
        if anew:
            self._untouched = True
        self._follow(anew=anew)

    def fit(self) -> None:
        """Show all data, and follow them again."""
        self._untouched = True
        self._follow(anew=True)

    def nearest(self, scene_place: QPointF) -> tuple[int, int] | None:
        """Return series and index of the point under a place of the scene; None where there is none."""
        if self._panel is None or not self.vb.sceneBoundingRect().contains(scene_place):
            return None
        width, height = self.vb.viewPixelSize()
        return self.items_shown.nearest(self.vb.mapSceneToView(scene_place), (REACH * width, REACH * height))

    def series(self, number: int) -> DrawnSeries:
        """Return a series by its place in the panel."""
        assert self._panel is not None
        return self._panel.series[number]

    def scene_place(self, number: int, index: int) -> QPointF:
        """Return where a point stands in the scene."""
        one = self.series(number)
        y = float(one.y[index]) if one.y.ndim == 1 else float(one.y[0, index])
        place: QPointF = self.vb.mapViewToScene(QPointF(float(one.x[index]), y))
        return place

    def _follow(self, *, anew: bool) -> None:
        assert self._panel is not None
        x, y = data_bounds(self._panel)
        if x is None or y is None or not (self._untouched or anew):
            return
        x_room = 0.0 if self._panel.ticks else 0.06
        if anew or self._ranges is None:
            wanted = fitted(x, room=x_room), fitted(y)
        else:
            wanted = followed(self._ranges[0], x, room=x_room), followed(self._ranges[1], y)
        if wanted != self._ranges or anew:
            self._ranges = wanted
            if self._panel.shares_y:
                self.vb.setXRange(*wanted[0], padding=0)
            else:
                self.vb.setRange(xRange=wanted[0], yRange=wanted[1], padding=0)

    def _stop_following(self) -> None:
        self._untouched = False

    def _label_axes(self) -> None:
        panel = self._panel
        bottom, left = self.getAxis("bottom"), self.getAxis("left")
        bottom.set_words(panel.x_label if panel is not None else "", self._palette)
        shares = panel is not None and panel.shares_y
        left.setStyle(showValues=not shares)
        left.setWidth(_NARROW_AXIS if shares else _LEFT_AXIS)
        if shares:
            left.showLabel(show=False)
        else:
            left.set_words(panel.y_label if panel is not None else "", self._palette)
        self._space_ticks()

    def _space_ticks(self) -> None:
        """Name the special points of a band path; of two that stand too close, the first keeps its name."""
        axis = self.getAxis("bottom")
        if self._panel is None or not self._panel.ticks:
            axis.setTicks(None)
            return
        ticks, free_from = [], float("-inf")
        room = _TICK_ROOM * self.vb.viewPixelSize()[0]
        for at, name in self._panel.ticks:
            named = at >= free_from
            ticks.append((at, name if named else ""))
            if named:
                free_from = at + room * (0.5 + 0.5 * len(name))
        axis.setTicks([ticks])
