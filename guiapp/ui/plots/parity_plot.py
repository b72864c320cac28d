"""The parity plot: DFT force components across, the model's up, the diagonal, and the line that says how soft the model is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QLabel, QToolTip, QVBoxLayout, QWidget

from guiapp.ui.plots.colouring import LegendEntry
from guiapp.ui.plots.number_text import count, number
from guiapp.ui.plots.parity_canvas import ParityCanvas
from guiapp.ui.plots.parity_cloud import ParityCloud
from guiapp.ui.plots.parity_header import ParityHeader
from guiapp.ui.plots.parity_lines import FittedLine, ParityLines
from guiapp.ui.plots.parity_series import ParitySeries, largest_component, largest_errors
from guiapp.ui.plots.plot_export import CsvRow
from guiapp.ui.plots.plot_legend import LegendLine, PlotLegend, Sample
from guiapp.ui.plots.recolour import recoloured_entry, recoloured_series
from guiapp.ui.theme import Palette

REACH = 8.0
"""Pixels from a point within which a click or the resting mouse means it."""
EMPTY_TEXT = "Run a benchmark to see the model's forces against DFT"
_EMPTY_LIMIT = 5.0  # eV/Å, half-width of the axes while there is nothing to show
_ROOM = 1.08  # axes end this much beyond the largest component
_WORST_POINTS = 500  # how many points the arrow keys step through
_ZOOM = 1.25
_NO_POINTS: NDArray[np.intp] = np.zeros(0, dtype=np.intp)


class ParityPlot(QWidget):
    """Force components of one or several models against DFT, eV/Å.

    Wheel and drag move the view, Shift and drag (or the Region button) selects. Keys: + and − zoom, F fits, R starts or ends
    region mode, Up and Down step through the points from the largest error on, Return picks the one reached, Esc lets go.

    Signals:
        point_clicked: Series and component index of the point that was picked.
        region_selected: Series and the sorted indices of its components inside a drawn region; once for each series with any.
        region_empty: A region was drawn around nothing.
    """

    point_clicked = Signal(int, int)
    region_selected = Signal(int, object)
    region_empty = Signal()

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._colors = palette
        self._series: tuple[ParitySeries, ...] = ()
        self._given_series: tuple[ParitySeries, ...] = ()
        self._given_palette = palette
        self._legend: tuple[LegendEntry, ...] = ()
        self._legend_title, self._legend_palette = "", palette
        self._corrections: list[float] = []
        self._running = False
        self._limit = _EMPTY_LIMIT
        self._untouched = True
        self._describe: Callable[[int, int], str] = self._plain_description
        self._worst: list[tuple[int, int]] | None = None
        self._cursor = -1
        self._build()
        self.set_palette(palette)
        self.fit()
        self._refresh_words()

    @property
    def colors(self) -> Palette:
        """The palette in use."""
        return self._colors

    @property
    def is_density(self) -> bool:
        """Whether the points are shown as a density picture."""
        return self._cloud.is_density

    @property
    def limit(self) -> float:
        """Half-width of the fitted axes, eV/Å."""
        return self._limit

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours, those of the series and the legend included."""
        self._colors = palette
        self._series = tuple(recoloured_series(one, self._given_palette, palette) for one in self._given_series)
        self._canvas.set_palette(palette)
        self._cloud.set_palette(palette)
        self._cloud.set_series(self._series, self._corrections)
        for item in (self._scale_legend, self._color_legend, self._behind, self._before):
            item.set_palette(palette)
        self._empty.setStyleSheet(f"color: {palette.muted}; background: transparent;")
        self._header.set_palette(palette)
        self._refresh_lines()
        self._refresh_words()
        self._refresh_color_legend()

    def set_series(self, series: Sequence[ParitySeries]) -> None:
        """Show these models; axes stay as they are unless data leave them.

        A correction set before is kept for as many series as stay.
        """
        kept = self._corrections[: len(series)]
        self._series = self._given_series = tuple(series)
        self._given_palette = self._colors
        self._corrections = kept + [1.0] * (len(series) - len(kept))
        self._worst, self._cursor = None, -1
        self._cloud.set_series(self._series, self._corrections)
        self._refresh_lines()
        self._refresh_words()
        self._follow_data()

    def set_correction(self, c: float, series: int | None = None) -> None:
        """Show model forces times c at once: cloud, line and the line's slope.

        Args:
            c: The correction, positive.
            series: The one to correct; all where None.

        Raises:
            ValueError: Where c is not a positive number.
        """
        if not (math.isfinite(c) and c > 0):
            msg = f"a correction is a positive number, not {c}"
            raise ValueError(msg)
        for k in range(len(self._corrections)):
            if series in (None, k):
                self._corrections[k] = c
        self._worst = None
        self._cloud.set_corrections(self._corrections)
        self._refresh_lines()
        self._refresh_words()

    def set_running(self, running: bool) -> None:  # noqa: FBT001 - reads as the Qt setter that it is
        """Mark the result as partial, or as finished."""
        self._running = running
        self._refresh_words()

    def set_legend(self, entries: Sequence[LegendEntry], title: str = "") -> None:
        """Explain the points' colours in the lower right corner; no entries take the legend away."""
        self._legend, self._legend_title, self._legend_palette = tuple(entries), title, self._colors
        self._refresh_color_legend()

    def _refresh_color_legend(self) -> None:
        entries = [recoloured_entry(entry, self._legend_palette, self._colors) for entry in self._legend]
        title = self._legend_title
        heading = [LegendLine(title, self._colors.muted, Sample.NONE)] if title and entries else []
        self._color_legend.set_lines([*heading, *(LegendLine(entry.label, entry.color, Sample.DOT) for entry in entries)])

    def set_describe(self, describe: Callable[[int, int], str]) -> None:
        """Say what the tooltip of a point tells: called with series and component index."""
        self._describe = describe

    def highlight(self, indices: Sequence[int] | NDArray[np.intp], series: int | None = None) -> None:
        """Bring components to the front and dim the rest; no indices show all alike again.

        Args:
            indices: Component indices.
            series: The series they belong to; every series where None.
        """
        self._cloud.set_highlight(np.asarray(indices, dtype=np.intp), series)

    def fit(self) -> None:
        """Show all data, and follow them again."""
        self._untouched = True
        largest = largest_component(self._series)
        self._limit = _ROOM * largest if largest > 0 else _EMPTY_LIMIT
        self._show_limit()

    def position_of(self, series: int, index: int) -> QPoint:
        """Return where a point stands on the canvas, in its viewport's pixels."""
        one = self._series[series]
        place = QPointF(float(one.dft[index]), float(self._corrections[series] * one.model[index]))
        pixel: QPoint = self._canvas.mapFromScene(self._canvas.view.mapViewToScene(place))
        return pixel

    def figure_size(self) -> QSizeF:
        """Return the canvas's size in logical pixels."""
        return self._canvas.figure_size()

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the plot as it is seen into a rectangle of any device."""
        self._canvas.paint(painter, rect)

    def csv_rows(self) -> Iterator[CsvRow]:
        """Return every component: model, its index, DFT and model force; with a correction, that and the corrected force too."""
        corrected = any(c != 1 for c in self._corrections)
        header = ["model", "component index", "DFT force component (eV/Å)", "model force component (eV/Å)"]
        yield header + (["correction c", "corrected force component (eV/Å)"] if corrected else [])
        for one, c in zip(self._series, self._corrections, strict=True):
            for k, (x, y) in enumerate(zip(one.dft.tolist(), one.model.tolist(), strict=True)):
                yield (one.model_title, k, x, y, c, c * y) if corrected else (one.model_title, k, x, y)

    def suggested_name(self) -> str:
        """Return e.g. ``parity CHGNet 0.3.0``."""
        return " ".join(["parity", *(one.model_title for one in self._series)])

    def _build(self) -> None:
        self._canvas = ParityCanvas(self._colors)
        self._canvas.setAccessibleName("Parity plot")
        view = self._canvas.view
        self._cloud = ParityCloud(self._colors)
        self._behind, self._before = ParityLines(self._colors, behind=True), ParityLines(self._colors, behind=False)
        for item in (self._behind, self._cloud, self._before):
            view.addItem(item, ignoreBounds=True)
        self._scale_legend = PlotLegend(self._colors)
        self._color_legend = PlotLegend(self._colors, right=True, bottom=True)
        for legend in (self._scale_legend, self._color_legend):
            legend.setParentItem(view)
        self._empty = QLabel(EMPTY_TEXT, self._canvas, alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._empty.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._header = ParityHeader(self)
        self.export_menu = self._header.export_menu
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._header)
        column.addWidget(self._canvas, 1)
        self.setFocusProxy(self._canvas)
        self.setAccessibleName("Parity plot of force components")
        self._header.region.toggled.connect(self._set_region_mode)
        self._header.fit.clicked.connect(self.fit)
        self._canvas.key_pressed.connect(self._act_on_key)
        self._canvas.clicked.connect(self._pick)
        self._canvas.hovered.connect(self._show_hovered)
        self._canvas.left.connect(self._forget_hover)
        view.region_drawn.connect(self._select_region)
        view.sigRangeChangedManually.connect(self._stop_following)
        view.sigResized.connect(self._place_overlays)

    def _place_overlays(self) -> None:
        self._scale_legend.place()
        self._color_legend.place()
        view = self._canvas.view
        self._empty.setGeometry(self._canvas.mapFromScene(view.sceneBoundingRect()).boundingRect().adjusted(24, 24, -24, -24))

    def _follow_data(self) -> None:
        if not self._untouched or not any(len(one.dft) for one in self._series):
            return
        largest = largest_component(self._series)
        empty_before = self._limit == _EMPTY_LIMIT
        if largest > self._limit or (empty_before and largest > 0):
            self._limit = _ROOM * largest
            self._show_limit()

    def _show_limit(self) -> None:
        self._canvas.view.setRange(xRange=(-self._limit, self._limit), yRange=(-self._limit, self._limit), padding=0)

    def _stop_following(self) -> None:
        self._untouched = False

    def _refresh_lines(self) -> None:
        lines = []
        for one, c in zip(self._series, self._corrections, strict=True):
            if one.scale is not None and one.has_line:
                interval = None if one.interval is None else (c * one.interval[0], c * one.interval[1])
                lines.append(FittedLine(c * one.scale, one.color, interval, one.corrected))
        self._behind.set_lines(lines)
        self._before.set_lines(lines)

    def _refresh_words(self) -> None:
        total = sum(len(one.dft) for one in self._series)
        self._empty.setVisible(total == 0)
        self._behind.setVisible(total > 0)
        self._before.setVisible(total > 0)
        lines = []
        counts = {len(one.dft) for one in self._series}
        alike = len(self._series) > 1 and len(counts) == 1  # then the number is told once, for a legend shall not hide the cloud
        for one, c in zip(self._series, self._corrections, strict=True):
            title = one.model_title if c == 1 else f"{one.model_title} × {number(c)}"
            more = ", so far" if self._running else ""
            line = Sample.CORRECTED if one.corrected else Sample.LINE
            style = line if one.has_line else Sample.DOT
            number_of = "" if alike else f", n = {count(len(one.dft))}"
            lines.append(LegendLine(title, one.color, style, f"{one.scale_text(c)}{number_of}{more}"))
        if lines:
            lines.append(LegendLine("model = DFT", self._colors.muted, Sample.DASHED, f"n = {count(max(counts))} each" if alike else ""))
        self._scale_legend.set_lines(lines)
        self._header.so_far.setText(f"so far: {count(total)} points" if self._running and total else "")
        summary = "; ".join(f"{line.text}: {line.detail}" for line in lines[:-1])
        self._canvas.setAccessibleDescription(summary or EMPTY_TEXT)

    def _set_region_mode(self, on: bool) -> None:  # noqa: FBT001 - slot of a checkable button
        self._canvas.view.region_mode = on
        self._canvas.setCursor(Qt.CursorShape.CrossCursor if on else Qt.CursorShape.ArrowCursor)

    def _nearest(self, scene_place: QPointF) -> tuple[int, int] | None:
        view = self._canvas.view
        if not view.sceneBoundingRect().contains(scene_place):
            return None
        place, (width, height) = view.mapSceneToView(scene_place), view.viewPixelSize()
        return self._cloud.nearest(place.x(), place.y(), REACH * width, REACH * height)

    def _pick(self, scene_place: QPointF) -> None:
        found = self._nearest(scene_place)
        if found is not None:
            self.point_clicked.emit(*found)

    def _show_hovered(self, scene_place: QPointF) -> None:
        found = self._nearest(scene_place)
        self._cloud.set_hovered(found)
        if found is None:
            QToolTip.hideText()
            return
        self._show_tip(found)

    def _show_tip(self, point: tuple[int, int]) -> None:
        QToolTip.showText(
            self._canvas.viewport().mapToGlobal(self.position_of(*point) + QPoint(10, 10)), self._describe(*point), self._canvas
        )

    def _forget_hover(self) -> None:
        self._cloud.set_hovered(None)

    def _plain_description(self, series: int, index: int) -> str:
        one = self._series[series]
        x, y = float(one.dft[index]), float(self._corrections[series] * one.model[index])
        return f"DFT {number(x)}, {one.model_title} {number(y)} eV/Å, difference {number(y - x)} eV/Å"

    def _select_region(self, rect: QRectF) -> None:
        self._header.region.setChecked(False)
        found = False
        for k, (one, c) in enumerate(zip(self._series, self._corrections, strict=True)):
            inside = (one.dft >= rect.left()) & (one.dft <= rect.right())
            inside &= (c * one.model >= rect.top()) & (c * one.model <= rect.bottom())
            indices = np.flatnonzero(inside)
            if len(indices):
                found = True
                self.region_selected.emit(k, indices)
        if not found:
            self.region_empty.emit()

    def _act_on_key(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self._stop_following()
            factor = _ZOOM if key == Qt.Key.Key_Minus else 1 / _ZOOM
            self._canvas.view.scaleBy((factor, factor))
        elif key in (Qt.Key.Key_F, Qt.Key.Key_Home):
            self.fit()
        elif key == Qt.Key.Key_R:
            self._header.region.toggle()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._step_through_errors(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._cursor >= 0:
            self.point_clicked.emit(*self._by_error()[self._cursor])
        elif key == Qt.Key.Key_Escape and (self._header.region.isChecked() or self._cursor >= 0):
            self._header.region.setChecked(False)
            self._cursor = -1
            self._cloud.set_hovered(None)
        else:
            return
        event.accept()

    def _step_through_errors(self, step: int) -> None:
        points = self._by_error()
        if points:
            self._cursor = min(max(self._cursor + step, 0), len(points) - 1)
            self._cloud.set_hovered(points[self._cursor])
            self._show_tip(points[self._cursor])

    def _by_error(self) -> list[tuple[int, int]]:
        """Return the points with the largest errors, largest first."""
        if self._worst is None:
            self._worst = largest_errors(self._series, self._corrections, _WORST_POINTS)
        return self._worst
