"""The wizard's window: a rail of six steps, one question a page, every step kept and redoable."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from guiapp.correction.scalar_fit import ScalarFit
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.registry import find_card
from guiapp.ui.session import Session
from guiapp.ui.theme import Palette
from guiapp.ui.what_is_this import WhatIsThis
from guiapp.ui.wizard.choice_page import ChoicePage
from guiapp.ui.wizard.export_page import ExportPage
from guiapp.ui.wizard.export_process import ExportOrder
from guiapp.ui.wizard.fit_page import FitPage
from guiapp.ui.wizard.label_page import LabelPage
from guiapp.ui.wizard.page import WizardPage
from guiapp.ui.wizard.steps import KnownFrames, Proposal, fit_labels, judge, propose, suggest_target
from guiapp.ui.wizard.target_page import TargetPage
from guiapp.ui.wizard.verdict_page import VerdictPage
from guiapp.ui.workers.export_thread import ExportThread

STEPS = ("Target", "Which structure?", "Get the label", "Fit", "Verdict", "Take it away")
_TARGET, _CHOICE, _LABEL, _FIT, _VERDICT, _EXPORT = range(len(STEPS))


class CorrectionWizard(QDialog):
    """Next, Next, Next works: each page has a sensible choice made already.

    Signals:
        frame_requested: A ``Frame`` to show in the viewer.
        refused: A ``UserFacingError``.
        crashed: An exception that is a bug.
    """

    frame_requested = Signal(object)
    refused = Signal(object)
    crashed = Signal(object)

    def __init__(self, session: Session, model: str, palette: Palette, parent: QWidget | None = None) -> None:
        """Open on the first page.

        Args:
            session: Whose structures and results are used.
            model: Name of the model to correct; it has results.
            palette: Colours.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self.setModal(False)
        self.resize(900, 620)
        self._session, self._model = session, model
        self._title = session.title(model)
        self.setWindowTitle(f"Correct {self._title}")
        self._known = KnownFrames.of(session.structures.frames, session.results.predictions(model), session.filter.max_force)
        self._proposal: Proposal | None = None
        self._labels: tuple[Frame, ...] = ()
        self._fit: ScalarFit | None = None
        self._export: ExportThread | None = None
        self._reached = 0
        self._wanted: tuple[str, ...] = ()
        self.target, self.choice, self.label = TargetPage(palette), ChoicePage(), LabelPage()
        self.fit, self.verdict, self.export = FitPage(), VerdictPage(palette), ExportPage()
        self.pages: tuple[WizardPage, ...] = (self.target, self.choice, self.label, self.fit, self.verdict, self.export)
        self.stack = QStackedWidget()
        self.rail = [QPushButton() for _ in STEPS]
        self.back, self.next = QPushButton("Back"), QPushButton("Next")
        self.next.setProperty("role", "primary")
        self.next.setDefault(True)
        self.what = WhatIsThis("correction", palette)
        self._lay_out()
        self._connect()
        best = suggest_target(self._known)
        self.target.offer(self._known.compounds, [best] if best else [])
        self._use_compounds((best,) if best else ())
        self._go(_TARGET)

    def set_palette(self, palette: Palette) -> None:
        """Repaint in another theme."""
        for page in self.pages:
            page.set_palette(palette)
        self.what.set_palette(palette)

    @property
    def step(self) -> int:
        """Place of the page in front."""
        return self.stack.currentIndex()

    def closeEvent(self, event: QCloseEvent) -> None:
        """End an export that runs."""
        self._give_up()
        super().closeEvent(event)

    # ---- pages

    @Slot(object)
    def _use_compounds(self, compounds: tuple[str, ...]) -> None:
        self._reached = _TARGET
        self._proposal = None
        self._wanted = compounds
        self.target.show_state(None, self._title)
        if compounds:
            known = self._known
            self._session.background.start(lambda _state: (compounds, propose(known, compounds)), self._take_proposal)

    @Slot(object)
    def _take_proposal(self, found: tuple[tuple[str, ...], Proposal]) -> None:
        compounds, proposal = found
        if compounds == self._wanted:  # else other compounds were ticked meanwhile
            self._proposal = proposal
            self.target.show_state(proposal.state, self._title)
            self.choice.show_ranking(proposal.ranking)

    @Slot(object)
    def _use_labels(self, labels: tuple[Frame, ...]) -> None:
        self._labels = labels
        self._reached = min(self._reached, _CHOICE)

    @Slot()
    def _refit(self) -> None:
        self._reached = min(self._reached, _FIT)
        try:
            self._fit = fit_labels(self._known, self._labels, self.fit.method)
        except UserFacingError as error:
            self._fit = None
            self.fit.show_fit(None, str(error))
        else:
            self.fit.show_fit(self._fit)
        self._refresh()

    def _judge(self) -> None:
        if self._proposal is not None and self._fit is not None:
            judgement = judge(self._known, self._proposal, self._labels, self._fit)
            self.verdict.show_verdict(judgement.verdict)
            self.export.show_verdict(judgement.verdict)

    def _prepare(self, step: int) -> None:
        """Compute what a page shows when it is reached for the first time or again after a change."""
        if step == _LABEL:
            hashes = {frame.content_hash for frame in self._labels}
            sets = self._session.structures.sets
            source = next((one for one in sets if any(f.content_hash in hashes for f in one.frames)), sets[0])
            self.label.show_labels(self._labels, source.provenance, find_card(self._model).functional)
        elif step == _FIT:
            self._refit()
        elif step == _VERDICT:
            self._judge()

    # ---- moving

    @Slot()
    def go_on(self) -> None:
        """Go to the next page; on the last one close."""
        if self.step == _EXPORT:
            self.close()
            return
        step = self.step + 1
        self._reached = max(self._reached, step)
        self._prepare(step)
        self._go(step)

    @Slot()
    def go_back(self) -> None:
        """Go to the page before; nothing is lost."""
        self._go(max(0, self.step - 1))

    @Slot()
    def _go_to_rail(self) -> None:
        self._go(self.rail.index(self.sender()))  # type: ignore[arg-type]

    def _go(self, step: int) -> None:
        self.stack.setCurrentIndex(step)
        self.what.set_term(self.pages[step].term)
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        step = self.step
        for place, button in enumerate(self.rail):
            done = place < step or place <= self._reached
            button.setText(f"{'✓' if done and place != step else place + 1}  {STEPS[place]}")
            button.setChecked(place == step)
            button.setEnabled(place <= self._reached)
        self.back.setEnabled(step > 0)
        self.next.setText("Close" if step == _EXPORT else self.pages[step].next_words)
        self.next.setEnabled(self.pages[step].is_ready)

    # ---- export

    @Slot(bool)
    def _ask_folder(self, override: bool) -> None:  # noqa: FBT001 - the signature of the page's signal
        name = QFileDialog.getExistingDirectory(self, "Folder in which the corrected model gets a folder of its own")
        if name:
            compounds = "-".join(dict.fromkeys(frame.formula for frame in self._labels))
            self.start_export(Path(name) / f"{self._model}-{compounds}", override=override)

    def start_export(self, folder: Path, *, override: bool) -> None:
        """Write the corrected model into a new folder, in a process of its own."""
        project = self._session.project
        if project is None or self._proposal is None or self._export is not None:
            return
        order = ExportOrder(
            project=str(project.path),
            model=self._model,
            compounds=self._proposal.state.compounds,
            labels=tuple(frame.content_hash for frame in self._labels),
            method=self.fit.method.value,
            max_force=self._session.filter.max_force,
            folder=str(folder),
            override=override,
        )
        thread = ExportThread(order, self)
        thread.noted.connect(self.export.show_running)
        thread.succeeded.connect(self.export.show_result)
        thread.refused.connect(self._export_refused)
        thread.crashed.connect(self._export_crashed)
        thread.finished.connect(self._export_over)
        self._export = thread
        self.export.show_running("starting")
        thread.start()

    @Slot()
    def _give_up(self) -> None:
        if self._export is not None:
            self._export.give_up()
            self._export.wait()
            self.export.show_stopped("The export was cancelled; nothing was written.")

    @Slot(object)
    def _export_refused(self, error: UserFacingError) -> None:
        self.export.show_stopped(str(error))
        self.refused.emit(error)

    @Slot(object)
    def _export_crashed(self, error: Exception) -> None:
        self.export.show_stopped("The export failed because of a bug in Temper.")
        self.crashed.emit(error)

    @Slot()
    def _export_over(self) -> None:
        if self._export is not None:
            self._export.deleteLater()
            self._export = None

    @Slot(str)
    def _benchmark(self, path: str) -> None:
        self._session.run([path], self._known.frames)

    # ---- layout

    def _lay_out(self) -> None:
        side = QVBoxLayout()
        side.setContentsMargins(16, 20, 8, 16)
        side.setSpacing(4)
        heading = QLabel(f"Correct {self._title}")
        heading.setProperty("role", "section")
        side.addWidget(heading)
        side.addSpacing(8)
        for button in self.rail:
            button.setProperty("role", "tab")
            button.setCheckable(True)
            button.setStyleSheet("text-align: left;")
            button.setAutoDefault(False)
            side.addWidget(button)
        side.addStretch(1)
        kept = QLabel("You can go back to any step; nothing is lost.")
        kept.setProperty("role", "small")
        kept.setWordWrap(True)
        side.addWidget(kept)
        rail = QWidget()
        rail.setFixedWidth(190)
        rail.setLayout(side)
        for page in self.pages:
            self.stack.addWidget(page)
        foot = QHBoxLayout()
        foot.setContentsMargins(24, 8, 24, 16)
        foot.addWidget(self.what)
        foot.addStretch(1)
        foot.addWidget(self.back)
        foot.addWidget(self.next)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.addWidget(self.stack, 1)
        right.addLayout(foot)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(rail)
        row.addLayout(right, 1)

    def _connect(self) -> None:
        self.target.compounds_changed.connect(self._use_compounds)
        self.choice.labels_changed.connect(self._use_labels)
        self.choice.frame_activated.connect(self.frame_requested)
        self.fit.method_changed.connect(self._refit)
        self.export.export_requested.connect(self._ask_folder)
        self.export.cancel_requested.connect(self._give_up)
        self.export.benchmark_requested.connect(self._benchmark)
        for page in self.pages:
            page.ready_changed.connect(self._refresh)
        for button in self.rail:
            button.clicked.connect(self._go_to_rail)
        self.back.clicked.connect(self.go_back)
        self.next.clicked.connect(self.go_on)
