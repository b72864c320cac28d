"""The page of curves: systems on the left; a sentence, its evidence, the plot, the numbers and the correction on the right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QToolButton, QVBoxLayout, QWidget

from guiapp.benchmarks.corrected_curves import suggested_corrections
from guiapp.benchmarks.description import describe_family
from guiapp.benchmarks.family import NEB, RELAXED, STATIC
from guiapp.benchmarks.surfaces import FAMILY as _SURFACES
from guiapp.benchmarks.system_sentence import system_sentence
from guiapp.report.formula_text import subscripted
from guiapp.ui.curves.figure import CurveFigure
from guiapp.ui.curves.numbers_table import NumbersTable
from guiapp.ui.curves.pictures import picture_of
from guiapp.ui.curves.system_list import SystemList
from guiapp.ui.curves.systems import ListedSystem, entries_of, findings, listed_families, modes_of, system_title
from guiapp.ui.curves.whole_figure import WholeFigure
from guiapp.ui.curves.wulff_shapes import WulffShapes
from guiapp.ui.curves.wulff_view import WulffView
from guiapp.ui.family_entry import FamilyEntry
from guiapp.ui.icons import icon
from guiapp.ui.plots.correction_slider import CorrectionSlider
from guiapp.ui.plots.export_menu import ExportMenu
from guiapp.ui.results.panel import panel
from guiapp.ui.segments import Segments
from guiapp.ui.terms import family_term
from guiapp.ui.theme import Palette
from guiapp.ui.what_is_this import WhatIsThis

_MODES = (STATIC, RELAXED, NEB)
_LIST_MS = 60
_LEAST_LIST, _LIST_PART = 236, 36
"""Width of the list of systems: at least so many pixels, and at first so many percent of the page."""
_LONGEST_NOTE = 120  # letters; longer ones are in the tooltip
_TABLE_FROM, _SHAPES_FROM = 430, 560
"""Pixels of height from which the table and the crystal shapes have room under the plot."""
_SHAPES_PART, _LEAST_SHAPES, _MOST_SHAPES = 0.3, 130, 210
_EMPTY = "Run a benchmark of equations of state, phonons, surfaces, defects, mixing, migration or curvature to see its curves here."


class CurvesPage(QWidget):
    """Where a model is soft along a path, system by system.

    Signals:
        system_activated: Family and system that were picked.
        frame_activated: Content hash of the frame behind a picked point.
        export_failed: A ``UserFacingError``.
        told: A sentence for the status bar.
        correction_changed: The correction that is tried out.
        crashed: An exception that is a bug.
    """

    system_activated = Signal(str, str)
    frame_activated = Signal(str)
    export_failed = Signal(object)
    told = Signal(str)
    correction_changed = Signal(float)
    crashed = Signal(object)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Build the page, empty."""
        super().__init__(parent)
        self._palette = palette
        self._entries: tuple[FamilyEntry, ...] = ()
        self._modes: dict[str, str] = {}
        self._shown = ("", "")
        self._drawn: tuple[object, ...] = ()
        self.systems = SystemList(palette)
        self.headline = QLabel(wordWrap=True)
        self.headline.setProperty("role", "title")
        self.evidence = QLabel(wordWrap=True)
        self.evidence.setProperty("role", "muted")
        self.caption = QLabel()
        self.caption.setProperty("role", "section")
        self.mode = Segments("Geometry", ("on DFT's geometries", "relaxed by the model", "path by the model (NEB)"))
        self.figure = CurveFigure(palette)
        self.numbers = NumbersTable(palette)
        self.correction = CorrectionSlider(palette)
        self.fit_button = QToolButton()
        self.shapes = WulffView(palette)
        self._wulff = WulffShapes(self)
        self.export_menu = ExportMenu(WholeFigure(self.figure, self.shapes))
        self.what = WhatIsThis(family_term("eos"), palette)
        self._list_timer = QTimer(self, singleShot=True, interval=_LIST_MS)
        self._list_timer.timeout.connect(self._refresh_list)
        self._build()
        self._connect()
        self.set_palette(palette)
        self.set_entries(())

    def set_palette(self, palette: Palette) -> None:
        """Repaint in another theme."""
        self._palette = palette
        for widget in (self.systems, self.figure, self.shapes, self.numbers, self.correction, self.export_menu, self.what):
            widget.set_palette(palette)
        self.fit_button.setIcon(icon("arrows-in", palette))

    def set_entries(self, entries: Sequence[FamilyEntry]) -> None:
        """Show the newest results; what is picked, and the axes, stay.

        Args:
            entries: One a family, model and mode, in the order of the models.
        """
        self._entries = tuple(entries)
        modes = modes_of(self._entries)
        self._modes = {family: self._modes.get(family, known[0]) for family, known in modes.items()}
        for family, known in modes.items():
            if self._modes[family] not in known:
                self._modes[family] = known[0]
        self._refresh_list()
        if not self.systems.index_of(*self._shown).isValid():
            self._shown = self._first()
            self.systems.set_current(*self._shown)
        self._refresh_system()

    def set_selection(self, system: str) -> None:
        """Show a system that was picked elsewhere; one that is not listed leaves the page as it is.

        Args:
            system: Name of a system, or of the compound that systems are about.
        """
        family, shown = self._shown
        if not system or shown == system:
            return
        listed = [one for group in self.systems.families for one in group.systems]
        listed.sort(key=lambda one: one.family != family)  # stays in the family where it can
        found = next((one for one in listed if one.system == system), None)
        found = found or next((one for one in listed if _is_about(one.system, system)), None)
        if found is not None and not _is_about(shown, system):
            self.show_system(found.family, found.system)

    def show_system(self, family: str, system: str) -> None:
        """Pick a system, as a click in the list does, without a signal."""
        if self.systems.index_of(family, system).isValid():
            self._shown = (family, system)
            self.systems.set_current(family, system)
            self._refresh_system()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the plot its room in a low window: shapes give way first, then the table; both are in what is exported."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        height = self.height()
        self.numbers.setVisible(height >= _TABLE_FROM and self.numbers.rowCount() > 0)
        self.shapes.setFixedHeight(round(min(max(_SHAPES_PART * height, _LEAST_SHAPES), _MOST_SHAPES)))
        self.shapes.setVisible(height >= _SHAPES_FROM and bool(self.shapes.shapes))

    @property
    def shown(self) -> tuple[str, str]:
        """Family and system that are shown."""
        return self._shown

    # ---- building

    def _build(self) -> None:
        left, left_column = panel("Systems")
        left_column.addWidget(self.systems, 1)
        right, column = panel()
        column.setSpacing(5)
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self.caption, 1)
        for label in (self.caption, self.headline, self.evidence):
            label.setMinimumWidth(80)
        self.fit_button.setText("Fit")
        self.fit_button.setToolTip("Show all data (F)")
        self.fit_button.setAccessibleName("Show all data")
        self.fit_button.setProperty("role", "chip")
        self.fit_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        for widget in (self.fit_button, self.export_menu, self.what):
            top.addWidget(widget)
        column.addLayout(top)
        column.addWidget(self.headline)
        column.addWidget(self.evidence)
        column.addWidget(self.mode)
        column.addWidget(self.figure, 1)
        column.addWidget(self.shapes)
        column.addWidget(self.numbers)
        column.addWidget(self.correction)
        self.splitter = QSplitter()
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(left)
        self.splitter.addWidget(right)
        self.splitter.setStretchFactor(0, 2)
        self.splitter.setStretchFactor(1, 5)
        left.setMinimumWidth(_LEAST_LIST)
        self.splitter.setSizes([_LIST_PART, 100 - _LIST_PART])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.splitter)
        self.setAccessibleName("Curves of the benchmark families")

    def _connect(self) -> None:
        self.systems.system_chosen.connect(self._choose)
        self.figure.frame_picked.connect(self.frame_activated)
        self.figure.system_picked.connect(self._pick_in_plot)
        self.mode.chosen.connect(self._choose_mode)
        self._wulff.ready.connect(self._refresh_shapes)
        self._wulff.crashed.connect(self.crashed)
        self.fit_button.clicked.connect(self.figure.fit)
        self.correction.correction_changed.connect(self._correct)
        self.export_menu.failed.connect(self.export_failed)
        self.export_menu.copied.connect(self.told)
        self.export_menu.saved.connect(self._tell_saved)

    # ---- refreshing

    def _first(self) -> tuple[str, str]:
        return next(((one.family, one.system) for group in self.systems.families for one in group.systems), ("", ""))

    def _listed(self) -> ListedSystem | None:
        family, system = self._shown
        return next((s for f in self.systems.families if f.family == family for s in f.systems if s.system == system), None)

    def _shown_entries(self) -> tuple[FamilyEntry, ...]:
        family = self._shown[0]
        return entries_of(self._entries, family, self._modes.get(family, STATIC))

    def _refresh_list(self) -> None:
        self.systems.set_families(listed_families(self._entries, self._modes, self.correction.value))

    def _refresh_system(self) -> None:
        family, system = self._shown
        self._refresh_modes()  # another mode may have come in while what is shown is the same
        c, entries = self.correction.value, self._shown_entries()
        state = (self._shown, c, *((entry.result, entry.title, entry.color_index, entry.running, entry.corrected) for entry in entries))
        if state == self._drawn and entries:
            return  # other families are running
        self._drawn = state
        found = findings(entries, system, c)
        self._tell_system(system_sentence(found), running=any(entry.running for entry in entries))
        self.figure.set_picture(picture_of(entries, family, system, c), self._empty_words())
        self.numbers.set_findings(found)
        self._refresh_shapes()
        if family:
            self.what.set_term(family_term(family))
        self._suggest(entries)

    def _refresh_modes(self) -> None:
        family = self._shown[0]
        known = modes_of(self._entries).get(family, ())
        self.mode.setVisible(len(known) > 1)
        for mode, button in zip(_MODES, self.mode.buttons, strict=True):
            button.setVisible(mode in known)
        self.mode.choose(_MODES.index(self._modes.get(family, STATIC)))

    @Slot()
    def _refresh_shapes(self) -> None:
        family, system = self._shown
        crystal = system.partition("(")[0] if family == _SURFACES else ""
        shapes = self._wulff.shapes(crystal, self._shown_entries()) if crystal else ()
        self.shapes.set_shapes(crystal, shapes, self.correction.value)
        self._make_room()

    def _suggest(self, entries: Sequence[FamilyEntry]) -> None:
        rows = next((entry.result.rows for entry in entries if entry.result.rows), ())
        suggested = suggested_corrections(rows)
        self.correction.set_suggestions(suggested.least_squares, suggested.slope_matching)
        self.correction.setEnabled(bool(rows))

    def _tell_system(self, words: tuple[str, str], *, running: bool) -> None:
        family, system = self._shown
        listed = self._listed()
        if not family:
            self.caption.setText("")
            self.headline.setText("No curve yet")
            self.evidence.setText(_EMPTY)
            return
        headline, evidence = words
        if not headline and listed is not None and listed.note:
            headline, evidence = f"Nothing to show of {system_title(system)}", listed.note
        self.caption.setText(f"{describe_family(family).title} · {system_title(system)}")
        self.headline.setText(subscripted(headline) + (", so far" if running and headline else ""))
        notes = self._notes()
        self.evidence.setText(subscripted("; ".join(filter(None, (evidence, *(note for note in notes if len(note) <= _LONGEST_NOTE))))))
        self.evidence.setToolTip(subscripted("\n".join(notes)))

    def _notes(self) -> list[str]:
        """Return what the first model's result notes of the shown system; with a correction its numbers would be others."""
        if self.correction.value != 1:
            return []
        notes = next((entry.result.notes for entry in self._shown_entries()), ())
        return [note for note in notes if note.startswith(self._shown[1])]

    def _empty_words(self) -> str:
        listed = self._listed()
        if not self._shown[0]:
            return _EMPTY
        return listed.note if listed is not None and listed.note else "There is no curve of this system; its numbers are in the table."

    # ---- slots

    @Slot(str, str)
    def _choose(self, family: str, system: str) -> None:
        self._shown = (family, system)
        self._refresh_system()
        self.system_activated.emit(family, system)

    @Slot(str)
    def _pick_in_plot(self, system: str) -> None:
        family = self._shown[0]
        if self.systems.index_of(family, system).isValid():
            self.show_system(family, system)
        self.system_activated.emit(family, system)

    @Slot(int)
    def _choose_mode(self, place: int) -> None:
        family = self._shown[0]
        if _MODES[place] in modes_of(self._entries).get(family, ()):
            self._modes[family] = _MODES[place]
            self.set_entries(self._entries)

    @Slot(float)
    def _correct(self, c: float) -> None:
        self._refresh_system()
        self._list_timer.start()  # the plot follows the hand, the hundreds of numbers of the list come a moment later
        self.correction_changed.emit(c)

    @Slot(Path)
    def _tell_saved(self, path: Path) -> None:
        self.told.emit(f"written to {path}")


def _is_about(system: str, compound: str) -> bool:
    """Say whether a system is a compound's own, or a slab, path or ordering of it."""
    rest = system.removeprefix(compound)
    return rest != system and (not rest or not rest[0].isalnum())
