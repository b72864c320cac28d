"""Taking a plot out of the window: PNG, SVG, PDF, its numbers as CSV, or all of it on the clipboard."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QMimeData, QRectF, QSize, QSizeF
from PySide6.QtGui import QColor, QGuiApplication, QImage, QImageWriter, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from guiapp.errors import UserFacingError
from guiapp.ui.theme import LIGHT, Palette

Cell = str | float | int | None
CsvRow = Sequence[Cell]

PNG_SCALE = 3
"""Pixels of a PNG a pixel on the screen: about 290 dots an inch at the plot's size on the screen."""
LARGEST_CLIPBOARD_TABLE = 200_000
"""Rows; a longer table belongs in a file."""
_LARGEST_SIDE = 16_000  # pixels of a PNG: Qt paints up to 32,767, and other programs give up before
_ROWS_A_STEP = 4_000


class ExportablePlot(Protocol):
    """What a plot offers so that it can be exported."""

    @property
    def colors(self) -> Palette:
        """The palette it is drawn in."""
        ...

    def set_palette(self, palette: Palette) -> None:
        """Draw in another palette."""
        ...

    def figure_size(self) -> QSizeF:
        """Return the size of the figure in logical pixels."""
        ...

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the figure into a rectangle of any device, background included."""
        ...

    def csv_rows(self) -> Iterable[CsvRow]:
        """Return the numbers shown: first the header with units, then one row a thing drawn, in full precision."""
        ...

    def suggested_name(self) -> str:
        """Return a file name without its ending, e.g. ``parity CHGNet 0.3.0``."""
        ...


@contextmanager
def drawn_in(plot: ExportablePlot, palette: Palette | None) -> Iterator[None]:
    """Draw a plot in another palette for a moment; None leaves it as it is."""
    before = plot.colors
    if palette is None or palette == before:
        yield
        return
    plot.set_palette(palette)
    try:
        yield
    finally:
        plot.set_palette(before)


def save_picture(plot: ExportablePlot, path: Path, palette: Palette | None = LIGHT) -> None:
    """Write the figure; the path's ending decides the format.

    Args:
        plot: What to draw.
        path: Ends in ``.png``, ``.svg`` or ``.pdf``.
        palette: Colours of the figure, light unless told otherwise, since most figures end on paper; None for those on the screen.

    Raises:
        UserFacingError: Where the ending is unknown or the file cannot be written.
    """
    kind = path.suffix.lower().lstrip(".")
    writers: dict[str, Callable[[ExportablePlot], bytes]] = {"png": _png, "svg": _svg, "pdf": _pdf}
    if kind not in writers:
        raise UserFacingError(f"“{path.suffix}” is not a picture format that can be written.", advice="Choose PNG, SVG or PDF.", path=path)
    with drawn_in(plot, palette):
        content = writers[kind](plot)
    _write(path, content)


def save_csv(plot: ExportablePlot, path: Path) -> None:
    """Write the numbers behind a plot as comma-separated text in UTF-8.

    Raises:
        UserFacingError: Where the file cannot be written.
    """
    for _ in csv_steps(plot, path):
        pass


def csv_steps(plot: ExportablePlot, path: Path) -> Iterator[int]:
    """Write the numbers in steps of some 10 ms, so that a window can go on while a million rows are written.

    Args:
        plot: Whose numbers.
        path: Appears whole, after the last step.

    Yields:
        Rows written so far.

    Raises:
        UserFacingError: Where the file cannot be written.
    """
    partial = path.with_name(path.name + ".part")
    rows, written = iter(plot.csv_rows()), 0
    try:
        # The mark at the start is what makes spreadsheet programs read Å and ² rightly.
        with partial.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            while step := list(islice(rows, _ROWS_A_STEP)):
                writer.writerows(step)
                written += len(step)
                yield written
        partial.replace(path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        partial.unlink(missing_ok=True)


def csv_text(plot: ExportablePlot, separator: str = ",") -> str:
    """Return the numbers behind a plot as text."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\n").writerows(plot.csv_rows())
    return text.getvalue()


def copy_to_clipboard(plot: ExportablePlot, palette: Palette | None = LIGHT) -> bool:
    """Put picture and numbers on the clipboard: a text editor takes the numbers, a slide the picture.

    Returns:
        False where there are too many numbers for a clipboard and only the picture was copied.
    """
    data = QMimeData()
    with drawn_in(plot, palette):
        data.setImageData(render_image(plot))
    small = all(k <= LARGEST_CLIPBOARD_TABLE for k, _ in enumerate(plot.csv_rows()))
    if small:
        # Tabs, since that is what spreadsheet programs split pasted text at.
        data.setText(csv_text(plot, "\t"))
        data.setData("text/csv", csv_text(plot).encode())
    QGuiApplication.clipboard().setMimeData(data)
    return small


def render_image(plot: ExportablePlot, scale: float = PNG_SCALE) -> QImage:
    """Return the figure as pixels."""
    size = plot.figure_size()
    scale = min(scale, _LARGEST_SIDE / max(size.width(), size.height()))
    image = QImage(QSize(round(size.width() * scale), round(size.height() * scale)), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor(plot.colors.surface))
    # The painter is scaled rather than the image's pixel ratio: pyqtgraph keeps its axes as recordings, and Qt plays a recording
    # back at another size on a device of another resolution. So the resolution is set only once all is drawn.
    image.setDotsPerMeterX(round(_dots_an_inch() / 0.0254))
    image.setDotsPerMeterY(round(_dots_an_inch() / 0.0254))
    painter = QPainter(image)
    painter.scale(scale, scale)
    plot.paint(painter, QRectF(0, 0, size.width(), size.height()))
    painter.end()
    image.setDotsPerMeterX(round(_dots_an_inch() * scale / 0.0254))
    image.setDotsPerMeterY(round(_dots_an_inch() * scale / 0.0254))
    return image


def _png(plot: ExportablePlot) -> bytes:
    buffer = _open_buffer()
    QImageWriter(buffer, b"png").write(render_image(plot))
    return bytes(buffer.data().data())


def _svg(plot: ExportablePlot) -> bytes:
    size, buffer = plot.figure_size(), _open_buffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(_dots_an_inch())
    generator.setSize(size.toSize())
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    generator.setTitle(plot.suggested_name())
    painter = QPainter(generator)
    plot.paint(painter, QRectF(0, 0, size.width(), size.height()))
    painter.end()
    return bytes(buffer.data().data())


def _pdf(plot: ExportablePlot) -> bytes:
    size, buffer = plot.figure_size(), _open_buffer()
    writer = QPdfWriter(buffer)
    writer.setTitle(plot.suggested_name())
    writer.setResolution(_dots_an_inch())
    points = QSizeF(size.width() * 72 / _dots_an_inch(), size.height() * 72 / _dots_an_inch())
    writer.setPageSize(QPageSize(points, QPageSize.Unit.Point, "figure", QPageSize.SizeMatchPolicy.ExactMatch))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    painter = QPainter(writer)
    plot.paint(painter, QRectF(0, 0, size.width(), size.height()))
    painter.end()
    return bytes(buffer.data().data())


def _dots_an_inch() -> int:
    """Return the screen's logical resolution, for which widgets lay themselves out: 96, or 72 on macOS."""
    return round(QGuiApplication.primaryScreen().logicalDotsPerInchX())


def _open_buffer() -> QBuffer:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return buffer


def _write(path: Path, content: bytes) -> None:
    """Write a whole file or none: a figure that a manuscript already uses is never left half written."""
    partial = path.with_name(path.name + ".part")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise _cannot_write(path, error) from error


def _cannot_write(path: Path, error: OSError) -> UserFacingError:
    reason = error.strerror or os.strerror(error.errno or 0)
    return UserFacingError(f"The file could not be written: {reason}.", advice="Choose another folder or free some space.", path=path)
