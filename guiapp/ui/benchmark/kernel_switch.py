"""The switch of the compiled CHGNet kernel: whether it is installed, what it runs with, whether it agreed with PyTorch."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from guiapp.potentials.optional_kernel import SWITCH, KernelState
from guiapp.ui.theme import Palette
from guiapp.ui.what_is_this import WhatIsThis

_INDENT = 24


class KernelSwitch(QWidget):
    """A tick box with one sentence below it.

    Signals:
        switched(bool): The user turned the kernel on or off.
    """

    switched = Signal(bool)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Show nothing to switch until the state is known."""
        super().__init__(parent)
        self.box = QCheckBox("Compiled kernel for CHGNet")
        self.box.setEnabled(False)
        self.what = WhatIsThis("compiled kernel", palette)
        self.words = QLabel("looking whether it is installed …", wordWrap=True)
        self.words.setProperty("role", "small")
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.words.setMinimumWidth(80)
        self.box.clicked.connect(self.switched)
        head = QHBoxLayout()
        head.addWidget(self.box)
        head.addStretch(1)
        head.addWidget(self.what)
        below = QHBoxLayout()
        below.setContentsMargins(_INDENT, 0, 0, 0)
        below.addWidget(self.words)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(4)
        rows.addLayout(head)
        rows.addLayout(below)

    @Slot(object)
    def show_state(self, state: KernelState) -> None:
        """Show how things stand; where the variable decides, or nothing is installed, there is nothing to switch."""
        self.box.setChecked(state.installed and state.wanted)
        self.box.setEnabled(state.installed and not state.by_variable)
        self.box.setToolTip(f"{SWITCH} decides, not the settings" if state.by_variable else "It counts when CHGNet is asked next")
        self.words.setText(state.sentence)

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        self.what.set_palette(palette)
