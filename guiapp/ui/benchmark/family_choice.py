"""One family in the benchmark panel: what it measures, on which structures, and in which mode."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from guiapp.benchmarks.description import describe_family
from guiapp.benchmarks.mode_words import mode_words
from guiapp.ui.benchmark.family_sources import OPEN, FamilySource
from guiapp.ui.benchmark.request import FamilyPlan
from guiapp.ui.terms import family_term
from guiapp.ui.theme import Palette
from guiapp.ui.what_is_this import WhatIsThis, tooltip

_INDENT = 24


class FamilyChoice(QWidget):
    """A tick box with title, formula and one line, and below it, once ticked, its structures.

    Signals:
        changed: Another choice was made.
        ticked(object): A tick box that is new and wants its outline.
    """

    changed = Signal()
    ticked = Signal(object)

    def __init__(self, family: str, modes: Sequence[str], palette: Palette, parent: QWidget | None = None) -> None:
        """Show a family by its card, unticked and without structures."""
        super().__init__(parent)
        card = describe_family(family)
        self.family = family
        self._modes = tuple(modes)
        self._sources: tuple[FamilySource, ...] = ()
        self._untouched = True
        self.box = QCheckBox(card.title)
        self.box.setToolTip(tooltip(family_term(family)))
        self.mode = QComboBox()
        self.mode.addItems([mode_words(mode) for mode in self._modes])
        self.mode.setAccessibleName(f"Mode of {card.title}")
        self.mode.setToolTip(card.protocol)
        self.what = WhatIsThis(family_term(family), palette)
        self.words = QLabel(f"{card.formula}. {first_sentence(card.tooltip)}", wordWrap=True)
        self.words.setProperty("role", "small")
        self.words.setMinimumWidth(80)
        self.note = QLabel("looking for systems …", wordWrap=True)
        self.note.setProperty("role", "small")
        self.source_boxes: dict[tuple[str, str], QCheckBox] = {}
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        self._build()
        self._show_state()

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self.what.set_palette(palette)

    def set_sources(self, sources: Sequence[FamilySource]) -> None:
        """Offer these structures; ticks stay, and at first the project's own are ticked, else the shipped ones."""
        before = {key for key, box in self.source_boxes.items() if box.isChecked()}
        self._sources = tuple(sources)
        first = next((source.where for source in sources if source.where == OPEN), sources[0].where if sources else "")
        for box in self.source_boxes.values():
            box.hide()
            self._list.removeWidget(box)
            box.deleteLater()
        self.source_boxes = {}
        for source in sources:
            noun = describe_family(self.family).noun
            count = f"{source.n_systems} {noun}{'' if source.n_systems == 1 else 's'}, {len(source.frames)} frames"
            where = "in this project" if source.where == OPEN else source.where
            box = QCheckBox(f"{count} · {where} · {source.title}")
            box.setToolTip(f"{source.title} ({source.functional or 'functional unknown'}): {count}, {where}")
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # a long title must not push the models aside
            box.setChecked(source.key in before or (self._untouched and source.where == first))
            box.clicked.connect(self._touch)
            box.toggled.connect(self._tell)
            self.source_boxes[source.key] = box
            self._list.addWidget(box)
            self.ticked.emit(box)
        self.note.setText("" if sources else self._nothing())
        self._show_state()

    def plan(self) -> FamilyPlan | None:
        """Return what is chosen; None where the family or its structures are not ticked."""
        chosen = [source for source in self._sources if self.source_boxes[source.key].isChecked()]
        if not self.box.isChecked() or not chosen:
            return None
        frames = {id(frame): frame for source in chosen for frame in source.frames}
        return FamilyPlan(self.family, self._modes[self.mode.currentIndex()], tuple(s.name for s in chosen), tuple(frames.values()))

    def _nothing(self) -> str:
        card = describe_family(self.family)
        return f"No structures for it yet. {card.protocol}"

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.box)
        head.addStretch(1)
        head.addWidget(self.mode)
        head.addWidget(self.what)
        inside = QVBoxLayout()
        inside.setContentsMargins(_INDENT, 0, 0, 0)
        inside.setSpacing(4)
        inside.addWidget(self.words)
        inside.addWidget(self.note)
        inside.addLayout(self._list)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(2)
        column.addLayout(head)
        column.addLayout(inside)
        self.box.toggled.connect(self._tell)
        self.mode.currentIndexChanged.connect(self._tell)
        self.box.setCursor(Qt.CursorShape.PointingHandCursor)

    @Slot()
    def _touch(self) -> None:
        self._untouched = False

    @Slot()
    def _tell(self) -> None:
        self._show_state()
        self.changed.emit()

    def _show_state(self) -> None:
        on = self.box.isChecked()
        self.mode.setVisible(on and len(self._modes) > 1)
        self.note.setVisible(on and bool(self.note.text()))
        for box in self.source_boxes.values():
            box.setVisible(on)


def first_sentence(text: str) -> str:
    """Return the first sentence of a card's text."""
    return text.split(". ", 1)[0].rstrip(".") + "."
