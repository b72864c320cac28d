"""The report as a PDF on A4 pages, laid out with matplotlib, so that no program beside it is needed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

from guiapp.report.atomic_file import replaced_when_complete
from guiapp.report.figure_style import LINE, NEUTRAL, TEXT
from guiapp.report.report_document import Block, Heading, Paragraph, Picture, Table

if TYPE_CHECKING:
    from matplotlib.backends.backend_pdf import PdfPages
    from matplotlib.figure import Figure

_WIDTH, _HEIGHT = 8.27, 11.69  # inches, A4
_LEFT, _TOP, _BOTTOM = 0.75, 0.8, 0.75  # inches
_INNER = _WIDTH - 2 * _LEFT
_POINT = 1 / 72
_TEXT_SIZE, _SMALL = 9.0, 7.5  # points
_LETTER, _TABLE_LETTER = 0.5, 0.56  # width of a letter, of its size: a little more than measured on such texts, so that they fit
_HEADINGS = {1: 18.0, 2: 13.0, 3: 10.5}  # points
_PICTURE_DOTS = 220


def write_report_pdf(path: Path, blocks: Sequence[Block], *, title: str) -> None:
    """Write the report.

    Args:
        path: The file.
        blocks: What ``report_blocks`` returned.
        title: For the file's own properties.

    Raises:
        UserFacingError: Where the disk is full or the folder cannot be written.
    """
    from matplotlib.backends.backend_pdf import PdfPages  # noqa: PLC0415 - a second that the window need not wait for

    with replaced_when_complete(path) as temporary, PdfPages(temporary, metadata={"Title": title, "Creator": "Temper"}) as pages:
        sheet = _Sheet(pages)
        for block, following in zip(blocks, [*blocks[1:], None], strict=True):
            if isinstance(block, Heading):
                sheet.heading(block, following)
            elif isinstance(block, Paragraph):
                sheet.paragraph(block.text)
            elif isinstance(block, Table):
                sheet.table(block)
            else:
                sheet.picture(block)
        sheet.end()


class _Sheet:
    """The page that is being filled, from top to bottom; lengths in inches."""

    def __init__(self, pages: PdfPages) -> None:
        self._pages = pages
        self._figure: Figure | None = None
        self._y = 0.0
        self._number = 0

    def heading(self, heading: Heading, following: Block | None) -> None:
        size = _HEADINGS[heading.level]
        beneath = _picture_height(following)[1] if isinstance(following, Picture) else 1.2  # never alone at the foot of a page
        lines = wrap(heading.text, max(10, int(_INNER / (_LETTER * 1.1 * size * _POINT))))
        self._need(0.35 + len(lines) * 1.3 * size * _POINT + beneath)
        self._y += 0.25 if heading.level > 1 and self._y > _TOP else 0
        for line in lines:
            self._line(line, size, weight="bold")
        self._y += 0.06

    def paragraph(self, text: str, *, size: float = _TEXT_SIZE, color: str = TEXT) -> None:
        for line in wrap(text, int(_INNER / (_LETTER * size * _POINT))):
            self._line(line, size, color=color)
        self._y += 0.08

    def table(self, table: Table) -> None:
        columns = list(zip(table.head, *table.rows, strict=True))
        widths = [max(len(text) for text in column) * _TABLE_LETTER * _SMALL * _POINT + 0.14 for column in columns]
        shrink = min(1.0, _INNER / sum(widths))
        size, widths = _SMALL * shrink, [width * shrink for width in widths]
        self._need(0.8)
        self.paragraph(table.caption, size=_SMALL, color=NEUTRAL)
        self._row(table.head, widths, size, table.left, color=NEUTRAL, ruled=True)
        for row in table.rows:
            if self._need(1.6 * size * _POINT):
                self._row(table.head, widths, size, table.left, color=NEUTRAL, ruled=True)
            self._row(row, widths, size, table.left, color=TEXT)
        self._y += 0.15

    def picture(self, picture: Picture) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - as above

        width, height = (float(inches) for inches in picture.figure.get_size_inches())
        scale, needed = _picture_height(picture)
        self._need(needed)
        picture.figure.set_dpi(_PICTURE_DOTS)
        canvas = FigureCanvasAgg(picture.figure)
        canvas.draw()
        sheet = self._page()
        place = (_LEFT / _WIDTH, 1 - (self._y + scale * height) / _HEIGHT, scale * width / _WIDTH, scale * height / _HEIGHT)
        axes = sheet.add_axes(place)
        axes.imshow(canvas.buffer_rgba(), interpolation="none", aspect="auto")
        axes.set_axis_off()
        self._y += scale * height + 0.05
        self.paragraph(picture.caption, size=_SMALL, color=NEUTRAL)
        self._y += 0.1

    def end(self) -> None:
        if self._figure is not None:
            self._pages.savefig(self._figure, dpi=_PICTURE_DOTS)
            self._figure = None

    def _row(
        self, texts: Sequence[str], widths: Sequence[float], size: float, left: frozenset[int], *, color: str, ruled: bool = False
    ) -> None:
        page, x = self._page(), _LEFT
        y = 1 - (self._y + 1.1 * size * _POINT) / _HEIGHT
        for place, (text, width) in enumerate(zip(texts, widths, strict=True)):
            words = place in left
            page.text(
                (x if words else x + width - 0.14) / _WIDTH, y, _plain(text), fontsize=size, color=color, ha="left" if words else "right"
            )
            x += width
        self._y += 1.6 * size * _POINT
        if ruled:
            from matplotlib.lines import Line2D  # noqa: PLC0415 - as above

            at = 1 - (self._y - 0.3 * size * _POINT) / _HEIGHT
            page.add_artist(Line2D([_LEFT / _WIDTH, x / _WIDTH], [at, at], color=LINE, linewidth=0.8))
            self._y += 0.03

    def _line(self, text: str, size: float, *, color: str = TEXT, weight: str = "normal") -> None:
        self._need(1.45 * size * _POINT)
        self._page().text(
            _LEFT / _WIDTH, 1 - (self._y + 1.1 * size * _POINT) / _HEIGHT, _plain(text), fontsize=size, color=color, fontweight=weight
        )
        self._y += 1.45 * size * _POINT

    def _need(self, height: float) -> bool:
        """Go to a new page where less is left; say whether it was done."""
        if self._figure is None or self._y + height <= _HEIGHT - _BOTTOM:
            return False
        self.end()
        self._page()
        return True

    def _page(self) -> Figure:
        if self._figure is None:
            from matplotlib.figure import Figure  # noqa: PLC0415 - as above

            self._figure, self._y = Figure(figsize=(_WIDTH, _HEIGHT), facecolor="white"), _TOP
            self._number += 1
            self._figure.text(0.5, 0.4 / _HEIGHT, str(self._number), fontsize=_SMALL, color=NEUTRAL, ha="center")
        return self._figure


def _picture_height(picture: Picture) -> tuple[float, float]:
    """Return the factor by which a figure is made smaller, and the height of it and its caption, inches."""
    width, height = (float(inches) for inches in picture.figure.get_size_inches())
    caption = 0.2 * (1 + len(picture.caption) // 110)
    scale = min(1.0, _INNER / width, (_HEIGHT - _TOP - _BOTTOM - caption - 0.8) / height)
    return scale, scale * height + caption + 0.1


def _plain(text: str) -> str:
    """Keep matplotlib from reading dollar signs as formulas."""
    return text.replace("$", r"\$")
