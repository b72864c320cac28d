"""The table of compounds, softest first."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QHeaderView, QLabel, QStackedWidget, QTableView, QVBoxLayout, QWidget

from guiapp.ui.plots.compound_model import COLUMNS, MODEL, CompoundEntry, CompoundModel
from guiapp.ui.plots.export_menu import ExportMenu
from guiapp.ui.plots.number_text import count
from guiapp.ui.plots.plot_export import CsvRow
from guiapp.ui.theme import Palette, text_font

EMPTY_TEXT = "Run a benchmark to see every compound with its numbers"
_FIGURE_ROW = 20.0
_FIGURE_ROWS = 60  # a longer table is a CSV, not a picture
_CELLS = """
    QTableView::item { padding: 0 8px; } QHeaderView::section { padding: 4px 8px; }
    QAbstractScrollArea::corner { background: transparent; border: none; }
"""


class _Table(QTableView):
    """A table whose selection is copied as text that spreadsheet programs take."""

    entering = False
    """True while the keyboard focus arrives, when Qt makes the first row current: nobody picked it."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Take the focus."""
        self.entering = True
        super().focusInEvent(event)
        self.entering = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy on Ctrl+C."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            return
        super().keyPressEvent(event)

    def copy(self) -> None:
        """Put the selected rows on the clipboard, tab-separated, with header; all rows where none is selected."""
        model = self.model()
        assert isinstance(model, CompoundModel)
        rows = sorted({index.row() for index in self.selectedIndexes()}) or None
        text = io.StringIO()
        csv.writer(text, delimiter="\t", lineterminator="\n").writerows(model.csv_rows(rows))
        QGuiApplication.clipboard().setText(text.getvalue())


class CompoundTable(QWidget):
    """Every compound with all its numbers; a click on a header sorts.

    Signals:
        compound_activated: Name of the compound whose row was clicked, or reached by keyboard.
    """

    compound_activated = Signal(str)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._colors = palette
        self._running = False
        self._telling = True
        self._just_told = -1
        self.model = CompoundModel(palette, self)
        self.view = _Table()
        self._words = QLabel("")
        self._words.setProperty("role", "small")
        self.export_menu = ExportMenu(self, self)
        self._empty = QLabel(EMPTY_TEXT, alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._build()
        self.setFocusProxy(self.view)
        self.setAccessibleName("Table of compounds")
        self.set_palette(palette)
        self.set_entries([])

    @property
    def colors(self) -> Palette:
        """The palette in use."""
        return self._colors

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self._colors = palette
        self.model.set_palette(palette)
        self.export_menu.set_palette(palette)
        self._empty.setStyleSheet(f"color: {palette.muted};")

    def set_entries(self, entries: Sequence[CompoundEntry]) -> None:
        """Show these entries in the order chosen before; the selected compound stays selected."""
        selected = self.current
        self.model.set_entries(entries)
        self.view.setColumnHidden(MODEL, len({entry.model_title for entry in entries}) < 2)
        self._pages.setCurrentIndex(1 if entries else 0)
        self.set_current(selected)
        self._refresh_words()

    def set_running(self, running: bool) -> None:  # noqa: FBT001 - reads as the Qt setter that it is
        """Mark the result as partial, or as finished."""
        self._running = running
        self._refresh_words()

    @property
    def current(self) -> str:
        """Name of the compound of the current row; empty where there is none."""
        index = self.view.currentIndex()
        return self.model.entry(index.row()).compound if index.isValid() else ""

    def set_current(self, compound: str) -> None:
        """Select a compound picked elsewhere and bring it into view; tells nobody."""
        if compound and compound == self.current:
            return
        rows = self.model.rows_of(compound)
        self._telling = False
        if rows:
            self.view.selectRow(rows[0])
            self.view.scrollTo(self.model.index(rows[0], 0))
        else:
            self.view.clearSelection()
            self.view.setCurrentIndex(QModelIndex())
        self._telling = True

    def figure_size(self) -> QSizeF:
        """Return room for the shown columns and the first rows."""
        rows = min(self.model.rowCount(), _FIGURE_ROWS)
        return QSizeF(sum(self._figure_widths().values()) + 16, (rows + 1) * _FIGURE_ROW + 12)

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the table as a figure: header, a rule, rows."""
        painter.fillRect(rect, QColor(self._colors.surface))
        widths = self._figure_widths()
        x = rect.left() + 8
        for k, width in widths.items():
            column = COLUMNS[k]
            flags = (Qt.AlignmentFlag.AlignRight if column.numeric else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter
            painter.setFont(text_font(11))
            painter.setPen(QColor(self._colors.muted))
            painter.drawText(QRectF(x, rect.top() + 4, width - 12, _FIGURE_ROW), flags, column.title)
            painter.setFont(text_font(12))
            for row in range(min(self.model.rowCount(), _FIGURE_ROWS)):
                color = self.model.data(self.model.index(row, k), Qt.ItemDataRole.ForegroundRole)
                painter.setPen(color if isinstance(color, QColor) else QColor(self._colors.text))
                box = QRectF(x, rect.top() + 8 + (row + 1) * _FIGURE_ROW, width - 12, _FIGURE_ROW)
                painter.drawText(box, flags, column.text(self.model.entry(row)))
            x += width
        painter.setPen(QPen(QColor(self._colors.line), 1))
        y = rect.top() + 6 + _FIGURE_ROW
        painter.drawLine(round(rect.left() + 8), round(y), round(rect.right() - 8), round(y))

    def csv_rows(self) -> Iterator[CsvRow]:
        """Return header and all rows in the order shown."""
        yield from self.model.csv_rows()

    def suggested_name(self) -> str:
        """Return a file name without its ending."""
        return "compounds"

    def _build(self) -> None:
        view = self.view
        view.setModel(self.model)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setShowGrid(False)
        view.setStyleSheet(_CELLS)
        view.setWordWrap(False)
        view.setAccessibleName("Compounds")
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(26)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = view.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for k, width in self._column_widths().items():
            header.resizeSection(k, width)
        header.setSortIndicator(self.model.sort_column, self.model.sort_order)
        view.setSortingEnabled(True)
        view.selectionModel().currentRowChanged.connect(self._tell)
        view.clicked.connect(self._tell_clicked)
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self._words)
        top.addStretch(1)
        top.addWidget(self.export_menu)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(view)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(4)
        outer.addLayout(top)
        outer.addWidget(self._pages, 1)

    def _column_widths(self) -> dict[int, int]:
        widths = {"compound": 90, "formula": 72, "model": 120, "frames": 58, "components": 86, "scale": 66, "95 % interval": 106}
        widths |= {"cMAE (eV/Å)": 86, "r²": 62, "rms force (eV/Å)": 104, "intercept (eV/Å)": 102, "energy slope": 90, "verdict": 122}
        return {k: widths.get(column.title, 80) for k, column in enumerate(COLUMNS)}

    def _figure_widths(self) -> dict[int, int]:
        return {k: width + 8 for k, width in self._column_widths().items() if not self.view.isColumnHidden(k)}

    def _refresh_words(self) -> None:
        n = len({entry.compound for entry in self.model.entries})
        so_far = " so far" if self._running else ""
        self._words.setText(f"{count(n)} {'compound' if n == 1 else 'compounds'}{so_far}" if n else "")

    def _tell(self, current: QModelIndex | QPersistentModelIndex, _before: QModelIndex | QPersistentModelIndex) -> None:
        if self._telling and current.isValid() and not self.view.entering:
            self._just_told = current.row()
            self.compound_activated.emit(self.model.entry(current.row()).compound)

    def _tell_clicked(self, index: QModelIndex | QPersistentModelIndex) -> None:
        """Tell of a click on the row that was current already; pressing another one has told it."""
        if self._just_told != index.row():
            self.compound_activated.emit(self.model.entry(index.row()).compound)
        self._just_told = -1
