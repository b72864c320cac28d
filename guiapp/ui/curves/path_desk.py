"""Opens the panels that set up paths, makes what they ask for in the background, and runs it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from guiapp.benchmarks.family import system_of
from guiapp.benchmarks.registry import family as find_family
from guiapp.frames.frame import Frame
from guiapp.frames.reference_set import Provenance, ReferenceSet
from guiapp.ui.theme import Palette
from guiapp.ui.workers.task_thread import TaskState

if TYPE_CHECKING:
    from guiapp.ui.curves.path_setup import PathRequest, PathSetup
    from guiapp.ui.main_window import MainWindow


class PathDesk(QObject):
    """Scans and hops of the selected structure."""

    def __init__(self, window: MainWindow) -> None:
        """Build no panel before it is asked for."""
        super().__init__(window)
        self._window, self._session = window, window.session
        self.panel: PathSetup | None = None

    def set_palette(self, palette: Palette) -> None:
        """Repaint the panel that is open."""
        if self.panel is not None:
            self.panel.set_palette(palette)

    @property
    def reason_against(self) -> str:
        """Why no path can be set up now, in words; empty where one can."""
        project, frame = self._session.project, self._selected()
        if project is None:
            return "no project is open"
        if project.read_only:
            return "the project is open for reading only: save it under another name first"
        if frame is None:
            return "select a structure first"
        return "" if frame.volume > 0 else "the selected structure has no cell"

    def open_scan(self) -> None:
        """Open the panel for a curvature scan."""
        from guiapp.ui.curves.scan_setup import ScanSetup  # noqa: PLC0415 - what makes structures takes time that the start has not

        self._open(ScanSetup(self._window.theme, self._window))

    def open_hop(self) -> None:
        """Open the panel for a migration path."""
        from guiapp.ui.curves.hop_setup import HopSetup  # noqa: PLC0415 - as above

        self._open(HopSetup(self._window.theme, self._window))

    def _selected(self) -> Frame | None:
        content_hash = self._session.selection.current.frame
        return self._session.structures.frame(content_hash) or self._session.families.frame(content_hash)

    def _models(self) -> list[str]:
        """Return the shown models that can run here; others, of which only stored results came along, have nothing to say of new frames."""
        ready = {card.name for card in self._session.cards() if card.state == "ready"}
        return [name for _, name in self._session.shown_models() if name in ready]

    def _open(self, panel: PathSetup) -> None:
        frame = self._selected()
        if frame is None:
            return
        if self.panel is not None:
            self.panel.close()
            self.panel.deleteLater()
        self.panel = panel
        related = [one for one in self._session.structures.frames if system_of(one) == system_of(frame)]
        panel.set_models([self._session.plain_title(name) for name in self._models()])
        panel.set_frame(frame, self._session.selection.current.atom, related)
        panel.requested.connect(self._make)
        panel.show()
        panel.raise_()
        panel.activateWindow()

    @Slot(object)
    def _make(self, request: PathRequest) -> None:
        self._session.busy_changed.emit("making the frames of the path")

        def work(_state: TaskState) -> ReferenceSet:
            made = request.set_up.make(request.frames)
            name = re.sub(r"[^a-z0-9]+", "-", request.title.lower()).strip("-")
            recipe = f"Made in the program from {request.frames[0].name or request.frames[0].formula}; without labels."
            return ReferenceSet(name, request.title, made, Provenance(recipe=recipe), request.set_up.family)

        self._session.background.start(work, self._take, failed=self._failed)

    @Slot(object)
    def _take(self, made: ReferenceSet) -> None:
        """Put the set into the project and run its family with the models that are shown."""
        self._session.busy_changed.emit("")
        planned = find_family(made.family).plan(made.frames)
        self._session.structures.open_set(made.title, lambda _progress: made)
        self._session.run(self._models(), planned, family=made.family, mode="static")
        self._window.results.show_tab("curvature")

    @Slot(object)
    def _failed(self, _error: object) -> None:
        self._session.busy_changed.emit("")  # what was wrong is told by the background
