"""What the browser shows when it has nothing to list: what to do, that it reads, or that nothing matches."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from guiapp.ui.icons import icon
from guiapp.ui.theme import Palette

_FILES = "vasprun.xml, OUTCAR, extxyz, ase db or traj, CIF, POSCAR, JSON of WBM, MPtrj, MatPES or mlearn; one file, many, or a folder"


class EmptyState(QWidget):
    """No set is open yet.

    Signals:
        open_clicked(): The user wants to pick files.
        demo_clicked(): The user wants to see the demo.
    """

    open_clicked = Signal()
    demo_clicked = Signal()

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Say what to do."""
        super().__init__(parent)
        self._icon = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        title = QLabel("Drop your DFT files here", alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        title.setProperty("role", "title")
        files = QLabel(_FILES, alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        files.setProperty("role", "small")
        self.open = QPushButton("Open…")
        self.open.setToolTip("Pick files or a folder (Ctrl+O)")
        self.open.setProperty("role", "primary")
        self.demo = QPushButton("Show the demo")
        self.demo.setToolTip("Open the labels that Temper ships: 1000 K snapshots of simple compounds")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addStretch(2)
        for widget in (self._icon, title, files):
            layout.addWidget(widget)
        layout.addSpacing(8)
        for button in (self.open, self.demo):
            layout.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
            button.setMinimumWidth(150)
        layout.addStretch(3)
        self.open.clicked.connect(self.open_clicked)
        self.demo.clicked.connect(self.demo_clicked)
        self.set_palette(palette)

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        self._icon.setPixmap(icon("file-arrow-down", palette, color=palette.muted).pixmap(40, 40))


class NothingMatches(QWidget):
    """Frames are there, but none meets the conditions.

    Signals:
        clear_clicked(): The user wants every frame back.
    """

    clear_clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Say so, and offer the way back."""
        super().__init__(parent)
        self.words = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self.words.setProperty("role", "muted")
        self.clear = QPushButton("Show all frames")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 32, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(self.words)
        layout.addWidget(self.clear, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        self.clear.clicked.connect(self.clear_clicked)


class Skeleton(QWidget):
    """Grey rows where the tree will be, and what is being read."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Paint in the colours of that palette."""
        super().__init__(parent)
        self._palette = palette
        self.note = ""

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        self._palette = palette
        self.update()

    def set_note(self, note: str) -> None:
        """Say what is being read."""
        self.note = note
        self.setAccessibleDescription(note)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Paint rows of the tree's height with bars of different length."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(self._palette.muted))
        painter.drawText(QRectF(8, 4, self.width() - 16, 22), Qt.AlignmentFlag.AlignVCenter, self.note)
        painter.setPen(Qt.PenStyle.NoPen)
        bar = QColor(self._palette.line)
        for row in range(min(14, (self.height() - 36) // 26)):
            bar.setAlphaF(0.9 - 0.055 * row)
            painter.setBrush(bar)
            indent = 8 if row == 0 else 28
            width = (0.55, 0.38, 0.30, 0.44, 0.34)[row % 5] * self.width()
            painter.drawRoundedRect(QRectF(indent, 40 + 26 * row, width, 10), 4, 4)
            painter.drawRoundedRect(QRectF(self.width() - 64, 40 + 26 * row, 48, 10), 4, 4)
