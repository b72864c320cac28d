"""The popup behind the filter chip: largest force, strain and elements, applied at once."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from guiapp.benchmarks.frame_filter import DEFAULT_LARGEST_FORCE, FrameFilter

_WHY = (
    "Every number in the window and in every export counts only the frames that pass this filter, and says so. "
    "The scale depends on the tail: very large forces weigh most, and beyond about 30 eV/Å different DFT codes disagree."
)


class FilterPopup(QFrame):
    """A small panel that floats under the chip.

    Signals:
        filter_changed: The new ``FrameFilter``.
    """

    filter_changed = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        """Build the popup; ``show_for`` fills and shows it."""
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("role", "panel")
        self._filter = FrameFilter()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(10)
        title = QLabel("Frames that count")
        title.setProperty("role", "title")
        layout.addWidget(title)
        why = QLabel(_WHY)
        why.setProperty("role", "small")
        why.setWordWrap(True)
        why.setFixedWidth(360)
        layout.addWidget(why)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        self.use_force = QCheckBox("Largest DFT force at most")
        self.force = QDoubleSpinBox()
        self.force.setRange(0.01, 10_000)
        self.force.setDecimals(2)
        self.force.setSuffix(" eV/Å")
        self.force.setKeyboardTracking(False)
        self.use_strain = QCheckBox("Strain at most")
        self.strain = QDoubleSpinBox()
        self.strain.setRange(0, 100)
        self.strain.setDecimals(1)
        self.strain.setSuffix(" %")
        self.strain.setKeyboardTracking(False)
        for box in (self.force, self.strain):
            box.lineEdit().setTextMargins(6, 0, 0, 0)
        grid.addWidget(self.use_force, 0, 0)
        grid.addWidget(self.force, 0, 1)
        grid.addWidget(self.use_strain, 1, 0)
        grid.addWidget(self.strain, 1, 1)
        layout.addLayout(grid)
        self._others = QLabel()
        self._others.setProperty("role", "small")
        self._others.setWordWrap(True)
        layout.addWidget(self._others)
        row = QHBoxLayout()
        self.clear = QPushButton("Back to the default filter")
        row.addStretch(1)
        row.addWidget(self.clear)
        layout.addLayout(row)
        self.use_force.toggled.connect(self._apply)
        self.force.valueChanged.connect(self._apply)
        self.use_strain.toggled.connect(self._apply)
        self.strain.valueChanged.connect(self._apply)
        self.clear.clicked.connect(self._clear)

    def show_for(self, frame_filter: FrameFilter, under: QWidget) -> None:
        """Fill in a filter and open under a widget, inside its window."""
        self._fill(frame_filter)
        self.adjustSize()
        corner = under.mapToGlobal(under.rect().bottomRight())
        self.move(corner.x() - self.width(), corner.y() + 6)
        self.show()
        self.force.setFocus()

    def _fill(self, frame_filter: FrameFilter) -> None:
        self._filter = frame_filter
        for widget in (self.use_force, self.force, self.use_strain, self.strain):
            widget.blockSignals(True)
        self.use_force.setChecked(frame_filter.max_force is not None)
        self.force.setValue(frame_filter.max_force if frame_filter.max_force is not None else DEFAULT_LARGEST_FORCE)
        self.use_strain.setChecked(frame_filter.max_strain is not None)
        self.strain.setValue(100 * (frame_filter.max_strain if frame_filter.max_strain is not None else 0.03))
        for widget in (self.use_force, self.force, self.use_strain, self.strain):
            widget.blockSignals(False)
        self.force.setEnabled(self.use_force.isChecked())
        self.strain.setEnabled(self.use_strain.isChecked())
        parts = []
        if frame_filter.elements is not None:
            parts.append("elements " + ", ".join(sorted(frame_filter.elements)))
        if frame_filter.frames is not None:
            parts.append(f"{len(frame_filter.frames)} frames selected in a plot")
        self._others.setText("Also: " + "; ".join(parts) if parts else "")
        self._others.setVisible(bool(parts))

    @Slot()
    def _apply(self) -> None:
        self.force.setEnabled(self.use_force.isChecked())
        self.strain.setEnabled(self.use_strain.isChecked())
        self._filter = replace(
            self._filter,
            max_force=self.force.value() if self.use_force.isChecked() else None,
            max_strain=self.strain.value() / 100 if self.use_strain.isChecked() else None,
        )
        self.filter_changed.emit(self._filter)

    @Slot()
    def _clear(self) -> None:
        self._fill(FrameFilter())
        self.filter_changed.emit(self._filter)
