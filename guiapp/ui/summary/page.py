"""The summary: every family and model on one signed axis, its correction tried out, and what it means for the user's own system."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from guiapp.benchmarks.affected import evidence_of
from guiapp.benchmarks.description import describe_family
from guiapp.benchmarks.family_findings import best_correction, brief_evidence, sentence_of_findings
from guiapp.benchmarks.high_energy_summary import FAMILY as HIGH_ENERGY
from guiapp.benchmarks.model_pair import PairFinding
from guiapp.number_words import counted
from guiapp.ui.evaluation import Evaluation
from guiapp.ui.family_entry import FamilyEntry
from guiapp.ui.plots.correction_slider import CorrectionSlider
from guiapp.ui.plots.error_split_bar import ErrorSplitBar
from guiapp.ui.plots.export_menu import ExportMenu
from guiapp.ui.results.entries import error_parts
from guiapp.ui.results.panel import panel
from guiapp.ui.summary.affected_panel import AffectedPanel
from guiapp.ui.summary.axis_rows import AxisMark, axis_marks, axis_rows
from guiapp.ui.summary.axis_view import AxisView
from guiapp.ui.summary.legend import legend_text
from guiapp.ui.summary.pair_panel import PairPanel
from guiapp.ui.summary.signed_axis import SignedAxis
from guiapp.ui.summary.systems_page import SystemsPage
from guiapp.ui.theme import Palette
from guiapp.ui.what_is_this import WhatIsThis

EMPTY = "Run benchmark, choose one or more families: each becomes a line here, soft on the left, stiff on the right."


class SummaryPage(QWidget):
    """Where is this model soft, by how much, and does it matter?

    Signals:
        system_activated(str, str): Family and system that were picked.
        curve_requested(str, str): Family and system whose curve shall be shown.
        correction_changed(float): The correction that is tried out.
        pair_chosen(str, str): Titles of two models to compare; ``show_pair`` takes the answer.
        structure_dropped(object): Path of a structure file; ``affected.show_structure`` takes the answer.
        told_changed(): Headline or evidence are others.
    """

    system_activated = Signal(str, str)
    curve_requested = Signal(str, str)
    correction_changed = Signal(float)
    pair_chosen = Signal(str, str)
    structure_dropped = Signal(object)
    told_changed = Signal()

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Build the page, empty."""
        super().__init__(parent)
        self._palette = palette
        self._entries: tuple[FamilyEntry, ...] = ()
        self._evaluations: tuple[Evaluation, ...] = ()
        self._marks: tuple[AxisMark, ...] = ()
        self._filter_words = ""
        self.headline = self.evidence = self.brief = ""
        self.axis = SignedAxis(palette)
        self.systems = SystemsPage(palette)
        self.correction = CorrectionSlider(palette)
        self.export_menu = ExportMenu(self.axis)
        self.what = WhatIsThis("signed deviation", palette)
        self.affected = AffectedPanel(palette)
        self.pair = PairPanel(palette)
        self.error_split = ErrorSplitBar(palette)
        self.legend = QLabel(wordWrap=True)
        self.filter_note = QLabel(wordWrap=True)
        self._split_what = WhatIsThis("systematic error", palette)
        self._build()
        self._connect()
        self._suggest()
        self._refresh()

    # ---- what the owner calls

    def set_palette(self, palette: Palette) -> None:
        """Repaint in another theme."""
        self._palette = palette
        for widget in (self.axis, self.systems, self.correction, self.export_menu, self.what, self._split_what):
            widget.set_palette(palette)
        for other in (self.affected, self.pair, self.error_split):
            other.set_palette(palette)
        self._refresh()

    def set_results(
        self,
        entries: Sequence[FamilyEntry],
        evaluations: Sequence[Evaluation],
        *,
        filter_words: str = "",
    ) -> None:
        """Show the newest numbers.

        Args:
            entries: One a family, model and mode.
            evaluations: One a model: its forces on high-energy states.
            filter_words: The filter that holds, printed beside the numbers.
        """
        self._entries, self._evaluations, self._filter_words = tuple(entries), tuple(evaluations), filter_words
        self._marks = axis_marks(entries, evaluations)
        self._suggest()
        self._refresh()
        titles = list(dict.fromkeys(mark.title for mark in self._marks))
        self._pair_section.setVisible(len(titles) > 1)
        self.pair.set_models(titles)
        if len(titles) > 1 and not any(mark.running for mark in self._marks):
            self.pair_chosen.emit(*self.pair.pair)
        self.affected.set_evidence([(one.title, evidence_of(one.summary)) for one in evaluations if one.summary.n_judged])
        self.error_split.set_parts([error_parts(one, self._palette) for one in evaluations])
        self.error_split.set_running(any(one.running for one in evaluations))
        self._split_section.setVisible(bool(evaluations))

    def set_correction(self, c: float) -> None:
        """Follow a correction that is tried out elsewhere."""
        self.correction.set_value(c)

    def set_system(self, system: str) -> None:
        """Show which system is selected."""
        self.systems.set_current(system)

    def show_family(self, family: str) -> None:
        """Open the systems of a family."""
        self._open_family(family)

    def show_axis(self) -> None:
        """Go back to all families."""
        self._pages.setCurrentIndex(0)
        self.axis.setFocus()

    @property
    def is_axis_shown(self) -> bool:
        """Whether all families are shown, not the systems of one."""
        return self._pages.currentIndex() == 0

    @property
    def entries(self) -> tuple[FamilyEntry, ...]:
        """What is shown of families."""
        return self._entries

    @property
    def evaluations(self) -> tuple[Evaluation, ...]:
        """What is shown of forces."""
        return self._evaluations

    @Slot(object)
    def show_pair(self, findings: Sequence[PairFinding]) -> None:
        """Show the comparison that ``pair_chosen`` asked for."""
        self.pair.show_findings(findings)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go back to all families on Esc."""
        if event.key() == Qt.Key.Key_Escape and not self.is_axis_shown:
            self.show_axis()
            return
        super().keyPressEvent(event)

    # ---- building

    def _build(self) -> None:
        axis_view = QWidget()
        column = QVBoxLayout(axis_view)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        head = QHBoxLayout()
        title = QLabel("Signed deviation from DFT, with 95 % interval")
        title.setProperty("role", "section")
        title.setWordWrap(True)
        head.addWidget(title, 1)
        head.addWidget(self.export_menu)
        head.addWidget(self.what)
        column.addLayout(head)
        self.axis_view = AxisView(self.axis)
        self.axis_view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.empty = QLabel(EMPTY, alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self.empty.setProperty("role", "muted")
        self._plot = QStackedWidget()
        self._plot.addWidget(self.axis_view)
        self._plot.addWidget(self.empty)
        column.addWidget(self._plot, 1)
        for label in (self.legend, self.filter_note):
            label.setProperty("role", "small")
            label.setMinimumWidth(80)
            column.addWidget(label)
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        column.addWidget(self.correction)
        self._pages = QStackedWidget()
        self._pages.addWidget(axis_view)
        self._pages.addWidget(self.systems)
        left, left_column = panel()
        left_column.addWidget(self._pages)
        self.splitter = QSplitter()
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(left)
        self.splitter.addWidget(self._side())
        self.splitter.setStretchFactor(0, 5)
        self.splitter.setStretchFactor(1, 2)
        self.splitter.setSizes([560, 250])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.splitter)
        self.setAccessibleName("Summary of all families")

    def _side(self) -> QWidget:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(16)
        self._affected_section = _section("Is my system affected?", self.affected)
        self._pair_section = _section("Model against model, same frames", self.pair)
        self._split_section = _section("What one number can repair", self.error_split, self._split_what)
        for section in (self._affected_section, self._pair_section, self._split_section):
            column.addWidget(section)
        column.addStretch(1)
        frame = QFrame()
        frame.setProperty("role", "panel")
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        inside.setAutoFillBackground(False)
        area.viewport().setAutoFillBackground(False)
        outer = QVBoxLayout(frame)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        frame.setMinimumWidth(220)
        return frame

    def _connect(self) -> None:
        self.axis.family_activated.connect(self._open_family)
        self.systems.back_requested.connect(self.show_axis)
        self.systems.system_activated.connect(self.system_activated)
        self.systems.curve_requested.connect(self.curve_requested)
        self.correction.correction_changed.connect(self._correct)
        self.pair.pair_chosen.connect(self.pair_chosen)
        self.affected.structure_dropped.connect(self.structure_dropped)

    # ---- refreshing

    def _suggest(self) -> None:
        """Mark the corrections that the first model's labels suggest: of its forces, or of its families where it has no forces."""
        first = self._evaluations[0].summary.statistics if self._evaluations else None
        if first is not None and first.signal.enough:
            self.correction.set_suggestions(first.c_least_squares, first.c_slope_matching)
        else:
            title = self._marks[0].title if self._marks else ""
            rows = [row for entry in self._entries if entry.title == title for row in entry.result.rows]
            self.correction.set_suggestions(best_correction(rows), None)
        self.correction.setEnabled(any(mark.known for mark in self._marks))

    def _refresh(self) -> None:
        c = self.correction.value
        self.axis.set_rows(axis_rows(self._marks, c))
        self._plot.setCurrentIndex(0 if self._marks else 1)
        self.legend.setText(legend_text(self._marks, c, self._palette))
        self.filter_note.setText(self._filter_words)
        self.filter_note.setVisible(bool(self._filter_words) and bool(self._marks))
        if not self.is_axis_shown:
            self.systems.show_family(self.systems.family, self._entries, self._evaluations, c)
        self._tell()

    def _tell(self) -> None:
        headline, evidence = self._measuring()
        brief = evidence
        titles = list(dict.fromkeys(mark.title for mark in self._marks))
        families = {mark.finding.family for mark in self._marks}
        if families - {HIGH_ENERGY}:  # forces alone have a sentence of their own
            told = []
            for title in titles:
                own = [mark for mark in self._marks if mark.title == title]
                told.append(sentence_of_findings([mark.finding for mark in own], title, running=any(mark.running for mark in own)))
            headline, evidence = told[0][0], " · ".join([told[0][1], *(other[0] for other in told[1:])])
            brief = brief_evidence([mark.finding for mark in self._marks if mark.title == titles[0]])
            brief += f" · {counted(len(told) - 1, 'other model')}" if told[1:] else ""
        if (headline, evidence, brief) != (self.headline, self.evidence, self.brief):
            self.headline, self.evidence, self.brief = headline, evidence, brief
            self.told_changed.emit()

    def _measuring(self) -> tuple[str, str]:
        """Say what is on its way where nothing is known yet."""
        running = [entry for entry in self._entries if entry.running]
        if self._marks or not running:
            return "", ""
        families = ", ".join(dict.fromkeys(describe_family(entry.result.family).title.lower() for entry in running))
        return f"{running[0].title} is being measured: {families}", "The first systems are on their way."

    @Slot(str)
    def _open_family(self, family: str) -> None:
        self._pages.setCurrentIndex(1)
        self.systems.show_family(family, self._entries, self._evaluations, self.correction.value)
        self.systems.view.setFocus()

    @Slot(float)
    def _correct(self, c: float) -> None:
        self._refresh()
        self.correction_changed.emit(c)


def _section(words: str, widget: QWidget, beside: QWidget | None = None) -> QWidget:
    section = QWidget()
    column = QVBoxLayout(section)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    head = QHBoxLayout()
    title = QLabel(words)
    title.setProperty("role", "section")
    title.setWordWrap(True)
    head.addWidget(title, 1)
    if beside is not None:
        head.addWidget(beside)
    column.addLayout(head)
    column.addWidget(widget)
    return section
