"""The framed panel that the pages of results are made of."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout


def panel(title: str = "") -> tuple[QFrame, QVBoxLayout]:
    """Return a framed panel and its column."""
    frame = QFrame()
    frame.setProperty("role", "panel")
    column = QVBoxLayout(frame)
    column.setContentsMargins(12, 10, 12, 12)
    column.setSpacing(8)
    if title:
        label = QLabel(title)
        label.setProperty("role", "section")
        column.addWidget(label)
    return frame, column
