"""What the window works on: the project, its structures, its models, the filter, the results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoStack

from guiapp.benchmarks.frame_filter import FrameFilter
from guiapp.benchmarks.high_energy_summary import FAMILY as HIGH_ENERGY
from guiapp.engine.executor import Executor
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.frames.reference_set import ReferenceSet
from guiapp.potentials.potential import PotentialCard, Prediction
from guiapp.potentials.registry import find_card, potential_cards
from guiapp.ui.background import Background
from guiapp.ui.benchmark.estimate_words import estimate_words
from guiapp.ui.benchmark.request import BenchmarkRequest
from guiapp.ui.evaluation import Evaluation
from guiapp.ui.evaluations import Evaluations, Wanted
from guiapp.ui.exports import Exports
from guiapp.ui.family_results import FamilyResults
from guiapp.ui.job_queue import JobQueue
from guiapp.ui.known_results import KnownResults
from guiapp.ui.project_content import (
    DEFAULT_MODEL,
    force_frames,
    remember_filter,
    remember_models,
    store_sets,
)
from guiapp.ui.project_opening import OpenedProject, ProjectOpening
from guiapp.ui.selection import SelectionModel
from guiapp.ui.settings import own_project_path
from guiapp.ui.shown_models import ShownModel, shown_models
from guiapp.ui.stored_results import StoredResults
from guiapp.ui.structures import Structures
from guiapp.ui.undo_steps import ChangeState

if TYPE_CHECKING:
    from guiapp.store.project import Project


class Session(QObject):
    """The one place that changes what the window shows; views listen and redraw.

    Signals:
        project_changed: Another project is open, or none.
        models_changed: Models came, went, or were shown or hidden.
        filter_changed: Another filter holds.
        refused: A ``UserFacingError`` to show as it is.
        crashed: An exception that is a bug.
        noticed: A sentence for the status bar.
        busy_changed: What is going on in words; empty when nothing is.
    """

    project_changed = Signal()
    models_changed = Signal()
    filter_changed = Signal()
    refused = Signal(object)
    crashed = Signal(object)
    noticed = Signal(str)
    busy_changed = Signal(str)

    def __init__(self, parent: QObject | None = None, *, executor: Executor | None = None) -> None:
        """Start without a project.

        Args:
            parent: Owner.
            executor: Where batches run; worker processes on this machine where not given.
        """
        super().__init__(parent)
        self.project: Project | None = None
        self.filter = FrameFilter()
        self.models: tuple[str, ...] = ()
        self.hidden: frozenset[str] = frozenset()
        self.selection = SelectionModel(self)
        self.undo_stack = QUndoStack(self)
        self.background = Background(self)
        self.structures = Structures(self.background, self.undo_stack, self.selection, self)
        self.evaluations = Evaluations(self.background, self._wanted, self)
        self.jobs = JobQueue(self.background, self, executor=executor)
        self.results = KnownResults(self.background, self.structures.with_hash, self)
        self.families = FamilyResults(self.background, self.looks, self.jobs.model_is_busy, self)
        self.stored = StoredResults(self.background, self)
        self.stored.forgotten.connect(self._compute_anew)
        self.exports = Exports(self)
        self.exports.noticed.connect(self.noticed)
        self._titles: dict[str, str] = {}
        self._opening = ProjectOpening(self.background, self)
        self._opening.opened.connect(self._opened)
        self._opening.busy_changed.connect(self.busy_changed)
        self.background.refused.connect(self._show_refusal)
        self.background.crashed.connect(self._show_crash)
        self.structures.changed.connect(self._structures_changed)
        for teller in (self.structures, self.jobs):
            teller.refused.connect(self.refused)
        self.structures.noticed.connect(self.noticed)
        self.structures.busy_changed.connect(self.busy_changed)
        self.jobs.crashed.connect(self.crashed)
        self.jobs.batch_finished.connect(self._take_batch)
        self.jobs.family_event.connect(self.families.take_event)
        self.jobs.ended.connect(self.evaluations.mark_stale)
        self.jobs.ended.connect(self.families.job_ended)
        self.results.changed.connect(self.evaluations.mark_stale)

    # ---- projects

    def open(self, path: Path, *, demo: bool = False, then_read: Sequence[Path] = ()) -> None:
        """Open or create a project in the background; the demo project brings the shipped set and is measured at once.

        What is open stays open, and jobs go on, until the other project turns out to be sound.

        Args:
            path: The project file.
            demo: Whether it is the demo project.
            then_read: Files to read into it.
        """
        self._opening.give_up()
        if self.project is not None and self.project.path == path.expanduser().resolve():
            self.busy_changed.emit("")
            self.noticed.emit(f"{path.name} is open already")
            if then_read:
                self.structures.read(then_read)
            return
        self._opening.open(path, demo=demo, then_read=then_read)

    def recover(self, path: Path) -> None:
        """Copy what can still be read of a damaged project beside it, and open the copy."""
        self._opening.give_up()
        self._opening.recover(path)

    def read(self, paths: Sequence[Path]) -> None:
        """Read files into the open project; where none is open, into one of the user's own that is made for it."""
        if self.project is not None:
            self.structures.read(paths)
        elif self._opening.is_busy:
            self._opening.read_too(paths)
        else:
            self.open(own_project_path(), then_read=paths)

    def save_as(self, path: Path) -> None:
        """Copy the open project to another file, and go on there."""
        project = self.project
        if project is None:
            return
        self.busy_changed.emit(f"saving {path.name}")

        def work() -> Path:
            project.copy_to(path)
            return path

        self.background.write(work, self._saved)  # after everything that is still to be written

    def close_project(self) -> None:
        """Close what is open; jobs under way stay in it as unfinished."""
        self._opening.give_up()
        self.background.stop()
        self.jobs.use_project(None)
        project, self.project = self.project, None
        self.results.replace_all({}, (), None)
        self.evaluations.clear()
        self.families.use_project(None)
        self.undo_stack.clear()
        self.structures.replace_all(())
        self.selection.forget()
        if project is not None:
            project.close()
            self.project_changed.emit()

    def shut_down(self) -> None:
        """End everything, as when the window closes."""
        self.close_project()
        self.jobs.close()

    @Slot(object)
    def _opened(self, opened: OpenedProject) -> None:
        content = opened.content
        self.close_project()
        self.filter, self.models, self.hidden = content.frame_filter, content.models, content.hidden
        self.stored.use(content.stored)
        self.busy_changed.emit("")
        self.structures.replace_all(content.sets)
        self.results.replace_all(content.results, force_frames(content.sets), content.project.predictions)
        self.project = content.project
        self.families.set_filter(self.filter)
        self.families.use_project(content.project)
        self.models_changed.emit()
        self.filter_changed.emit()
        self.jobs.use_project(content.project, content.unfinished_jobs, content.speeds)
        self.project_changed.emit()
        for remark in content.remarks:
            self.refused.emit(remark)
        self.evaluations.mark_stale()
        if opened.then_read:
            self.structures.read(opened.then_read)
        if opened.demo:
            self._measure_demo(content.project)

    def _measure_demo(self, project: Project) -> None:
        """Run the first model on the demo's frames that it was not asked about yet."""
        frames = force_frames(self.structures.sets)
        missing = [frame for frame in frames if frame.usable and not self.results.knows(DEFAULT_MODEL, frame)]
        if missing and not project.read_only and not self.jobs.has_interrupted:
            self.run([DEFAULT_MODEL], frames)

    @Slot(object)
    def _saved(self, path: Path) -> None:
        self.busy_changed.emit("")
        self.open(path)

    @Slot(object, object)
    def _structures_changed(self, before: tuple[ReferenceSet, ...], after: tuple[ReferenceSet, ...]) -> None:
        if self.project is None:  # one is being closed or opened
            return
        self._write(lambda project: store_sets(project, before, after))
        self.results.use_frames(force_frames(after))
        self.evaluations.mark_stale()

    # ---- models

    def cards(self) -> tuple[PotentialCard, ...]:
        """Return the potentials that can be chosen, those of the project from files included."""
        known = potential_cards()
        names = {card.name for card in known}
        return (*known, *filter(None, (_card(name) for name in self.models if name not in names)))

    def title(self, model: str) -> str:
        """Return what the window calls a model."""
        return f"{self.plain_title(model)} (stored)" if self.stored.words(model) else self.plain_title(model)

    def plain_title(self, model: str) -> str:
        """Return a model's title without a word on where its results come from, for places that tell it in another way."""
        if model not in self._titles:  # looked up once: to find a card, folders are searched
            card = _card(model)
            self._titles[model] = card.title if card is not None else model
        return self._titles[model]

    def add_model(self, name: str) -> None:
        """Add a model to the project and show what is known of it."""
        if name not in self.models and self.project is not None:
            self._set_models((*self.models, name), self.hidden - {name})
            self.results.look_up(name)

    @Slot(str)
    def recompute(self, name: str) -> None:
        """Replace a model's results that came with the program by ones computed here."""
        if self.project is not None and not self.project.read_only and self.stored.words(name):
            self.stored.forget(self.project, name)
        else:
            self.run([name], force_frames(self.structures.sets))

    @Slot(str)
    def _compute_anew(self, name: str) -> None:
        self.results.forget(name)
        self.models_changed.emit()
        self.run([name], force_frames(self.structures.sets))

    def remove_model(self, name: str) -> None:
        """Take a model out of the project; its results are kept."""
        self.results.forget(name)
        self._set_models(tuple(model for model in self.models if model != name), self.hidden - {name})
        self.evaluations.mark_stale()

    def show_model(self, name: str, shown: bool) -> None:  # noqa: FBT001 - the signature of the chip's signal
        """Show or hide a model in every view."""
        self._set_models(self.models, self.hidden - {name} if shown else self.hidden | {name})
        self.evaluations.mark_stale()

    def shown_models(self) -> tuple[tuple[int, str], ...]:
        """Return place in the list and name of every model that is not hidden."""
        return tuple((k, name) for k, name in enumerate(self.models) if name not in self.hidden)

    def looks(self, *, hidden: bool = False) -> dict[str, ShownModel]:
        """Return how every view shows the models that are not hidden, or all of them."""
        return shown_models(list(enumerate(self.models)) if hidden else self.shown_models(), self.models, self.title)

    # ---- filter

    def set_filter(self, frame_filter: FrameFilter) -> None:
        """Let another filter hold for every number; can be undone."""
        if frame_filter != self.filter:
            self.undo_stack.push(ChangeState("filter", self.filter, frame_filter, self._use_filter))

    def clear_filter(self) -> None:
        """Return to the default filter."""
        self.set_filter(FrameFilter())

    def _use_filter(self, frame_filter: FrameFilter) -> None:
        self.filter = frame_filter
        self._write(lambda project: remember_filter(project, frame_filter))
        self.filter_changed.emit()
        self.evaluations.mark_stale()
        self.families.set_filter(frame_filter)

    # ---- runs and results

    def run(
        self, models: Sequence[str], frames: Sequence[Frame], *, device: str = "auto", mode: str = "static", family: str = HIGH_ENERGY
    ) -> None:
        """Queue a benchmark of each model on the frames that a family plans."""
        project = self.project
        if project is None or project.read_only:
            why = "No project is open" if project is None else "The project is open for reading only"
            self.refused.emit(
                UserFacingError(f"{why}, so results cannot be kept.", advice="Make one of your own: File, New project or Save project as.")
            )
            return
        for model in models:
            self.add_model(model)
            self.show_model(model, shown=True)
            self.jobs.add(model, frames, family=family, device=device, mode=mode)
        self.evaluations.mark_stale()

    @Slot(object)
    def run_request(self, request: BenchmarkRequest) -> None:
        """Queue what the benchmark panel asks for."""
        if request.frames:
            self.run(request.models, request.frames, device=request.device, mode="static")
        for plan in request.plans:
            self.run(request.models, plan.frames, device=request.device, mode=plan.mode, family=plan.family)

    def estimate_words(self, request: BenchmarkRequest) -> str:
        """Say how many frames a request means and how long they take where nothing is known yet."""
        return estimate_words(request, self.jobs)

    @property
    def shown_evaluations(self) -> tuple[Evaluation, ...]:
        """The newest numbers of the shown models."""
        return self.evaluations.current

    def export_results(self, folder: Path) -> None:
        """Write numbers and plots of the shown models into a folder."""
        self.exports.export_results(folder)

    def make_report(self, folder: Path) -> None:
        """Write the report of the project into a folder."""
        self.exports.make_report(folder)

    def _wanted(self) -> tuple[list[Wanted], FrameFilter]:
        """Return what to evaluate: shown models that have results or a job under way."""
        wanted = []
        for model, look in self.looks().items():
            running = self.jobs.model_is_busy(model)
            table = self.results.table(model)
            if table is not None and (table.frames or running):
                wanted.append(Wanted(table.snapshot(), look, running))
        return wanted, self.filter

    @Slot(str, object, object)
    def _take_batch(self, model: str, frames: Sequence[Frame], predictions: Sequence[Prediction]) -> None:
        if model in self.models:
            self.results.take_batch(model, frames, predictions)

    # ---- private

    @Slot(object)
    def _show_refusal(self, error: UserFacingError) -> None:
        self.busy_changed.emit("")
        self.refused.emit(error)

    @Slot(object)
    def _show_crash(self, error: Exception) -> None:
        self.busy_changed.emit("")
        self.crashed.emit(error)

    def _set_models(self, models: tuple[str, ...], hidden: frozenset[str]) -> None:
        if (models, hidden) != (self.models, self.hidden):
            self.models, self.hidden = models, hidden
            self._write(lambda project: remember_models(project, models, hidden))
            self.models_changed.emit()
            self.families.refresh()

    def _write(self, change: Callable[[Project], None]) -> None:
        project = self.project
        if project is None:
            return
        if project.read_only:
            self.noticed.emit("the project is open for reading only: this change lasts until it is closed")
        else:
            self.background.write(lambda: change(project))


def _card(name: str) -> PotentialCard | None:
    """Return the card of a model; None where it was read from a file that is gone."""
    try:
        return find_card(name)
    except UserFacingError:
        return None
