"""What is known of each model on each energy and curvature family: live while jobs run, and found again when a project is opened."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from guiapp import __version__
from guiapp.benchmarks.family_filter import SystemFrames, admitted
from guiapp.benchmarks.family_findings import finding_of_result
from guiapp.benchmarks.frame_filter import FrameFilter
from guiapp.engine.family_run import FramesEvaluated, FramesPlanned
from guiapp.engine.job import BenchmarkJob
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction
from guiapp.ui.background import Background
from guiapp.ui.family_entry import FamilyEntry
from guiapp.ui.shown_models import ShownModel
from guiapp.ui.workers.task_thread import TaskState

if TYPE_CHECKING:
    from guiapp.benchmarks.collected import CollectedFrames
    from guiapp.benchmarks.family import FamilyResult
    from guiapp.store.kept_families import KeptFamily
    from guiapp.store.project import Project

INTERVAL = 0.5
"""Seconds between two reductions of one result while a job runs: a fit of every system costs more than a redraw."""

Key = tuple[str, str, str]
"""Family, model, mode."""


class FamilyResults(QObject):
    """Latest wins: while one reduction runs, any number of changes lead to one more, at most twice a second.

    Signals:
        changed: ``entries`` are new.
        restored: Everything that the project keeps has been found and reduced.
    """

    changed = Signal()
    restored = Signal()

    def __init__(
        self,
        background: Background,
        shown: Callable[[], Mapping[str, ShownModel]],
        is_running: Callable[[str, str, str], bool],
        parent: QObject | None = None,
    ) -> None:
        """Start without results.

        Args:
            background: Runs reductions.
            shown: Returns the models to show, by name.
            is_running: Says of a model, a family and a mode whether more is to come.
            parent: Owner.
        """
        super().__init__(parent)
        self.entries: tuple[FamilyEntry, ...] = ()
        self._background, self._shown, self._is_running = background, shown, is_running
        self._filter = FrameFilter()
        self._collected: dict[Key, CollectedFrames] = {}
        self._results: dict[Key, FamilyResult] = {}
        self._admitted: dict[Key, FamilyResult] = {}
        """Results without the systems that the filter leaves out: what entries show."""
        self._jobs: dict[Key, str] = {}
        """The newest job of each, whose rows the project keeps."""
        self._systems: dict[str, SystemFrames] = {}
        self._frames: dict[str, Frame] = {}
        self._predictions: dict[tuple[str, str], Prediction] = {}
        self._stale: set[Key] = set()
        self._working = self._restoring = False
        self._generation = 0
        self._last = 0.0
        self._project: Project | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._reduce)

    @property
    def is_up_to_date(self) -> bool:
        """Whether ``entries`` reflect everything known."""
        return not (self._stale or self._working or self._restoring or self._timer.isActive())

    def use_project(self, project: Project | None) -> None:
        """Show what another project keeps; it is found and reduced in the background, without asking a model."""
        self._generation += 1
        self._timer.stop()
        for known in (
            self._collected,
            self._results,
            self._admitted,
            self._jobs,
            self._systems,
            self._frames,
            self._predictions,
            self._stale,
        ):
            known.clear()
        self._working, self._restoring, self._project = False, project is not None, project
        self.refresh()
        if project is None:
            return
        generation = self._generation

        def work(state: TaskState) -> tuple[int, Sequence[KeptFamily]]:
            from guiapp.store.kept_families import find_kept_families  # noqa: PLC0415 - with every family, which the start has no time for

            found = find_kept_families(project, stop=state.stop_if_cancelled)
            for one in found:
                state.stop_if_cancelled()
                finding_of_result(one.result)  # so that the views find it at hand
            return generation, found

        self._background.start(work, self._take_kept, failed=self._kept_failed)

    def set_filter(self, chosen: FrameFilter) -> None:
        """Count the systems that a filter admits; where it asks for elements or compounds, they are sorted out in the background."""
        before, self._filter = self._filter, chosen
        if (before.elements, before.compounds) != (chosen.elements, chosen.compounds):
            self._admitted.clear()
            for key in self._results:
                self._mark_stale(key)

    @Slot()
    def refresh(self) -> None:
        """Make the entries anew, as after a model was hidden or a job ended."""
        shown = self._shown()
        self.entries = tuple(
            FamilyEntry(
                title=shown[key[1]].title,
                color_index=shown[key[1]].color_index,
                result=result,
                running=self._is_running(key[1], key[0], key[2]),
                corrected=shown[key[1]].corrected,
            )
            for key, result in sorted(self._admitted.items(), key=lambda item: shown[item[0][1]].color_index if item[0][1] in shown else 0)
            if key[1] in shown
        )
        self.changed.emit()

    @Slot(object, object)
    def take_event(self, job: BenchmarkJob, event: FramesPlanned | FramesEvaluated) -> None:
        """Take in what a running job plans or has evaluated."""
        collected = self._collected_of(job.family, job.model, job.mode)
        key = job.family, job.model, job.mode
        self._jobs[key] = job.id
        if isinstance(event, FramesPlanned):
            collected.plan(event.frames)
            self._note_frames(job.family, event.frames)
        else:
            collected.add(event.evaluated)
            self._note_predictions(job.model, event)
        self._mark_stale(key)

    def frame(self, content_hash: str | None) -> Frame | None:
        """Return a frame of any family by its content hash."""
        return self._frames.get(content_hash or "")

    def prediction(self, model: str, frame: Frame) -> Prediction | None:
        """Return what a model said about a frame on its given geometry."""
        return self._predictions.get((model, frame.content_hash))

    def frames_of(self, family: str, system: str) -> tuple[Frame, ...]:
        """Return the frames of a system, in the order of its plan."""
        systems = self._systems.get(family)
        return systems.of(system) if systems is not None else ()

    # ---- private

    def _collected_of(self, family: str, model: str, mode: str) -> CollectedFrames:
        from guiapp.benchmarks.collected import CollectedFrames  # noqa: PLC0415 - with the families, which the start has no time for
        from guiapp.benchmarks.registry import family as find_family  # noqa: PLC0415

        key = family, model, mode
        if key not in self._collected:
            self._collected[key] = CollectedFrames(find_family(family), model, mode)
        return self._collected[key]

    def _note_frames(self, family: str, frames: Sequence[Frame]) -> None:
        self._systems.setdefault(family, SystemFrames()).add(frames)
        for frame in frames:
            self._frames.setdefault(frame.content_hash, frame)

    def _note_predictions(self, model: str, event: FramesEvaluated) -> None:
        for one in event.evaluated:
            if one.relaxed is None:  # else it belongs to another geometry
                self._predictions[model, one.frame.content_hash] = one.prediction

    def _mark_stale(self, key: Key) -> None:
        self._stale.add(key)
        if not self._working and not self._timer.isActive():
            self._timer.start(max(0, int(1000 * (INTERVAL - (time.monotonic() - self._last)))))

    @Slot()
    def _reduce(self) -> None:
        wanted = [(key, self._collected[key].copy(), self._systems.setdefault(key[0], SystemFrames()).copy()) for key in self._stale]
        self._stale.clear()
        self._working = True
        generation, chosen = self._generation, self._filter

        def work(state: TaskState) -> tuple[int, dict[Key, tuple[FamilyResult, FamilyResult]]]:
            found = {}
            for key, collected, systems in wanted:
                state.stop_if_cancelled()
                result = collected.reduce()
                shown = admitted(result, systems, chosen)
                finding_of_result(shown)  # so that the views find it at hand
                found[key] = result, shown
            return generation, found

        self._background.start(work, self._take_results, failed=self._reduction_failed)

    @Slot(object)
    def _take_results(self, found: tuple[int, dict[Key, tuple[FamilyResult, FamilyResult]]]) -> None:
        generation, results = found
        if generation != self._generation:
            return
        self._working = False
        self._last = time.monotonic()
        for key, (result, shown) in results.items():
            self._results[key], self._admitted[key] = result, shown
        self.refresh()
        for key, (result, _) in results.items():
            if not self._is_running(key[1], key[0], key[2]) and key not in self._stale:
                self._keep_rows(key, result)
        for key in tuple(self._stale):
            self._mark_stale(key)

    @Slot(str)
    def job_ended(self, _job: str) -> None:
        """Show that nothing more is to come, and keep the rows of what is complete."""
        self.refresh()
        for key, result in self._results.items():
            if key not in self._stale and not self._working and not self._is_running(key[1], key[0], key[2]):
                self._keep_rows(key, result)

    def _keep_rows(self, key: Key, result: FamilyResult) -> None:
        job, project = self._jobs.pop(key, None), self._project
        if job is not None and project is not None and not project.read_only:
            self._background.write(lambda: project.rows.keep(job, result.rows, reducer=__version__))

    @Slot(object)
    def _reduction_failed(self, _error: Exception) -> None:
        self._working = False
        for key in tuple(self._stale):
            self._mark_stale(key)

    @Slot(object)
    def _take_kept(self, found: tuple[int, Sequence[KeptFamily]]) -> None:
        generation, families = found
        if generation != self._generation:
            return
        self._restoring = False
        for one in families:
            live = self._collected.get(one.key)
            self._collected[one.key] = one.collected
            self._note_frames(one.key[0], one.frames)
            for evaluated in one.collected.evaluated:
                if evaluated.relaxed is None:
                    self._predictions.setdefault((one.key[1], evaluated.frame.content_hash), evaluated.prediction)
            if live is None:
                self._results[one.key] = one.result
                if self._filter.elements is None and self._filter.compounds is None:
                    self._admitted[one.key] = one.result
                else:
                    self._mark_stale(one.key)
            else:  # a job has brought news meanwhile
                one.collected.plan(evaluated.frame for evaluated in live.evaluated)
                one.collected.add(live.evaluated)
                self._mark_stale(one.key)
        self.refresh()
        self.restored.emit()

    @Slot(object)
    def _kept_failed(self, _error: Exception) -> None:
        self._restoring = False
        self.restored.emit()
