"""Two models or more side by side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from guiapp.potentials.self_test.report import Check
from guiapp.ui.models_page.entry import ModelEntry
from guiapp.ui.models_page.wording import check_color, check_mark, facts_of, verdict_color, verdict_words
from guiapp.ui.theme import Palette

_NAME_WIDTH, _LEAST_WIDTH = 110, 150
_LEFT_OUT = {"File", "SHA-256", "Cite"}  # long, and they tell nothing beside each other
_NAMED = 12

Cell = tuple[str, str]
"""Words and their colour."""


class Comparison(QWidget):
    """A table: a column a model, a row a fact or a check."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._palette = palette
        self._entries: tuple[ModelEntry, ...] = ()
        self.headline = QLabel()
        self.headline.setProperty("role", "headline")
        self.cells: dict[tuple[str, str], QLabel] = {}
        """By row and by the model's name."""
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setAccessibleName("Comparison of models")
        rows = QVBoxLayout(self)
        rows.setContentsMargins(16, 16, 16, 16)
        rows.setSpacing(12)
        rows.addWidget(self.headline)
        rows.addWidget(self._area, 1)

    def show_entries(self, entries: Sequence[ModelEntry]) -> None:
        """Compare these models."""
        self._entries = tuple(entries)
        self.headline.setText(f"{len(entries)} models side by side")
        self.cells = {}
        table = QFrame()
        table.setProperty("role", "panel")
        grid = QGridLayout(table)
        grid.setContentsMargins(14, 12, 14, 12)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(10)
        grid.setColumnMinimumWidth(0, _NAME_WIDTH)
        for column, entry in enumerate(entries, start=1):
            title = self._label(entry.card.title, self._palette.bad if entry.has_failed else self._palette.text)
            title.setProperty("role", "title")
            grid.addWidget(title, 0, column)
            grid.setColumnStretch(column, 1)
            grid.setColumnMinimumWidth(column, _LEAST_WIDTH)
        for row, (name, cells) in enumerate([*self._facts(), *self._checks()], start=1):
            head = self._label(name, self._palette.muted)
            grid.addWidget(head, row, 0)
            for column, (entry, (words, color)) in enumerate(zip(entries, cells, strict=True), start=1):
                label = self._label(words, color)
                label.setAccessibleName(f"{name} of {entry.card.title}")
                grid.addWidget(label, row, column)
                self.cells[name, entry.name] = label
        grid.setRowStretch(grid.rowCount(), 1)
        self._area.setWidget(table)

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        self._palette = palette
        if self._entries:
            self.show_entries(self._entries)

    def _facts(self) -> list[tuple[str, list[Cell]]]:
        p, facts = self._palette, [dict(facts_of(entry)) for entry in self._entries]
        lines = [(title, [(one[title], p.text) for one in facts]) for title in facts[0] if title not in _LEFT_OUT]
        verdicts = [(verdict_words(entry), verdict_color(entry.verdict, p)) for entry in self._entries]
        return [*lines, ("Elements known", self._elements()), ("Self-test", verdicts)]

    def _elements(self) -> list[Cell]:
        """Return how many elements each model knows, and which of the others' it lacks."""
        p = self._palette
        everything = {symbol for entry in self._entries if entry.report is not None for symbol in entry.report.elements}
        cells = []
        for entry in self._entries:
            if entry.report is None:
                cells.append(("known after the self-test", p.muted))
                continue
            missing = sorted(everything - set(entry.report.elements))
            named = f", without {', '.join(missing[:_NAMED])}{' …' if len(missing) > _NAMED else ''}" if missing else ""
            cells.append((f"{len(entry.report.elements)}{named}", p.text))
        return cells

    def _checks(self) -> list[tuple[str, list[Cell]]]:
        """Return a row for each check that any of the models has."""
        found = [{check.name: check for check in entry.report.checks} if entry.report is not None else {} for entry in self._entries]
        names = dict.fromkeys(name for one in found for name in one if name != "elements")
        return [(name, [self._cell(one.get(name)) for one in found]) for name in names]

    def _cell(self, check: Check | None) -> Cell:
        if check is None:
            return "not tested", self._palette.muted
        return f"{check_mark(check)}  {check.words}", check_color(check, self._palette)

    def _label(self, words: str, color: str) -> QLabel:
        label = QLabel(words)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        label.setStyleSheet(f"color: {color};")
        return label
