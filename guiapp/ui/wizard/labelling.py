"""Page 3 at work: waiting for labels, however they come."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from guiapp.correction.dft_input import Code, DftInput
from guiapp.correction.dft_result import Check
from guiapp.correction.gpaw_run import LOG
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.ui.wizard.label_desk import input_folder
from guiapp.ui.wizard.label_page import GPAW, INPUT, PRESENT, LabelState
from guiapp.ui.wizard.label_search import Finding
from guiapp.ui.wizard.target_view import label_checks

if TYPE_CHECKING:
    from guiapp.ui.wizard.window import CorrectionWizard


class Labelling(QObject):
    """Connects the label page with the desk that takes labels in."""

    def __init__(self, wizard: CorrectionWizard) -> None:
        """Connect the pages."""
        super().__init__(wizard)
        self._wizard, self._flow = wizard, wizard.flow
        self._desk = wizard.desk
        self._refused: tuple[Finding, ...] = ()
        self._connect()

    def _connect(self) -> None:
        page, desk = self._wizard.label, self._desk
        page.route_changed.connect(self._use_route)
        page.dropped.connect(desk.take)
        page.input.write_requested.connect(self._write_input)
        page.input.watch_requested.connect(self._watch)
        page.input.taken.connect(desk.take)
        page.gpaw.run_requested.connect(self._run_gpaw)
        page.gpaw.cancel_requested.connect(desk.stop_gpaw)
        page.gpaw.python_chosen.connect(desk.use_python)
        desk.found.connect(self._take_finding)
        desk.written.connect(self._show_written)
        desk.failed.connect(self._show_label_failure)
        desk.gpaw_found.connect(page.gpaw.show_python)
        desk.gpaw_progressed.connect(self._show_gpaw_progress)
        desk.gpaw_ended.connect(self._show_gpaw_end)
        self._flow.labels_changed.connect(self.show_labels)
        self._flow.choice_changed.connect(self._forget_refused)

    @Slot()
    def show_labels(self) -> None:
        """Show which structures wait for a label, and watch for results."""
        flow, page = self._flow, self._wizard.label
        wanted = flow.to_label()
        labels = flow.labels.values()
        self._desk.want(wanted, [label.provenance.functional for label in labels], [label.frame for label in labels])
        route = flow.choices.route if wanted else PRESENT
        if wanted and route == PRESENT:
            route = INPUT
        page.show_route(route)
        if route == GPAW:
            self._look_for_gpaw()
        page.input.show_codes(flow.choices.codes, only_vasp="r2scan" in flow.card.functional.lower())
        page.input.show_folder(flow.memory.input_folder, flow.choices.watched)
        begun = sum((input_folder(flow.memory.input_folder, one) / Code.GPAW.value / LOG).is_file() for one in wanted)
        page.gpaw.show_count(len(wanted), begun if begun and not self._desk.is_running else 0)
        states = [LabelState(frame, "fit", *self._checks(frame)) for frame in flow.chosen()]
        states += [LabelState(frame, "judge", *self._checks(frame)) for frame in flow.judges()]
        page.show_labels(states, self._refused)
        folders = [flow.memory.input_folder, *([Path(flow.choices.watched)] if flow.choices.watched else [])]
        self._desk.watch(folders if wanted else [])
        page.refit_panel()

    def _checks(self, frame: Frame) -> tuple[tuple[Check, ...], str]:
        return label_checks(self._flow, frame)

    @Slot(str)
    def _use_route(self, route: str) -> None:
        self._flow.choose(route=route)
        if route == GPAW:
            self._look_for_gpaw()

    def _look_for_gpaw(self) -> None:
        if self._desk.python is None:
            self._desk.find_gpaw(self._flow.choices.python)

    @Slot(object, object)
    def _write_input(self, folder: Path, codes: Sequence[Code]) -> None:
        self._flow.choose(codes=tuple(code.value for code in codes))
        if folder != self._flow.memory.input_folder:
            self._flow.choose(watched=str(folder))
        self._desk.write_input(folder, codes)

    @Slot(object)
    def _watch(self, folder: Path) -> None:
        self._flow.choose(watched=str(folder))
        self.show_labels()

    @Slot(object)
    def _show_written(self, written: list[tuple[Path, DftInput]]) -> None:
        self._wizard.label.input.show_written(written)
        self.show_labels()

    @Slot()
    def _run_gpaw(self) -> None:
        if self._desk.python is not None:
            self._flow.choose(python=self._desk.python.path)
        self._desk.run_gpaw(self._flow.memory.input_folder)

    @Slot(object)
    def _take_finding(self, finding: Finding) -> None:
        if finding.usable:
            self._flow.take_label(finding)
            return
        self._refused = (*(one for one in self._refused if one.path != finding.path), finding)
        self.show_labels()

    @Slot(object)
    def _show_label_failure(self, error: UserFacingError) -> None:
        self._refused = (*self._refused, Finding(Path(error.path or ""), "", None, error))
        self.show_labels()

    @Slot(object)
    def _show_gpaw_progress(self, step: object) -> None:
        self._wizard.label.gpaw.show_progress(step)  # type: ignore[arg-type]
        self._wizard.label.refit_panel()
        self._wizard.label.ready_changed.emit()

    @Slot()
    def _show_gpaw_end(self) -> None:
        missing = len(self._flow.to_label())
        self._wizard.label.gpaw.show_stopped(f"{missing} structures still wait; Go on takes it up again." if missing else "")
        self.show_labels()

    @Slot()
    def _forget_refused(self) -> None:
        self._refused = ()
