"""Two models or more side by side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLabel, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from guiapp.potentials.self_test.report import Check
from guiapp.ui.models_page.entry import ModelEntry
from guiapp.ui.models_page.wording import check_color, check_mark, facts_of, verdict_color, verdict_words
from guiapp.ui.theme import Palette

_NAME_WIDTH = 150
_LEFT_OUT = {"File", "SHA-256", "Cite"}  # long, and they tell nothing beside each other


class Comparison(QWidget):
    """A table: a column a model, a row a fact or a check."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._palette = palette
        self._entries: tuple[ModelEntry, ...] = ()
        self.headline = QLabel()
        self.headline.setProperty("role", "headline")
        self.headline.setWordWrap(True)
        self.table = QTableWidget()
        self.table.setAccessibleName("Comparison of models")
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.setWordWrap(True)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(16, 16, 16, 16)
        rows.setSpacing(12)
        rows.addWidget(self.headline)
        rows.addWidget(self.table, 1)

    def show_entries(self, entries: Sequence[ModelEntry]) -> None:
        """Compare these models."""
        self._entries = tuple(entries)
        self.headline.setText(" beside ".join(entry.card.title for entry in entries))
        lines = [*self._facts(), *self._checks()]
        self.table.clear()
        self.table.setRowCount(len(lines))
        self.table.setColumnCount(1 + len(entries))
        self.table.setHorizontalHeaderLabels(["", *(entry.card.title for entry in entries)])
        for row, (name, cells) in enumerate(lines):
            self.table.setItem(row, 0, self._item(name, self._palette.muted))
            for column, (words, color) in enumerate(cells, start=1):
                self.table.setItem(row, column, self._item(words, color))
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(0, _NAME_WIDTH)
        self.table.resizeRowsToContents()

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        self._palette = palette
        if self._entries:
            self.show_entries(self._entries)

    def _facts(self) -> list[tuple[str, list[tuple[str, str]]]]:
        p, facts = self._palette, [facts_of(entry) for entry in self._entries]
        lines = [(title, [(dict(one)[title], p.text) for one in facts]) for title, _ in facts[0] if title not in _LEFT_OUT]
        known = [set(entry.report.elements) if entry.report is not None else None for entry in self._entries]
        everything: set[str] = set().union(*(one for one in known if one is not None))
        cells = []
        for one in known:
            missing = sorted(everything - one) if one is not None else []
            words = "not tested" if one is None else f"{len(one)}" + (f", without {', '.join(missing[:12])}" if missing else "")
            cells.append((words + (" …" if len(missing) > 12 else ""), p.text if one is not None else p.muted))
        verdicts = [(verdict_words(entry), verdict_color(entry.verdict, p)) for entry in self._entries]
        return [*lines, ("Elements known", cells), ("Self-test", verdicts)]

    def _checks(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return a row for each check that any of the models has."""
        found = [{check.name: check for check in entry.report.checks} if entry.report is not None else {} for entry in self._entries]
        names = dict.fromkeys(name for one in found for name in one if name != "elements")
        lines = []
        for name in names:
            cells = [self._cell(one.get(name)) for one in found]
            lines.append((name, cells))
        return lines

    def _cell(self, check: Check | None) -> tuple[str, str]:
        if check is None:
            return "", self._palette.muted
        return f"{check_mark(check)}  {check.words}", check_color(check, self._palette)

    def _item(self, words: str, color: str) -> QTableWidgetItem:
        item = QTableWidgetItem(words)
        item.setForeground(QColor(color))
        item.setToolTip(words)
        item.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        return item
