"""Page 1: what shall be accurate, and how soft the model is there today."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from guiapp.correction.target import TargetState
from guiapp.report.formula_text import subscripted
from guiapp.ui.plots.error_split_bar import ErrorParts, ErrorSplitBar
from guiapp.ui.theme import Palette
from guiapp.ui.wizard.page import WizardPage, card, words


class TargetPage(WizardPage):
    """Choose compounds; the one that a scalar helps most is ticked.

    Signals:
        compounds_changed: Names of the ticked compounds.
    """

    compounds_changed = Signal(object)
    term = "systematic error"

    def __init__(self, palette: Palette) -> None:
        """Build the page, empty."""
        super().__init__(
            "What shall be accurate?", "Choose the compounds you care about. A correction is fitted to them and judged on frames of them."
        )
        self._palette = palette
        self._state: TargetState | None = None
        self.list = QListWidget()
        self.list.setAccessibleName("Compounds")
        self.list.itemChanged.connect(self._tell)
        self.split = ErrorSplitBar(palette)
        self.today, self.advice = words(), words(role="muted")
        box, column = card()
        column.addWidget(self.today)
        column.addWidget(self.split)
        self.body.addWidget(self.list, 1)
        self.body.addWidget(box)
        self.body.addWidget(self.advice)

    @property
    def is_ready(self) -> bool:
        """Some compound is ticked and measured."""
        return self._state is not None and bool(self.ticked())

    def ticked(self) -> tuple[str, ...]:
        """Return the chosen compounds."""
        items = (self.list.item(row) for row in range(self.list.count()))
        return tuple(str(item.data(Qt.ItemDataRole.UserRole)) for item in items if item.checkState() is Qt.CheckState.Checked)

    def offer(self, compounds: Sequence[str], ticked: Sequence[str]) -> None:
        """Fill the list."""
        self.list.blockSignals(True)
        self.list.clear()
        for name in compounds:
            item = QListWidgetItem(subscripted(name))
            item.setData(Qt.ItemDataRole.UserRole, name)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if name in ticked else Qt.CheckState.Unchecked)
            self.list.addItem(item)
            if name in ticked:
                self.list.setCurrentItem(item)
        self.list.blockSignals(False)

    def show_state(self, state: TargetState | None, title: str) -> None:
        """Show how soft the model is on the chosen compounds."""
        self._state = state
        self.today.setText(state.sentence if state is not None else "Tick a compound to see how soft the model is there.")
        self.advice.setText(state.advice if state is not None else "")
        parts = []
        if state is not None:
            numbers = state.statistics
            parts = [ErrorParts(title, self._palette.models[0], numbers.systematic, numbers.random)]
        self.split.set_parts(parts)
        self.ready_changed.emit()

    def set_palette(self, palette: Palette) -> None:
        """Repaint in another theme."""
        self._palette = palette
        self.split.set_palette(palette)

    @Slot()
    def _tell(self) -> None:
        self.compounds_changed.emit(self.ticked())
