"""The wizard's window: a rail of six steps, one question a page, every step kept and redoable."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from guiapp.ui.session import Session
from guiapp.ui.theme import Palette
from guiapp.ui.what_is_this import WhatIsThis
from guiapp.ui.wizard.choice_page import ChoicePage
from guiapp.ui.wizard.choosing import Choosing
from guiapp.ui.wizard.export_desk import ExportDesk
from guiapp.ui.wizard.export_page import ExportPage
from guiapp.ui.wizard.fit_desk import FitDesk
from guiapp.ui.wizard.fit_page import FitPage
from guiapp.ui.wizard.fitting import Fitting
from guiapp.ui.wizard.flow import CorrectionFlow
from guiapp.ui.wizard.label_desk import LabelDesk
from guiapp.ui.wizard.label_page import LabelPage
from guiapp.ui.wizard.labelling import Labelling
from guiapp.ui.wizard.memory import WizardMemory
from guiapp.ui.wizard.page import WizardPage
from guiapp.ui.wizard.target_page import TargetPage
from guiapp.ui.wizard.verdict_page import VerdictPage

STEPS = ("Target", "Which structure?", "Get the label", "Fit", "Verdict", "Take it away")
TARGET, CHOICE, LABEL, FIT, VERDICT, EXPORT = range(len(STEPS))


class CorrectionWizard(QDialog):
    """Next, Next, Next works: each page has a sensible choice made already. Closing it hides it; what runs goes on.

    Signals:
        frame_requested: A ``Frame`` to show in the viewer.
        model_requested: Name of another model to correct.
        refused: A ``UserFacingError``.
        crashed: An exception that is a bug.
    """

    frame_requested = Signal(object)
    model_requested = Signal(str)
    refused = Signal(object)
    crashed = Signal(object)

    def __init__(self, session: Session, model: str, memory: WizardMemory, palette: Palette, parent: QWidget | None = None) -> None:
        """Open on the page on which it was left.

        Args:
            session: Whose structures and results are used.
            model: Name of the model to correct.
            memory: What an earlier session kept.
            palette: Colours.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self.setModal(False)
        self.resize(960, 680)
        self.setMinimumSize(720, 480)
        self.flow = CorrectionFlow(session, model, memory, self)
        self.desk = LabelDesk(session.background, self.flow.card.functional, self)
        self.fits = FitDesk(self.flow, self)
        self.exports = ExportDesk(self.flow, self.fits, self)
        self.setWindowTitle(f"Correct {self.flow.title}")
        own = palette.of_model(self.flow.color_index)
        self.target, self.choice, self.label = TargetPage(own), ChoicePage(own), LabelPage(own)
        self.fit, self.verdict, self.export = FitPage(own), VerdictPage(own), ExportPage(own)
        self.pages: tuple[WizardPage, ...] = (self.target, self.choice, self.label, self.fit, self.verdict, self.export)
        self.stack = QStackedWidget()
        self.rail = [QPushButton() for _ in STEPS]
        self.back, self.next = QPushButton("Back"), QPushButton("Next")
        self.next.setProperty("role", "primary")
        self.next.setDefault(True)
        self.what = WhatIsThis("correction", palette)
        self.what.setText("What is this?")
        self.what.setFixedSize(self.what.fontMetrics().horizontalAdvance("What is this?") + 26, 26)
        self._returning = 0
        self._lay_out()
        self.choosing, self.labelling, self.fitting = Choosing(self), Labelling(self), Fitting(self)
        for page in self.pages:
            page.ready_changed.connect(self._refresh)
        for button in self.rail:
            button.clicked.connect(self._go_to_rail)
        self.back.clicked.connect(self.go_back)
        self.next.clicked.connect(self.go_on)
        self.flow.restored.connect(self._remember_place)
        self.flow.ground_changed.connect(self._follow_ground)
        self.set_palette(palette)
        self._go(TARGET)

    def set_palette(self, palette: Palette) -> None:
        """Repaint in another theme, with the model in the colour that it has everywhere."""
        own = palette.of_model(self.flow.color_index)
        self._rail.setStyleSheet(f"QFrame#rail {{ background: {palette.surface}; border: none; border-right: 1px solid {palette.line}; }}")
        for page in self.pages:
            page.set_palette(own)
        self.what.set_palette(palette)

    @property
    def step(self) -> int:
        """Place of the page in front."""
        return self.stack.currentIndex()

    def shut_down(self) -> None:
        """End what runs; all of it can be gone on with the next time."""
        self.desk.shut_down()
        self.choosing.shut_down()
        self.fits.shut_down()
        self.exports.shut_down()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Hide; every step is kept."""
        event.accept()

    def reject(self) -> None:
        """Hide on Esc, as on closing."""
        self.close()

    # ---- moving

    @Slot()
    def go_on(self) -> None:
        """Go to the next page; on the last one close."""
        if self.step == EXPORT:
            self.close()
            return
        step = self.step + 1
        self.flow.choose(reached=max(self.flow.choices.reached, step), step=step)
        self._go(step)

    @Slot()
    def go_back(self) -> None:
        """Go to the page before; nothing is lost."""
        self._go(max(0, self.step - 1))

    @Slot()
    def _go_to_rail(self) -> None:
        self._go(self.rail.index(self.sender()))  # type: ignore[arg-type]

    def _go(self, step: int) -> None:
        self._prepare(step)
        self.stack.setCurrentIndex(step)
        self.what.set_term(self.pages[step].term)
        if step != self.flow.choices.step:
            self.flow.choose(step=step)
        self._refresh()
        (self.next if self.next.isEnabled() else self).setFocus()

    def _prepare(self, step: int) -> None:
        """Show on a page what holds now, as it is reached."""
        show = (
            self.choosing.show_target,
            self.choosing.show_choice,
            self.labelling.show_labels,
            self.fitting.reach_fit,
            self.fitting.show_verdict,
            self.fitting.show_export,
        )
        show[step]()

    @Slot()
    def _follow_ground(self) -> None:
        """Show everywhere what follows from other frames, results or labels."""
        self.choosing.show_target()
        if self.flow.is_ready:
            self.choosing.show_choice()
            self.labelling.show_labels()
            self.fits.refit()
            if self.step >= VERDICT:
                self.fits.judge()
            self._return_to_place()

    @Slot()
    def _remember_place(self) -> None:
        self._returning = self.flow.choices.step

    def _return_to_place(self) -> None:
        """Go, page by page, to where the wizard was left, as far as what was chosen then still holds."""
        if not self._returning:
            return
        wanted, self._returning = self._returning, 0
        for step in range(1, wanted + 1):
            if not self.pages[step - 1].is_ready and step <= FIT:
                break
            self._go(step)

    @Slot()
    def _refresh(self) -> None:
        step, reached = self.step, self.flow.choices.reached
        for place, button in enumerate(self.rail):
            done = place < step or place <= reached
            button.setText(f"{'✓' if done and place != step else place + 1}  {STEPS[place]}")
            button.setChecked(place == step)
            button.setEnabled(place <= max(reached, step))
        self.back.setEnabled(step > 0)
        self.next.setText("Close" if step == EXPORT else self.pages[step].next_words)
        self.next.setEnabled(self.pages[step].is_ready)
        self._fill_next(filled=step != EXPORT)  # there the export is what one wants

    def _fill_next(self, *, filled: bool) -> None:
        """Let Next be the one filled button of the page, or leave that to another."""
        role = "primary" if filled else ""
        if self.next.property("role") != role:
            self.next.setProperty("role", role)
            self.next.style().unpolish(self.next)
            self.next.style().polish(self.next)

    # ---- layout

    def _lay_out(self) -> None:
        side = QVBoxLayout()
        side.setContentsMargins(12, 20, 8, 16)
        side.setSpacing(2)
        heading = QLabel(f"Correct {self.flow.title}")
        heading.setProperty("role", "section")
        heading.setWordWrap(True)
        heading.setContentsMargins(8, 0, 0, 8)
        side.addWidget(heading)
        for button in self.rail:
            button.setProperty("role", "tab")
            button.setCheckable(True)
            button.setStyleSheet("text-align: left;")
            button.setAutoDefault(False)
            side.addWidget(button)
        side.addStretch(1)
        kept = QLabel("Every step is kept. Close and come back at any time.")
        kept.setProperty("role", "small")
        kept.setWordWrap(True)
        kept.setContentsMargins(8, 0, 0, 0)
        side.addWidget(kept)
        self._rail = QFrame()
        self._rail.setObjectName("rail")
        self._rail.setFixedWidth(190)
        self._rail.setLayout(side)
        for page in self.pages:
            self.stack.addWidget(page)
        foot = QHBoxLayout()
        foot.setContentsMargins(24, 8, 24, 16)
        foot.setSpacing(8)  # else that of the row it comes into, which has none
        foot.addWidget(self.what)
        foot.addStretch(1)
        self.back.setAutoDefault(False)
        foot.addWidget(self.back)
        foot.addWidget(self.next)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.addWidget(self.stack, 1)
        right.addLayout(foot)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._rail)
        row.addLayout(right, 1)
