"""The figure of one system: a legend, and up to three pairs of axes side by side."""

from __future__ import annotations

from collections.abc import Iterator

import pyqtgraph as pg
from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QLabel, QToolTip, QVBoxLayout, QWidget

from guiapp.ui.curves.curve_plot import CurvePlot
from guiapp.ui.curves.legend_strip import LegendStrip, StripEntry
from guiapp.ui.curves.pictures import DrawnSeries, PanelPicture, Picture
from guiapp.ui.plots.plot_canvas import PlotCanvas
from guiapp.ui.plots.plot_export import CsvRow
from guiapp.ui.theme import Palette

_STRETCH = {"dos": 1, "bands": 3}
"""Width of a panel in relation to the others; 2 where nothing is said."""
_ZOOM = 0.8


class CurveFigure(QWidget):
    """Draws a ``Picture``; wheel and drag move the view, F fits, arrows walk through the points, Return picks one.

    Signals:
        frame_picked: Content hash of the frame behind a point.
        system_picked: System behind a point.
    """

    frame_picked = Signal(str)
    system_picked = Signal(str)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._colors = palette
        self._picture = Picture("", "", ())
        self._cursor = -1
        self._settle_timer = QTimer(self, singleShot=True)
        self._settle_timer.timeout.connect(self._settle)
        self._layout = pg.GraphicsLayout()
        self._layout.layout.setContentsMargins(2, 2, 2, 2)
        self._layout.layout.setSpacing(2)
        self.canvas = PlotCanvas(self._layout, palette)
        self.canvas.setMinimumSize(240, 150)
        self.canvas.setAccessibleName("Curves of DFT and models")
        self.legend = LegendStrip(palette)
        self._plots: list[CurvePlot] = []
        self._in_scene = 0
        self._empty = QLabel("", self.canvas, alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._empty.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.canvas)
        self.setFocusProxy(self.canvas)
        self.canvas.clicked.connect(self._pick)
        self.canvas.hovered.connect(self._show_hovered)
        self.canvas.left.connect(self._forget_hover)
        self.canvas.key_pressed.connect(self._act_on_key)
        self.set_palette(palette)

    @property
    def colors(self) -> Palette:
        """The palette in use."""
        return self._colors

    @property
    def picture(self) -> Picture:
        """What is drawn."""
        return self._picture

    @property
    def plots(self) -> tuple[CurvePlot, ...]:
        """The pairs of axes that are shown."""
        return tuple(self._plots[: self._in_scene])

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self._colors = palette
        self.canvas.set_palette(palette)
        self._empty.setStyleSheet(f"color: {palette.muted}; background: transparent;")
        self.legend.set_palette(palette)
        for plot in self._plots:
            plot.set_palette(palette)

    def set_picture(self, picture: Picture, empty_words: str = "") -> None:
        """Draw a picture; axes stand still while it is that of the same system.

        Args:
            picture: What to draw.
            empty_words: What to say where there is nothing to draw.
        """
        anew = picture.key != self._picture.key
        if anew or sum(len(p.series) for p in picture.panels) != sum(len(p.series) for p in self._picture.panels):
            self._cursor = -1
        self._picture = picture
        self._arrange(picture.panels)
        if anew:
            self._settle_timer.start(0)
        for plot, panel in zip(self._plots, picture.panels, strict=False):
            plot.set_panel(panel, picture.system, anew=anew)
        self.legend.set_entries(_legend(picture))
        self._empty.setText("" if picture.panels else empty_words)
        self._empty.setVisible(not picture.panels)
        self.canvas.setAccessibleDescription("; ".join(panel.title for panel in picture.panels) or empty_words)

    def fit(self) -> None:
        """Show all data of every panel."""
        for plot in self.plots:
            plot.fit()

    def place_of(self, panel: int, series: int, index: int) -> QPoint:
        """Return where a point stands, in pixels of the canvas's viewport."""
        pixel: QPoint = self.canvas.mapFromScene(self._plots[panel].scene_place(series, index))
        return pixel

    def figure_size(self) -> QSizeF:
        """Return the canvas's size in logical pixels."""
        return self.canvas.figure_size()

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the figure as it is seen into a rectangle of any device."""
        self.canvas.paint(painter, rect)

    def csv_rows(self) -> Iterator[CsvRow]:
        """Return every number drawn."""
        return self._picture.csv_rows()

    def suggested_name(self) -> str:
        """Return e.g. ``eos MgO``."""
        return f"{self._picture.family} {self._picture.system}".strip() or "curves"

    def resizeEvent(self, event: object) -> None:
        """Keep the words in the middle."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._settle_timer.start(0)
        self._empty.setGeometry(self.canvas.rect().adjusted(24, 24, -24, -24))

    def _arrange(self, panels: tuple[PanelPicture, ...]) -> None:
        """Put as many plots into the scene as there are panels; those that stay are left alone."""
        layout = self._layout
        wanted = len(panels)
        if self.legend.scene() is None:
            layout.addItem(self.legend, row=0, col=0, colspan=4)
        while len(self._plots) < wanted:
            self._plots.append(CurvePlot(self._colors))
        for place in range(self._in_scene, wanted):
            layout.addItem(self._plots[place], row=1, col=place)
        for place in range(wanted, self._in_scene):
            layout.removeItem(self._plots[place])
        self._in_scene = wanted
        for place in range(4):
            stretch = _STRETCH.get(panels[place].kind, 2) if place < wanted else 0
            layout.layout.setColumnStretchFactor(place, stretch)
            layout.layout.setColumnPreferredWidth(place, 100 * stretch)
        for place, panel in enumerate(panels):
            target = self._plots[place - 1].vb if panel.shares_y and place else None
            if self._plots[place].vb.linkedView(pg.ViewBox.YAxis) is not target:
                self._plots[place].vb.setYLink(target)

    def _settle(self) -> None:
        """Lay the scene out once more: a legend that wrapped while the canvas had another size must not keep the plots small."""
        layout = self._layout.layout
        layout.invalidate()
        layout.activate()

    # ---- mouse and keys

    def _under(self, scene_place: QPointF) -> tuple[CurvePlot, int, int] | None:
        for plot in self.plots:
            found = plot.nearest(scene_place)
            if found is not None:
                return plot, *found
        return None

    def _pick(self, scene_place: QPointF) -> None:
        found = self._under(scene_place)
        if found is not None:
            self._activate(found[0].series(found[1]), found[2])

    def _activate(self, series: DrawnSeries, index: int) -> None:
        if series.frames:
            self.frame_picked.emit(series.frames[index])
        elif series.systems:
            self.system_picked.emit(series.systems[index])

    def _show_hovered(self, scene_place: QPointF) -> None:
        found = self._under(scene_place)
        for plot in self.plots:
            plot.items_shown.set_marked(None if found is None or found[0] is not plot else (found[1], found[2]))
        clickable = found is not None and bool(found[0].series(found[1]).frames or found[0].series(found[1]).systems)
        self.canvas.viewport().setCursor(Qt.CursorShape.PointingHandCursor if clickable else Qt.CursorShape.ArrowCursor)
        if found is None:
            QToolTip.hideText()
            return
        place = self.canvas.mapToGlobal(self.canvas.mapFromScene(scene_place))
        QToolTip.showText(place, self._words(*found), self.canvas)

    def _words(self, plot: CurvePlot, number: int, index: int) -> str:
        assert plot.panel is not None
        return plot.series(number).words(plot.panel, index)

    def _forget_hover(self) -> None:
        for plot in self.plots:
            plot.items_shown.set_marked(None)

    def _act_on_key(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        step = {keys.Key_Left: -1, keys.Key_Up: -1, keys.Key_Right: 1, keys.Key_Down: 1}.get(keys(event.key()))
        points = [
            (plot, number, index)
            for plot in self.plots
            for number, series in enumerate(plot.panel.series if plot.panel is not None else ())
            for index in range(len(series.x))
            if series.points and not series.ghost
        ]
        if step is not None and points:
            self._cursor = (self._cursor + step) % len(points) if self._cursor >= 0 else 0
            plot, number, index = points[self._cursor]
            for other in self.plots:
                other.items_shown.set_marked((number, index) if other is plot else None)
            place = self.canvas.mapFromScene(plot.scene_place(number, index))
            QToolTip.showText(self.canvas.mapToGlobal(place), self._words(plot, number, index), self.canvas)
        elif event.key() in (keys.Key_Return, keys.Key_Enter, keys.Key_Space) and 0 <= self._cursor < len(points):
            plot, number, index = points[self._cursor]
            self._activate(plot.series(number), index)
        elif event.key() == keys.Key_F:
            self.fit()
        elif event.key() in (keys.Key_Plus, keys.Key_Equal, keys.Key_Minus):
            factor = 1 / _ZOOM if event.key() == keys.Key_Minus else _ZOOM
            for plot in self.plots:
                plot.vb.scaleBy((factor, factor))
        else:
            return
        event.accept()


def _legend(picture: Picture) -> list[StripEntry]:
    entries: dict[str, StripEntry] = {}
    for panel in picture.panels:
        for one in panel.series:
            if not one.ghost:
                entries.setdefault(one.title, StripEntry(one.title, one.color_index, hollow=one.hollow))
    found = list(entries.values())
    if any(panel.parity for panel in picture.panels):
        found.append(StripEntry("model = DFT", None, dashed=True))
    if any(one.ghost for panel in picture.panels for one in panel.series):
        found.append(StripEntry("without correction", None, dashed=True))
    return found
