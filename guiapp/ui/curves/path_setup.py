"""What the panels that set up a path share: the structure, the words that say what comes of it, and the button."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QAbstractSpinBox, QDialog, QFormLayout, QHBoxLayout, QLabel, QPushButton, QSpinBox, QVBoxLayout, QWidget

from guiapp.benchmarks.set_ups import SetUp
from guiapp.frames.frame import Frame
from guiapp.report.formula_text import subscripted
from guiapp.ui.icons import icon
from guiapp.ui.terms import family_term
from guiapp.ui.theme import Palette
from guiapp.ui.what_is_this import WhatIsThis

_NO_LABELS = (
    "The new frames have no DFT labels, so the models are compared with each other. To judge them, export the set from the browser, "
    "label it with DFT and open the result: it is recognised."
)


@dataclass(frozen=True, eq=False)
class PathRequest:
    """Frames of a path that shall be made, and measured by the shown models."""

    set_up: SetUp
    frames: tuple[Frame, ...]
    """What ``SetUp.make`` is given."""
    title: str
    """Of the set that comes of it."""


class PathSetup(QDialog):
    """A panel beside the window that blocks nothing; its heirs ask for what their path needs.

    Signals:
        requested: A ``PathRequest``.
    """

    requested = Signal(object)

    def __init__(self, palette: Palette, title: str, family: str, parent: QWidget | None = None) -> None:
        """Build the frame around the form."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(False)
        self.setMinimumWidth(440)
        self._frame: Frame | None = None
        self._related: tuple[Frame, ...] = ()
        self._reason_against = ""
        self.structure = QLabel(wordWrap=True)
        self.structure.setProperty("role", "title")
        self.words = QLabel(wordWrap=True)
        self.words.setProperty("role", "muted")
        self.words.setMinimumHeight(96)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.models = QLabel(wordWrap=True)
        self.models.setProperty("role", "small")
        self.run = QPushButton("Make and run")
        self.run.setProperty("role", "primary")
        self.run.setDefault(True)
        self.cancel = QPushButton("Cancel")
        self.cancel.setAutoDefault(False)
        self.what = WhatIsThis(family_term(family), palette)
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(16)
        self.form.setVerticalSpacing(8)
        top = QHBoxLayout()
        top.addWidget(self.structure, 1)
        top.addWidget(self.what)
        foot = QHBoxLayout()
        foot.addWidget(self.models, 1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.run)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addLayout(top)
        layout.addLayout(self.form)
        layout.addWidget(self.words)
        layout.addStretch(1)
        layout.addLayout(foot)
        self.run.clicked.connect(self._ask)
        self.cancel.clicked.connect(self.reject)

    def set_palette(self, palette: Palette) -> None:
        """Paint in other colours."""
        self.what.set_palette(palette)
        self.run.setIcon(icon("play", palette, color=palette.on_accent))
        for box in self.findChildren(QAbstractSpinBox):  # a style sheet leaves the number at the very edge
            box.lineEdit().setTextMargins(6, 0, 0, 0)

    def set_models(self, titles: Sequence[str]) -> None:
        """Say which models will be run; without any the path cannot be measured."""
        self.models.setText(f"Runs {', '.join(titles)}" if titles else "")
        self._reason_against = "" if titles else "Show a model in the top bar first."
        self.refresh()

    def set_frame(self, frame: Frame, atom: int | None = None, related: Sequence[Frame] = ()) -> None:
        """Start from a structure.

        Args:
            frame: With a cell.
            atom: Index of the picked atom; None where none is.
            related: Other frames of its system, e.g. displaced supercells.
        """
        self._frame, self._related = frame, tuple(related)
        name = f" · {frame.name}" if frame.name else ""
        self.structure.setText(f"{subscripted(frame.compound or frame.formula)}{name} · {frame.n_atoms} atoms")
        self.take_frame(frame, atom)
        self.refresh()

    @abstractmethod
    def take_frame(self, frame: Frame, atom: int | None) -> None:
        """Offer what this structure allows."""

    @abstractmethod
    def request(self) -> PathRequest | None:
        """Return what is chosen; None where something is missing."""

    @abstractmethod
    def describe(self) -> str:
        """Say in a sentence what will be made, or what is missing."""

    @Slot()
    def refresh(self) -> None:
        """Bring words and button up to date."""
        if self._frame is None:
            return
        possible = self.request() is not None and not self._reason_against
        self.words.setText(f"{self.describe()}\n\n{_NO_LABELS}" if possible else self._reason_against or self.describe())
        self.run.setEnabled(possible)

    @Slot()
    def _ask(self) -> None:
        request = self.request()
        if request is not None:
            self.accept()
            self.requested.emit(request)


def odd_spin(name: str, lowest: int, highest: int, value: int) -> QSpinBox:
    """Return a box for an odd number."""
    box = QSpinBox()
    box.setRange(lowest, highest)
    box.setSingleStep(2)
    box.setValue(value)
    box.setAccessibleName(name)
    return box
