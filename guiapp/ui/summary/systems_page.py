"""One family from the summary: its sentence, its systems, and the way on to a curve and a structure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QModelIndex, QRectF, QSizeF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QHBoxLayout, QHeaderView, QLabel, QPushButton, QTableView, QVBoxLayout, QWidget

from guiapp.benchmarks.description import describe_family
from guiapp.benchmarks.family_rows import corrected_rows
from guiapp.benchmarks.family_summary import summarise
from guiapp.benchmarks.high_energy import rows as force_rows
from guiapp.benchmarks.high_energy_sentence import sentence
from guiapp.benchmarks.high_energy_summary import FAMILY as HIGH_ENERGY
from guiapp.benchmarks.row import Row
from guiapp.report.formula_text import subscripted
from guiapp.ui.evaluation import Evaluation
from guiapp.ui.family_entry import FamilyEntry
from guiapp.ui.plots.export_menu import ExportMenu
from guiapp.ui.plots.plot_export import CsvRow
from guiapp.ui.summary.axis_rows import short_mode
from guiapp.ui.summary.systems_model import COLUMNS, MODEL, SYSTEM, SystemEntry, SystemsModel
from guiapp.ui.terms import family_term
from guiapp.ui.theme import Palette, text_font
from guiapp.ui.what_is_this import WhatIsThis

_WIDTHS = (104, 118, 88, 88, 88, 58, 124)
_FIGURE_ROW = 20.0
_FIGURE_ROWS = 60
_NAMED = 6  # systems that a line names


class SystemsPage(QWidget):
    """Systems of one family; a click selects one, Enter or a double click opens its curve.

    Signals:
        back_requested: All families shall be shown again.
        system_activated(str, str): Family and system that were picked.
        curve_requested(str, str): Family and system whose curve shall be shown.
    """

    back_requested = Signal()
    system_activated = Signal(str, str)
    curve_requested = Signal(str, str)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Start without a family."""
        super().__init__(parent)
        self._colors = palette
        self.family = ""
        self._c = 1.0
        self._sources: tuple[tuple[str, tuple[Row, ...]], ...] = ()
        self._sentences: tuple[tuple[str, str], ...] = ()
        self._telling = True
        self.back = QPushButton("‹ All families")
        self.curve = QPushButton("Show curve")
        self.quantity = QComboBox()
        self.headline = QLabel(wordWrap=True)
        self.evidence = QLabel(wordWrap=True)
        self.left_out = QLabel(wordWrap=True)
        self.model = SystemsModel(palette, self)
        self.view = QTableView()
        self.what = WhatIsThis(family_term("eos"), palette)
        self.export_menu = ExportMenu(self)
        self._build()
        self.set_palette(palette)

    @property
    def colors(self) -> Palette:
        """The palette in use."""
        return self._colors

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self._colors = palette
        self.model.set_palette(palette)
        self.export_menu.set_palette(palette)
        self.what.set_palette(palette)

    def show_family(self, family: str, entries: Sequence[FamilyEntry], evaluations: Sequence[Evaluation], c: float) -> None:
        """Show the systems of a family.

        Args:
            family: Its name.
            entries: Of all families.
            evaluations: Of the force family.
            c: Correction that is tried out.
        """
        changed, self.family, self._c = family != self.family, family, c
        if family == HIGH_ENERGY:
            self._sources = tuple(
                (one.title, tuple(r for r in force_rows(one.summary) if r.system != "all compounds")) for one in evaluations
            )
            self._sentences = tuple(sentence(one.summary, running=one.running, title=one.title) for one in evaluations)
            failures: list[str] = []
        else:
            own = [entry for entry in entries if entry.result.family == family]
            self._sources = tuple((_titled(entry), entry.result.rows) for entry in own)
            self._sentences = tuple(
                summarise(entry.result.rows).sentence(f"{_titled(entry)}{' so far' if entry.running else ''}")
                for entry in own
                if entry.result.rows
            )
            failures = [note for entry in own for note in entry.result.notes]
            failures += [words for entry in own if not entry.running for words in _left_out(entry)]
        self.left_out.setText(subscripted("\n".join(failures)))
        self.left_out.setVisible(bool(failures))
        self._offer_quantities(anew=changed)
        self._refresh()

    def set_current(self, system: str) -> None:
        """Select a system that was picked elsewhere; tells nobody."""
        place = self.model.place_of(system)
        current = self.view.currentIndex()
        if place < 0 or (current.isValid() and self.model.entries[current.row()].row.system == system):
            return
        self._telling = False
        self.view.selectRow(place)
        self._telling = True

    # ---- figure

    def figure_size(self) -> QSizeF:
        """Return room for the shown columns and the first lines."""
        rows = min(self.model.rowCount(), _FIGURE_ROWS)
        return QSizeF(sum(self._shown_widths().values()) + 24, (rows + 2) * _FIGURE_ROW + 20)

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Draw title and table as a figure."""
        painter.fillRect(rect, QColor(self._colors.surface))
        painter.setPen(QColor(self._colors.text))
        painter.setFont(text_font(13, bold=True))
        painter.drawText(QRectF(rect.left() + 8, rect.top() + 4, rect.width(), _FIGURE_ROW), describe_family(self.family).title)
        x, top = rect.left() + 8, rect.top() + 4 + _FIGURE_ROW
        for k, width in self._shown_widths().items():
            column = COLUMNS[k]
            flags = (Qt.AlignmentFlag.AlignRight if column.numeric else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter
            painter.setFont(text_font(11))
            painter.setPen(QColor(self._colors.muted))
            painter.drawText(QRectF(x, top, width - 12, _FIGURE_ROW), flags, column.title)
            painter.setFont(text_font(12))
            for row in range(min(self.model.rowCount(), _FIGURE_ROWS)):
                color = self.model.data(self.model.index(row, k), Qt.ItemDataRole.ForegroundRole)
                painter.setPen(color if isinstance(color, QColor) else QColor(self._colors.text))
                painter.drawText(
                    QRectF(x, top + 4 + (row + 1) * _FIGURE_ROW, width - 12, _FIGURE_ROW), flags, column.text(self.model.entries[row])
                )
            x += width
        painter.setPen(QPen(QColor(self._colors.line), 1))
        y = top + 2 + _FIGURE_ROW
        painter.drawLine(round(rect.left() + 8), round(y), round(rect.right() - 8), round(y))

    def csv_rows(self) -> Iterator[CsvRow]:
        """Return header and all lines in the order shown."""
        yield from self.model.csv_rows()

    def suggested_name(self) -> str:
        """Return a file name without its ending."""
        return f"{self.family} systems"

    # ---- inside

    def _build(self) -> None:
        self.back.setProperty("role", "link")
        self.back.setToolTip("Back to all families (Esc)")
        self.curve.setProperty("role", "chip")
        self.curve.setToolTip("Open the curve of the selected system, with DFT and every model (Enter)")
        self.quantity.setAccessibleName("Quantity")
        self.headline.setProperty("role", "title")
        for label in (self.evidence, self.left_out):
            label.setProperty("role", "small")
        for label in (self.headline, self.evidence, self.left_out):
            label.setMinimumWidth(80)
        view = self.view
        view.setModel(self.model)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setStyleSheet("QTableView::item { padding: 0 8px; } QHeaderView::section { padding: 4px 8px; }")
        view.setAccessibleName("Systems of the family")
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(26)
        header = view.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for k, width in enumerate(_WIDTHS):
            header.resizeSection(k, width)
        header.setSortIndicator(self.model.sort_column, self.model.sort_order)
        view.setSortingEnabled(True)
        view.selectionModel().currentRowChanged.connect(self._tell)
        view.activated.connect(self._ask_curve)
        view.doubleClicked.connect(self._ask_curve)
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self.back)
        top.addStretch(1)
        for widget in (self.quantity, self.curve, self.export_menu, self.what):
            top.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(self.headline)
        column.addWidget(self.evidence)
        column.addWidget(view, 1)
        column.addWidget(self.left_out)
        self.back.clicked.connect(self.back_requested)
        self.curve.clicked.connect(self._ask_curve)
        self.quantity.currentIndexChanged.connect(self._refresh)

    def _offer_quantities(self, *, anew: bool) -> None:
        present = {row.quantity for _, rows in self._sources for row in rows}
        names = [name for name in describe_family(self.family).quantities if name in present]
        before = "" if anew else self.quantity.currentText()
        self.quantity.blockSignals(True)
        self.quantity.clear()
        self.quantity.addItems(names)
        self.quantity.setCurrentIndex(names.index(before) if before in names else 0)
        self.quantity.blockSignals(False)
        self.quantity.setVisible(len(names) > 1)

    @Slot()
    def _refresh(self) -> None:
        quantity = self.quantity.currentText()
        current = self.view.currentIndex()
        selected = self.model.entries[current.row()].row.system if current.isValid() else ""
        found = []
        for title, rows in self._sources:
            shown = rows if self._c == 1 else corrected_rows(rows, self._c)
            found += [SystemEntry(title if self._c == 1 else f"{title} × {self._c:.2f}", row) for row in shown if row.quantity == quantity]
        self.model.set_entries(found)
        self.view.setColumnHidden(MODEL, sum(bool(rows) for _, rows in self._sources) < 2 and self._c == 1)
        card = describe_family(self.family)
        first = self._sentences[0] if self._sentences else (f"{card.title}: no number yet", "")
        self.headline.setText(subscripted(first[0]))
        self.evidence.setText(subscripted(" · ".join([first[1], *(other[0] for other in self._sentences[1:])])))
        self.curve.setVisible(self.family != HIGH_ENERGY)
        if self.family != HIGH_ENERGY:
            self.what.set_term(family_term(self.family))
        else:
            self.what.set_term("softening scale")
        if selected:
            self.set_current(selected)

    @Slot(QModelIndex, QModelIndex)
    def _tell(self, current: QModelIndex, _before: QModelIndex) -> None:
        if self._telling and current.isValid():
            self.system_activated.emit(self.family, self.model.entries[current.row()].row.system)

    @Slot()
    def _ask_curve(self) -> None:
        current = self.view.currentIndex()
        if self.family != HIGH_ENERGY and self.model.rowCount():
            row = current.row() if current.isValid() else 0
            self.curve_requested.emit(self.family, self.model.entries[row].row.system)

    def _shown_widths(self) -> dict[int, int]:
        return {k: width + (40 if k == SYSTEM else 8) for k, width in enumerate(_WIDTHS) if not self.view.isColumnHidden(k)}


def _left_out(entry: FamilyEntry) -> list[str]:
    """Return why systems have no number, those of one reason together."""
    systems: dict[str, list[str]] = {}
    for one in entry.result.failures:
        systems.setdefault(one.reason, []).append(one.system)
    found = []
    for reason, names in systems.items():
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        found.append(f"Left out ({_titled(entry)}): {', '.join(names[:_NAMED])}{more}. {reason}")
    return found


def _titled(entry: FamilyEntry) -> str:
    return ", ".join(filter(None, (entry.title, short_mode(entry.result.mode))))
