"""What connects the panels of the window with the session: intents one way, redrawing the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from guiapp.benchmarks.frame_filter import FrameFilter
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.frames.reference_set import functional_of
from guiapp.ui.benchmark.failures_dialog import FailuresDialog
from guiapp.ui.browser.panel import ScaleEntry
from guiapp.ui.family_wiring import FamilyWiring
from guiapp.ui.frame_note import frame_note
from guiapp.ui.results.entries import ends
from guiapp.ui.selection import Selection
from guiapp.ui.top_bar import ModelChip
from guiapp.ui.viewer.panel import ModelForces
from guiapp.ui.wizard.opening import WizardOpening

if TYPE_CHECKING:
    from guiapp.ui.main_window import MainWindow
    from guiapp.ui.wizard.window import CorrectionWizard

_PLAY_INTERVAL = 350


class Wiring(QObject):
    """No panel knows another; what the user does in one reaches the others through the session and this."""

    def __init__(self, window: MainWindow) -> None:
        """Connect everything."""
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._wizards = WizardOpening(self._session, window, window.theme)
        self._play_timer = QTimer(self)
        self._play_timer.setInterval(_PLAY_INTERVAL)
        self._play_timer.timeout.connect(self._play_on)
        self.families = FamilyWiring(window)
        self._connect_bar_and_browser()
        self._connect_results_and_viewer()
        self._connect_jobs()
        self._connect_session()

    def refresh(self) -> None:
        """Draw everything anew, as after a change of theme."""
        self._wizards.set_palette(self._window.theme)
        self._refresh_models()
        self._refresh_filter()
        self._refresh_project()
        self._refresh_results()

    def open_wizard(self) -> None:
        """Open the wizard for the first shown model, or bring it to the front."""
        self._wizards.open()

    @property
    def wizard(self) -> CorrectionWizard | None:
        """The wizard that was opened last in this project."""
        return self._wizards.current

    def stop_playing(self) -> None:
        """Stop the film of frames."""
        self._play_timer.stop()

    def _connect_bar_and_browser(self) -> None:
        window, session = self._window, self._session
        structures, browser = session.structures, window.browser
        window.top_bar.action_requested.connect(window.run_action)
        window.top_bar.model_shown.connect(session.show_model)
        window.top_bar.model_added.connect(session.add_model)
        window.top_bar.model_removed.connect(session.remove_model)
        window.top_bar.model_asked.connect(window.models_desk.show_page)
        window.top_bar.recompute_requested.connect(window.models_desk.recompute)
        window.top_bar.filter_requested.connect(window.show_filter)
        window.filter_popup.filter_changed.connect(session.set_filter)
        browser.compound_selected.connect(self._select_compound)
        browser.frame_selected.connect(self._select_frame)
        browser.paths_dropped.connect(window.take_paths)
        browser.open_requested.connect(window.open_files)
        browser.demo_requested.connect(window.open_demo)
        browser.regroup_requested.connect(structures.regroup)
        browser.rename_compound_requested.connect(structures.rename_compound)
        browser.remove_requested.connect(structures.remove)
        browser.benchmark_requested.connect(self._benchmark_these)
        browser.export_frames_requested.connect(window.export_frames)
        browser.frame_filter_changed.connect(self._filter_from_browser)
        browser.region_cleared.connect(self._clear_region)
        browser.provenance_requested.connect(window.desk.show_provenance)
        browser.energies_requested.connect(self._check_energies)

    def _connect_results_and_viewer(self) -> None:
        window, results, viewer = self._window, self._window.results, self._window.viewer
        results.atom_activated.connect(self._select_atom_of)
        results.compound_activated.connect(self._select_compound)
        results.element_activated.connect(self._only_element)
        results.region_selected.connect(self._only_frames)
        results.next_step_requested.connect(window.run_action)
        results.export_failed.connect(window.message_bar.show_error)
        results.told.connect(window.notice)
        viewer.atom_picked.connect(self._atom_picked)
        viewer.step_requested.connect(self._step)
        viewer.play_toggled.connect(self._toggle_play)
        viewer.export_failed.connect(window.message_bar.show_error)
        viewer.copied.connect(window.notice)

        self._wizards.frame_requested.connect(self._show_candidate)
        self._wizards.refused.connect(window.message_bar.show_error)

    def _connect_jobs(self) -> None:
        panel, queue = self._window.jobs_panel, self._session.jobs
        self._window.setup.run_requested.connect(self._session.run_request)
        panel.pause_requested.connect(queue.pause)
        panel.resume_requested.connect(queue.resume)
        panel.resume_interrupted_requested.connect(queue.resume)
        panel.cancel_requested.connect(queue.cancel)
        panel.run_again_requested.connect(queue.run_again)
        panel.retry_requested.connect(queue.retry)
        panel.failures_requested.connect(self._show_failures)
        panel.dismissed.connect(queue.dismiss)
        queue.changed.connect(panel.update_job)
        queue.removed.connect(panel.remove_job)
        queue.ended.connect(self._refresh_kept)

    def _connect_session(self) -> None:
        session = self._session
        session.project_changed.connect(self._refresh_project)
        session.structures.changed.connect(self._refresh_structures)
        session.models_changed.connect(self._refresh_models)
        session.filter_changed.connect(self._refresh_filter)
        session.evaluations.changed.connect(self._refresh_results)
        session.selection.changed.connect(self._show_selection)
        session.refused.connect(self._window.message_bar.show_error)
        for desk in (self._window.desk, self._window.models_desk):
            desk.crashed.connect(session.crashed)
        self._window.models_desk.refused.connect(self._window.message_bar.show_error)
        self._window.models_desk.judged.connect(self._refresh_models)
        self._wizards.refusal = self._window.models_desk.refusal
        cluster = self._window.cluster_desk
        cluster.crashed.connect(session.crashed)
        self._window.results.crashed.connect(session.crashed)
        cluster.refused.connect(self._window.message_bar.show_error)
        cluster.noticed.connect(self._window.notice)
        cluster.place_changed.connect(self._refresh_kept)
        session.noticed.connect(self._window.notice)
        session.busy_changed.connect(self._show_busy)

    # ---- intents

    @Slot(str)
    def _select_compound(self, compound: str) -> None:
        self._session.selection.select(Selection(compound or None))

    @Slot(object)
    def _select_frame(self, frame: Frame) -> None:
        self._session.selection.select(Selection(frame.compound, frame.content_hash))

    @Slot(object)
    def _show_candidate(self, frame: Frame) -> None:
        if self._session.structures.frame(frame.content_hash) is not None:
            self._select_frame(frame)
        else:  # sampled by the wizard, and not in the project
            self._window.viewer.set_frame(frame)
            self._show_frame_forces()

    @Slot(str, int)
    def _select_atom_of(self, frame_hash: str, atom: int) -> None:
        frame = self._session.structures.frame(frame_hash)
        if frame is not None:
            self._session.selection.select(Selection(frame.compound, frame_hash, atom))
            self._window.layout_of_docks.bring_viewer_forward()

    @Slot(int)
    def _atom_picked(self, atom: int) -> None:
        shown = self._window.viewer.frame
        if shown is not None:
            self._session.selection.select(Selection(shown.compound, shown.content_hash, atom if atom >= 0 else None))

    @Slot(str)
    def _only_element(self, symbol: str) -> None:
        current, alone = self._session.filter.elements, frozenset({symbol})
        self._session.set_filter(replace(self._session.filter, elements=None if current == alone else alone))

    @Slot(object)
    def _only_frames(self, hashes: frozenset[str]) -> None:
        self._session.set_filter(replace(self._session.filter, frames=hashes))

    @Slot()
    def _clear_region(self) -> None:
        self._session.set_filter(replace(self._session.filter, frames=None))

    @Slot(object)
    def _filter_from_browser(self, chosen: FrameFilter) -> None:
        self._session.set_filter(
            replace(self._session.filter, max_force=chosen.max_force, elements=chosen.elements, compounds=chosen.compounds)
        )

    @Slot(object)
    def _benchmark_these(self, frames: Sequence[Frame]) -> None:
        self._window.open_setup(frames, choose=True)

    @Slot(str)
    def _check_energies(self, name: str) -> None:
        session = self._session
        from guiapp.ui.data_page.energy_card import ModelEnergies  # noqa: PLC0415 - the start has no time for it

        known = [ModelEnergies(session.title(model), session.results.predictions(model)) for _, model in session.shown_models()]
        card = self._window.desk.show_energies(name, known, session.background)
        if card is not None:
            card.benchmark_requested.connect(self._benchmark_these)

    @Slot(str)
    def _show_failures(self, job: str) -> None:
        title = next((view.title for view in self._window.jobs_panel.jobs() if view.id == job), "")
        jobs = self._session.jobs
        try:
            failures = jobs.failures(job)
        except UserFacingError as error:
            self._window.message_bar.show_error(error)
            return
        trouble = jobs.trouble(job)
        if trouble is not None and not failures:  # no frame is to blame: the job as a whole stopped
            self._window.message_bar.show_error(trouble)
            return
        dialog = FailuresDialog(job, title, failures, self._window)
        dialog.frame_requested.connect(self._select_failed)
        dialog.retry_requested.connect(jobs.retry)
        dialog.show()

    @Slot(str)
    def _select_failed(self, frame_hash: str) -> None:
        frame = self._session.structures.frame(frame_hash)
        if frame is not None:
            self._select_frame(frame)

    @Slot(int)
    def _step(self, by: int) -> None:
        if not self.families.step(by):
            self._session.structures.step(by)

    @Slot()
    def _toggle_play(self) -> None:
        if self._play_timer.isActive():
            self._play_timer.stop()
        else:
            self._play_timer.start()

    @Slot()
    def _play_on(self) -> None:
        self._session.structures.step(1, remember=False)  # a film is no step that Back should walk through

    # ---- redrawing

    @Slot()
    def _refresh_project(self) -> None:
        project = self._session.project
        if project is None:
            self._window.setWindowTitle("Temper")
            self._window.show_project("no project", "")
            self._show_kept(None)
            return
        self._window.setWindowTitle(f"{project.path.stem} · Temper")
        self._window.show_project(f"{project.path.name} · {'read-only' if project.read_only else 'saved'}", str(project.path))
        self._window.settings.remember_project(project.path)
        self._refresh_kept()

    @Slot()
    def _refresh_kept(self) -> None:
        project = self._session.project
        if project is not None:
            self._session.background.start(lambda _state: project.statistics().predictions, self._show_kept)

    @Slot(object)
    def _show_kept(self, results: int | None) -> None:
        jobs = self._session.jobs
        place = f"on {jobs.place}" if jobs.place else f"{jobs.workers} worker{'' if jobs.workers == 1 else 's'}"
        kept = f" · {results:,} results kept" if results is not None else ""
        self._window.kept_label.setText(f"{place}{kept}")

    @Slot()
    def _refresh_structures(self) -> None:
        self._window.browser.set_sets(self._session.structures.sets)
        self._refresh_results()
        self._show_selection(self._session.selection.current)

    @Slot()
    def _refresh_models(self) -> None:
        session, theme = self._session, self._window.theme
        chips = [
            ModelChip(
                name,
                session.plain_title(name),
                theme.model_color(look.color_index),
                name not in session.hidden,
                corrected=look.corrected,
                failure=self._window.models_desk.failure(name),
                stored=session.stored.words(name),
            )
            for name, look in session.looks(hidden=True).items()
        ]
        self._window.top_bar.set_models(chips, session.cards())
        self._show_frame_forces()

    @Slot()
    def _refresh_filter(self) -> None:
        self._window.top_bar.set_filter_text(self._session.filter.describe())
        self._window.browser.set_frame_filter(self._session.filter)
        self._window.browser.show_only(self._session.filter.frames)

    @Slot()
    def _refresh_results(self) -> None:
        window, structures = self._window, self._session.structures
        evaluations = self._session.shown_evaluations
        window.results.set_evaluations(evaluations, has_frames=bool(structures.frames), functional=functional_of(structures.sets))
        compounds = evaluations[0].summary.compounds if evaluations else ()
        window.browser.set_scales(
            {one.name: ScaleEntry(one.statistics.scale, one.statistics.signal.enough, ends(one.interval)) for one in compounds}
        )
        window.results.set_selection(self._session.selection.current)
        self._show_frame_forces()

    @Slot(object)
    def _show_selection(self, selection: Selection) -> None:
        window, structures = self._window, self._session.structures
        window.browser.select(selection.compound, selection.frame)
        window.results.set_selection(selection)
        frame = structures.frame(selection.frame) or self.families.frame(selection.frame)
        if frame is None and selection.compound is not None:
            frame = next(iter(structures.of_compound(selection.compound)), None)
        if frame is not window.viewer.frame:
            window.viewer.set_frame(frame)
            self._show_frame_forces()
        window.viewer.select_atom(selection.atom)

    def _show_frame_forces(self) -> None:
        frame = self._window.viewer.frame
        if frame is None:
            return
        session, theme = self._session, self._window.theme
        known, of_family = session.results.prediction, self.families.prediction
        predictions = [(look, known(name, frame) or of_family(name, frame)) for name, look in session.looks().items()]
        self._window.viewer.set_model_forces(
            [
                ModelForces(look.title, theme.model_color(look.color_index), found.forces if found is not None else None, look.corrected)
                for look, found in predictions
            ]
        )
        self._window.viewer.set_frame_note(frame_note(frame, [(look.title, found) for look, found in predictions]))

    @Slot(str)
    def _show_busy(self, words: str) -> None:
        self._window.busy_label.setText(words)
        self._window.browser.set_loading(words or None)
