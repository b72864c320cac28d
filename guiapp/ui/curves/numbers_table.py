"""The numbers of one system: a line a quantity, with DFT's value and each model's."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableWidget, QTableWidgetItem, QWidget

from guiapp.benchmarks.description import describe_family
from guiapp.benchmarks.family_rows import has_signal, signed_deviation
from guiapp.benchmarks.row import Row
from guiapp.benchmarks.system_sentence import SystemFinding, deviation_text, significant
from guiapp.ui.terms import family_term
from guiapp.ui.theme import Palette, scale_color, text_font
from guiapp.ui.what_is_this import tooltip

_ROW, _MOST_ROWS = 24, 5
_VALUE_WIDTH = 108  # pixels that a value with its deviation needs
_NAME_WIDTH, _NAME_PART = 250, 0.38


class NumbersTable(QTableWidget):
    """Explains each quantity in the tooltip of its line."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._palette = palette
        self._findings: tuple[SystemFinding, ...] = ()
        self._deviations_shown = True
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setFixedHeight(_ROW)
        self.setAccessibleName("Numbers of this system")
        self.setFont(text_font(12))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setTabKeyNavigation(False)

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self._palette = palette
        self.set_findings(self._findings)

    def set_findings(self, findings: Sequence[SystemFinding]) -> None:
        """Show the rows of one system, one column a model."""
        self._findings = tuple(findings)
        known = [one for one in findings if one.rows]
        self._deviations_shown = (1 - _NAME_PART) * self.width() >= _VALUE_WIDTH * (1 + len(known))
        quantities = _quantities(known)
        if (self.rowCount(), self.columnCount()) != (len(quantities), 2 + len(known)):
            self.setRowCount(len(quantities))
            self.setColumnCount(2 + len(known))
        header = self.horizontalHeader()
        if known:
            self.setHorizontalHeaderLabels(["quantity", "DFT", *(one.title for one in known)])
            first = self.horizontalHeaderItem(0)
            assert first is not None
            first.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        for line, quantity in enumerate(quantities):
            by_model = [next((row for row in one.rows if row.quantity == quantity), None) for one in known]
            self._fill(line, quantity, by_model)
        self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the names a part of the width."""
        super().resizeEvent(event)
        self.horizontalHeader().resizeSection(0, round(min(_NAME_WIDTH, _NAME_PART * self.width())))
        if self._has_room_for_deviations != self._deviations_shown:
            self.set_findings(self._findings)

    @property
    def _has_room_for_deviations(self) -> bool:
        return (1 - _NAME_PART) * self.width() >= _VALUE_WIDTH * (self.columnCount() - 1)

    def sizeHint(self) -> QSize:
        """Return room for the lines, up to a limit."""
        return QSize(300, _ROW + min(self.rowCount(), _MOST_ROWS) * _ROW + 4)

    def minimumSizeHint(self) -> QSize:
        """Return room for two lines."""
        return QSize(200, _ROW + min(self.rowCount(), 2) * _ROW + 4)

    def _fill(self, line: int, quantity: str, rows: Sequence[Row | None]) -> None:
        first = next(row for row in rows if row is not None)
        explained = tooltip(family_term(first.family, quantity))
        self._put(line, 0, f"{quantity} ({first.unit})" if first.unit else quantity, explained, left=True)
        self._put(line, 1, significant(first.reference), "" if math.isfinite(first.reference) else "There is no DFT value")
        card = describe_family(first.family).quantities[quantity]
        for column, row in enumerate(rows):
            if row is None:
                self._put(line, 2 + column, "–", "Not there")
                continue
            deviation = signed_deviation(row)
            judged = has_signal(row) and math.isfinite(deviation) and card.headline != "none"
            beside = f"  ({deviation_text(deviation)})" if judged and self._deviations_shown else ""
            words = significant(row.predicted) + beside
            color = scale_color(1 + deviation, self._palette) if judged and card.softness else None
            told = f"{deviation_text(deviation)} {row.verdict}".strip() if judged else row.verdict
            self._put(line, 2 + column, words, told, color=color)

    def _put(self, line: int, column: int, words: str, tip: str, *, left: bool = False, color: QColor | None = None) -> None:
        item = self.item(line, column)
        if item is None:
            item = QTableWidgetItem()
            self.setItem(line, column, item)
        item.setText(words)
        item.setToolTip(tip)
        side = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
        item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        item.setForeground(color if color is not None else QColor(self._palette.text))


def _quantities(findings: Sequence[SystemFinding]) -> list[str]:
    """Return the quantities that any model has, in the order of the card."""
    rows = [row for one in findings for row in one.rows]
    if not rows:
        return []
    present = {row.quantity for row in rows}
    return [name for name in describe_family(rows[0].family).quantities if name in present]
