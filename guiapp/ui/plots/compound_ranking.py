"""Compounds from the softest to the stiffest, one dot with its interval a model, on one signed axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape

from PySide6.QtCore import QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from guiapp.ui.plots.export_menu import ExportMenu
from guiapp.ui.plots.number_text import count
from guiapp.ui.plots.plot_export import CsvRow
from guiapp.ui.plots.ranked_compound import RankedCompound, ScaleMark, ScaleRange, range_of, softest_first
from guiapp.ui.plots.ranking_list import RankingList
from guiapp.ui.plots.recolour import recoloured
from guiapp.ui.plots.scale_histogram import ScaleHistogram
from guiapp.ui.theme import Palette, text_font
from guiapp.ui.what_is_this import WhatIsThis

MANY = 40
"""Compounds from which on their distribution stands above the rows."""
FIGURE_ROWS = 100
"""Rows of an exported figure; the CSV has all."""
_NOTE = 20.0  # pixels of the line that says so
EMPTY_TEXT = "Run a benchmark to see which compounds are soft"


class CompoundRanking(QWidget):
    """The ranking, with the distribution of scales above it where there are many compounds.

    Signals:
        compound_activated: Name of the compound that was clicked or reached by keyboard.
    """

    compound_activated = Signal(str)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._colors = self._given_palette = palette
        self._given: list[RankedCompound] = []
        self._rows: list[RankedCompound] = []
        self._range = ScaleRange()
        self._running = False
        self._has_legend = True
        self._words = QLabel("")
        self._words.setProperty("role", "small")
        self.export_menu = ExportMenu(self, self)
        self._what = WhatIsThis("softening scale", palette)
        self.histogram = ScaleHistogram(palette, sides=False)
        self.list = RankingList(palette)
        self._legend = QLabel("", wordWrap=True, textFormat=Qt.TextFormat.RichText)
        self._empty = QLabel(EMPTY_TEXT, alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._build()
        self.setFocusProxy(self.list)
        self.setAccessibleName("Softening scale by compound")
        self.list.axis_moved.connect(self.histogram.set_axis_ends)
        self.list.activated.connect(self.compound_activated)
        self.set_palette(palette)
        self.set_rows([])

    @property
    def colors(self) -> Palette:
        """The palette in use."""
        return self._colors

    @property
    def rows(self) -> list[RankedCompound]:
        """What is shown, softest first."""
        return list(self._rows)

    @property
    def current(self) -> str:
        """Name of the highlighted compound; empty where there is none."""
        return self.list.current

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours, those of the models included."""
        self._colors = palette
        for part in (self.histogram, self.list, self.export_menu, self._what):
            part.set_palette(palette)
        self._empty.setStyleSheet(f"color: {palette.muted};")
        self._show()

    def set_rows(self, rows: Sequence[RankedCompound]) -> None:
        """Show these compounds, sorted here; the axis only grows, and the current row stays the same compound."""
        self._given, self._given_palette = softest_first(rows), self._colors
        self._range = range_of(self._given, self._range)
        self._show()

    def set_running(self, running: bool) -> None:  # noqa: FBT001 - reads as the Qt setter that it is
        """Mark the result as partial, or as finished."""
        self._running = running
        self._refresh_words()

    def hide_legend(self) -> None:
        """Leave the models' names to what stands beside the ranking; figures of it name them all the same."""
        self._has_legend = False
        self._legend.hide()

    def set_current(self, compound: str) -> None:
        """Highlight a compound picked elsewhere and bring it into view."""
        self.list.set_current(compound)

    def figure_size(self) -> QSizeF:
        """Return room for the distribution and the softest rows, in view or not."""
        rows = self.list.height_of(min(len(self._rows), FIGURE_ROWS))
        return QSizeF(max(320, self.list.viewport().width()), self._strip + rows + _NOTE * len(self._notes))

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Draw distribution and rows into a rectangle of any device; of very many only the softest, and says so."""
        painter.fillRect(rect, QColor(self._colors.surface))
        if self._strip:
            self.histogram.draw(painter, self.list.axis(rect.width()), QRectF(rect.left(), rect.top(), rect.width(), self._strip))
        notes = self._notes
        top = rect.bottom() - _NOTE * len(notes)
        self.list.draw(
            painter, QRectF(rect.left(), rect.top() + self._strip, rect.width(), top - rect.top() - self._strip), 0, 0, on_screen=False
        )
        painter.setFont(text_font(11))
        for k, (words, color) in enumerate(notes):
            painter.setPen(QColor(color))
            painter.drawText(QRectF(rect.left(), top + k * _NOTE, rect.width(), _NOTE), Qt.AlignmentFlag.AlignCenter, words)

    def csv_rows(self) -> Iterator[CsvRow]:
        """Return one row a compound and model."""
        yield ["compound", "model", "corrected", "softening scale", "95 % interval low", "95 % interval high", "enough signal"]
        for row in self._rows:
            for mark in row.marks:
                low, high = mark.interval or (None, None)
                yield row.compound, mark.model_title, _yes(mark.corrected), mark.scale, low, high, _yes(mark.enough_signal)

    def suggested_name(self) -> str:
        """Return a file name without its ending."""
        return "scale by compound"

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(6)
        self._words.setMinimumWidth(1)  # the words grow during a run, and must not push the neighbours about
        top.addWidget(self._words)
        top.addStretch(1)
        top.addWidget(self.export_menu)
        top.addWidget(self._what)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.histogram)
        column.addWidget(self.list, 1)
        column.addWidget(self._legend)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(4)
        outer.addLayout(top)
        outer.addWidget(self._pages, 1)

    def _show(self) -> None:
        before, after = self._given_palette, self._colors
        self._rows = [replace(row, marks=tuple(_recoloured(mark, before, after) for mark in row.marks)) for row in self._given]
        self.list.set_rows(self._rows, self._range)
        self.histogram.set_rows(self._rows)
        self.histogram.setVisible(len(self._rows) > MANY)
        self._pages.setCurrentIndex(1 if self._rows else 0)
        self._refresh_words()

    @property
    def _strip(self) -> float:
        """Pixels of the distribution above the rows of a figure."""
        return 0.0 if self.histogram.isHidden() else float(self.histogram.sizeHint().height())

    @property
    def _notes(self) -> list[tuple[str, str]]:
        """Lines below the rows of a figure, with their colours."""
        marks = self._rows[0].marks if self._rows else ()
        notes = [(f"{_symbol(mark)} {mark.model_title}", mark.color) for mark in marks] if len(marks) > 1 else []
        if len(self._rows) > FIGURE_ROWS:
            notes.append((f"the {count(FIGURE_ROWS)} softest of {count(len(self._rows))} compounds", self._colors.muted))
        return notes

    def _refresh_words(self) -> None:
        n = len(self._rows)
        so_far = " so far" if self._running else ""
        self._words.setText(f"{count(n)} {'compound' if n == 1 else 'compounds'}{so_far}" if n else "")
        marks = self._rows[0].marks if self._rows else ()
        entries = [f"<span style='color:{mark.color}'>{_symbol(mark)}</span>&nbsp;{escape(mark.model_title)}" for mark in marks]
        self._legend.setText("&nbsp;&nbsp; ".join(entries))
        self._legend.setVisible(self._has_legend and len(marks) > 1)
        self._legend.setProperty("role", "small")


def _recoloured(mark: ScaleMark, before: Palette, after: Palette) -> ScaleMark:
    return replace(mark, color=recoloured(QColor(mark.color), before, after).name())


def _symbol(mark: ScaleMark) -> str:
    return "○" if mark.corrected else "●"


def _yes(value: bool) -> str:  # noqa: FBT001 - a cell's content
    return "yes" if value else "no"
