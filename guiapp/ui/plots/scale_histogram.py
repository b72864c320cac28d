"""The distribution of per-compound softening scales, with the line at 1."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from guiapp.ui.plots.number_text import NOT_ENOUGH_SIGNAL, count, number, percent
from guiapp.ui.plots.plot_export import CsvRow
from guiapp.ui.plots.ranked_compound import RankedCompound, ScaleRange, range_of
from guiapp.ui.plots.recolour import recoloured
from guiapp.ui.plots.scale_axis import ScaleAxis
from guiapp.ui.theme import Palette, scale_color, text_font

BIN = 0.05
"""Width of a bin; 1 is a bin's edge, so that no bar is both soft and stiff."""
_FOOTER = 22.0


class ScaleHistogram(QWidget):
    """How many compounds have which scale: bars for one model, outlines for several."""

    def __init__(self, palette: Palette, parent: QWidget | None = None, *, sides: bool = True) -> None:
        """Start empty; without sides where a plot below says which one is soft."""
        super().__init__(parent)
        self._sides = sides
        self._ends: tuple[float, float] | None = None
        self._colors = self._given_palette = palette
        self._rows: tuple[RankedCompound, ...] = ()
        self._range = ScaleRange()
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName("Distribution of softening scales")

    @property
    def colors(self) -> Palette:
        """The palette in use."""
        return self._colors

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self._colors = palette
        self.update()

    def set_rows(self, rows: Sequence[RankedCompound]) -> None:
        """Count other compounds; the axis only grows."""
        self._rows = tuple(rows)
        self._given_palette = self._colors
        self._range = range_of(self._rows, self._range)
        self.setAccessibleDescription("; ".join(self._summary(k) for k in range(self._n_models)))
        self.update()

    def set_axis_ends(self, left: float, right: float) -> None:
        """Share the axis of a plot below: its ends in pixels."""
        self._ends = (left, right)
        self.update()

    def bins(self, model: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """Return (k + 1,) edges and (k,) counts of one model; scales beyond the axis count in its end bins."""
        first, last = round((self._range.low - 1) / BIN), round((self._range.high - 1) / BIN)
        edges = 1 + BIN * np.arange(first, last + 1)
        scales = np.clip(self._scales(model), edges[0], edges[-1])
        # A scale of exactly 1 is not soft: it belongs to the bin on its right; the last edge to the bin on its left.
        place = np.clip(np.floor((scales - 1) / BIN + 1e-9).astype(int) - first, 0, last - first - 1)
        return edges, np.bincount(place, minlength=last - first)

    def sizeHint(self) -> QSize:
        """Return room for a flat strip."""
        return QSize(300, 130)

    def minimumSizeHint(self) -> QSize:
        """Return the least room in which bars can be told apart."""
        return QSize(200, 100)

    def figure_size(self) -> QSizeF:
        """Return the widget's size."""
        return QSizeF(self.size())

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the distribution into a rectangle of any device."""
        painter.fillRect(rect, QColor(self._colors.surface))
        self.draw(painter, self._axis(rect.width()), rect)

    def csv_rows(self) -> Iterator[CsvRow]:
        """Return one row a compound and model."""
        yield ["compound", "model", "softening scale"]
        for row in self._rows:
            for mark in row.marks:
                yield row.compound, mark.model_title, mark.known_scale

    def suggested_name(self) -> str:
        """Return a file name without its ending."""
        return "distribution of scales"

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the widget."""
        painter = QPainter(self)
        self.draw(painter, self._axis(self.width()), QRectF(self.rect()))
        painter.end()

    def event(self, event: QEvent) -> bool:
        """Show what a bar counts."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._rows:
            axis = self._axis(self.width())
            edges, _ = self.bins()
            k = math.floor((event.pos().x() - axis.left) / max(axis.right - axis.left, 1) * (len(edges) - 1))
            if 0 <= k < len(edges) - 1:
                counts = ", ".join(f"{count(int(self.bins(m)[1][k]))} ({self._title(m)})" for m in range(self._n_models))
                text = f"scale {number(float(edges[k]))} to {number(float(edges[k + 1]))}: {counts} compounds"
                QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    @property
    def _n_models(self) -> int:
        return max((len(row.marks) for row in self._rows), default=0)

    def _title(self, model: int) -> str:
        return next((row.marks[model].model_title for row in self._rows if model < len(row.marks)), "")

    def _color(self, model: int) -> QColor:
        given = next((row.marks[model].color for row in self._rows if model < len(row.marks)), self._colors.text)
        return recoloured(QColor(given), self._given_palette, self._colors)

    def _scales(self, model: int) -> np.ndarray:
        scales = [row.marks[model].known_scale for row in self._rows if model < len(row.marks)]
        return np.array([scale for scale in scales if scale is not None])

    def _summary(self, model: int) -> str:
        scales = self._scales(model)
        if len(scales) == 0:
            return f"{self._title(model)}: no compound with enough signal"
        below = float(np.mean(scales < 1))
        return f"{self._title(model)}: {percent(below)} of {count(len(scales))} below 1, median {number(float(np.median(scales)))}"

    def _axis(self, width: float) -> ScaleAxis:
        left, right = self._ends or (12.0, width - 12.0)
        return ScaleAxis(self._range, left, right)

    def draw(self, painter: QPainter, axis: ScaleAxis, rect: QRectF) -> None:
        """Draw the bars on an axis that may be shared with another plot; the rectangle's left is the axis's zero."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(rect.topLeft())
        bottom = rect.height() - _FOOTER
        if self._sides:
            axis.draw_sides(painter, self._colors, 2)
        painter.setFont(text_font(11))
        painter.setPen(QColor(self._colors.muted))
        if self._n_models == 0:
            painter.drawText(QRectF(0, 0, rect.width(), rect.height()), Qt.AlignmentFlag.AlignCenter, "No compounds yet")
            painter.restore()
            return
        top = 18 if self._sides else 2
        if self._n_models == 1:
            words = QRectF(axis.left, top, axis.right - axis.left, 16)
            painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._share_below())
        tallest = max(int(self.bins(m)[1].max(initial=0)) for m in range(self._n_models)) or 1
        axis.draw_grid(painter, self._colors, top + 18, bottom)
        for model in range(self._n_models):
            edges, counts = self.bins(model)
            bars = _Bars(axis, edges, bottom - counts / tallest * (bottom - top - 20), bottom)
            if self._n_models == 1:
                bars.fill(painter, self._colors)
            else:
                bars.outline(painter, self._color(model))
        axis.draw_ticks(painter, self._colors, bottom + 3)
        painter.restore()

    def _share_below(self) -> str:
        scales = self._scales(0)
        return f"{percent(float(np.mean(scales < 1)))} of {count(len(scales))} below 1" if len(scales) else NOT_ENOUGH_SIGNAL


@dataclass(frozen=True, eq=False)
class _Bars:
    """Bars of one model in pixels."""

    axis: ScaleAxis
    edges: np.ndarray
    """(k + 1,) scales."""
    tops: np.ndarray
    """(k,) pixels."""
    bottom: float

    def _each(self) -> Iterator[tuple[float, float, float]]:
        yield from zip(self.edges[:-1].tolist(), self.edges[1:].tolist(), self.tops.tolist(), strict=True)

    def fill(self, painter: QPainter, palette: Palette) -> None:
        """Draw solid bars, soft ones blue, stiff ones orange."""
        painter.setPen(Qt.PenStyle.NoPen)
        for low, high, top in self._each():
            if top < self.bottom:
                left, right = self.axis.x(low) + 1, self.axis.x(high) - 1
                painter.setBrush(scale_color((low + high) / 2, palette))
                painter.drawRoundedRect(QRectF(left, top, right - left, self.bottom - top), 2, 2)

    def outline(self, painter: QPainter, color: QColor) -> None:
        """Draw the outline of all bars, so that several models can be seen behind each other."""
        path = QPainterPath(QPointF(self.axis.x(float(self.edges[0])), self.bottom))
        for low, high, top in self._each():
            path.lineTo(self.axis.x(low), top)
            path.lineTo(self.axis.x(high), top)
        path.lineTo(self.axis.x(float(self.edges[-1])), self.bottom)
        fill = QColor(color)
        fill.setAlphaF(0.12)
        painter.setBrush(fill)
        painter.setPen(QPen(color, 1.8))
        painter.drawPath(path)
