"""Model A against model B on the same frames: a sentence and a small table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from guiapp.benchmarks.description import describe_family
from guiapp.benchmarks.model_pair import PairFinding, pair_sentence
from guiapp.physics.paired_bootstrap import PairedDifference
from guiapp.ui.plots.number_text import number
from guiapp.ui.summary.systems_model import significant
from guiapp.ui.theme import Palette


class PairPanel(QWidget):
    """Two models to choose, what distinguishes them, family by family.

    Signals:
        pair_chosen(str, str): Titles of the first and the second model.
    """

    pair_chosen = Signal(str, str)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Start without models."""
        super().__init__(parent)
        self._palette = palette
        self.first, self.second = QComboBox(), QComboBox()
        for box, name in ((self.first, "First model"), (self.second, "Second model")):
            box.setAccessibleName(name)
            box.setMinimumWidth(70)
            box.currentIndexChanged.connect(self._tell)
        self.sentence = QLabel(wordWrap=True)
        self.sentence.setProperty("role", "muted")
        self.sentence.setMinimumWidth(80)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(2)
        self.note = QLabel("Negative: the first is softer, or nearer to DFT. Brackets: 95 % interval, compounds or systems drawn in pairs.")
        self.note.setProperty("role", "small")
        self.note.setWordWrap(True)
        self.note.setMinimumWidth(80)
        choice = QHBoxLayout()
        choice.addWidget(self.first, 1)
        choice.addWidget(QLabel("against"))
        choice.addWidget(self.second, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(choice)
        column.addWidget(self.sentence)
        column.addLayout(self._grid)
        column.addWidget(self.note)

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self._palette = palette

    def set_models(self, titles: Sequence[str]) -> None:
        """Offer these models; the two chosen before stay."""
        known = [self.first.itemText(k) for k in range(self.first.count())]
        if known == list(titles):
            return
        before = self.pair
        for box, default, chosen in zip((self.first, self.second), (0, 1), before, strict=True):
            box.blockSignals(True)
            box.clear()
            box.addItems(list(titles))
            box.setCurrentIndex(titles.index(chosen) if chosen in titles else min(default, len(titles) - 1))
            box.blockSignals(False)

    @property
    def pair(self) -> tuple[str, str]:
        """Titles of the chosen models."""
        return self.first.currentText(), self.second.currentText()

    def show_findings(self, findings: Sequence[PairFinding]) -> None:
        """Show what distinguishes the chosen two, family by family."""
        first, second = self.pair
        self.sentence.setText(pair_sentence(findings, first, second) if first != second else "Choose two different models.")
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        if not findings or first == second:
            self.note.setVisible(False)
            return
        self.note.setVisible(True)
        for column, words in enumerate(("", "n", "scale, first − second", "MAE, first − second")):
            self._add(0, column, words, role="small")
        for row, one in enumerate(findings, start=1):
            self._add(row, 0, describe_family(one.family).title)
            self._add(row, 1, f"{one.n}", right=True)
            self._add(row, 2, difference_text(one.scale), sure=one.scale.is_sure)
            self._add(row, 3, difference_text(one.mae, significant_digits=True, unit=one.unit), sure=one.mae.is_sure)
        self._grid.setColumnStretch(3, 1)

    def _add(self, row: int, column: int, words: str, *, role: str = "", right: bool = False, sure: bool = False) -> None:
        label = QLabel(words)
        label.setProperty("role", role or "small")
        label.setWordWrap(column > 1)
        if sure:
            label.setStyleSheet(f"color: {self._palette.text}; font-weight: 600;")
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        self._grid.addWidget(label, row, column, side | Qt.AlignmentFlag.AlignTop)

    @Slot()
    def _tell(self) -> None:
        self.pair_chosen.emit(*self.pair)


def difference_text(difference: PairedDifference, *, significant_digits: bool = False, unit: str = "") -> str:
    """Return a difference with its interval, e.g. ``+0.05 (0.02 to 0.08)``."""

    def text(value: float) -> str:
        return significant(float(f"{value:.2g}")) if significant_digits else number(value)

    sign = "+" if difference.value > 0 else ""
    words = f"{sign}{text(difference.value)}"
    if difference.interval is not None:
        words += f" ({text(difference.interval.low)} to {text(difference.interval.high)})"
    return f"{words} {unit}".rstrip()
