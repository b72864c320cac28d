"""Where the numbers of one open set come from."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from guiapp.frames.reference_set import ReferenceSet
from guiapp.ui.data_page.facts import add_facts, provenance_facts
from guiapp.ui.theme import Palette

_MOST_ELEMENTS = 24


class ProvenanceCard(QDialog):
    """A window of its own that blocks nothing."""

    def __init__(self, one: ReferenceSet, palette: Palette, parent: QWidget | None = None) -> None:
        """Show what is known of a set's labels.

        Args:
            one: The set.
            palette: Colours.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self.setWindowTitle(f"Provenance · {one.title}")
        self.setModal(False)
        self.resize(620, 440)
        self._citation = one.provenance.citation
        title = QLabel(one.title)
        title.setProperty("role", "headline")
        title.setWordWrap(True)
        self.summary = QLabel(content_words(one))
        self.summary.setProperty("role", "muted")
        self.summary.setWordWrap(True)
        recipe = QLabel(one.provenance.recipe or "How the configurations were sampled is not known.")
        recipe.setWordWrap(True)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        self.values = add_facts(grid, provenance_facts(one.provenance), palette)
        body = QWidget()
        rows = QVBoxLayout(body)
        rows.setContentsMargins(16, 12, 16, 4)
        rows.setSpacing(10)
        for widget in (title, self.summary, recipe):
            rows.addWidget(widget)
        rows.addLayout(grid)
        rows.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(body)
        self.copy_button = QPushButton("Copy citation")
        self.copy_button.setAutoDefault(False)
        self.copy_button.setEnabled(bool(self._citation))
        self.copy_button.setToolTip("" if self._citation else "the set does not say whom to cite")
        self.copy_button.clicked.connect(self._copy)
        self.close_button = QPushButton("Close")
        self.close_button.setDefault(True)
        self.close_button.clicked.connect(self.close)
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 4, 16, 12)
        foot.addWidget(self.copy_button)
        foot.addStretch(1)
        foot.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area, 1)
        layout.addLayout(foot)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._citation)


def content_words(one: ReferenceSet) -> str:
    """Return e.g. ``103 frames of 20 compounds, 103 with forces; family high-energy; Al, As, …``."""
    frames, compounds = len(one.frames), len(one.compounds)
    labelled = sum(frame.forces is not None for frame in one.frames)
    elements = sorted({symbol for frame in one.frames for symbol in frame.elements})
    shown = ", ".join(elements[:_MOST_ELEMENTS]) + (f" and {len(elements) - _MOST_ELEMENTS} more" if len(elements) > _MOST_ELEMENTS else "")
    return (
        f"{frames:,} frame{'' if frames == 1 else 's'} of {compounds:,} compound{'' if compounds == 1 else 's'}, {labelled:,} with forces;"
        f" family {one.family}; {shown}"
    )
