"""Page 3: the DFT label of the chosen structures: there already, by input that is written here, or by GPAW on this computer."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QLabel, QRadioButton, QStackedWidget, QWidget

from guiapp.correction.dft_result import Check
from guiapp.frames.frame import Frame
from guiapp.report.formula_text import subscripted
from guiapp.ui.theme import Palette
from guiapp.ui.wizard.gpaw_panel import GpawPanel
from guiapp.ui.wizard.input_panel import InputPanel
from guiapp.ui.wizard.label_search import Finding
from guiapp.ui.wizard.page import WizardPage, card, words

PRESENT, INPUT, GPAW = "present", "input", "gpaw"
_ROUTES = (PRESENT, INPUT, GPAW)


@dataclass(frozen=True, eq=False)
class LabelState:
    """One structure that is to be labelled, and what is known of its label."""

    frame: Frame
    role: str
    """``fit`` or ``judge``."""
    checks: tuple[Check, ...]
    """Of its label; empty while it waits."""
    source: str = ""
    """Functional and code of the label."""

    @property
    def is_labelled(self) -> bool:
        """Whether its label may be fitted."""
        return bool(self.checks) and not any(check.passed is False for check in self.checks)


class LabelPage(WizardPage):
    """Which structures wait for a label, how it comes, and what was checked of it.

    Signals:
        route_changed: ``present``, ``input`` or ``gpaw``.
    """

    route_changed = Signal(str)
    term = "label"
    takes_files = True

    def __init__(self, palette: Palette) -> None:
        """Build the page, empty."""
        super().__init__("Get its DFT label", "Energy and forces of exactly this geometry, by the functional of the model's training data.")
        self._palette = palette
        self._states: tuple[LabelState, ...] = ()
        self._refused: tuple[Finding, ...] = ()
        self._group = QButtonGroup(self)
        self.buttons = {PRESENT: QRadioButton("It is already labelled"), INPUT: QRadioButton("Write DFT input for me")}
        self.buttons[GPAW] = QRadioButton("Run GPAW on this computer")
        self.hints = {route: words(role="small") for route in _ROUTES}
        self.hints[INPUT].setText("VASP, Quantum ESPRESSO, CP2K or GPAW; then drop the result here")
        self.hints[GPAW].setText("one core; about 1 to 2 minutes of processor time for 8 atoms, much longer for more")
        for route in _ROUTES:
            self._group.addButton(self.buttons[route])
            self.hints[route].setContentsMargins(25, 0, 0, 0)
            self.body.addWidget(self.buttons[route])
            self.body.addWidget(self.hints[route])
        self.input, self.gpaw = InputPanel(), GpawPanel()
        self.panels = QStackedWidget()
        self._nothing = QLabel()
        for panel in (self._nothing, self.input, self.gpaw):
            self.panels.addWidget(panel)
        box, column = card()
        self.status = words()
        self.status.setTextFormat(Qt.TextFormat.RichText)
        self.status.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(self.status)
        self.body.addWidget(self.panels)
        self.body.addWidget(box)
        self.body.addStretch(1)
        self._group.buttonClicked.connect(self._tell_route)
        self.show_route(PRESENT)

    @property
    def is_ready(self) -> bool:
        """Every structure that is to be fitted has a label, and nothing is computing."""
        fitted = [state for state in self._states if state.role == "fit"]
        return bool(fitted) and all(state.is_labelled for state in fitted) and not self.gpaw.is_running

    @property
    def route(self) -> str:
        """How the label comes."""
        return next((route for route, button in self.buttons.items() if button.isChecked()), PRESENT)

    @property
    def states(self) -> tuple[LabelState, ...]:
        """What is shown."""
        return self._states

    def show_route(self, route: str) -> None:
        """Show one of the three ways."""
        self.buttons[route].setChecked(True)
        panels: dict[str, QWidget] = {PRESENT: self._nothing, INPUT: self.input, GPAW: self.gpaw}
        panel = panels[route]
        self.panels.setCurrentWidget(panel)
        self.panels.setVisible(route != PRESENT)
        self.panels.setMaximumHeight(panel.sizeHint().height() if route != PRESENT else 0)

    def show_labels(self, states: Sequence[LabelState], refused: Sequence[Finding]) -> None:
        """Show which structures have their label, what was checked, and which results were refused.

        Args:
            states: Structures to fit, and those to judge on.
            refused: Results that cannot be used, the newest last.
        """
        self._states, self._refused = tuple(states), tuple(refused)
        all_there = all(state.is_labelled for state in states)
        self.buttons[PRESENT].setEnabled(all_there)
        sources = ", ".join(dict.fromkeys(state.source for state in states if state.source))
        self.hints[PRESENT].setText((sources or "functional and code not recorded") if all_there else "not yet")
        self._refresh()
        self.ready_changed.emit()

    def set_palette(self, palette: Palette) -> None:
        """Repaint in another theme."""
        self._palette = palette
        self._refresh()

    def refit_panel(self) -> None:
        """Give the panel in front the height that it needs now."""
        panel = self.panels.currentWidget()
        if self.route != PRESENT and panel is not None:
            self.panels.setMaximumHeight(panel.sizeHint().height())

    def _refresh(self) -> None:
        lines = []
        for state in self._states:
            name = html.escape(f"{subscripted(state.frame.compound)} {state.frame.name}".strip())
            role = "to fit" if state.role == "fit" else "to judge"
            waits = "" if state.checks else " waits for its label"
            lines.append(f"<b>{name}</b> <span style='color:{self._palette.muted}'>{role}{waits}</span>")
            lines += [self._line(check) for check in state.checks]
        for finding in self._refused[-4:]:
            path = html.escape(str(finding.path))
            lines.append(f"<span style='color:{self._palette.muted}'>{path}</span>")
            lines += [self._line(check) for check in finding.checks if check.passed is not True]
        self.status.setText("<br>".join(lines))

    def _line(self, check: Check) -> str:
        p = self._palette
        mark, color = {True: ("✓", p.good), False: ("✗", p.bad), None: ("!", p.warn)}[check.passed]
        advice = f" {html.escape(check.advice)}" if check.advice and check.passed is not True else ""
        return f"<span style='color:{color}'>{mark}</span> {html.escape(check.what)}{advice}"

    @Slot()
    def _tell_route(self) -> None:
        self.show_route(self.route)
        self.route_changed.emit(self.route)
