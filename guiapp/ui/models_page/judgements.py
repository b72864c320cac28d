"""Which of the project's models failed their self-test, and which were never tested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, Signal, Slot

from guiapp.errors import UserFacingError
from guiapp.potentials.registry import find_card
from guiapp.potentials.self_test.gate import known_report
from guiapp.potentials.self_test.report import SelfTestReport, Verdict
from guiapp.ui.background import Background
from guiapp.ui.workers.task_thread import TaskState

Reports = Mapping[str, SelfTestReport | None]


class Judgements(QObject):
    """The verdicts that chips, actions and the wizard ask for; looked up in the background.

    Signals:
        changed: A model failed that had not, or the other way round, or another one is known.
    """

    changed = Signal()

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        """Know nothing yet."""
        super().__init__(parent)
        self._background = background
        self._reports: dict[str, SelfTestReport | None] = {}
        self._asked = 0

    def refresh(self, models: Sequence[str]) -> None:
        """Look these models up again."""
        self._asked += 1
        number = self._asked

        def work(_state: TaskState) -> tuple[int, Reports]:
            return number, {name: report for name in models for report in _reports(name)}

        self._background.start(work, self._take)

    def failure(self, model: str) -> str:
        """Return why a model's numbers are wrong; empty where nothing is known against it."""
        report = self._reports.get(model)
        return report.sentence if report is not None and report.verdict is Verdict.FAILED else ""

    @property
    def untested(self) -> list[str]:
        """Models that can be loaded here and were never tested."""
        return [name for name, report in self._reports.items() if report is None]

    @Slot(object)
    def _take(self, found: tuple[int, Reports]) -> None:
        number, reports = found
        if number == self._asked and dict(reports) != self._reports:
            self._reports = dict(reports)
            self.changed.emit()


def _reports(model: str) -> list[SelfTestReport | None]:
    """Return the report of a model, None in its place where it was not tested; nothing where it cannot be loaded here."""
    try:
        card = find_card(model)
        return [known_report(card)] if card.state == "ready" else []
    except UserFacingError:
        return []  # its file is gone, or is being replaced
