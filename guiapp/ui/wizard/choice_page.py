"""Page 2: which structure is worth a DFT calculation, ranked with the model alone; candidates are sampled where there are none."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from guiapp.correction.label_choice import Candidate, LabelRanking
from guiapp.frames.frame import Frame
from guiapp.report.formula_text import subscripted
from guiapp.ui.theme import Palette
from guiapp.ui.wizard.candidate_map import CandidateMap
from guiapp.ui.wizard.page import WizardPage, padded, words
from guiapp.ui.wizard.sampling_panel import SamplingPanel

_NUMBERS = (2, 3, 4)
_HEADERS = ("", "structure", "rms force", "largest", "covers", "why")


class ChoicePage(WizardPage):
    """A map and a ranking with reasons; the proposal is ticked.

    Signals:
        labels_changed: Content hashes of the structures to fit.
        counts_changed: How many to fit, and how many more to label in order to judge.
        frame_activated: A ``Frame`` to show in the viewer.
        source_changed: Whether sampled candidates shall be shown instead of labelled ones.
    """

    labels_changed = Signal(object)
    counts_changed = Signal(int, int)
    frame_activated = Signal(object)
    source_changed = Signal(bool)
    next_words = "Use this one"
    term = "rms force"

    def __init__(self, palette: Palette) -> None:
        """Build the page, empty."""
        super().__init__("Which structure is worth one DFT calculation?", "Ranked with the model alone, before any DFT is spent.")
        self._ranking: LabelRanking | None = None
        self._sampled = False
        self._n_starts = 0
        self.sentence = words()
        self.map = CandidateMap(palette)
        self.sampling = SamplingPanel()
        self.count, self.judges = QSpinBox(), QSpinBox()
        self.count.setRange(1, 50)
        self.count.setAccessibleName("How many structures to fit")
        self.judges.setRange(0, 20)
        self.judges.setAccessibleName("How many more structures to label in order to judge")
        for box in (self.count, self.judges):
            padded(box)
        self._judges_words = QLabel("and label")
        self._judges_after = QLabel("more to judge by")
        self.source, self.more = QPushButton(), QPushButton("Sample more…")
        self.source.setProperty("role", "chip")
        self.more.setProperty("role", "chip")
        self.more.setCheckable(True)
        self.table = _ranking_table()
        self._counts = QWidget()
        row = QHBoxLayout(self._counts)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (QLabel("Fit to"), self.count, self._judges_words, self.judges, self._judges_after):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.source)
        row.addWidget(self.more)
        self.body.addWidget(self.map, 3)
        self.body.addWidget(self.sentence)
        self.body.addWidget(self._counts)
        self.body.addWidget(self.sampling)
        self.body.addWidget(self.table, 2)
        self._rest = QWidget()
        self.body.addWidget(self._rest, 1)
        self.count.valueChanged.connect(self._tell_counts)
        self.judges.valueChanged.connect(self._tell_counts)
        self.table.itemChanged.connect(self._tell)
        self.table.cellClicked.connect(self._show)
        self.map.picked.connect(self._pick)
        self.source.clicked.connect(self._other_source)
        self.more.toggled.connect(self._refresh_sampling)

    @property
    def is_ready(self) -> bool:
        """At least one structure is ticked, and nothing is being sampled."""
        return bool(self.ticked()) and not self.sampling.is_running

    def ticked(self) -> tuple[str, ...]:
        """Return the content hashes of the ticked structures, best first."""
        if self._ranking is None:
            return ()
        return tuple(
            candidate.frame.content_hash
            for row, candidate in enumerate(self._ranking.candidates)
            if row < self.table.rowCount() and self._is_ticked(row)
        )

    def show_ranking(self, ranking: LabelRanking | None, *, sampled: bool, other_source: str) -> None:
        """Show the candidates, best first.

        Args:
            ranking: None where there are none yet.
            sampled: Whether they were sampled and have to be labelled.
            other_source: What the button that shows the other kind of candidates says; empty where there is no other kind.
        """
        if ranking is not self._ranking:
            self._ranking = ranking
            self.map.show_ranking(ranking)
            self._fill()
        self._sampled = sampled
        for widget in (self.map, self.table, self.sentence, self._counts):
            widget.setVisible(ranking is not None)
        self._rest.setVisible(ranking is None)
        for widget in (self._judges_words, self.judges, self._judges_after):
            widget.setVisible(sampled and ranking is not None)
        self.source.setText(other_source)
        self.source.setVisible(bool(other_source))
        self._refresh_sampling()
        self.ready_changed.emit()

    def show_starts(self, n_starts: int) -> None:
        """Say whether candidates can be sampled.

        Args:
            n_starts: Structures that they can be made of.
        """
        self._n_starts = n_starts
        self._refresh_sampling()

    def show_choice(
        self, chosen: Collection[str], proposed: Sequence[Candidate], judges: Collection[Frame], n_fit: int, n_judge: int
    ) -> None:
        """Tick what is chosen, and say why it is proposed."""
        if self._ranking is None:
            return
        self._ticks_only(set(chosen))
        hashes = [candidate.frame.content_hash for candidate in self._ranking.candidates]
        judging = {frame.content_hash for frame in judges}
        self.map.show_choice(
            frozenset(k for k, one in enumerate(hashes) if one in set(chosen)),
            frozenset(k for k, one in enumerate(hashes) if one in judging),
        )
        for box, value in ((self.count, n_fit), (self.judges, n_judge)):
            box.blockSignals(True)
            box.setMaximum(max(box.minimum(), sum(not candidate.excluded for candidate in self._ranking.candidates)))
            box.setValue(value)
            box.setSuffix(" structure" if value == 1 else " structures")
            box.blockSignals(False)
        if set(chosen) == {candidate.frame.content_hash for candidate in proposed} or not chosen:
            strongest = set(proposed) == set(self._ranking.propose(n_fit))
            names = ", ".join(candidate.frame.name for candidate in proposed)
            spread = f"Proposed: {names}. They go from weak to strong forces, which is what training weights needs."
            self.sentence.setText(subscripted(self._ranking.sentence(n_fit)) if strongest else spread)
        else:
            names = ", ".join(c.frame.name for c in self._ranking.candidates if c.frame.content_hash in set(chosen))
            self.sentence.setText(f"Your choice: {names}. The proposal was {', '.join(c.frame.name for c in proposed)}.")
        self.ready_changed.emit()

    def set_palette(self, palette: Palette) -> None:
        """Repaint in another theme."""
        self.map.set_palette(palette)

    @Slot()
    def _refresh_sampling(self) -> None:
        """Show the sampling where there is nothing else, where it runs, and where more is wanted."""
        have_some = self._ranking is not None
        self.more.setVisible(have_some and self._n_starts > 0)
        wanted = not have_some or self.more.isChecked() or self.sampling.is_running
        self.sampling.setVisible(self._n_starts > 0 and wanted)
        self.sampling.show_purpose(have_some=have_some, n_starts=self._n_starts)

    def _fill(self) -> None:
        candidates = self._ranking.candidates if self._ranking is not None else ()
        self.table.blockSignals(True)
        self.table.setRowCount(len(candidates))
        for row, candidate in enumerate(candidates):
            for column, text in enumerate(_cells(candidate)):
                item = QTableWidgetItem(text)
                if column in _NUMBERS:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                if column == len(_HEADERS) - 1:
                    item.setToolTip(text)
                if candidate.excluded:
                    item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
                self.table.setItem(row, column, item)
            self._tick(row, ticked=False)
        self.table.resizeColumnsToContents()
        self.table.blockSignals(False)

    def _ticks_only(self, chosen: set[str]) -> None:
        assert self._ranking is not None
        self.table.blockSignals(True)
        for row, candidate in enumerate(self._ranking.candidates):
            self._tick(row, ticked=candidate.frame.content_hash in chosen)
        self.table.blockSignals(False)

    def _tick(self, row: int, *, ticked: bool) -> None:
        item = self.table.item(row, 0)
        if item is not None:
            item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)

    def _is_ticked(self, row: int) -> bool:
        item = self.table.item(row, 0)
        return item is not None and item.checkState() is Qt.CheckState.Checked

    @Slot(int)
    def _pick(self, place: int) -> None:
        """Choose one candidate on the map in place of the proposed one, or add it where several are wanted."""
        if self._ranking is None or self._ranking.candidates[place].excluded:
            return
        picked = self._ranking.candidates[place].frame
        others = [one for one in self.ticked() if one != picked.content_hash]
        self.frame_activated.emit(picked)
        self.labels_changed.emit((picked.content_hash, *others)[: self.count.value()])

    @Slot()
    def _tell_counts(self) -> None:
        self.counts_changed.emit(self.count.value(), self.judges.value())

    @Slot()
    def _tell(self) -> None:
        self.labels_changed.emit(self.ticked())

    @Slot(int, int)
    def _show(self, row: int, _column: int) -> None:
        if self._ranking is not None:
            self.frame_activated.emit(self._ranking.candidates[row].frame)

    @Slot()
    def _other_source(self) -> None:
        self.source_changed.emit(not self._sampled)


def _ranking_table() -> QTableWidget:
    table = QTableWidget(0, len(_HEADERS))
    table.setAccessibleName("Ranking of the candidates")
    table.setHorizontalHeaderLabels(list(_HEADERS))
    table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    for column in _NUMBERS:
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        table.model().setHeaderData(column, Qt.Orientation.Horizontal, right, Qt.ItemDataRole.TextAlignmentRole)
    table.setStyleSheet("QTableView::item { padding: 0 8px; } QHeaderView::section { padding: 4px 8px; }")
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    table.horizontalHeader().setStretchLastSection(True)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(26)
    table.setShowGrid(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setMinimumHeight(96)
    return table


def _cells(candidate: Candidate) -> tuple[str, ...]:
    frame = candidate.frame
    return (
        "",
        f"{subscripted(frame.compound)} {frame.name}",
        f"{candidate.rms_force:.2f}",
        f"{candidate.largest_force:.2f}",
        f"{100 * candidate.coverage:.0f} %",
        candidate.excluded or "; ".join(candidate.reasons),
    )
