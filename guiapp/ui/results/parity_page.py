"""The parity plot with its correction preview, beside the ranking of compounds and what one number can repair."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from guiapp.report.formula_text import subscripted
from guiapp.ui.evaluation import Evaluation
from guiapp.ui.plots.compound_ranking import CompoundRanking
from guiapp.ui.plots.correction_slider import CorrectionSlider
from guiapp.ui.plots.error_split_bar import ErrorSplitBar
from guiapp.ui.plots.parity_plot import ParityPlot
from guiapp.ui.results.entries import error_parts, parity_series, point_colors, ranked_compounds
from guiapp.ui.results.panel import panel
from guiapp.ui.selection import Selection
from guiapp.ui.theme import Palette
from guiapp.ui.what_is_this import WhatIsThis

_AXES = "xyz"


class ParityPage(QWidget):
    """Where the softening is seen.

    Signals:
        atom_activated: Content hash of a frame and index of the atom whose component was picked.
        compound_activated: Name of a compound picked in the ranking.
        region_selected: Content hashes of the frames whose components lie in a drawn region.
    """

    atom_activated = Signal(str, int)
    compound_activated = Signal(str)
    region_selected = Signal(object)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Build the page, empty."""
        super().__init__(parent)
        self._palette = palette
        self._evaluations: tuple[Evaluation, ...] = ()
        self._color_by = "compound"
        self.parity = ParityPlot(palette)
        self.parity.set_describe(self._describe)
        self.correction = CorrectionSlider(palette)
        self.ranking = CompoundRanking(palette)
        self.ranking.hide_legend()
        self.error_split = ErrorSplitBar(palette)  # which names the models
        self._split_title = QLabel("What one number can repair")
        self._split_title.setProperty("role", "section")
        self._split_what = WhatIsThis("systematic error", palette)
        left, left_column = panel()
        left_column.addWidget(self.parity, 1)
        left_column.addWidget(self.correction)
        right, right_column = panel("Scale by compound")
        right_column.addWidget(self.ranking, 1)
        split_heading = QHBoxLayout()
        split_heading.addWidget(self._split_title)
        split_heading.addWidget(self._split_what)
        split_heading.addStretch(1)
        right_column.addLayout(split_heading)
        right_column.addWidget(self.error_split)
        self.splitter = QSplitter()
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(left)
        self.splitter.addWidget(right)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.splitter)
        self.parity.point_clicked.connect(self._pick)
        self.parity.region_selected.connect(self._take_region)
        self.correction.correction_changed.connect(self._correct)
        self.ranking.compound_activated.connect(self.compound_activated)

    def set_palette(self, palette: Palette) -> None:
        """Repaint in another theme."""
        self._palette = palette
        for widget in (self.parity, self.correction, self.ranking, self.error_split, self._split_what):
            widget.set_palette(palette)
        self.set_evaluations(self._evaluations)

    def set_coloring(self, by: str) -> None:
        """Colour the points by ``compound``, ``element``, ``strain`` or ``model``."""
        self._color_by = by
        self._show_points()

    def set_evaluations(self, evaluations: Sequence[Evaluation]) -> None:
        """Show these models."""
        self._evaluations = tuple(evaluations)
        running = any(evaluation.running for evaluation in evaluations)
        self._show_points()
        self.parity.set_running(running)
        self.ranking.set_rows(ranked_compounds(evaluations, self._palette))
        self.ranking.set_running(running)
        self.error_split.set_parts([error_parts(evaluation, self._palette) for evaluation in evaluations])
        self.error_split.set_running(running)
        first = evaluations[0].summary.statistics if evaluations else None
        known = first is not None and first.signal.enough
        self.correction.set_suggestions(
            first.c_least_squares if known and first is not None else None, first.c_slope_matching if known and first is not None else None
        )
        self.correction.setEnabled(known)

    def set_selection(self, selection: Selection) -> None:
        """Bring the selected compound, frame or atom to the front."""
        self.ranking.set_current(selection.compound or "")
        if not self._evaluations:
            return
        evaluation = self._evaluations[0]
        components, table = evaluation.components, evaluation.table
        mask = np.zeros(len(components), dtype=bool)
        if selection.frame is not None:
            places = [k for k, frame in enumerate(table.frames) if frame.content_hash == selection.frame]
            mask = np.isin(components.frame, places)
            if selection.atom is not None:
                mask &= components.atom == selection.atom
        elif selection.compound is not None and selection.compound in table.compounds:
            mask = components.compound == table.compounds.index(selection.compound)
        self.parity.highlight(np.flatnonzero(mask), 0)

    def _show_points(self) -> None:
        # Several clouds are told apart by the models' colours; one cloud by what the user chose.
        by = self._color_by if len(self._evaluations) == 1 else "model"
        colors = [point_colors(evaluation, by, self._palette) for evaluation in self._evaluations]
        self.parity.set_series([parity_series(e, self._palette, c) for e, c in zip(self._evaluations, colors, strict=True)])
        legend = colors[0] if colors else None
        self.parity.set_legend(legend.legend if legend is not None else (), legend.title if legend is not None else "")

    def _describe(self, series: int, index: int) -> str:
        evaluation = self._evaluations[series]
        components = evaluation.components
        frame = evaluation.table.frames[int(components.frame[index])]
        atom = int(components.atom[index])
        words = (
            f"{evaluation.title}\n{subscripted(frame.compound)} · {frame.name} · {frame.symbols[atom]} {atom + 1}, {_AXES[index % 3]}\n"
            f"DFT {components.dft[index]:.3f}, model {components.model[index]:.3f} eV/Å"
        )
        return words.replace("-", "−")

    @Slot(int, int)
    def _pick(self, series: int, index: int) -> None:
        evaluation = self._evaluations[series]
        frame = evaluation.table.frames[int(evaluation.components.frame[index])]
        self.atom_activated.emit(frame.content_hash, int(evaluation.components.atom[index]))

    @Slot(int, object)
    def _take_region(self, series: int, indices: np.ndarray) -> None:
        evaluation = self._evaluations[series]
        places = np.unique(evaluation.components.frame[indices]).tolist()
        self.region_selected.emit(frozenset(evaluation.table.frames[k].content_hash for k in places))

    @Slot(float)
    def _correct(self, c: float) -> None:
        self.parity.set_correction(c)
