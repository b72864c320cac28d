"""The periodic table coloured by softness, and the slopes by size of the force: where the model is soft."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from guiapp.benchmarks.high_energy_summary import GroupResult
from guiapp.ui.browser.periodic_table import PeriodicTable
from guiapp.ui.evaluation import Evaluation
from guiapp.ui.results.panel import panel
from guiapp.ui.theme import Palette, scale_color
from guiapp.ui.what_is_this import WhatIsThis


def group_words(group: GroupResult) -> str:
    """Return a group's scale with its count, or why there is none."""
    numbers = group.statistics
    counts = f"n = {numbers.n:,}, {group.n_compounds} compound{'' if group.n_compounds == 1 else 's'}"
    if not numbers.signal.enough:
        return f"not enough signal ({counts})"
    return f"{numbers.scale:.2f} ({counts})".replace("-", "−")


class ElementsPage(QWidget):
    """Softness by element, by force and by strain.

    Signals:
        element_activated: Symbol of an element the user wants to see alone.
    """

    element_activated = Signal(str)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Build the page, empty."""
        super().__init__(parent)
        self._palette = palette
        self._evaluations: tuple[Evaluation, ...] = ()
        self.model_choice = QComboBox()
        self.model_choice.setAccessibleName("Model shown in the periodic table")
        self.table = PeriodicTable(palette, picks=False)
        self._what = WhatIsThis("softening scale", palette)
        frame, column = panel()
        heading = QHBoxLayout()
        title = QLabel("Softening scale by element: blue is soft, orange is stiff. Click an element to see only its compounds.")
        title.setProperty("role", "small")
        title.setWordWrap(True)
        heading.addWidget(title, 1)
        heading.addWidget(self.model_choice)
        heading.addWidget(self._what)
        column.addLayout(heading)
        column.addWidget(self.table, 1)
        groups, groups_column = panel("By size of the DFT force on the atom, and by strain")
        inside = QWidget()
        self._grid = QGridLayout(inside)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(24)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        area.viewport().setAutoFillBackground(False)
        inside.setAutoFillBackground(False)
        area.setMinimumHeight(40)  # on a screen of 700 pixels; what is below scrolls
        groups_column.addWidget(area)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(frame, 2)
        layout.addWidget(groups, 1)
        self.table.element_clicked.connect(self.element_activated)
        self.model_choice.currentIndexChanged.connect(self._show)

    def set_palette(self, palette: Palette) -> None:
        """Repaint in another theme."""
        self._palette = palette
        self.table.set_palette(palette)
        self._what.set_palette(palette)
        self._show()

    def set_evaluations(self, evaluations: Sequence[Evaluation]) -> None:
        """Offer these models, and show the one chosen before or the first."""
        titles = [evaluation.title for evaluation in evaluations]
        if titles != [evaluation.title for evaluation in self._evaluations]:
            chosen = self.model_choice.currentText()
            self.model_choice.blockSignals(True)
            self.model_choice.clear()
            self.model_choice.addItems(titles)
            self.model_choice.setCurrentIndex(max(0, titles.index(chosen) if chosen in titles else 0))
            self.model_choice.blockSignals(False)
        self._evaluations = tuple(evaluations)
        self.model_choice.setVisible(len(titles) > 1)
        self._show()

    @Slot()
    def _show(self) -> None:
        place = self.model_choice.currentIndex()
        summary = self._evaluations[place].summary if 0 <= place < len(self._evaluations) else None
        values = {}
        for group in summary.by_element if summary is not None else ():
            numbers = group.statistics
            if numbers.signal.enough:
                values[group.label] = (numbers.scale, f"{numbers.scale:.2f}", scale_color(numbers.scale, self._palette))
        self.table.set_values(values)
        self.table.set_counts({group.label: group.n_compounds for group in summary.by_element} if summary is not None else None)
        self._show_groups((summary.by_force, summary.by_strain) if summary is not None else ())

    def _show_groups(self, columns: Sequence[Sequence[GroupResult]]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for row, group in enumerate(group for groups in columns for group in groups):
            name = QLabel(group.label)
            name.setProperty("role", "small")
            self._grid.addWidget(name, row, 0)
            self._grid.addWidget(QLabel(group_words(group)), row, 1, Qt.AlignmentFlag.AlignLeft)
        self._grid.setColumnStretch(1, 1)
