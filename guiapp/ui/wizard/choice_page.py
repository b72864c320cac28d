"""Page 2: which structure is worth a DFT calculation, ranked with the model alone."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QLabel, QSpinBox, QTableWidget, QTableWidgetItem

from guiapp.correction.label_choice import Candidate, LabelRanking
from guiapp.frames.frame import Frame
from guiapp.report.formula_text import subscripted
from guiapp.ui.wizard.page import WizardPage, words

_HEADERS = ("", "structure", "rms model force (eV/Å)", "largest (eV/Å)", "surroundings held", "why")


class ChoicePage(WizardPage):
    """A ranking with reasons; the proposal is ticked.

    Signals:
        labels_changed: The chosen frames.
        frame_activated: A ``Frame`` to show in the viewer.
    """

    labels_changed = Signal(object)
    frame_activated = Signal(object)
    next_words = "Use this"
    term = "rms force"

    def __init__(self) -> None:
        """Build the page, empty."""
        super().__init__(
            "Which structure is worth one DFT calculation?",
            "Ranked with the model alone, before any DFT is spent: the larger its forces, the more a label says about the correction.",
        )
        self._ranking: LabelRanking | None = None
        self.sentence = words()
        self.count = QSpinBox()
        self.count.setRange(1, 50)
        self.count.setAccessibleName("How many structures to label")
        self.table = QTableWidget(0, len(_HEADERS))
        self.table.setHorizontalHeaderLabels(list(_HEADERS))
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.horizontalHeader().setStretchLastSection(True)
        row = QHBoxLayout()
        row.addWidget(QLabel("Label"))
        row.addWidget(self.count)
        row.addWidget(QLabel("structures; tick others if you know better"))
        row.addStretch(1)
        self.body.addWidget(self.sentence)
        self.body.addLayout(row)
        self.body.addWidget(self.table, 1)
        self.count.valueChanged.connect(self._propose)
        self.table.itemChanged.connect(self._tell)
        self.table.cellClicked.connect(self._show)

    @property
    def is_ready(self) -> bool:
        """At least one structure is ticked."""
        return bool(self.chosen())

    def show_ranking(self, ranking: LabelRanking) -> None:
        """Show the candidates, best first, with the proposal ticked."""
        self._ranking = ranking
        self.table.blockSignals(True)
        self.table.setRowCount(len(ranking.candidates))
        for row, candidate in enumerate(ranking.candidates):
            for column, text in enumerate(_cells(candidate)):
                item = QTableWidgetItem(text)
                if column in {2, 3, 4}:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                if candidate.excluded:
                    item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
                self.table.setItem(row, column, item)
            self._tick(row, ticked=False)
        self.table.resizeColumnsToContents()
        self.table.blockSignals(False)
        allowed = sum(not candidate.excluded for candidate in ranking.candidates)
        self.count.setMaximum(max(1, allowed))
        self._propose()

    def chosen(self) -> tuple[Frame, ...]:
        """Return the ticked frames, best first."""
        if self._ranking is None:
            return ()
        return tuple(self._ranking.candidates[row].frame for row in range(self.table.rowCount()) if self._is_ticked(row))

    def _tick(self, row: int, *, ticked: bool) -> None:
        item = self.table.item(row, 0)
        if item is not None:
            item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)

    def _is_ticked(self, row: int) -> bool:
        item = self.table.item(row, 0)
        return item is not None and item.checkState() is Qt.CheckState.Checked

    @Slot()
    def _propose(self) -> None:
        if self._ranking is None:
            return
        proposed = {candidate.frame.content_hash for candidate in self._ranking.propose(self.count.value())}
        self.table.blockSignals(True)
        for row, candidate in enumerate(self._ranking.candidates):
            ticked = candidate.frame.content_hash in proposed
            self._tick(row, ticked=ticked)
        self.table.blockSignals(False)
        self.sentence.setText(self._ranking.sentence(self.count.value()))
        self._tell()

    @Slot()
    def _tell(self) -> None:
        self.labels_changed.emit(self.chosen())
        self.ready_changed.emit()

    @Slot(int, int)
    def _show(self, row: int, _column: int) -> None:
        if self._ranking is not None:
            self.frame_activated.emit(self._ranking.candidates[row].frame)


def _cells(candidate: Candidate) -> tuple[str, ...]:
    frame = candidate.frame
    return (
        "",
        f"{subscripted(frame.compound)} · {frame.name}",
        f"{candidate.rms_force:.2f}",
        f"{candidate.largest_force:.2f}",
        f"{100 * candidate.coverage:.0f} %",
        candidate.excluded or "; ".join(candidate.reasons),
    )
