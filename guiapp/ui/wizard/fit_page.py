"""Page 4: the fit."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QWidget

from guiapp.correction.corrected import FEWEST_FOR_ALL, FEWEST_FOR_READOUT, Method
from guiapp.correction.scalar_fit import ScalarFit, ScalarMethod
from guiapp.correction.training_record import Recipe
from guiapp.physics.bootstrap import Interval
from guiapp.ui.theme import Palette
from guiapp.ui.wizard.page import WizardPage, card, words
from guiapp.ui.wizard.recipe_form import RecipeForm
from guiapp.ui.wizard.training_panel import TrainingPanel

_TITLES = {Method.SCALE: "One scalar", Method.READOUT: "Readout layer only", Method.FULL: "All parameters"}


class FitPage(WizardPage):
    """One scalar, the readout, or all parameters; the number of labels decides what is preselected.

    Signals:
        method_changed: The chosen ``Method``.
        scalar_method_changed: The chosen ``ScalarMethod``.
        recipe_changed: The chosen ``Recipe``.
    """

    method_changed = Signal(object)
    scalar_method_changed = Signal(object)
    recipe_changed = Signal(object)
    term = "least-squares c"

    def __init__(self, palette: Palette) -> None:
        """Build the page, empty."""
        super().__init__("Fit the correction", "How much is learnt follows from how many labels there are.")
        self._fit: ScalarFit | None = None
        self._is_fitted = False
        self._methods = QButtonGroup(self)
        self.methods = {method: QRadioButton(title) for method, title in _TITLES.items()}
        self.hints = {method: words(role="small") for method in _TITLES}
        for method, button in self.methods.items():
            self._methods.addButton(button)
            self.hints[method].setContentsMargins(25, 0, 0, 0)
            self.body.addWidget(button)
            self.body.addWidget(self.hints[method])
        self.least_squares = QRadioButton("Best fit (least squares)")
        self.slope_matching = QRadioButton("Slope matching (scale 1 on the labels)")
        self._scalars = QButtonGroup(self)
        row = QHBoxLayout()
        for button in (self.least_squares, self.slope_matching):
            self._scalars.addButton(button)
            row.addWidget(button)
        row.addStretch(1)
        self.least_squares.setChecked(True)
        self.scalar_box, column = card()
        self.result, self.caution = words(), words(role="small")
        column.addLayout(row)
        column.addWidget(self.result)
        column.addWidget(self.caution)
        self.training = TrainingPanel(palette)
        self.recipe = RecipeForm()
        self.body.addWidget(self.scalar_box)
        self.body.addWidget(self.training)
        self.body.addWidget(self.recipe)
        self.body.addStretch(1)
        self._methods.buttonClicked.connect(self._tell_method)
        self._scalars.buttonClicked.connect(self._tell_scalar)
        self.recipe.changed.connect(self.recipe_changed)
        self.show_method(Method.SCALE, 1, trainable=True)

    @property
    def method(self) -> Method:
        """The chosen method."""
        return next((method for method, button in self.methods.items() if button.isChecked()), Method.SCALE)

    @property
    def scalar_method(self) -> ScalarMethod:
        """How c is fitted."""
        return ScalarMethod.LEAST_SQUARES if self.least_squares.isChecked() else ScalarMethod.SLOPE_MATCHING

    @property
    def is_ready(self) -> bool:
        """There is a corrected model to judge."""
        return self._is_fitted and not self.training.is_running

    def show_method(self, method: Method, n_labels: int, *, trainable: bool) -> None:
        """Preselect a method and say what each needs.

        Args:
            method: The one to tick.
            n_labels: How many labels are fitted.
            trainable: Whether the model's weights can be trained here.
        """
        self.methods[method].setChecked(True)
        for one in (Method.READOUT, Method.FULL):
            self.methods[one].setEnabled(trainable)
        self.hints[Method.SCALE].setText("1 label is enough; at once; moves no equilibrium structure")
        if trainable:
            labels = f"; there {'is' if n_labels == 1 else 'are'} {n_labels}"
            self.hints[Method.READOUT].setText(f"from about {FEWEST_FOR_READOUT} labels{labels}")
            self.hints[Method.FULL].setText(f"from about {FEWEST_FOR_ALL} labels{labels}; minutes; may forget other chemistries")
        else:
            for one in (Method.READOUT, Method.FULL):
                self.hints[one].setText("models of this family cannot be trained here")
        self._show_parts()

    def show_scalar_method(self, method: ScalarMethod) -> None:
        """Tick how c is fitted."""
        (self.least_squares if method is ScalarMethod.LEAST_SQUARES else self.slope_matching).setChecked(True)

    def show_recipe(self, recipe: Recipe) -> None:
        """Set the numbers of the expert section."""
        self.recipe.show_recipe(recipe)

    def show_fit(self, fit: ScalarFit | None, problem: str = "") -> None:
        """Show the fitted scalar, or why there is none."""
        self._fit = fit
        if fit is None:
            self.result.setText(problem)
            self.caution.setText("")
        else:
            least = f"{fit.c_least_squares:.3f}{_within(fit.interval_least_squares)}"
            matching = f"{fit.c_slope_matching:.3f}{_within(fit.interval_slope_matching)}"
            self.result.setText(
                f"<b>c = {fit.c:.3f}</b>. Best fit of the forces {least} · slope matching {matching}.<br>"
                "Energies × c, frequencies × √c, barriers × c. Nothing else changes."
            )
            self.caution.setText(fit.caution)
        self.caution.setVisible(bool(self.caution.text()))

    def show_fitted(self, fitted: bool) -> None:  # noqa: FBT001 - reads as the Qt setter that it is
        """Say whether there is something to judge."""
        self._is_fitted = fitted
        self.ready_changed.emit()

    def set_palette(self, palette: Palette) -> None:
        """Repaint in another theme."""
        self.training.set_palette(palette)

    def _show_parts(self) -> None:
        scalar = self.method is Method.SCALE
        self.scalar_box.setVisible(scalar)
        for part in (self.training, self.recipe):
            widget: QWidget = part
            widget.setVisible(not scalar)

    @Slot()
    def _tell_method(self) -> None:
        self._show_parts()
        self.method_changed.emit(self.method)

    @Slot()
    def _tell_scalar(self) -> None:
        self.scalar_method_changed.emit(self.scalar_method)


def _within(interval: Interval | None) -> str:
    return "" if interval is None else f" (95 % CI {interval.low:.3f} to {interval.high:.3f})"
