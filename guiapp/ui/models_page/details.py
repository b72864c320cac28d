"""One model in full: what can be done with it now, what it is, which elements it knows, and its self-test check by check."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from guiapp.potentials.self_test.gate import WHAT_TO_DO
from guiapp.ui.browser.periodic_table import PeriodicTable
from guiapp.ui.data_page.facts import add_facts
from guiapp.ui.models_page.buttons import ModelButtons
from guiapp.ui.models_page.check_list import CheckList
from guiapp.ui.models_page.entry import ModelEntry
from guiapp.ui.models_page.wording import elements_words, facts_of, state_words, test_words, verdict_color
from guiapp.ui.theme import Palette
from guiapp.ui.what_is_this import WhatIsThis

_STEPS = 1000
_TABLE_HEIGHT = 270


class ModelDetails(QWidget):
    """Shows one model and tells what the user wants with it.

    Signals:
        wanted(str, str): Name of a model, and the intent of a button in ``buttons``.
    """

    wanted = Signal(str, str)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self._palette = palette
        self.entry: ModelEntry | None = None
        self._problem = ""
        self._sections: dict[str, QLabel] = {}
        self.headline = QLabel()
        self.headline.setProperty("role", "headline")
        self.headline.setWordWrap(True)
        self.verdict = QLabel()
        self.verdict.setWordWrap(True)
        self.state = QLabel()
        self.state.setProperty("role", "muted")
        self.state.setWordWrap(True)
        self.stored = QLabel()
        self.stored.setWordWrap(True)
        self.stored.setProperty("role", "muted")
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, _STEPS)
        self.doing = QLabel()
        self.doing.setWordWrap(True)
        self.buttons = ModelButtons(self)
        self.buttons.wanted.connect(self._tell)
        self._facts = QWidget()
        self.elements = QLabel()
        self.table = PeriodicTable(palette, picks=False)
        self.table.setAccessibleName("Elements that the model knows")
        self.table.setFixedHeight(_TABLE_HEIGHT)
        self.what = WhatIsThis("self-test", palette)
        self.checks = CheckList(palette)
        self._lay_out()

    def show_entry(self, entry: ModelEntry, *, used: bool, busy: bool, pausable: bool, stored: str = "") -> None:
        """Show a model.

        Args:
            entry: What is known of it.
            used: Whether the open project compares it.
            busy: Whether something goes on with it.
            pausable: Whether that can be paused.
            stored: Where the project's results of it come from, if they were not computed here.
        """
        if self.entry is not None and self.entry.name != entry.name:
            self._problem = ""
        if not busy:
            self.doing.clear()
        self.entry = entry
        p = self._palette
        self.headline.setText(entry.card.title)
        self.state.setText("" if entry.is_ready else state_words(entry))
        self.state.setVisible(bool(self.state.text()) and not busy)
        self.verdict.setText(test_words(entry) + (f" {WHAT_TO_DO}" if entry.has_failed else ""))
        self.verdict.setStyleSheet(f"color: {verdict_color(entry.verdict, p)};")
        self.stored.setText(stored)
        self.stored.setVisible(bool(stored))
        self.buttons.show_for(entry, used=used, busy=busy, pausable=pausable, stored=bool(stored))
        self._show_facts(entry)
        self._show_elements(entry)
        self.checks.show_checks(entry.report.checks if entry.report is not None else ())
        self._sections["Self-test"].setVisible(entry.report is not None)
        self.bar.setVisible(busy)
        self.doing.setVisible(busy)
        self._show_problem()

    def show_progress(self, part: int, words: str) -> None:
        """Show how far something is, in thousandths; below 0 where nobody knows."""
        self.bar.setRange(0, _STEPS if part >= 0 else 0)
        self.bar.setValue(max(0, part))
        self.doing.setText(words)

    def show_problem(self, words: str) -> None:
        """Say what went wrong, until something else is begun; empty for nothing."""
        self._problem = words
        self._show_problem()

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        self._palette = palette
        self.table.set_palette(palette)
        self.checks.set_palette(palette)
        self.what.set_palette(palette)
        if self.entry is not None:
            self._show_facts(self.entry)
            self._show_elements(self.entry)
            self.verdict.setStyleSheet(f"color: {verdict_color(self.entry.verdict, palette)};")
            self._show_problem()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the height that the wrapped lines need at this width."""
        super().resizeEvent(event)
        self._grow()

    def _grow(self) -> None:
        # A scroll area asks for the least height only, which for wrapped lines is that of a single one.
        self._rows.activate()
        self.setMinimumHeight(max(0, self._rows.totalHeightForWidth(self.width())))

    def _show_problem(self) -> None:
        self.problem.setText(self._problem)
        self.problem.setStyleSheet(f"color: {self._palette.bad};")
        self.problem.setVisible(bool(self._problem))
        self._grow()

    def _show_facts(self, entry: ModelEntry) -> None:
        fresh = QWidget()
        grid = QGridLayout(fresh)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        for label in add_facts(grid, facts_of(entry), self._palette):
            policy = label.sizePolicy()  # it says that the height depends on the width, which a fresh one would not
            policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
            label.setSizePolicy(policy)
        self._rows.replaceWidget(self._facts, fresh)
        self._facts.hide()
        self._facts.deleteLater()
        self._facts = fresh

    def _show_elements(self, entry: ModelEntry) -> None:
        self.elements.setText(elements_words(entry))
        self.table.setVisible(entry.report is not None)
        if entry.report is not None:
            color = QColor(self._palette.accent)
            self.table.set_counts({})  # dims what is not known
            self.table.set_values(dict.fromkeys(entry.report.elements, (1.0, "", color)))

    def _tell(self, intent: str) -> None:
        if self.entry is not None:
            self.show_problem("")
            self.wanted.emit(self.entry.name, intent)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.verdict, 1)
        head.addWidget(self.what)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(20, 16, 20, 16)
        self._rows.setSpacing(10)
        self._rows.addWidget(self.headline)
        self._rows.addLayout(head)
        for part in (self.state, self.stored, self.problem, self.bar, self.doing, self.buttons, self._facts):
            self._rows.addWidget(part)
        for title, parts in (("Elements", (self.elements, self.table)), ("Self-test", (self.checks,))):
            section = QLabel(title)
            section.setProperty("role", "section")
            self._sections[title] = section
            self._rows.addSpacing(6)
            self._rows.addWidget(section)
            for part in parts:
                self._rows.addWidget(part)
        self._rows.addStretch(1)
