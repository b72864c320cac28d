"""Every plot with made-up data, to look at them without a project: ``python -m guiapp.ui.plots``."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from guiapp.ui.plots.colouring import color_by_scale
from guiapp.ui.plots.compound_model import CompoundEntry
from guiapp.ui.plots.compound_ranking import CompoundRanking
from guiapp.ui.plots.compound_table import CompoundTable
from guiapp.ui.plots.correction_slider import CorrectionSlider
from guiapp.ui.plots.error_split_bar import ErrorParts, ErrorSplitBar
from guiapp.ui.plots.parity_plot import ParityPlot
from guiapp.ui.plots.parity_series import ParitySeries
from guiapp.ui.plots.ranked_compound import RankedCompound, ScaleMark
from guiapp.ui.theme import Palette

_NAMES = "GaAs Si BN MgH2 CaO SiC LiF Li3N ZnS Li2O Al AlNi TiC AlN Al2O3 CaF2 NaCl SrTiO3 MgO TiO2 Na2S Mg2Si Cu CsF".split()  # noqa: SIM905 - reads as the list it is


class PlotsPreview(QWidget):
    """All plots of this package in one window."""

    def __init__(self, palette: Palette, n_components: int = 3000, n_compounds: int = 24, n_models: int = 1) -> None:
        """Fill every plot with softened random forces."""
        super().__init__()
        rng = np.random.default_rng(7)
        names = [_NAMES[k] if k < len(_NAMES) else f"compound {k + 1}" for k in range(n_compounds)]
        scales = [np.sort(np.clip(rng.normal(0.83 + 0.09 * m, 0.11, n_compounds), 0.4, 1.3)) for m in range(n_models)]
        self.parity = ParityPlot(palette)
        self.ranking = CompoundRanking(palette)
        self.split = ErrorSplitBar(palette)
        self.slider = CorrectionSlider(palette)
        self.table = CompoundTable(palette)
        series, parts = [], []
        for m, scale in enumerate(scales):
            compound = rng.integers(0, n_compounds, n_components)
            dft = rng.normal(scale=1.6, size=n_components)
            model = scale[compound] * dft + rng.normal(scale=0.18, size=n_components)
            a = float(dft @ model / (dft @ dft))
            colors = color_by_scale(compound, scale.tolist(), palette)
            points = colors.colors if n_models == 1 else None
            series.append(ParitySeries(_title(m), palette.models[m], dft, model, a, (a - 0.04, a + 0.04), points))
            parts.append(ErrorParts(_title(m), palette.models[m], abs(1 - a) * float(np.std(dft)), float(np.std(model - a * dft))))
            if m == 0:
                self.slider.set_suggestions(float(dft @ model / (model @ model)), 1 / a)
                if n_models == 1:
                    self.parity.set_legend(colors.legend, colors.title)
        self.parity.set_series(series)
        self.split.set_parts(parts)
        self.ranking.set_rows([self._ranked(name, k, scales, palette) for k, name in enumerate(names)])
        self.table.set_entries([self._entry(name, k, scales[0]) for k, name in enumerate(names)])
        self.slider.correction_changed.connect(self.parity.set_correction)
        self.ranking.compound_activated.connect(self.table.set_current)
        self.table.compound_activated.connect(self.ranking.set_current)
        self._lay_out()

    def _lay_out(self) -> None:
        left, right = QVBoxLayout(), QVBoxLayout()
        left.addWidget(self.parity, 1)
        left.addWidget(self.slider)
        right.addWidget(self.ranking, 1)
        heading = QLabel("What one number can repair")
        heading.setProperty("role", "small")
        right.addWidget(heading)
        right.addWidget(self.split)
        below = QHBoxLayout()
        below.addWidget(self.table)
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 12, 12, 12)
        grid.setSpacing(8)
        grid.addWidget(_panel(left), 0, 0)
        grid.addWidget(_panel(right), 0, 1)
        grid.addWidget(_panel(below), 1, 0, 1, 2)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        grid.setRowStretch(0, 5)
        grid.setRowStretch(1, 2)

    def _ranked(self, name: str, k: int, scales: list[np.ndarray], palette: Palette) -> RankedCompound:
        marks = []
        for m, scale in enumerate(scales):
            a, half = float(scale[k]), 0.02 + 0.04 * ((7 * k + m) % 5) / 4
            marks.append(ScaleMark(_title(m), palette.models[m], a, (a - half, a + half), corrected=m == 2, enough_signal=k % 11 != 9))
        return RankedCompound(name, tuple(marks), detail="3 frames, 72 force components")

    def _entry(self, name: str, k: int, scale: np.ndarray) -> CompoundEntry:
        a = float(scale[k])
        enough = k % 11 != 9
        verdict = ("soft" if a < 0.95 else "stiff" if a > 1.05 else "good") if enough else "not enough signal"
        error = abs(1 - a) + 0.05
        shown, interval = (a, (a - 0.03, a + 0.04)) if enough else (None, None)
        energy, rms = a + 0.02, 1.4 + 0.1 * k
        return CompoundEntry(name, name, _title(0), 3, 72, shown, interval, error, error / 2, 0.96, rms, -0.002, energy, verdict)


def _title(model: int) -> str:
    return ("CHGNet 0.3.0", "M3GNet 2021.2.8", "CHGNet 0.3.0 × 1.19")[model % 3]


def _panel(layout: QVBoxLayout | QHBoxLayout) -> QFrame:
    frame = QFrame()
    frame.setProperty("role", "panel")
    layout.setContentsMargins(12, 10, 12, 12)
    layout.setSpacing(8)
    frame.setLayout(layout)
    return frame
