"""The reference-energy doctor in the window: have the energies of a set and of a model the same zero, and if not, why?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from guiapp.frames.energy_doctor import EnergyDiagnosis, diagnose_energies
from guiapp.frames.frame import Frame
from guiapp.frames.reference_set import ReferenceSet
from guiapp.potentials.potential import Prediction
from guiapp.ui.background import Background
from guiapp.ui.theme import Palette
from guiapp.ui.what_is_this import WhatIsThis
from guiapp.ui.workers.task_thread import TaskThread

_COLUMNS = ("Element", "Offset, eV/atom", "± standard error", "Compositions")
_ALIGNMENTS = {
    "none": "Energies need no alignment.",
    "composition": "Energies are aligned per composition.",
    "element": "Energies are aligned per element.",
}


@dataclass(frozen=True, eq=False)
class ModelEnergies:
    """What one model said about the frames of the project."""

    title: str
    """What the window calls the model."""
    predictions: Mapping[str, Prediction]
    """By content hash."""


class EnergyCard(QDialog):
    """A window of its own that blocks nothing.

    Signals:
        benchmark_requested: Frames of the set, for which a model's energies are not known yet.
    """

    benchmark_requested = Signal(object)

    def __init__(
        self,
        one: ReferenceSet,
        models: Sequence[ModelEnergies],
        background: Background,
        palette: Palette,
        parent: QWidget | None = None,
    ) -> None:
        """Diagnose a set against the first model that was asked about it.

        Args:
            one: The set.
            models: The project's models; those without a prediction for the set are offered too, and say so.
            background: Runs the diagnosis.
            palette: Colours.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self.setWindowTitle(f"Reference energies · {one.title}")
        self.setModal(False)
        self.resize(640, 520)
        self._set, self._models, self._background = one, tuple(models), background
        self._task: TaskThread | None = None
        self.headline, self.numbers, self.advice, self.alignment = (self._words(role) for role in ("headline", "muted", "", ""))
        self.model_box = QComboBox()
        self.model_box.setAccessibleName("Model whose energies are compared")
        self.model_box.addItems([model.title for model in models])
        self.offsets = QTableWidget(0, len(_COLUMNS))
        self.offsets.setAccessibleName("Offset of each element")
        self.offsets.setHorizontalHeaderLabels(_COLUMNS)
        self.offsets.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.offsets.verticalHeader().hide()
        self.offsets.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.run_button = QPushButton("Run benchmark…")
        self.run_button.setAutoDefault(False)
        self.run_button.clicked.connect(self._ask_for_benchmark)
        self.close_button = QPushButton("Close")
        self.close_button.setDefault(True)
        self.close_button.clicked.connect(self.close)
        self._build(palette)
        known = [place for place, model in enumerate(self._models) if self._both(model)]
        self.model_box.setCurrentIndex(known[0] if known else 0)
        self.model_box.currentIndexChanged.connect(self._diagnose)
        self._diagnose()

    def _build(self, palette: Palette) -> None:
        top = QHBoxLayout()
        top.addWidget(self.headline, 1)
        top.addWidget(WhatIsThis("reference energies", palette))
        choice = QHBoxLayout()
        choice.addWidget(QLabel("against"))
        choice.addWidget(self.model_box, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.run_button)
        foot.addStretch(1)
        foot.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(10)
        layout.addLayout(top)
        layout.addLayout(choice)
        for words in (self.numbers, self.advice):
            layout.addWidget(words)
        layout.addWidget(self.offsets, 1)
        layout.addWidget(self.alignment)
        layout.addLayout(foot)

    def _words(self, role: str) -> QLabel:
        label = QLabel()
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        if role:
            label.setProperty("role", role)
        return label

    def _both(self, model: ModelEnergies) -> list[tuple[Frame, float]]:
        """Return the frames that have an energy from DFT and from the model, with the latter, eV."""
        return [
            (frame, model.predictions[frame.content_hash].energy)
            for frame in self._set.frames
            if frame.energy is not None and frame.content_hash in model.predictions
        ]

    @Slot()
    def _diagnose(self) -> None:
        place = self.model_box.currentIndex()
        both = self._both(self._models[place]) if place >= 0 else []
        self.offsets.setRowCount(0)
        self.offsets.setVisible(bool(both))
        self.run_button.setVisible(not both)
        self.advice.clear()
        self.alignment.clear()
        if self._task is not None:
            self._task.state.cancel()
            self._task = None
        if not both:
            has_energies = any(frame.energy is not None for frame in self._set.frames)
            self.headline.setText("Not compared yet" if has_energies else "The set has no energies")
            self.numbers.setText(
                "The doctor compares the energies of this set with a model's. Run a benchmark of it first."
                if has_energies
                else "Forces need none; softening scales are not affected."
            )
            self.run_button.setVisible(has_energies)
            return
        self.headline.setText("Comparing energies…")
        self.numbers.clear()
        frames, energies = [frame for frame, _ in both], [energy for _, energy in both]
        self._task = self._background.start(lambda _state: (place, diagnose_energies(frames, energies)), self._show_found)

    @Slot(object)
    def _show_found(self, found: tuple[int, EnergyDiagnosis]) -> None:
        place, diagnosis = found
        if place != self.model_box.currentIndex():  # another model was picked meanwhile
            return
        self._task = None
        self.headline.setText(diagnosis.headline)
        numbers = (
            f"E(DFT) − E(model), {diagnosis.n_frames:,} frames of {diagnosis.n_compositions:,} compositions: median"
            f" {_signed(diagnosis.median_difference, 3)} eV/atom, spread {diagnosis.spread_before:.3f}"
        )
        if diagnosis.constants_tested:
            numbers += f"; {diagnosis.spread_after:.3f} after one constant for each element"
        self.numbers.setText(numbers)
        self.advice.setText("\n\n".join(f"{one.words} {one.advice}".strip() for one in diagnosis.suspicions))
        self.advice.setVisible(bool(diagnosis.suspicions))
        self.alignment.setText(f"{_ALIGNMENTS[diagnosis.alignment]} {diagnosis.reason} Forces need none.")
        self._fill(diagnosis)

    def _fill(self, diagnosis: EnergyDiagnosis) -> None:
        self.offsets.setVisible(diagnosis.alignment != "none")
        self.offsets.setRowCount(len(diagnosis.offsets))
        for row, one in enumerate(diagnosis.offsets):
            undetermined = math.isnan(one.offset)
            offset = "not told apart" if undetermined else _signed(one.offset, 2)
            error = "" if math.isnan(one.error) else f"{one.error:.2f}"
            for column, words in enumerate((one.symbol, offset, error, str(one.n_compositions))):
                item = QTableWidgetItem(words)
                if column:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.offsets.setItem(row, column, item)

    @Slot()
    def _ask_for_benchmark(self) -> None:
        self.benchmark_requested.emit(self._set.frames)
        self.close()


def _signed(value: float, digits: int) -> str:
    return f"{value:+.{digits}f}".replace("-", "−")
