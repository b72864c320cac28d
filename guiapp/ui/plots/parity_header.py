"""The row of tools above the parity plot."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from guiapp.ui.icons import icon
from guiapp.ui.plots.export_menu import ExportMenu
from guiapp.ui.plots.plot_export import ExportablePlot
from guiapp.ui.theme import Palette
from guiapp.ui.what_is_this import WhatIsThis


class ParityHeader(QWidget):
    """Partial-result mark, region, fit, export and explanation."""

    def __init__(self, plot: ExportablePlot) -> None:
        """Build the tools of that plot."""
        super().__init__()
        self.so_far = QLabel("")
        self.so_far.setProperty("role", "small")
        self.so_far.setMinimumWidth(1)  # it comes and goes during a run, and must not push the neighbours about
        self.region = _tool("Region", "Select points by drawing a rectangle (R, or Shift and drag)", "Select a region")
        self.region.setCheckable(True)
        self.fit = _tool("Fit", "Show all points (F)", "Show all points")
        self.export_menu = ExportMenu(plot, self)
        self._what = WhatIsThis("parity plot", plot.colors)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.so_far)
        row.addStretch(1)
        for widget in (self.region, self.fit, self.export_menu, self._what):
            row.addWidget(widget)

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self.region.setIcon(icon("selection", palette))
        self.fit.setIcon(icon("arrows-in", palette))
        self.export_menu.set_palette(palette)
        self._what.set_palette(palette)


def _tool(text: str, tip: str, name: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(name)
    button.setProperty("role", "chip")
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    return button
