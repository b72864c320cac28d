"""The course of one correction: what is known, what was chosen, what follows from it; pages show it and tell what the user wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from guiapp.correction.corrected import Method, default_method
from guiapp.correction.fine_tune import can_be_trained
from guiapp.correction.label_choice import Candidate, LabelRanking
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.frames.reference_set import Provenance, ReferenceSet
from guiapp.potentials.potential import Prediction
from guiapp.potentials.registry import find_card
from guiapp.ui.session import Session
from guiapp.ui.wizard.asking import ClusterAccess
from guiapp.ui.wizard.first_target import FirstTarget, first_target, reminder
from guiapp.ui.wizard.ground import Ground, states_of
from guiapp.ui.wizard.label_search import Finding, Wanted
from guiapp.ui.wizard.memory import Choices, KeptLabel, WizardMemory
from guiapp.ui.wizard.order import provenance_of
from guiapp.ui.wizard.sampling_process import Sample
from guiapp.ui.wizard.steps import KnownFrames, frames_to_judge_on, propose, rank_sample

if TYPE_CHECKING:
    from guiapp.ui.workers.task_thread import TaskState


_MOST_MEASURED = 500
"""Frames that the model is asked about unasked."""


class CorrectionFlow(QObject):
    """One correction of one model in one project.

    Signals:
        restored: What an earlier session chose is read.
        ground_changed: Target, its state or its candidates changed.
        choice_changed: Other structures are to be labelled or fitted.
        labels_changed: A label came in.
    """

    restored = Signal()
    ground_changed = Signal()
    choice_changed = Signal()
    labels_changed = Signal()

    def __init__(self, session: Session, model: str, memory: WizardMemory, parent: QObject | None = None) -> None:
        """Begin; ``restored`` tells when what was kept is read.

        Args:
            session: Whose structures and results are used.
            model: Name of the model to correct.
            memory: What an earlier session kept.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self.session, self.model, self.memory = session, model, memory
        self.title = session.title(model)
        self.card = find_card(model)
        self.choices = Choices()
        self.sample = Sample((), ())
        self.labels: dict[str, KeptLabel] = {}
        self.ground = Ground((), KnownFrames((), {}), None, None)
        self.is_ready = False
        """Whether the ground belongs to the present choices."""
        self.reason = ""
        """Why these compounds are ticked, where the user did not tick them."""
        self._is_restored = False
        self._turn = 0
        self._measured: set[str] = set()
        self._brought: set[str] = set()
        self._awaits = False
        """Whether the next structure that is read becomes the target."""
        self._suggests = False
        """Whether the target is this program's suggestion, made before anything was measured."""
        self._known_then = (0, 0)
        session.results.changed.connect(self._follow_results)
        session.structures.changed.connect(self._follow_structures)
        session.jobs.ended.connect(self._follow_results)
        session.background.start(lambda _state: memory.load(), self._take_kept)

    @property
    def cluster(self) -> ClusterAccess | None:
        """The cluster that answers for processes of the wizard; None for this machine."""
        link, project = self.session.jobs.link, self.session.project
        return ClusterAccess(link, str(project.path)) if link is not None and project is not None else None

    @property
    def color_index(self) -> int:
        """Place of the model's colour in a palette."""
        look = self.session.looks(hidden=True).get(self.model)
        return look.color_index if look is not None else 0

    # ---- target

    @Slot(object)
    def use_compounds(self, compounds: Sequence[str]) -> None:
        """Make other compounds the target, as the user wishes."""
        self._use(tuple(compounds), "", ticked=True)

    def follow_selection(self) -> None:
        """Begin with what is selected in the window, unless the user ticked something or is beyond the first page already."""
        if not self._is_restored:
            return
        if self.choices.reached or self.choices.ticked:
            self.reason = self._reminder()
            self.ground_changed.emit()
        else:
            first = self._first_target()
            self._use((first.compound,) if first.compound else (), first.reason, ticked=False)

    def _use(self, compounds: tuple[str, ...], reason: str, *, ticked: bool) -> None:
        self._suggests = False
        changes, self.reason = reason != self.reason, reason
        if compounds != self.choices.compounds:
            self.choose(compounds=compounds, ticked=ticked, chosen=(), reached=0, trained=False)
            self.refresh()
        elif changes:
            self.ground_changed.emit()

    def target_what_comes(self) -> None:
        """Make the next structure that is read into the project the target."""
        self._awaits = True

    def compounds(self) -> tuple[str, ...]:
        """Return every compound of the project's family, labelled or not, in order of first appearance."""
        return tuple(dict.fromkeys(frame.compound for frame in self._frames_of_family()))

    def unlabelled(self) -> tuple[Frame, ...]:
        """Return the structures of the target that have no DFT forces."""
        labelled = {frame.content_hash for frame in self.session.structures.frames if frame.forces is not None} | set(self.labels)
        wanted = self.choices.compounds
        return tuple(
            frame
            for frame in self.session.structures.frames
            if frame.compound in wanted and frame.forces is None and frame.content_hash not in labelled
        )

    def unmeasured(self) -> tuple[Frame, ...]:
        """Return labelled frames of the target that the model was not asked about yet."""
        known, wanted = self.session.results, self.choices.compounds
        return tuple(
            frame
            for frame in self.session.structures.frames
            if frame.compound in wanted and frame.forces is not None and frame.usable and not known.knows(self.model, frame)
        )

    # ---- choice

    @property
    def ranking(self) -> LabelRanking | None:
        """What page 2 shows: sampled candidates or labelled ones."""
        ground = self.ground
        if self.choices.sampled or ground.labelled is None:
            return ground.sampled
        return ground.labelled

    @property
    def is_sampled(self) -> bool:
        """Whether sampled candidates are shown, which have to be labelled first."""
        return self.ranking is not None and self.ranking is self.ground.sampled

    def chosen(self) -> tuple[Frame, ...]:
        """Return the structures to fit, best first."""
        if self.ranking is None:
            return ()
        wanted = set(self.choices.chosen)
        return tuple(candidate.frame for candidate in self.ranking.candidates if candidate.frame.content_hash in wanted)

    def judges(self) -> tuple[Frame, ...]:
        """Return further structures to label in order to judge the correction."""
        ranking = self.ranking
        if ranking is None or not self.is_sampled:
            return ()
        return frames_to_judge_on(ranking, self.chosen(), self.choices.n_judge)

    def to_label(self) -> tuple[Wanted, ...]:
        """Return the structures that have no label yet, with what the model says about them."""
        predictions = self._predictions()
        missing = [frame for frame in (*self.chosen(), *self.judges()) if self._label_of(frame) is None]
        return tuple(Wanted(frame, predictions.get(frame.content_hash)) for frame in missing)

    def sampling_starts(self) -> tuple[Frame, ...]:
        """Return what candidates can be made of: the unlabelled structures, else the calmest labelled one of a single compound."""
        if unlabelled := self.unlabelled():
            return unlabelled
        proposal = self.ground.proposal
        if proposal is None or len(self.choices.compounds) != 1:
            return ()
        calmest = min(proposal.target, key=lambda frame: (frame.largest_force or 0.0, frame.content_hash))
        return (calmest.with_changes(energy=None, forces=None, stress=None, magmoms=None, info={}),)

    def proposed(self, ranking: LabelRanking) -> tuple[Candidate, ...]:
        """Return the best structures for so many labels: the strongest for one scalar, weak to strong ones to train weights on."""
        n = self.choices.n_fit
        if default_method(n, can_be_trained=can_be_trained(self.card)) is Method.SCALE:
            return ranking.propose(n)
        return ranking.spread(n)

    def choose_frames(self, hashes: Sequence[str]) -> None:
        """Fit these structures."""
        if set(hashes) != set(self.choices.chosen):
            self.choose(chosen=tuple(hashes), reached=min(self.choices.reached, 1), trained=False)
            self.choice_changed.emit()

    def propose(self, n_fit: int, n_judge: int) -> None:
        """Choose the best structures."""
        self.choose(n_fit=n_fit, n_judge=n_judge)
        if self.ranking is not None:
            self.choose_frames([candidate.frame.content_hash for candidate in self.proposed(self.ranking)])
        self.choice_changed.emit()

    def use_sample(self, sample: Sample) -> None:
        """Take in candidates that were sampled; they are shown at once."""
        self.sample = sample
        self.choose(sampled=True, chosen=(), trained=False)
        self.session.background.write(lambda: self.memory.save_sample(sample))
        self.refresh()

    # ---- labels

    def fitted(self) -> tuple[Frame, ...]:
        """Return the chosen structures with their labels; fewer than chosen where some wait for theirs."""
        found = (self._label_of(frame) for frame in self.chosen())
        return tuple(frame for frame in found if frame is not None)

    def take_label(self, finding: Finding) -> None:
        """Take in a DFT result that may be fitted."""
        result = finding.result
        if result is None or not finding.usable:
            return
        words = tuple(f"{'✓' if check.passed else '!'} {check.what}" for check in result.checks)
        self.labels[finding.frame_hash] = KeptLabel(result.frame, result.provenance, words)
        kept = tuple(self.labels.values())
        self.session.background.write(lambda: self.memory.save_labels(kept))
        self.labels_changed.emit()
        self.refresh()

    def bring_labels_into_project(self) -> None:
        """Add labels that were taken in to the project, where every view shows them, and measure the model on them."""
        project = self.session.project
        there = {frame.content_hash for frame in self.session.structures.frames if frame.forces is not None}
        fresh = [label for key, label in self.labels.items() if key not in there | self._brought]
        if not fresh or project is None or project.read_only:
            return
        name = "-".join(dict.fromkeys(label.frame.formula for label in fresh))
        labels = ReferenceSet(
            f"labels-{name}", f"{name}, labelled for a correction", tuple(label.frame for label in fresh), fresh[0].provenance
        )
        self._brought |= {frame.content_hash for frame in labels.frames}
        self.session.structures.open_set(labels.title, lambda _progress: labels)
        self.session.run([self.model], labels.frames)

    def provenance(self, labels: Sequence[Frame]) -> Provenance:
        """Return where labels come from."""
        own = [((label.frame,), label.provenance) for label in self.labels.values()]
        sets = [(one.frames, one.provenance) for one in self.session.structures.sets]
        return provenance_of([*own, *sets], labels)

    # ---- keeping

    def choose(self, **changes: object) -> None:
        """Change choices and keep them."""
        self.choices = choices = replace(self.choices, **changes)  # type: ignore[arg-type]
        self.session.background.write(lambda: self.memory.save_choices(choices))

    def refresh(self) -> None:
        """Work out anew, in the background, what the pages stand on."""
        self._turn += 1
        self._known_then = self._known_now()
        self.is_ready = False
        turn, compounds, sample = self._turn, self.choices.compounds, self.sample
        frames = self._frames()
        predictions, max_force = self._predictions(), self.session.filter.max_force
        families = {frame.content_hash: one.family for one in self.session.structures.sets for frame in one.frames}

        def work(_state: TaskState) -> tuple[int, Ground]:
            known = KnownFrames.of(frames, predictions, max_force)
            proposal = propose(known, compounds) if any(frame.compound in compounds for frame in known.frames) else None
            own = [k for k, frame in enumerate(sample.frames) if frame.compound in compounds]
            sampled = None
            if own:
                target = proposal.target if proposal is not None else ()
                sampled = rank_sample([sample.frames[k] for k in own], [sample.predictions[k] for k in own], target)
            return turn, Ground(compounds, known, proposal, sampled, states_of(known, families))

        self.ground_changed.emit()
        self.session.background.start(work, self._take_ground)

    @Slot(object)
    def _take_kept(self, kept: tuple[Choices, Sample, tuple[KeptLabel, ...]]) -> None:
        self.choices, self.sample, labels = kept
        self.labels = {label.frame.content_hash: label for label in labels}
        there = {frame.compound for frame in (*self.session.structures.frames, *self.sample.frames)}
        if not self.choices.compounds or not set(self.choices.compounds) <= there:
            self.choices = Choices()
        self._is_restored = True
        if self.choices.reached or self.choices.ticked:
            self.reason = self._reminder()
        else:
            first = self._first_target()
            self.reason, compounds = first.reason, (first.compound,) if first.compound else ()
            if compounds != self.choices.compounds:
                self.choices = replace(self.choices, compounds=compounds, chosen=(), trained=False)
        self.restored.emit()
        self.refresh()

    @Slot(object)
    def _take_ground(self, found: tuple[int, Ground]) -> None:
        turn, ground = found
        if turn != self._turn:
            return  # something changed meanwhile
        self.ground, self.is_ready = ground, True
        ranking = self.ranking
        if ranking is not None and not self.chosen():
            self.choose(chosen=tuple(candidate.frame.content_hash for candidate in self.proposed(ranking)))
        self._measure()
        if self._suggests and ground.known.frames and not self.session.jobs.model_is_busy(self.model):
            self.follow_selection()
        self.ground_changed.emit()
        self.choice_changed.emit()

    @Slot()
    def _follow_results(self) -> None:
        if self.session.project is None:
            return
        if self.session.jobs.model_is_busy(self.model) or not self.choices.compounds:
            return
        if self._known_now() != self._known_then:
            self.refresh()

    @Slot(object, object)
    def _follow_structures(self, before: Sequence[ReferenceSet], after: Sequence[ReferenceSet]) -> None:
        if self.session.project is None:
            return
        known = {id(frame) for one in before for frame in one.frames}
        fresh = [frame.compound for one in after for frame in one.frames if id(frame) not in known]
        if self._awaits and fresh:
            self._awaits = False
            self.choose(family="")
            self.use_compounds(fresh[:1])
        self._follow_results()

    def _known_now(self) -> tuple[int, int]:
        """Return what tells whether frames or results changed since the ground was laid."""
        return id(self.session.structures.frames), len(self.session.results.predictions(self.model))

    def _measure(self) -> None:
        """Ask the model about labelled frames of the target that it was not asked about, once each."""
        wanted = self.unmeasured()
        if not self.ground.known.frames:  # nothing is measured at all: then only everything tells which compound to begin with
            wanted = tuple(f for f in self.session.structures.frames if f.forces is not None and f.usable)[:_MOST_MEASURED]
        fresh = [frame for frame in wanted if frame.content_hash not in self._measured]
        project = self.session.project
        if fresh and project is not None and not project.read_only and not self.session.jobs.model_is_busy(self.model):
            self._measured |= {frame.content_hash for frame in fresh}
            self._suggests = not self.ground.known.frames and self.choices.step == 0
            self.session.run([self.model], fresh)

    def _first_target(self) -> FirstTarget:
        frames = self.session.structures.frames
        known = KnownFrames.of(frames, self.session.results.predictions(self.model), self.session.filter.max_force)
        return first_target(self.session.selection.current.compound, frames, known, self.session.filter.max_force)

    def _reminder(self) -> str:
        return reminder(self.session.selection.current.compound, self.choices.compounds, self.compounds())

    def _frames_of_family(self) -> list[Frame]:
        family = self.choices.family
        return [frame for one in self.session.structures.sets if not family or one.family == family for frame in one.frames]

    def _frames(self) -> tuple[Frame, ...]:
        """Return the project's frames and labels that are not in it yet, each configuration once with labels."""
        there = {frame.content_hash for frame in self.session.structures.frames if frame.forces is not None}
        own = (label.frame for key, label in self.labels.items() if key not in there)
        return (*self.session.structures.frames, *own)

    def _predictions(self) -> dict[str, Prediction]:
        own = {f.content_hash: p for f, p in zip(self.sample.frames, self.sample.predictions, strict=True)}
        return {**own, **self.session.results.predictions(self.model)}

    def _label_of(self, frame: Frame) -> Frame | None:
        """Return a structure with its label, if it has one."""
        kept = self.labels.get(frame.content_hash)
        if kept is not None:
            return kept.frame
        return frame if frame.forces is not None else None


def problem_of(error: UserFacingError) -> str:
    """Return an error as one paragraph of a page."""
    return f"{error.what} {error.advice}".strip()
