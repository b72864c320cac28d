"""The expert section: the numbers of a training; the paper's where nobody touches them."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QDoubleSpinBox, QGridLayout, QLabel, QPushButton, QSpinBox, QWidget

from guiapp.correction.training_record import Recipe
from guiapp.ui.wizard.page import Card, padded

_COLUMNS = 3


class RecipeForm(Card):
    """Closed until it is asked for.

    Signals:
        changed: The ``Recipe``.
    """

    changed = Signal(object)

    def __init__(self) -> None:
        """Build it with the paper's recipe."""
        super().__init__()
        self._recipe = Recipe()
        self.toggle = QPushButton("For experts: the numbers of the training")
        self.toggle.setCheckable(True)
        self.toggle.setProperty("role", "link")
        self.toggle.setStyleSheet("text-align: left;")
        self.epochs = _whole(1, 5000)
        self.early_stop = _whole(0, 5000)
        self.early_stop.setSpecialValueText("never")
        self.batch = _whole(1, 64)
        self.learning_rate = _number(1e-6, 0.1, 6, 1e-4)
        self.energy, self.force, self.stress = (_number(0, 10000, 2, 1) for _ in range(3))
        self.validation = _number(0, 0.5, 2, 0.05)
        self.averaging = _number(0, 0.9999, 4, 0.01)
        self.averaging.setSpecialValueText("off")
        self.replay = _number(0, 10, 1, 0.5)
        self.replay.setSpecialValueText("off")
        self.taylor, self.consistency = (_number(0, 10000, 2, 1) for _ in range(2))
        for box in (self.taylor, self.consistency):
            box.setSpecialValueText("off")
        self._grid_widget = QWidget()
        grid = QGridLayout(self._grid_widget)
        grid.setContentsMargins(0, 0, 0, 0)
        entries: tuple[tuple[str, QSpinBox | QDoubleSpinBox, str], ...] = (
            ("epochs", self.epochs, "Passes over all labels"),
            ("learning rate", self.learning_rate, "Of Adam in the first epoch; falls along half a cosine to 1e-5"),
            ("frames a step", self.batch, "Batch size"),
            ("energy weight", self.energy, "Of the squared error in eV/atom"),
            ("force weight", self.force, "Of the squared error in eV/Å"),
            ("stress weight", self.stress, "Of the squared error in GPa"),
            ("held-out share", self.validation, "Labels that choose the best epoch and are not trained on"),
            ("early stop after", self.early_stop, "Epochs without a better held-out error"),
            ("weight averaging", self.averaging, "Decay of an exponential moving average, e.g. 0.99"),
            ("replay", self.replay, "General frames an epoch, as a multiple of the labels: keeps the model from forgetting"),
            ("Taylor weight", self.taylor, "Lets energies a little away agree with the forces; helps where labels are few"),
            ("two-route weight", self.consistency, "Lets two routes to one point give one energy; helps where labels are few"),
        )
        for k, (name, entry, tip) in enumerate(entries):
            label = QLabel(name)
            label.setProperty("role", "small")
            entry.setAccessibleName(f"{name}: {tip}")
            entry.setToolTip(tip)
            label.setToolTip(tip)
            row, column = divmod(k, _COLUMNS)
            grid.addWidget(label, row, 2 * column)
            grid.addWidget(entry, row, 2 * column + 1)
            entry.valueChanged.connect(self._tell)
        self.column.addWidget(self.toggle)
        self.column.addWidget(self._grid_widget)
        self._grid_widget.hide()
        self.toggle.toggled.connect(self._grid_widget.setVisible)
        self.show_recipe(self._recipe)

    @property
    def recipe(self) -> Recipe:
        """What is set."""
        return replace(
            self._recipe,
            epochs=self.epochs.value(),
            learning_rate=self.learning_rate.value(),
            last_learning_rate=min(self._recipe.last_learning_rate, self.learning_rate.value()),
            energy_weight=self.energy.value(),
            force_weight=self.force.value(),
            stress_weight=self.stress.value(),
            validation_share=self.validation.value(),
            batch_frames=self.batch.value(),
            early_stop=self.early_stop.value() or None,
            averaging=self.averaging.value() or None,
            replay_share=self.replay.value(),
            taylor_weight=self.taylor.value(),
            consistency_weight=self.consistency.value(),
        )

    def show_recipe(self, recipe: Recipe) -> None:
        """Set every number."""
        self._recipe = recipe
        values: tuple[tuple[QSpinBox | QDoubleSpinBox, float], ...] = (
            (self.epochs, recipe.epochs),
            (self.learning_rate, recipe.learning_rate),
            (self.batch, recipe.batch_frames),
            (self.energy, recipe.energy_weight),
            (self.force, recipe.force_weight),
            (self.stress, recipe.stress_weight),
            (self.validation, recipe.validation_share),
            (self.early_stop, recipe.early_stop or 0),
            (self.averaging, recipe.averaging or 0),
            (self.replay, recipe.replay_share),
            (self.taylor, recipe.taylor_weight),
            (self.consistency, recipe.consistency_weight),
        )
        for box, value in values:
            box.blockSignals(True)
            box.setValue(value)  # type: ignore[arg-type]
            box.blockSignals(False)

    @Slot()
    def _tell(self) -> None:
        self.changed.emit(self.recipe)


def _whole(low: int, high: int) -> QSpinBox:
    box = QSpinBox()
    box.setRange(low, high)
    padded(box)
    return box


def _number(low: float, high: float, decimals: int, step: float) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setDecimals(decimals)
    box.setRange(low, high)
    box.setSingleStep(step)
    padded(box)
    return box
