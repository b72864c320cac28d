"""What connects models with the rest of the window: the page, red chips, the gate before a correction, tests that run by themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from guiapp.engine.executor import Executor
from guiapp.errors import UserFacingError
from guiapp.potentials.registry import find_card
from guiapp.potentials.self_test.gate import WHAT_TO_DO
from guiapp.ui.models_page.judgements import Judgements
from guiapp.ui.theme import Palette

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from guiapp.ui.models_page.page import ModelsPage
    from guiapp.ui.models_page.shelf import ModelShelf
    from guiapp.ui.session import Session


class ModelsDesk(QObject):
    """Owns what is made only when it is asked for, and speaks with the session.

    Signals:
        judged: Which models failed their self-test has changed.
        refused: A ``UserFacingError`` to show as it is.
        crashed: An exception that is a bug.
    """

    judged = Signal()
    refused = Signal(object)
    crashed = Signal(object)

    def __init__(self, session: Session, palette: Palette, parent: QWidget) -> None:
        """Serve a window.

        Args:
            session: What the window works on.
            palette: Colours.
            parent: The window.
        """
        super().__init__(parent)
        self._window, self._session, self._palette = parent, session, palette
        self.page: ModelsPage | None = None
        self.shelf: ModelShelf | None = None
        self.make_executor: Callable[[], Executor] | None = None
        """Makes what self-tests run in; a worker process of this machine where not given."""
        self.judgements = Judgements(session.background, self)
        self._tests_by_itself = False
        self._tested: set[str] = set()
        self.judgements.changed.connect(self.judged)
        self.judgements.changed.connect(self._test_untested)
        session.models_changed.connect(self._follow_project)
        session.jobs.ended.connect(self._test_untested)

    @Slot(str)
    def show_page(self, model: str = "") -> None:
        """Open the window of models.

        Args:
            model: Which one to show in full.
        """
        shelf = self._shelf()
        if self.page is None:
            from guiapp.ui.models_page.page import ModelsPage  # noqa: PLC0415 - the start has no time for it

            self.page = ModelsPage(shelf, self._palette, self._window)
            self.page.use_requested.connect(self._use)
            self.page.recompute_requested.connect(self.recompute)
        self._follow_project()
        shelf.refresh()
        if model:
            self.page.show_model(model)
        self.page.show()
        self.page.raise_()
        self.page.activateWindow()

    def bring(self, paths: list[Path]) -> None:
        """Open the window of models and take files in."""
        self.show_page()
        if self.page is not None:
            self.page.bring(paths)

    def failure(self, model: str) -> str:
        """Return why a model's numbers are wrong; empty where nothing is known against it."""
        return self.judgements.failure(model)

    def refusal(self, model: str) -> UserFacingError | None:
        """Return why a model is not corrected: it failed its self-test, or only its stored results are here; None where it may be."""
        failure, title = self.failure(model), self._session.plain_title(model)
        if not failure:
            if not self._session.stored.words(model) or _is_here(model):
                return None
            return UserFacingError(
                f"{title} is not on this machine, so it cannot be corrected: only results that came with the program are shown.",
                advice="Get the model first: File, Models.",
            )
        return UserFacingError(f"{title} is neither corrected nor exported. {failure}", advice=WHAT_TO_DO)

    @Slot(str)
    def recompute(self, model: str) -> None:
        """Compute a model's stored results here; one that is not on this machine is shown with what it needs."""
        if _is_here(model):
            self._session.recompute(model)
        else:
            self.show_page(model)

    def test_by_itself(self) -> None:
        """Test each model of the project that was never tested, when no benchmark runs."""
        self._tests_by_itself = True
        self._test_untested()

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        self._palette = palette
        if self.page is not None:
            self.page.set_palette(palette)

    def shut_down(self) -> None:
        """End everything within moments."""
        self._tests_by_itself = False
        if self.shelf is not None:
            self.shelf.shut_down()

    def _shelf(self) -> ModelShelf:
        if self.shelf is None:
            from guiapp.ui.models_page.shelf import ModelShelf  # noqa: PLC0415 - the start has no time for it

            self.shelf = ModelShelf(self, make_executor=self.make_executor)
            self.shelf.crashed.connect(self.crashed)
            self.shelf.refused.connect(self._tell_refused)
            self.shelf.ended.connect(self._look_again)
        return self.shelf

    @Slot()
    def _follow_project(self) -> None:
        session = self._session
        self.judgements.refresh(session.models)
        if self.shelf is not None:
            self.shelf.project_models = session.models
        if self.page is not None:
            self.page.set_project(session.models, {name: words for name in session.models if (words := session.stored.words(name))})

    @Slot(str)
    def _use(self, name: str) -> None:
        if self._session.project is None:
            self.refused.emit(
                UserFacingError("No project is open.", advice="Open one first: File, Open project, New project or Open the demo project.")
            )
        else:
            self._session.add_model(name)

    @Slot()
    def _test_untested(self) -> None:
        if not self._tests_by_itself or self._session.jobs.running is not None:
            return
        for name in self.judgements.untested:
            if name not in self._tested:  # one that cannot be tested is not tried again and again
                self._tested.add(name)
                self._shelf().test(name)

    @Slot(str)
    def _look_again(self, _name: str) -> None:
        self.judgements.refresh(self._session.models)

    @Slot(str, object)
    def _tell_refused(self, name: str, error: UserFacingError) -> None:
        if self.page is None or not self.page.isVisible():  # else the page shows it
            self.refused.emit(error)
        elif name:
            self._session.noticed.emit(str(error))


def _is_here(model: str) -> bool:
    try:
        return find_card(model).is_here
    except UserFacingError:  # a file that is gone
        return False
