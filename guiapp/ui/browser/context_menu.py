"""What can be done with the rows that are picked in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPoint
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu

from guiapp.number_words import counted
from guiapp.ui.browser.tree_model import COMPOUND, SET
from guiapp.ui.icons import icon
from guiapp.ui.theme import Palette

if TYPE_CHECKING:
    from guiapp.ui.browser.panel import BrowserPanel

GROUPINGS = (
    ("formula", "By formula and number of atoms"),
    ("source", "By the id that the file gives"),
    ("file", "By file"),
    ("together", "As one compound"),
)


class BrowserMenu(QMenu):
    """Built anew each time it opens, for the rows under it."""

    def __init__(self, panel: BrowserPanel) -> None:
        """Serve that panel."""
        super().__init__(panel)
        self._panel = panel
        self._colors: Palette | None = None

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        self._colors = palette

    def open_for(self, index: QModelIndex, where: QPoint) -> None:
        """Open at a place on the screen, for the picked rows."""
        self.clear()
        panel, frames = self._panel, self._panel.selected_frames()
        kind = panel.model.node(index).kind if index.isValid() else None
        if frames:
            these = "this frame" if len(frames) == 1 else f"these {counted(len(frames), 'frame')}"
            self._add("play", f"Benchmark {these}…").triggered.connect(lambda: panel.benchmark_requested.emit(frames))
            self._add("export", "Export frames…").triggered.connect(lambda: panel.export_frames_requested.emit(frames))
            copy = self._add("copy", "Copy name")
            copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(str(index.siblingAtColumn(0).data())))
            copy.setEnabled(index.isValid())
            self.addSeparator()
            if kind == COMPOUND:
                rename = self._add("pencil-simple", "Rename compound…")
                rename.setShortcut(QKeySequence("F2"))
                rename.triggered.connect(lambda: panel.tree.edit(index.siblingAtColumn(0)))
            regroup = self.addMenu("Regroup")
            if self._colors is not None:
                regroup.setIcon(icon("stack", self._colors))
            for by, words in GROUPINGS:
                action = regroup.addAction(words)
                action.triggered.connect(lambda _=False, b=by: panel.regroup_requested.emit(frames, b))
            remove = self._add("trash", f"Remove {counted(len(frames), 'frame')} from the project")
            remove.setShortcut(QKeySequence(QKeySequence.StandardKey.Delete))
            remove.triggered.connect(lambda: panel.remove_requested.emit(frames))
            self.addSeparator()
        if kind == SET:
            name = panel.model.name_of(panel.model.node(index))[0]
            self._add("info", "Where these labels come from…").triggered.connect(lambda: panel.provenance_requested.emit(name))
            self._add("scales", "Check reference energies…").triggered.connect(lambda: panel.energies_requested.emit(name))
        if kind in (SET, COMPOUND):
            row = index.siblingAtColumn(0)
            self._add("rows", "Expand all under this").triggered.connect(lambda: panel.tree.expandRecursively(row, 1))
        self._add("plus", "Open files…").triggered.connect(panel.open_requested)
        self.popup(where)

    def _add(self, name: str, words: str) -> QAction:
        action = self.addAction(words)
        if self._colors is not None:
            action.setIcon(icon(name, self._colors))
        return action
