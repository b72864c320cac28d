"""The chip that says what the colour of a point of the parity plot means."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from guiapp.ui.results.entries import COLORINGS


class ColoringChip(QToolButton):
    """A menu of meanings for one model; several are told apart by their own colours, whatever was chosen for one.

    Signals:
        chosen: One of ``COLORINGS``.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Begin with the first meaning."""
        super().__init__(parent)
        self._by, self._several = COLORINGS[0], False
        self.setProperty("role", "chip")
        self.setAccessibleName("Colour points by")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        for name in COLORINGS:
            menu.addAction(name).setData(name)
        menu.triggered.connect(self._choose)
        self.setMenu(menu)
        self._tell()

    def set_several(self, several: bool) -> None:  # noqa: FBT001 - reads as the Qt setter that it is
        """Say whether several models are shown."""
        self._several = several
        self._tell()

    @Slot(QAction)
    def _choose(self, action: QAction) -> None:
        self._by = str(action.data())
        self._tell()
        self.chosen.emit(self._by)

    def _tell(self) -> None:
        self.setEnabled(not self._several)
        self.setText("coloured by model" if self._several else f"colour by {self._by}")
        self.setToolTip("Hide all models but one to colour points by something else" if self._several else "What a point's colour means")
