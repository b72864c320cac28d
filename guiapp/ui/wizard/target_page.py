"""Page 1: what shall be accurate, and how soft the model is there today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QLabel, QPushButton, QTreeWidget, QTreeWidgetItem

from guiapp.correction.target import TargetState
from guiapp.report.formula_text import subscripted
from guiapp.ui.plots.error_split_bar import ErrorParts, ErrorSplitBar
from guiapp.ui.theme import Palette, scale_color
from guiapp.ui.wizard.page import WizardPage, card, words

_HEADERS = ("compound", "frames", "scale today")


@dataclass(frozen=True)
class TargetEntry:
    """One compound that can be chosen."""

    compound: str
    frames: str
    """E.g. ``4 labelled`` or ``no label yet``."""
    scale: float | None
    """None where it is not measured, or the signal is not enough."""
    words: str
    """In place of a scale, or the scale itself as text."""


class TargetPage(WizardPage):
    """Choose compounds; what is selected in the window is ticked, else the one that a scalar helps most.

    Signals:
        compounds_changed: Names of the ticked compounds.
        family_changed: Benchmark family to list, empty for all.
        model_changed: Name of the model to correct.
        opened: Paths of structures to add.
    """

    compounds_changed = Signal(object)
    family_changed = Signal(str)
    model_changed = Signal(str)
    opened = Signal(object)
    term = "systematic error"
    takes_files = True

    def __init__(self, palette: Palette) -> None:
        """Build the page, empty."""
        super().__init__("What shall be accurate?", "Choose compounds, a structure of yours, or a benchmark that went wrong.")
        self._palette = palette
        self._state: TargetState | None = None
        self._ready = False
        self._offered: list[str] = []
        self.model, self.family = QComboBox(), QComboBox()
        self.model.setAccessibleName("Model to correct")
        self.family.setAccessibleName("Benchmark whose compounds are listed")
        self.open = QPushButton("Open a structure…")
        self.open.setToolTip("A file with a crystal: CIF, POSCAR, extended xyz; labels are not needed")
        row = QHBoxLayout()
        for text, chooser in (("Correct", self.model), ("for", self.family)):
            row.addWidget(QLabel(text))
            row.addWidget(chooser)
        row.addStretch(1)
        row.addWidget(self.open)
        self.list = QTreeWidget()
        self.list.setAccessibleName("Compounds")
        self.list.setHeaderLabels(list(_HEADERS))
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setMinimumHeight(150)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.reason = words(role="muted")
        self.reason.hide()
        self.split = ErrorSplitBar(palette)
        self.today, self.advice = words(), words(role="muted")
        box, column = card()
        column.addWidget(self.today)
        column.addWidget(self.split)
        self.body.addLayout(row)
        self.body.addWidget(self.reason)
        self.body.addWidget(self.list, 1)
        self.body.addWidget(box)
        self.body.addWidget(self.advice)
        self.list.itemChanged.connect(self._tell)
        self.model.activated.connect(self._tell_model)
        self.family.activated.connect(self._tell_family)
        self.open.clicked.connect(self._ask_files)

    @property
    def is_ready(self) -> bool:
        """Some compound is ticked and known well enough to go on."""
        return self._ready and bool(self.ticked())

    def ticked(self) -> tuple[str, ...]:
        """Return the chosen compounds."""
        items = (self.list.topLevelItem(row) for row in range(self.list.topLevelItemCount()))
        return tuple(
            str(item.data(0, Qt.ItemDataRole.UserRole))
            for item in items
            if item is not None and item.checkState(0) is Qt.CheckState.Checked
        )

    def offer_models(self, models: Sequence[tuple[str, str]], current: str) -> None:
        """Fill the list of models.

        Args:
            models: Name and title of each.
            current: Name of the one that is corrected.
        """
        self.model.clear()
        for name, title in models:
            self.model.addItem(title, name)
        self.model.setCurrentIndex(max(0, self.model.findData(current)))

    def offer_families(self, families: Sequence[tuple[str, str]], current: str) -> None:
        """Fill the list of benchmark families that the project has frames of.

        Args:
            families: Name and title of each.
            current: Name of the one that is listed, empty for all.
        """
        self.family.clear()
        self.family.addItem("all compounds", "")
        for name, title in families:
            self.family.addItem(title, name)
        self.family.setCurrentIndex(max(0, self.family.findData(current)))

    def offer(self, entries: Sequence[TargetEntry], ticked: Sequence[str]) -> None:
        """Fill the list of compounds."""
        self.list.blockSignals(True)
        if [entry.compound for entry in entries] != self._offered:
            self._offered = [entry.compound for entry in entries]
            self.list.clear()
            for entry in entries:
                item = QTreeWidgetItem()
                item.setData(0, Qt.ItemDataRole.UserRole, entry.compound)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                self.list.addTopLevelItem(item)
                if entry.compound in ticked and not self.list.selectedItems():
                    self.list.setCurrentItem(item)
        for row, entry in enumerate(entries):
            shown = self.list.topLevelItem(row)
            assert shown is not None
            for column, text in enumerate((subscripted(entry.compound), entry.frames, entry.words)):
                shown.setText(column, text)
            shown.setCheckState(0, Qt.CheckState.Checked if entry.compound in ticked else Qt.CheckState.Unchecked)
            shown.setForeground(1, QColor(self._palette.muted))
            shown.setForeground(2, scale_color(entry.scale, self._palette) if entry.scale is not None else QColor(self._palette.muted))
        for column in range(len(_HEADERS)):
            self.list.resizeColumnToContents(column)
            self.list.setColumnWidth(column, self.list.columnWidth(column) + 24)
        self.list.blockSignals(False)

    def show_reason(self, reason: str) -> None:
        """Say why these compounds are ticked; nothing where the user ticked them."""
        self.reason.setText(reason)
        self.reason.setVisible(bool(reason))

    def show_state(self, state: TargetState | None, title: str) -> None:
        """Show how soft the model is on the chosen compounds."""
        self._state, self._ready = state, state is not None
        self.today.setText(state.sentence if state is not None else "Tick a compound to see how soft the model is there.")
        self.advice.setText(state.advice if state is not None else "")
        parts = []
        if state is not None:
            numbers = state.statistics
            enough = numbers.signal.enough
            parts = [ErrorParts(title, self._palette.models[0], numbers.systematic if enough else float("nan"), numbers.random)]
        self.split.set_parts(parts)
        self.split.setVisible(bool(parts))
        self.ready_changed.emit()

    def show_words(self, today: str, advice: str, *, ready: bool) -> None:
        """Say in words what is known where no number is, and whether one can go on."""
        self._state, self._ready = None, ready
        self.today.setText(subscripted(today))
        self.advice.setText(subscripted(advice))
        self.split.hide()
        self.ready_changed.emit()

    def set_palette(self, palette: Palette) -> None:
        """Repaint in another theme."""
        self._palette = palette
        self.split.set_palette(palette)

    @Slot()
    def _tell(self) -> None:
        self.compounds_changed.emit(self.ticked())

    @Slot()
    def _tell_model(self) -> None:
        self.model_changed.emit(str(self.model.currentData()))

    @Slot()
    def _tell_family(self) -> None:
        self.family_changed.emit(str(self.family.currentData()))

    @Slot()
    def _ask_files(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, "Open a structure")
        if names:
            self.opened.emit([Path(name) for name in names])
