"""What the demo project goes on with by itself: after the forces, the other families on their shipped references."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from guiapp.benchmarks.family import STATIC
from guiapp.ui.project_content import DEFAULT_MODEL
from guiapp.ui.settings import demo_project_path
from guiapp.ui.workers.task_thread import TaskState

if TYPE_CHECKING:
    from guiapp.ui.benchmark.family_sources import FamilySource
    from guiapp.ui.session import Session


class FirstMinute(QObject):
    """Fills the signed axis of the demo once: a few hundred small cells, seconds of work.

    Another project, or a demo that knows a family already, is left alone; so is a user who cancelled the first job.
    """

    def __init__(self, session: Session) -> None:
        """Wait for the first job of the demo project to end."""
        super().__init__(session)
        self._session = session
        session.jobs.ended.connect(self._go_on)

    @Slot()
    def _go_on(self) -> None:
        session = self._session
        project = session.project
        if project is None or project.read_only or project.path != demo_project_path().resolve() or session.jobs.running is not None:
            return
        session.jobs.ended.disconnect(self._go_on)
        if session.families.entries or not all(
            session.results.knows(DEFAULT_MODEL, one) for one in session.structures.frames if one.usable
        ):
            return

        def work(state: TaskState) -> Sequence[FamilySource]:
            from guiapp.benchmarks.curvature import FAMILY as CURVATURE  # noqa: PLC0415 - every family, which the start has no time for
            from guiapp.ui.benchmark.family_sources import SHIPPED, find_sources  # noqa: PLC0415

            found = find_sources((), stop=state.stop_if_cancelled)
            return tuple(source for source in found if source.where == SHIPPED and source.family != CURVATURE)

        session.background.start(work, self._run)

    @Slot(object)
    def _run(self, sources: Sequence[FamilySource]) -> None:
        project = self._session.project
        if project is None or project.path != demo_project_path().resolve():
            return
        for source in sources:
            self._session.run([DEFAULT_MODEL], source.frames, family=source.family, mode=STATIC)
