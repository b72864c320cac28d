"""Page 4: the fit."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QRadioButton

from guiapp.correction.scalar_fit import ScalarFit, ScalarMethod
from guiapp.physics.bootstrap import Interval
from guiapp.ui.wizard.page import WizardPage, card, words


class FitPage(WizardPage):
    """One scalar, by least squares or slope matching, both shown with their uncertainty.

    Signals:
        method_changed: The chosen ``ScalarMethod``.
    """

    method_changed = Signal(object)
    term = "least-squares c"

    def __init__(self) -> None:
        """Build the page, empty."""
        super().__init__(
            "Fit the correction", "One number c multiplies interaction energy, forces and stress. It moves no equilibrium structure."
        )
        self.least_squares = QRadioButton("Best fit (least squares): the smallest force error")
        self.slope_matching = QRadioButton("Slope matching: brings the scale to 1")
        self._group = QButtonGroup(self)
        for button in (self.least_squares, self.slope_matching):
            self._group.addButton(button)
            self.body.addWidget(button)
        self.least_squares.setChecked(True)
        box, column = card()
        self.result, self.caution = words(), words(role="small")
        column.addWidget(self.result)
        column.addWidget(self.caution)
        self.body.addWidget(box)
        self.body.addWidget(
            words(
                "Training the readout or all weights on several labels is done from the command line in this version: "
                "<code>correct DATA --model NAME --method full --labels 10</code>.",
                "small",
            )
        )
        self.body.addStretch(1)
        self._group.buttonClicked.connect(self._tell)
        self._fit: ScalarFit | None = None

    @property
    def method(self) -> ScalarMethod:
        """The chosen method."""
        return ScalarMethod.LEAST_SQUARES if self.least_squares.isChecked() else ScalarMethod.SLOPE_MATCHING

    @property
    def is_ready(self) -> bool:
        """The labels determine c."""
        return self._fit is not None

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
                f"<b>c = {fit.c:.3f}</b>. Best fit {least}; slope matching {matching}.<br>"
                "Energies × c, frequencies × √c, barriers × c. Nothing else changes."
            )
            self.caution.setText(fit.caution)
        self.ready_changed.emit()

    @Slot()
    def _tell(self) -> None:
        self.method_changed.emit(self.method)


def _within(interval: Interval | None) -> str:
    return "" if interval is None else f" (95 % CI {interval.low:.3f} to {interval.high:.3f})"
