"""Opening the wizard: one for each model of the open project, kept while the project is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from guiapp.errors import UserFacingError
from guiapp.potentials.registry import find_card
from guiapp.ui.project_content import DEFAULT_MODEL
from guiapp.ui.session import Session
from guiapp.ui.settings import own_project_path
from guiapp.ui.theme import Palette

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from guiapp.ui.wizard.window import CorrectionWizard


class WizardOpening(QObject):
    """Knows the wizards that are open or hidden.

    Signals:
        frame_requested: A ``Frame`` to show in the viewer.
        refused: A ``UserFacingError``.
    """

    frame_requested = Signal(object)
    refused = Signal(object)

    def __init__(self, session: Session, window: QWidget, palette: Palette) -> None:
        """Open nothing yet."""
        super().__init__(window)
        self._session, self._window, self._palette = session, window, palette
        self._wizards: dict[str, CorrectionWizard] = {}
        self.refusal: Callable[[str], UserFacingError | None] = lambda _model: None
        """Says why a model is not corrected, e.g. that it failed its self-test."""
        self.current: CorrectionWizard | None = None
        """The one that was opened last."""
        session.project_changed.connect(self._follow_project)

    def open(self, model: str = "") -> None:
        """Open the wizard of a model, or bring it to the front.

        Args:
            model: Its name; the first shown model with results where not given.
        """
        from guiapp.ui.wizard.memory import WizardMemory, memory_folder  # noqa: PLC0415 - what it needs takes time that the start has not
        from guiapp.ui.wizard.window import CorrectionWizard  # noqa: PLC0415 - as above

        project = self._session.project
        if project is None:
            return
        name = model or self._usual_model()
        refusal = self.refusal(name)
        if refusal is not None:
            self.refused.emit(refusal)
            return
        wizard = self._wizards.get(name)
        if wizard is None:
            try:
                find_card(name)
            except UserFacingError as error:  # its file is gone
                self.refused.emit(error)
                return
            beside = own_project_path().with_name(project.path.name) if project.read_only else project.path
            wizard = CorrectionWizard(self._session, name, WizardMemory(memory_folder(beside, name)), self._palette, self._window)
            wizard.frame_requested.connect(self.frame_requested)
            wizard.model_requested.connect(self._open_other)
            wizard.refused.connect(self.refused)
            wizard.crashed.connect(self._session.crashed)
            self._wizards[name] = wizard
        else:
            wizard.flow.follow_selection()
        self.current = wizard
        wizard.show()
        wizard.raise_()
        wizard.activateWindow()

    def set_palette(self, palette: Palette) -> None:
        """Repaint in another theme."""
        self._palette = palette
        for wizard in self._wizards.values():
            wizard.set_palette(palette)

    def _usual_model(self) -> str:
        evaluations, shown = self._session.shown_evaluations, self._session.shown_models()
        if evaluations:
            possible = (one.model for one in evaluations if self.refusal(one.model) is None)
            return next(possible, evaluations[0].model)
        return shown[0][1] if shown else DEFAULT_MODEL

    @Slot(str)
    def _open_other(self, model: str) -> None:
        before = self.current
        self.open(model)
        if before is not None and self.current is not None:
            self.current.setGeometry(before.geometry())
            before.hide()

    @Slot()
    def _follow_project(self) -> None:
        """Let the wizards of a project that is closed go; what runs in them can be gone on with."""
        wizards, self._wizards, self.current = self._wizards, {}, None
        for wizard in wizards.values():
            wizard.shut_down()
            wizard.hide()
            wizard.deleteLater()
