"""Is my system affected? A formula typed or a structure dropped, and what judged compounds say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from guiapp.benchmarks.affected import Evidence, expect, expectation_sentence
from guiapp.physics.kriging import MIN_POINTS
from guiapp.report.formula_text import subscripted
from guiapp.ui.theme import Palette

_HINT = "Type a formula, or drop a structure file here."


class AffectedPanel(QWidget):
    """One line to type into, and an answer in words.

    Signals:
        structure_dropped(object): ``Path`` of a structure file whose composition is wanted.
    """

    structure_dropped = Signal(object)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Start without evidence."""
        super().__init__(parent)
        self.setAcceptDrops(True)
        self.setAccessibleName("Is my system affected?")
        self._evidence: tuple[tuple[str, tuple[Evidence, ...]], ...] = ()
        self._dropped: tuple[str, Mapping[str, float]] | None = None
        self.formula = QLineEdit()
        self.formula.setPlaceholderText("formula, e.g. Li3PS4")
        self.formula.setAccessibleName("Formula of your system")
        self.formula.setClearButtonEnabled(True)
        self.answer = QLabel(wordWrap=True)
        self.answer.setProperty("role", "muted")
        self.answer.setMinimumWidth(80)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.formula)
        column.addWidget(self.answer)
        self.formula.textEdited.connect(self._typed)
        self.set_palette(palette)
        self._refresh()

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self.formula.setStyleSheet(f"QLineEdit {{ selection-background-color: {palette.accent_soft}; }}")

    def set_evidence(self, evidence: Sequence[tuple[str, tuple[Evidence, ...]]]) -> None:
        """Answer from this evidence from now on.

        Args:
            evidence: Title of each model and its judged compounds.
        """
        self._evidence = tuple(evidence)
        self._refresh()

    def show_structure(self, name: str, composition: Mapping[str, float]) -> None:
        """Answer for a structure that was dropped.

        Args:
            name: What to call it, e.g. its formula.
            composition: Amount of each element.
        """
        self._dropped = (name, dict(composition))
        self.formula.setText(name)
        self._refresh()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take one file."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Ask for the composition of the dropped structure."""
        event.acceptProposedAction()
        path = next(Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile())
        self.answer.setText(f"reading {path.name}")
        self.structure_dropped.emit(path)

    @Slot()
    def _typed(self) -> None:
        self._dropped = None
        self._refresh()

    def _refresh(self) -> None:
        text = self.formula.text().strip()
        if not text:
            self.answer.setText(_HINT if self._evidence else f"{_HINT} It needs a benchmark of high-energy states first.")
            return
        composition = self._dropped[1] if self._dropped is not None else composition_of_formula(text)
        if composition is None:
            self.answer.setText(f"“{text}” is not a formula. Write it with capitals, e.g. Li3PS4, Ca(OH)2 or LiNi0.8Co0.2O2.")
            return
        answers = []
        for title, evidence in self._evidence:
            expected = expect(composition, evidence)
            if expected is None:
                answers.append(f"{title}: too few judged compounds ({len(evidence)}; at least {MIN_POINTS} are needed).")
            else:
                said = subscripted(expectation_sentence(expected, text))
                answers.append(f"{title}. {said}" if len(self._evidence) > 1 else said)
        self.answer.setText("\n".join(answers) or "Run a benchmark of high-energy states first: its compounds are the evidence.")


def composition_of_formula(text: str) -> dict[str, float] | None:
    """Return the amount of each element in a formula, None where it is none."""
    from pymatgen.core import Composition, Element  # noqa: PLC0415 - half a second that the window need not wait for

    try:
        composition = Composition(text, strict=True)
    except (ValueError, KeyError):
        return None
    known = {str(element): float(amount) for element, amount in composition.items() if isinstance(element, Element)}
    return known if known and len(known) == len(composition) else None
