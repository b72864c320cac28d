"""Labels and lists of the benchmark panel."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy


def empty_grid(layout: QGridLayout) -> None:
    """Take everything out of a grid."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()


def small(words: str) -> QLabel:
    """Return a line of small print; where room is short its end is cut off and its tooltip tells all."""
    label = QLabel(words)
    label.setToolTip(words)
    label.setMinimumWidth(40)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    label.setProperty("role", "small")
    label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return label


def section(words: str) -> QLabel:
    """Return the heading of a section."""
    label = QLabel(words)
    label.setProperty("role", "section")
    return label
