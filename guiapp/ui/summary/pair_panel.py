"""Model A against model B on the same frames: a sentence and a small table."""

from __future__ import annotations

import html
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QLabel, QSizePolicy, QVBoxLayout, QWidget

from guiapp.benchmarks.description import describe_family
from guiapp.benchmarks.model_pair import PairFinding, pair_sentence
from guiapp.number_words import counted
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
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            box.currentIndexChanged.connect(self._tell)
        self.sentence = QLabel(wordWrap=True)
        self.sentence.setProperty("role", "muted")
        self.sentence.setMinimumWidth(80)
        self.table = QLabel(wordWrap=True)
        self.table.setTextFormat(Qt.TextFormat.RichText)
        self.table.setMinimumWidth(80)
        self.note = QLabel("First minus second, with 95 % intervals of pairs; bold where zero lies outside. Minus: softer, nearer to DFT.")
        self.note.setProperty("role", "small")
        self.note.setWordWrap(True)
        self.note.setMinimumWidth(80)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.first)
        column.addWidget(self.second)
        column.addWidget(self.sentence)
        column.addWidget(self.table)
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
        shown = [] if first == second else findings
        self.note.setVisible(bool(shown))
        self.table.setVisible(bool(shown))
        self.table.setText("".join(_lines(one) for one in shown))

    @Slot()
    def _tell(self) -> None:
        self.pair_chosen.emit(*self.pair)


def _lines(finding: PairFinding) -> str:
    """Return the two differences of a family as rich text."""
    noun = describe_family(finding.family).noun
    return (
        f"<p style='margin: 4px 0'>{html.escape(describe_family(finding.family).title)}, {counted(finding.n, noun)}<br>"
        f"scale {_weighed(difference_text(finding.scale), finding.scale)}<br>"
        f"MAE {_weighed(difference_text(finding.mae, significant_digits=True, unit=finding.unit), finding.mae)}</p>"
    )


def _weighed(words: str, difference: PairedDifference) -> str:
    return f"<b>{html.escape(words)}</b>" if difference.is_sure else html.escape(words)


def difference_text(difference: PairedDifference, *, significant_digits: bool = False, unit: str = "") -> str:
    """Return a difference with its interval, e.g. ``+0.05 (0.02 to 0.08)``."""

    def text(value: float) -> str:
        return significant(float(f"{value:.2g}")) if significant_digits else number(value)

    sign = "+" if difference.value > 0 else ""
    words = f"{sign}{text(difference.value)}"
    if difference.interval is not None:
        words += f" ({text(difference.interval.low)} to {text(difference.interval.high)})"
    return f"{words} {unit}".rstrip()
