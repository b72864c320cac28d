"""Page 5: what frames that were never used say."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton

from guiapp.correction.comparison import Comparison, Side
from guiapp.correction.forgetting import FamilyChange
from guiapp.correction.verdict import CHANCE, CorrectionVerdict, Outcome
from guiapp.number_words import counted
from guiapp.report.formula_text import subscripted
from guiapp.ui.theme import Palette
from guiapp.ui.wizard.page import WizardPage, card, words

_GOOD = {Outcome.RECOMMENDED}
_BAD = {Outcome.REJECTED}


class VerdictPage(WizardPage):
    """The verdict in words first, then a before/after table: unseen frames above, other chemistries and families below.

    Signals:
        families_requested: Try families that were not fitted.
        families_cancelled: Give that up.
    """

    families_requested = Signal()
    families_cancelled = Signal()
    term = "confidence interval"

    def __init__(self, palette: Palette) -> None:
        """Build the page, empty."""
        super().__init__("Verdict, on frames never used", "The frames below took no part in the fit.")
        self._palette = palette
        self._verdict: CorrectionVerdict | None = None
        self.headline = words(role="headline")
        self.reasons = words()
        self.validity = words(role="small")
        self.note = words(role="small")
        self.note.hide()
        self._box, column = card()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(3, 1)
        column.addLayout(self._grid)
        self.families, self.cancel = QPushButton("Try it on other families too…"), QPushButton("Cancel")
        self.families.setToolTip("Equations of state, phonons, surfaces and the others, on other chemistries; takes minutes")
        self.families_note = words(role="small")
        self._running = False
        row = QHBoxLayout()
        row.addWidget(self.families)
        row.addWidget(self.cancel)
        row.addWidget(self.families_note, 8)
        row.addStretch(1)  # without a note, the button keeps its size
        self.families.clicked.connect(self.families_requested)
        self.cancel.clicked.connect(self.families_cancelled)
        for widget in (self.headline, self.reasons, self._box, self.note, self.validity):
            self.body.addWidget(widget)
        self.body.addLayout(row)
        self.body.addStretch(1)
        self._refresh_families()

    @property
    def is_ready(self) -> bool:
        """There is a verdict."""
        return self._verdict is not None

    def set_palette(self, palette: Palette) -> None:
        """Repaint in another theme."""
        self._palette = palette
        if self._verdict is not None:
            self.show_verdict(self._verdict, self.note.text())

    def show_verdict(self, verdict: CorrectionVerdict | None, note: str = "") -> None:
        """Show outcome, reasons and numbers.

        Args:
            verdict: None while nothing is judged.
            note: What is still going on, e.g. that the general set is being measured.
        """
        self._verdict = verdict
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self._box.setVisible(verdict is not None)
        self._clear()
        if verdict is None:
            self.headline.setText("Not judged yet")
            self.headline.setStyleSheet("")
            self.reasons.setText("")
            self.validity.setText("")
            self.ready_changed.emit()
            return
        p = self._palette
        color = p.good if verdict.outcome in _GOOD else p.bad if verdict.outcome in _BAD else p.warn
        self.headline.setText(subscripted(verdict.headline))
        self.headline.setStyleSheet(f"color: {color};")
        self.reasons.setText("<br>".join(html.escape(subscripted(reason)) for reason in verdict.reasons))
        self.validity.setText(subscripted(verdict.validity_in_words))
        row = 0
        for comparison in (verdict.unseen, verdict.elsewhere):
            if comparison is not None:
                row = self._add(comparison, row)
        self._add_families(verdict.families, row)
        self._refresh_families()
        self.ready_changed.emit()

    def show_families(self, note: str) -> None:
        """Say what is going on with other families; nothing when empty."""
        self._running = bool(note)
        self.families_note.setText(note)
        self._refresh_families()

    def _refresh_families(self) -> None:
        tried = self._verdict is not None and bool(self._verdict.families)
        self.families.setVisible(self._verdict is not None and not tried and not self._running)
        self.cancel.setVisible(self._running)
        self.families_note.setVisible(self._running)

    def _add_families(self, changes: Sequence[FamilyChange], row: int) -> None:
        if not changes:
            return
        title = QLabel("families that were not fitted: mean absolute error")
        title.setProperty("role", "section")
        title.setContentsMargins(0, 6, 0, 0)
        self._grid.addWidget(title, row, 0, 1, 4)
        for k, one in enumerate(changes, start=row + 1):
            name = f"{one.title}: {one.quantity} ({one.n_systems})"
            changed = QLabel(f"{one.mae_after:.3g} {one.unit}")
            changed.setStyleSheet(f"color: {self._palette.good if one.mae_ratio <= 1 else self._palette.bad};")
            for column, widget in enumerate((QLabel(name), QLabel(f"{one.mae_before:.3g}"), QLabel("→"), changed)):
                self._grid.addWidget(widget, k, column, Qt.AlignmentFlag.AlignRight if column == 1 else Qt.AlignmentFlag.AlignLeft)

    def _clear(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()

    def _add(self, comparison: Comparison, row: int) -> int:
        numbers = f"{counted(comparison.n_frames, 'frame')}, {counted(comparison.n_compounds, 'compound')}"
        title = QLabel(f"{subscripted(comparison.title)} ({numbers})")
        title.setProperty("role", "section")
        title.setContentsMargins(0, 6 if row else 0, 0, 0)
        self._grid.addWidget(title, row, 0, 1, 4)
        before, after = comparison.before, comparison.after
        lines = [
            ("softening scale", _scale(before), _scale(after), abs(after.statistics.scale - 1) <= abs(before.statistics.scale - 1)),
            ("force MAE (eV/Å)", f"{before.statistics.mae:.3f}", f"{after.statistics.mae:.3f}", comparison.mae_ratio <= 1),
            ("paired test", "", _test(comparison), _is_sure(comparison)),
            ("cMAE (eV/Å)", f"{before.statistics.cmae:.3f}", f"{after.statistics.cmae:.3f}", None),
            ("systematic / random (eV/Å)", _parts(before), _parts(after), None),
        ]
        for k, (name, old, new, better) in enumerate(lines, start=row + 1):
            changed = QLabel(new)
            if better is not None:
                changed.setStyleSheet(f"color: {self._palette.good if better else self._palette.bad};")
            for column, widget in enumerate((QLabel(name), QLabel(old), QLabel("→" if old else ""), changed)):
                self._grid.addWidget(widget, k, column, Qt.AlignmentFlag.AlignRight if column == 1 else Qt.AlignmentFlag.AlignLeft)
        return row + len(lines) + 1


def _is_sure(comparison: Comparison) -> bool | None:
    """Return whether the error fell by more than chance; None where chance could do it, as well as the opposite."""
    p = comparison.test.p_value
    return p <= CHANCE if p <= CHANCE or p >= 1 - CHANCE else None


def _test(comparison: Comparison) -> str:
    test = comparison.test
    return f"{test.words}, p = {test.p_value:.2g}" if math.isfinite(test.p_value) else test.words


def _scale(side: Side) -> str:
    if not side.statistics.signal.enough:
        return "not enough signal"
    within = f" ({side.interval.low:.2f} to {side.interval.high:.2f})" if side.interval is not None else ""
    return f"{side.statistics.scale:.2f}{within}"


def _parts(side: Side) -> str:
    return f"{side.statistics.systematic:.3f} / {side.statistics.random:.3f}"
