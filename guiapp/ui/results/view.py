"""The centre of the window: a sentence, a picture, a next step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from guiapp.benchmarks.high_energy_sentence import sentence
from guiapp.benchmarks.high_energy_summary import Verdict
from guiapp.number_words import counted
from guiapp.report.formula_text import subscripted
from guiapp.ui.evaluation import Evaluation
from guiapp.ui.family_entry import FamilyEntry
from guiapp.ui.plots.compound_table import CompoundTable
from guiapp.ui.results.coloring_chip import ColoringChip
from guiapp.ui.results.entries import table_entries
from guiapp.ui.results.evidence_line import EvidenceLine
from guiapp.ui.results.late_page import LatePage
from guiapp.ui.results.panel import panel
from guiapp.ui.selection import Selection
from guiapp.ui.summary.page import SummaryPage
from guiapp.ui.theme import Palette
from guiapp.ui.what_is_this import WhatIsThis

if TYPE_CHECKING:
    from guiapp.ui.curves.page import CurvesPage
    from guiapp.ui.plots.export_menu import ExportMenu
    from guiapp.ui.results.elements_page import ElementsPage
    from guiapp.ui.results.parity_page import ParityPage

TABS = (
    ("summary", "Summary"),
    ("parity", "Parity"),
    ("compounds", "Compounds"),
    ("curvature", "Curvature"),
    ("elements", "Periodic table"),
)
_OF_FAMILIES = ("summary", "curvature")
"""Tabs whose sentence is that of all families."""


class ResultsView(QWidget):
    """Sentence, evidence, tabs.

    The pages that draw are made when they are first looked at: the library of plots alone takes a fifth of a second to import.

    Signals:
        atom_activated: Content hash of a frame and index of an atom.
        compound_activated: Name of a compound.
        element_activated: Symbol of an element.
        system_activated: Family and system that were picked.
        frame_activated: Content hash of a frame.
        region_selected: Content hashes of frames.
        next_step_requested: Id of the action that the next-step button offers.
        export_failed: A ``UserFacingError``.
        told: A sentence for the status bar.
        crashed: Report of an unexpected error.
    """

    atom_activated = Signal(str, int)
    compound_activated = Signal(str)
    element_activated = Signal(str)
    system_activated = Signal(str, str)
    frame_activated = Signal(str)
    region_selected = Signal(object)
    next_step_requested = Signal(str)
    export_failed = Signal(object)
    told = Signal(str)
    crashed = Signal(object)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Build the view, empty."""
        super().__init__(parent)
        self.setAccessibleName("Results")
        self._palette = palette
        self._correction = 1.0
        self._headline = QLabel()
        self._headline.setProperty("role", "headline")
        self._headline.setWordWrap(True)
        self._evidence = EvidenceLine(palette)
        self.what = WhatIsThis("softening scale", palette)
        self.next_step = QPushButton()
        self.next_step.clicked.connect(self._go_on)
        self._next_action = ""
        self._evaluations: tuple[Evaluation, ...] = ()
        self._entries: tuple[FamilyEntry, ...] = ()
        self._filter_words = ""
        self._told = ("", "", "")
        self._offered = ("", "")
        self._selection = Selection()
        self._stale: set[str] = set()
        self.summary_page = SummaryPage(palette)
        self.table = CompoundTable(palette)
        self._parity = LatePage(self._make_parity_page)
        self._curves = LatePage(self._make_curves_page)
        self._elements = LatePage(self._make_elements_page)
        self._pages = QStackedWidget()
        self._tabs = QButtonGroup(self)
        self.tab_buttons: dict[str, QPushButton] = {}
        self.coloring = ColoringChip()
        self._build()
        self._connect()
        self.set_evaluations((), has_frames=False, functional="")
        self.show_tab("summary")

    def set_palette(self, palette: Palette) -> None:
        """Repaint in another theme."""
        self._palette = palette
        for widget in (self.summary_page, self.table, self.what, self._evidence):
            widget.set_palette(palette)
        for late in (self._parity, self._curves, self._elements):
            if late.made is not None:
                late.made.set_palette(palette)

    @property
    def parity_page(self) -> ParityPage:
        """The parity plot and the ranking of compounds."""
        return self._parity.page()

    @property
    def curves_page(self) -> CurvesPage:
        """The curves of the energy and curvature families."""
        return self._curves.page()

    @property
    def elements_page(self) -> ElementsPage:
        """The periodic table of scales."""
        return self._elements.page()

    def show_tab(self, name: str) -> None:
        """Bring one tab to the front."""
        place = [tab for tab, _ in TABS].index(name)
        self.tab_buttons[name].setChecked(True)
        self._pages.setCurrentIndex(place)
        self.coloring.setVisible(name == "parity")
        self._refresh_page()
        self._show_selection()
        self._show_words()

    @property
    def tab(self) -> str:
        """Name of the tab in front."""
        return TABS[self._pages.currentIndex()][0]

    @property
    def headline(self) -> str:
        """The sentence shown."""
        return self._headline.text()

    @property
    def evidence(self) -> str:
        """All of the evidence, of which the line under the sentence may show the beginning."""
        return self._evidence.full

    def set_evaluations(self, evaluations: Sequence[Evaluation], *, has_frames: bool, functional: str) -> None:
        """Show the newest numbers.

        Args:
            evaluations: One a shown model.
            has_frames: Whether there are structures that a benchmark could run on.
            functional: What the labels are, e.g. ``PBE``.
        """
        if evaluations:
            first = evaluations[0]
            headline, evidence = sentence(first.summary, running=first.running, title=first.title, functional=functional)
            others = [sentence(e.summary, running=e.running, title=e.title, functional=functional)[0] for e in evaluations[1:]]
            brief = f"{evidence} · {counted(len(others), 'other model')}" if others else evidence
            self._tell(headline, " · ".join([evidence, *others]), brief)
            if first.running:
                self._offer("", "")
            elif first.summary.verdict in {Verdict.SOFT, Verdict.STIFF}:
                self._offer("correct.model", f"Correct {first.title}")
            else:
                self._offer("file.export", "Export these results")
        elif has_frames:
            self._tell(
                "How soft is the model?", "Run a benchmark: the model predicts the forces of every labelled frame, and each point is one."
            )
            self._offer("run.benchmark", "Run benchmark")
        else:
            self._tell(
                "Open structures with DFT results",
                "Drop vasprun.xml, OUTCAR or extxyz files anywhere in this window, or start with the demo.",
            )
            self._offer("file.demo", "Open the demo project")
        self._evaluations = tuple(evaluations)
        self.coloring.set_several(len(evaluations) > 1)
        self._mark_stale()

    def set_families(self, entries: Sequence[FamilyEntry], *, filter_words: str) -> None:
        """Show the newest results of the energy and curvature families.

        Args:
            entries: One a family, model and mode.
            filter_words: The filter that holds for every number.
        """
        self._entries, self._filter_words = tuple(entries), filter_words
        self._stale |= set(_OF_FAMILIES)
        self._refresh_page()

    def show_curve(self, family: str, system: str) -> None:
        """Bring the curve of a system to the front."""
        self.show_tab("curvature")
        self.curves_page.show_system(family, system)

    def _mark_stale(self) -> None:
        self._stale = {name for name, _ in TABS}
        self._refresh_page()

    def set_selection(self, selection: Selection) -> None:
        """Show in every view what is selected."""
        self._selection = selection
        self._show_selection()

    def _refresh_page(self) -> None:
        """Bring the page in front up to date; the others wait until they are looked at, since all of them cost time in a live run."""
        name = self.tab
        if name in _OF_FAMILIES and "summary" in self._stale:  # the sentence of both
            self._stale.discard("summary")
            self.summary_page.set_results(self._entries, self._evaluations, filter_words=self._filter_words)
        if name not in self._stale:
            return
        self._stale.discard(name)
        if name == "parity":
            self.parity_page.set_evaluations(self._evaluations)
        elif name == "curvature":
            self.curves_page.set_entries(self._entries)
        elif name == "elements":
            self.elements_page.set_evaluations(self._evaluations)
        else:
            self.table.set_entries(table_entries(self._evaluations))
            self.table.set_running(any(evaluation.running for evaluation in self._evaluations))

    def _show_selection(self) -> None:
        name = self.tab
        if name == "parity":
            self.parity_page.set_selection(self._selection)
        elif name == "summary":
            self.summary_page.set_system(self._selection.compound or "")
        elif name == "curvature":
            self.curves_page.set_selection(self._selection.compound or "")
        elif name == "compounds":
            self.table.set_current(self._selection.compound or "")

    def _tell(self, headline: str, evidence: str, brief: str = "") -> None:
        self._told = (headline, evidence, brief or evidence)
        self._show_words()

    def _offer(self, action: str, words: str) -> None:
        self._offered = (action, words)
        self._show_words()

    @Slot()
    def _show_words(self) -> None:
        """Show the sentence of the tab in front: of all families where it is about them, else of the forces."""
        headline, evidence, brief = self._told
        self._next_action, words = self._offered
        summary = self.summary_page
        if summary.headline and (self.tab in _OF_FAMILIES or not self._evaluations):
            headline, evidence, brief = summary.headline, summary.evidence, summary.brief
            if not self._evaluations:
                self._next_action = ""
        self._headline.setText(subscripted(headline))
        self._evidence.set_words(subscripted(brief), subscripted(evidence))
        self.next_step.setText(words)
        self.next_step.setVisible(bool(self._next_action))

    def _build(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._headline)
        words.addWidget(self._evidence)
        top = QHBoxLayout()
        top.addLayout(words, 1)
        top.addWidget(self.what)
        top.addWidget(self.next_step)
        tabs = QHBoxLayout()
        tabs.setSpacing(4)
        for name, title in TABS:
            button = QPushButton(title)
            button.setObjectName(name)
            button.setProperty("role", "tab")
            button.setCheckable(True)
            self._tabs.addButton(button)
            self.tab_buttons[name] = button
            tabs.addWidget(button)
        tabs.addStretch(1)
        self.coloring.chosen.connect(self._color)
        tabs.addWidget(self.coloring)
        compounds, column = panel()
        hint = QLabel("Softest first; click a header to sort, a row to see its structures. Hover a header for what it means.")
        hint.setProperty("role", "small")
        hint.setWordWrap(True)
        column.addWidget(hint)
        column.addWidget(self.table, 1)
        pages = {
            "summary": self.summary_page,
            "parity": self._parity,
            "compounds": compounds,
            "curvature": self._curves,
            "elements": self._elements,
        }
        for name, _ in TABS:
            self._pages.addWidget(pages[name])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 12, 4, 4)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addLayout(tabs)
        layout.addWidget(self._pages, 1)

    def _connect(self) -> None:
        self._tabs.buttonClicked.connect(self._choose_tab)
        self.summary_page.told_changed.connect(self._show_words)
        self.summary_page.system_activated.connect(self.system_activated)
        self.summary_page.curve_requested.connect(self.show_curve)
        self.summary_page.correction_changed.connect(self._share_correction)
        self.table.compound_activated.connect(self.compound_activated)
        self._listen((self.table.export_menu, self.summary_page.export_menu, self.summary_page.systems.export_menu))

    def _make_parity_page(self) -> ParityPage:
        from guiapp.ui.results.parity_page import ParityPage  # noqa: PLC0415 - imports the library of plots

        page = ParityPage(self._palette)
        page.correction.set_value(self._correction)
        page.correction.correction_changed.connect(self._share_correction)
        page.atom_activated.connect(self.atom_activated)
        page.compound_activated.connect(self.compound_activated)
        page.region_selected.connect(self.region_selected)
        self._listen((page.parity.export_menu, page.ranking.export_menu))
        return page

    def _make_curves_page(self) -> CurvesPage:
        from guiapp.ui.curves.page import CurvesPage  # noqa: PLC0415 - imports the library of plots

        page = CurvesPage(self._palette)
        page.correction.set_value(self._correction)
        page.correction_changed.connect(self._share_correction)
        page.system_activated.connect(self.system_activated)
        page.frame_activated.connect(self.frame_activated)
        page.export_failed.connect(self.export_failed)
        page.told.connect(self.told)
        page.crashed.connect(self.crashed)
        return page

    def _make_elements_page(self) -> ElementsPage:
        from guiapp.ui.results.elements_page import ElementsPage  # noqa: PLC0415 - not before it is looked at

        page = ElementsPage(self._palette)
        page.element_activated.connect(self.element_activated)
        return page

    def _listen(self, menus: Sequence[ExportMenu]) -> None:
        for menu in menus:
            menu.failed.connect(self.export_failed)
            menu.copied.connect(self.told)
            menu.saved.connect(self._tell_saved)

    @Slot(float)
    def _share_correction(self, c: float) -> None:
        """Try the same correction out in every view; a slider that stands there already tells nobody."""
        self._correction = c
        self.summary_page.correction.set_value(c)
        for late in (self._parity, self._curves):
            if late.made is not None:
                late.made.correction.set_value(c)

    @Slot(object)
    def _tell_saved(self, path: object) -> None:
        self.told.emit(f"written to {path}")

    @Slot(object)
    def _choose_tab(self, button: QPushButton) -> None:
        self.show_tab(button.objectName())

    @Slot(str)
    def _color(self, by: str) -> None:
        self.parity_page.set_coloring(by)

    @Slot()
    def _go_on(self) -> None:
        self.next_step_requested.emit(self._next_action)
