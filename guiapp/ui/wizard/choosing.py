"""Pages 1 and 2 at work: the target, its candidates, and sampling them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot

from guiapp.errors import UserFacingError
from guiapp.ui.wizard.flow import problem_of
from guiapp.ui.wizard.sampling_process import Sample, SamplingOrder, sample
from guiapp.ui.wizard.target_view import family_titles, target_entries, words_without_numbers
from guiapp.ui.workers.process_thread import ProcessThread

if TYPE_CHECKING:
    from guiapp.correction.sampling import SamplingPlan
    from guiapp.ui.wizard.window import CorrectionWizard


class Choosing(QObject):
    """Connects target and choice with the course of the correction."""

    def __init__(self, wizard: CorrectionWizard) -> None:
        """Connect the pages."""
        super().__init__(wizard)
        self._wizard, self._flow = wizard, wizard.flow
        self._sampling: ProcessThread | None = None
        self._connect()

    def _connect(self) -> None:
        flow, wizard = self._flow, self._wizard
        # Queued: the list may be filled anew, which must not happen while it handles the click.
        wizard.target.compounds_changed.connect(flow.use_compounds, Qt.ConnectionType.QueuedConnection)
        wizard.target.family_changed.connect(self._use_family)
        wizard.target.model_changed.connect(self._use_model)
        for signal in (wizard.target.opened, wizard.target.dropped):
            signal.connect(self._open_structures)
        wizard.choice.labels_changed.connect(flow.choose_frames)
        wizard.choice.counts_changed.connect(flow.propose)
        wizard.choice.frame_activated.connect(wizard.frame_requested)
        wizard.choice.source_changed.connect(self._use_source)
        wizard.choice.sampling.requested.connect(self._start_sampling)
        wizard.choice.sampling.cancel_requested.connect(self._stop_sampling)
        flow.choice_changed.connect(self.show_choice)

    def show_target(self) -> None:
        """Show models, families, compounds, and how soft the model is on the ticked ones."""
        flow, page = self._flow, self._wizard.target
        models = flow.session.models or (flow.model,)
        page.offer_models([(name, flow.session.title(name)) for name in dict.fromkeys((*models, flow.model))], flow.model)
        page.offer_families(family_titles(flow), flow.choices.family)
        page.offer(target_entries(flow), flow.choices.compounds)
        page.show_reason(flow.reason)
        proposal = flow.ground.proposal if flow.is_ready else None
        if proposal is not None:
            page.show_state(proposal.state, flow.title)
        else:
            page.show_words(*words_without_numbers(flow), ready=flow.is_ready and bool(flow.unlabelled() or flow.ground.sampled))

    @Slot(str)
    def _use_family(self, family: str) -> None:
        self._flow.choose(family=family)
        compounds = set(self._flow.compounds())
        kept = [name for name in self._flow.choices.compounds if name in compounds]
        if family and not kept:
            worst = [entry for entry in target_entries(self._flow) if entry.scale is not None]
            kept = [min(worst, key=lambda entry: entry.scale or 1.0).compound] if worst else []
        if tuple(kept) != self._flow.choices.compounds and kept:
            self._flow.use_compounds(kept)
        else:
            self.show_target()

    @Slot(str)
    def _use_model(self, model: str) -> None:
        if model != self._flow.model:
            self._wizard.model_requested.emit(model)

    @Slot(object)
    def _open_structures(self, paths: Sequence[Path]) -> None:
        """Read structures into the project; the first new compound becomes the target."""
        self._flow.target_what_comes()
        self._flow.session.read(paths)

    @Slot()
    def show_choice(self) -> None:
        """Show the ranking, and what is chosen of it."""
        flow, page = self._flow, self._wizard.choice
        ranking = flow.ranking if flow.is_ready else None
        both = flow.ground.labelled is not None and flow.ground.sampled is not None
        other = ("Show the labelled ones" if flow.is_sampled else "Show the sampled ones") if both else ""
        page.show_ranking(ranking, sampled=flow.is_sampled, other_source=other)
        proposed = flow.proposed(ranking) if ranking is not None else ()
        page.show_choice(flow.choices.chosen, proposed, flow.judges(), flow.choices.n_fit, flow.choices.n_judge)
        page.sampling.show_plan(flow.choices.plan)
        page.show_starts(len(flow.sampling_starts()) if flow.is_ready else 0)

    @Slot(bool)
    def _use_source(self, sampled: bool) -> None:  # noqa: FBT001 - the signature of the page's signal
        self._flow.choose(sampled=sampled, chosen=())
        self._flow.refresh()

    @Slot(object)
    def _start_sampling(self, plan: SamplingPlan) -> None:
        starts = self._flow.sampling_starts()
        if self._sampling is not None or not starts:
            return
        self._flow.choose(plan=plan)
        thread = ProcessThread(sample, SamplingOrder(self._flow.model, starts, plan, cluster=self._flow.cluster), self)
        thread.progressed.connect(self._wizard.choice.sampling.show_progress)
        thread.succeeded.connect(self._take_sample)
        thread.refused.connect(self._tell_sampling_refusal)
        thread.crashed.connect(self._tell_sampling_crash)
        thread.died.connect(self._tell_sampling_death)
        thread.given_up.connect(self._tell_sampling_stop)
        thread.finished.connect(self._end_sampling)
        self._sampling = thread
        self._wizard.choice.sampling.show_progress("starting")
        self._wizard.choice.ready_changed.emit()
        thread.start()

    @Slot()
    def _stop_sampling(self) -> None:
        if self._sampling is not None:
            self._sampling.give_up()

    @Slot(object)
    def _take_sample(self, found: Sample) -> None:
        self._wizard.choice.sampling.show_stopped("")
        self._wizard.choice.more.setChecked(False)
        self._flow.use_sample(found)

    @Slot(object)
    def _tell_sampling_refusal(self, error: UserFacingError) -> None:
        self._wizard.choice.sampling.show_stopped(problem_of(error))
        self._wizard.choice.ready_changed.emit()

    @Slot(object)
    def _tell_sampling_crash(self, error: Exception) -> None:
        self._wizard.choice.sampling.show_stopped("The sampling failed because of a bug in Temper.")
        self._wizard.crashed.emit(error)

    @Slot()
    def _tell_sampling_death(self) -> None:
        self._wizard.choice.sampling.show_stopped("The sampling was ended from outside (out of memory, or killed). Start it again.")

    @Slot()
    def _tell_sampling_stop(self) -> None:
        self._wizard.choice.sampling.show_stopped("Cancelled; nothing was changed.")
        self._wizard.choice.ready_changed.emit()

    @Slot()
    def _end_sampling(self) -> None:
        if self._sampling is not None:
            self._sampling.deleteLater()
            self._sampling = None

    def shut_down(self) -> None:
        """End a sampling."""
        if self._sampling is not None:
            self._sampling.give_up()
            self._sampling.wait()
