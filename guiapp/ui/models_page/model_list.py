"""The list of models, those that can be used at once first."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from guiapp.ui.models_page.entry import ModelEntry
from guiapp.ui.models_page.model_row import ModelRow
from guiapp.ui.theme import Palette


class ModelList(QWidget):
    """Rows in two parts: on this machine, and to be had.

    Signals:
        chosen(str): A model shall be shown.
        compared_changed: Other models are ticked for the comparison.
    """

    chosen = Signal(str)
    compared_changed = Signal()

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._palette = palette
        self.rows: dict[str, ModelRow] = {}
        self._used: frozenset[str] = frozenset()
        self._titles = QLabel("On this machine"), QLabel("To be had")
        for title in self._titles:
            title.setProperty("role", "section")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 6, 0)
        self._layout.setSpacing(6)

    @property
    def compared(self) -> list[str]:
        """Names of the ticked models."""
        return [name for name, row in self.rows.items() if row.box.isChecked()]

    def set_entries(self, entries: Sequence[ModelEntry]) -> None:
        """Show these models; rows that were there stay, with their tick and the focus."""
        names = {entry.name for entry in entries}
        for name in [name for name in self.rows if name not in names]:
            row = self.rows.pop(name)
            row.hide()
            row.deleteLater()
        for entry in entries:
            if entry.name in self.rows:
                self.rows[entry.name].set_entry(entry)
            else:
                self.rows[entry.name] = self._row(entry)
        while self._layout.takeAt(0) is not None:
            continue
        for title, here in zip(self._titles, (True, False), strict=True):
            part = [entry for entry in entries if entry.card.is_here is here]
            title.setVisible(bool(part))
            self._layout.addWidget(title)
            for entry in part:
                self._layout.addWidget(self.rows[entry.name])
        self._layout.addStretch(1)

    def set_used(self, names: Collection[str]) -> None:
        """Mark the models of the open project."""
        for name, row in self.rows.items():
            row.set_in_project(used=name in names)

    def set_shown(self, name: str) -> None:
        """Mark the model whose details are shown."""
        for other, row in self.rows.items():
            row.set_shown(shown=other == name)

    def set_doing(self, name: str, words: str) -> None:
        """Show what goes on with a model."""
        if name in self.rows:
            self.rows[name].set_doing(words)

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        self._palette = palette
        for row in self.rows.values():
            row.set_palette(palette)

    def _row(self, entry: ModelEntry) -> ModelRow:
        row = ModelRow(entry, self._palette)
        row.chosen.connect(self.chosen)
        row.compared.connect(self._tell_compared)
        return row

    @Slot()
    def _tell_compared(self) -> None:
        self.compared_changed.emit()
