"""The buttons under the canvas."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from guiapp.ui.viewer.wording import BONDS, DIFFERENCE, FORCE_ARROW, IMAGES


class ViewerControls(QWidget):
    """Two rows of chips: where to look from, and what to show.

    Signals:
        axis_chosen: 0, 1 or 2: look along a, b or c.
        fit_requested: Show the whole structure.
        longer_requested: +1 for longer, -1 for shorter force arrows.
        shown_changed: Images, bonds, forces or differences were switched.
        repeats_chosen: How often the cell is shown along each lattice vector.
        perspective_changed: Perspective on or off.
        nearest_image_changed: Measuring to the nearest image on or off.
    """

    axis_chosen = Signal(int)
    fit_requested = Signal()
    longer_requested = Signal(int)
    shown_changed = Signal()
    repeats_chosen = Signal(int)
    perspective_changed = Signal(bool)
    nearest_image_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Lay out the chips; the button ``more`` has its place elsewhere."""
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        look, show = QHBoxLayout(), QHBoxLayout()
        for row in (look, show):
            row.setSpacing(6)
            column.addLayout(row)
        self.axes = tuple(self._axis_chip(axis) for axis in range(3))
        self.fit = _chip("fit", "Show the whole structure (F, or double click)", "Fit the structure to the window")
        self.fit.clicked.connect(self.fit_requested)
        self.shorter = _chip("−", "Shorter force arrows", "Shorter force arrows")
        self.longer = _chip("+", "Longer force arrows", "Longer force arrows")
        self.shorter.clicked.connect(self._shorter)
        self.longer.clicked.connect(self._longer)
        self.forces = self._toggle("forces", FORCE_ARROW, on=True)
        self.images = self._toggle("images", IMAGES, on=True)
        self.bonds = self._toggle("bonds", BONDS, on=True)
        self.differences = self._toggle("difference", DIFFERENCE, on=False)
        for widget in (*self.axes, self.fit):
            look.addWidget(widget)
        look.addStretch(1)
        for widget in (self.forces, self.shorter, self.longer):
            look.addWidget(widget)
        for widget in (self.images, self.bonds, self.differences):
            show.addWidget(widget)
        show.addStretch(1)
        self.more = self._more_button()

    def _axis_chip(self, axis: int) -> QPushButton:
        letter = "abc"[axis]
        chip = _chip(letter, f"Look along {letter} ({letter.upper()}): it points out of the screen", f"Look along {letter}")
        chip.clicked.connect(self._choose_axis)
        chip.setProperty("axis", axis)
        return chip

    def _toggle(self, text: str, tooltip: str, *, on: bool) -> QPushButton:
        chip = _chip(text, tooltip, f"Show {text}")
        chip.setCheckable(True)
        chip.setChecked(on)
        chip.toggled.connect(self.shown_changed)
        return chip

    def _more_button(self) -> QToolButton:
        button = QToolButton()
        button.setText("⋯")
        button.setProperty("role", "chip")
        button.setToolTip("Repeat the cell, perspective, how distances are measured")
        button.setAccessibleName("More view options")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        menu = QMenu(button)
        group = QActionGroup(menu)
        for count in (1, 2, 3):
            action = menu.addAction("One cell" if count == 1 else f"{count} × {count} × {count} cells")
            action.setCheckable(True)
            action.setChecked(count == 1)
            action.setData(count)
            group.addAction(action)
        group.triggered.connect(self._choose_repeats)
        self.repeat_actions = tuple(group.actions())
        menu.addSeparator()
        self.perspective = menu.addAction("Perspective")
        self.perspective.setCheckable(True)
        self.perspective.toggled.connect(self.perspective_changed)
        self.nearest_image = menu.addAction("Measure to the nearest image")
        self.nearest_image.setCheckable(True)
        self.nearest_image.setToolTip("Minimum image convention: distances to the nearest periodic copy, not to the atom clicked")
        self.nearest_image.toggled.connect(self.nearest_image_changed)
        menu.setToolTipsVisible(True)
        button.setMenu(menu)
        return button

    def _choose_axis(self) -> None:
        self.axis_chosen.emit(int(self.sender().property("axis")))

    def _choose_repeats(self, action: QAction) -> None:
        self.repeats_chosen.emit(int(action.data()))

    def _shorter(self) -> None:
        self.longer_requested.emit(-1)

    def _longer(self) -> None:
        self.longer_requested.emit(1)


def _chip(text: str, tooltip: str, name: str) -> QPushButton:
    chip = QPushButton(text)
    chip.setProperty("role", "chip")
    chip.setToolTip(tooltip)
    chip.setAccessibleName(name)
    chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return chip
