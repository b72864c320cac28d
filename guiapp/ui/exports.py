"""Writing what the window shows into a folder: numbers and plots of forces and of every family, or the whole report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from guiapp.benchmarks.family import STATIC
from guiapp.potentials.registry import find_card, weights_hash
from guiapp.ui.family_entry import FamilyEntry
from guiapp.ui.workers.task_thread import TaskState

if TYPE_CHECKING:
    from guiapp.ui.session import Session


class Exports(QObject):
    """The exports of a session, written in the background.

    Signals:
        noticed: A sentence for the status bar.
    """

    noticed = Signal(str)

    def __init__(self, session: Session) -> None:
        """Export what a session shows."""
        super().__init__(session)
        self._session = session

    def export_results(self, folder: Path) -> None:
        """Write numbers and plots of the shown models into a folder, each family into one of its own inside it."""
        session = self._session
        evaluations, sets, entries = session.evaluations.current, session.structures.sets, session.families.entries
        failures = {one.model: session.jobs.failures_of_model(one.model) for one in evaluations}
        self.noticed.emit(f"writing results to {folder}")

        def work(state: TaskState) -> Path:
            if evaluations:
                from guiapp.ui.result_export import write_evaluations  # noqa: PLC0415 - the start has no time for it

                write_evaluations(folder, evaluations, sets, failures)
            for name, own in by_folder(entries).items():
                state.stop_if_cancelled()
                write_family(folder / name, own)
            return folder

        session.background.start(work, self._written)

    def make_report(self, folder: Path) -> None:
        """Write the report of the project into a folder: HTML, PDF, figures, BibTeX and CSV."""
        session = self._session
        project, frame_filter, models = session.project, session.filter, tuple(session.models)
        if project is None:
            return
        self.noticed.emit(f"writing a report to {folder}")

        def work(state: TaskState) -> Path:
            from guiapp.ui.result_export import write_project_report  # noqa: PLC0415 - the start has no time for it

            return write_project_report(folder, project, frame_filter, models, stop=state.stop_if_cancelled)

        session.background.start(work, self._written)

    @Slot(object)
    def _written(self, path: Path) -> None:
        self.noticed.emit(f"written to {path}")


def by_folder(entries: Sequence[FamilyEntry]) -> dict[str, list[FamilyEntry]]:
    """Return the entries of each family and mode by the folder that they are written into, e.g. ``surfaces-relaxed``."""
    folders: dict[str, list[FamilyEntry]] = {}
    for entry in entries:
        family, mode = entry.result.family, entry.result.mode
        folders.setdefault(family if mode == STATIC else f"{family}-{mode}", []).append(entry)
    return folders


def write_family(folder: Path, entries: Sequence[FamilyEntry]) -> None:
    """Write rows, curves and plots of one family in one mode; called in a thread.

    Raises:
        UserFacingError: Where the folder cannot be written.
    """
    from guiapp.report.family_evaluation import FamilyEvaluation  # noqa: PLC0415 - with matplotlib, which the start has no time for
    from guiapp.report.family_files import write_family_results  # noqa: PLC0415

    write_family_results(
        folder,
        [
            FamilyEvaluation(
                entry.title, entry.result, weights_hash=weights_hash(find_card(entry.result.model)), color_index=entry.color_index
            )
            for entry in entries
        ],
    )
