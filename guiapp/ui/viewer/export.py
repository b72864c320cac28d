"""Taking the view out of the window: PNG, SVG, PDF, the numbers as CSV, or the clipboard."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QPainter

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.ui.plots.plot_export import PNG_SCALE, CsvRow, render_image, save_csv, save_picture
from guiapp.ui.theme import Palette
from guiapp.ui.viewer.canvas import StructureCanvas
from guiapp.ui.viewer.look import Look
from guiapp.ui.viewer.painting import paint_view
from guiapp.ui.viewer.view import Target


class StructureFigure:
    """The current view as an exportable plot: spheres are gradients and lines are lines, so it can be enlarged at will."""

    def __init__(self, canvas: StructureCanvas) -> None:
        """Draw what that canvas shows, at its size."""
        self._canvas = canvas
        self._other_palette: Palette | None = None
        self.frame: Frame | None = None
        """The frame whose numbers go into a CSV file."""

    @property
    def colors(self) -> Palette:
        """The palette it is drawn in: the canvas's own unless another was asked for."""
        return self._other_palette or self._canvas.colors

    def set_palette(self, palette: Palette) -> None:
        """Draw in another palette; the canvas keeps its own."""
        self._other_palette = None if palette == self._canvas.colors else palette

    def figure_size(self) -> QSizeF:
        """Return the size of the canvas, logical pixels."""
        return QSizeF(self._canvas.size())

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the view into a rectangle of any device."""
        painter.save()
        painter.translate(rect.topLeft())
        paint_view(painter, self._canvas.view, Look.of(self.colors), Target(rect.width(), rect.height()))
        painter.restore()

    def csv_rows(self) -> Iterable[CsvRow]:
        """Return one row an atom: element, position, and the forces of DFT and each model."""
        arrows = self._canvas.view.arrows
        titles = [f"{source.title} F{axis} (eV/Å)" for source in arrows for axis in "xyz"]
        yield ["atom", "element", "x (Å)", "y (Å)", "z (Å)", *titles]
        if self.frame is None:
            return
        for atom, symbol in enumerate(self.frame.symbols):
            forces = [value for source in arrows for value in source.forces[atom].tolist()]
            yield [atom + 1, symbol, *self.frame.positions[atom].tolist(), *forces]

    def suggested_name(self) -> str:
        """Return a file name without its ending."""
        return f"{self.frame.formula} {self.frame.name}".strip() if self.frame is not None else "structure"


def save_figure(figure: StructureFigure, path: Path, palette: Palette | None, scale: float = PNG_SCALE) -> None:
    """Write the view in the format that the path's ending names.

    Args:
        figure: What to draw.
        path: Ends in ``.png``, ``.svg``, ``.pdf`` or ``.csv``.
        palette: Colours; None for those on the screen.
        scale: Pixels of a PNG a pixel on the screen.

    Raises:
        UserFacingError: Where the ending is unknown or the file cannot be written.
    """
    kind = path.suffix.lower()
    if kind == ".csv":
        save_csv(figure, path)
    elif kind != ".png" or scale == PNG_SCALE:
        save_picture(figure, path, palette)
    else:
        before = figure.colors
        figure.set_palette(palette or before)
        image = render_image(figure, scale)
        figure.set_palette(before)
        if not image.save(str(path)):
            raise UserFacingError("The picture could not be written.", advice="Choose another folder or free some space.", path=path)
