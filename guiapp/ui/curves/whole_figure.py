"""The figure of a system with the crystal shapes under it, as one thing to export."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QPainter

from guiapp.ui.curves.figure import CurveFigure
from guiapp.ui.curves.wulff_view import WulffView
from guiapp.ui.plots.plot_export import CsvRow
from guiapp.ui.theme import Palette


class WholeFigure:
    """An ``ExportablePlot`` of two parts."""

    def __init__(self, curves: CurveFigure, shapes: WulffView) -> None:
        """Put the shapes under the curves."""
        self._curves, self._shapes = curves, shapes

    @property
    def colors(self) -> Palette:
        """The palette in use."""
        return self._curves.colors

    def set_palette(self, palette: Palette) -> None:
        """Draw in another palette."""
        self._curves.set_palette(palette)
        self._shapes.set_palette(palette)

    def figure_size(self) -> QSizeF:
        """Return the size of both, in logical pixels."""
        above, below = self._curves.figure_size(), self._shapes.figure_size()
        return QSizeF(above.width(), above.height() + below.height())

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Draw both into a rectangle of any device."""
        painter.fillRect(rect, self.colors.surface)
        below = self._shapes.figure_size().height() * rect.height() / max(self.figure_size().height(), 1.0)
        self._curves.paint(painter, QRectF(rect.left(), rect.top(), rect.width(), rect.height() - below))
        if below:
            self._shapes.paint(painter, QRectF(rect.left(), rect.bottom() - below, rect.width(), below))

    def csv_rows(self) -> Iterator[CsvRow]:
        """Return every number drawn."""
        yield from self._curves.csv_rows()
        yield from self._shapes.csv_rows()

    def suggested_name(self) -> str:
        """Return a file name without its ending."""
        return self._curves.suggested_name()
