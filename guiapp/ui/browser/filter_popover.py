"""The popover behind the filter button: elements, size, largest force, labels, flags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QSpinBox, QVBoxLayout, QWidget

from guiapp.ui.browser.conditions import Conditions
from guiapp.ui.browser.periodic_table import PeriodicTable
from guiapp.ui.segments import Segments
from guiapp.ui.theme import Palette

_LARGEST = 999_999
# Fusion draws bevelled steppers into flat fields; typing, wheel and arrow keys do without them.
_FLAT_FIELDS = """
    QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button { width: 0; border: none; }
"""
_FIELD_MARGINS = (6, 0, 0, 0)  # a style sheet's padding does not reach the field inside a spin box


class FilterPopover(QFrame):
    """Edits conditions in place; every change is told at once.

    Signals:
        changed(object): The ``Conditions`` after a change by the user.
    """

    changed = Signal(object)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Start without a condition."""
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("role", "panel")
        self.setStyleSheet(_FLAT_FIELDS)
        self._conditions = Conditions()
        self._filling = False
        self.table = PeriodicTable(palette)
        self.table.setMinimumSize(self.table.sizeHint())
        self.min_atoms = self._count_box("Fewest atoms")
        self.max_atoms = self._count_box("Most atoms")
        self.max_force = QDoubleSpinBox()
        self.max_force.setRange(0, _LARGEST)
        self.max_force.setDecimals(2)
        self.max_force.setSuffix(" eV/Å")
        self.max_force.setSpecialValueText("any")
        self.max_force.setAccessibleName("Largest force")
        self.max_force.lineEdit().setTextMargins(*_FIELD_MARGINS)
        self.labelled = Segments("DFT forces", ("any", "with", "without"))
        self.flagged = Segments("Flags", ("any", "flagged", "not flagged"))
        self.clear = QPushButton("Clear all")
        self.clear.setToolTip("Remove every condition, the search text too")
        self._lay_out()
        self.table.selection_changed.connect(self._edited)
        for box in (self.min_atoms, self.max_atoms, self.max_force):
            box.valueChanged.connect(self._edited)
        for choice in (self.labelled, self.flagged):
            choice.chosen.connect(self._edited)
        self.clear.clicked.connect(lambda: self.changed.emit(Conditions()))

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        self.table.set_palette(palette)

    def set_counts(self, counts: Mapping[str, int]) -> None:
        """Tell how many frames contain each element."""
        self.table.set_counts(counts)

    def set_conditions(self, conditions: Conditions) -> None:
        """Show these conditions, without a signal."""
        self._filling = True
        self._conditions = conditions
        self.table.set_selection(conditions.include, conditions.exclude)
        self.min_atoms.setValue(conditions.min_atoms or 0)
        self.max_atoms.setValue(conditions.max_atoms or 0)
        self.max_force.setValue(conditions.max_force or 0.0)
        self.labelled.choose(_place(conditions.labelled))
        self.flagged.choose(_place(conditions.flagged))
        self._filling = False

    def _edited(self) -> None:
        if self._filling:
            return
        include, exclude = self.table.selection()
        self._conditions = replace(
            self._conditions,
            include=include,
            exclude=exclude,
            min_atoms=self.min_atoms.value() or None,
            max_atoms=self.max_atoms.value() or None,
            max_force=self.max_force.value() or None,
            labelled=(None, True, False)[self.labelled.choice()],
            flagged=(None, True, False)[self.flagged.choice()],
        )
        self.changed.emit(self._conditions)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        title = QLabel("Elements")
        title.setProperty("role", "section")
        hint = QLabel("Click: any of these.  Again, or right click: none of these.  The number counts frames.")
        hint.setProperty("role", "small")
        line = QHBoxLayout()
        line.addWidget(title)
        line.addStretch(1)
        line.addWidget(hint)
        layout.addLayout(line)
        layout.addWidget(self.table)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(8)
        atoms = QHBoxLayout()
        atoms.setSpacing(8)
        atoms.addWidget(self.min_atoms)
        to = QLabel("to")
        to.setProperty("role", "small")
        atoms.addWidget(to)
        atoms.addWidget(self.max_atoms)
        entries: tuple[tuple[str, QWidget | QHBoxLayout], ...] = (
            ("Atoms", atoms),
            ("Largest |F|", self.max_force),
            ("DFT forces", self.labelled),
            ("Flags", self.flagged),
        )
        for place, (words, field) in enumerate(entries):
            row, column = divmod(place, 2)
            label = QLabel(words)
            label.setProperty("role", "small")
            grid.addWidget(label, row, 3 * column)
            if isinstance(field, QHBoxLayout):
                grid.addLayout(field, row, 3 * column + 1)
            else:
                grid.addWidget(field, row, 3 * column + 1)
        grid.setColumnMinimumWidth(2, 16)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(4, 1)
        layout.addLayout(grid)
        foot = QHBoxLayout()
        note = QLabel("Elements and largest force also limit the numbers and plots.")
        note.setProperty("role", "small")
        foot.addWidget(note)
        foot.addStretch(1)
        foot.addWidget(self.clear)
        layout.addLayout(foot)

    @staticmethod
    def _count_box(name: str) -> QSpinBox:
        box = QSpinBox()
        box.setRange(0, _LARGEST)
        box.setSpecialValueText("any")
        box.setAccessibleName(name)
        box.lineEdit().setTextMargins(*_FIELD_MARGINS)
        return box


def _place(condition: bool | None) -> int:  # noqa: FBT001 - three states of one condition
    return {None: 0, True: 1, False: 2}[condition]
