"""Everything that a report tells, read from a project or from a folder of results; no model is asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from guiapp.benchmarks.family import STATIC
from guiapp.benchmarks.force_table import ForceTable
from guiapp.benchmarks.frame_filter import FrameFilter
from guiapp.benchmarks.high_energy import summarise_high_energy
from guiapp.benchmarks.high_energy_summary import FAMILY as HIGH_ENERGY
from guiapp.benchmarks.registry import families
from guiapp.engine.keys import settings_hash
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.frames.reference_set import ReferenceSet
from guiapp.potentials.potential import PotentialCard
from guiapp.potentials.registry import find_card, prediction_settings, weights_hash
from guiapp.report.evaluation import Evaluation
from guiapp.report.family_evaluation import FamilyEvaluation

if TYPE_CHECKING:
    from guiapp.store.project import Project

_PROJECTS = "*.temper"
_BACKUP = ".backup.temper"
_CARDS = "model-card.json"
_LARGEST_CARD = 32 << 20


@dataclass(frozen=True, eq=False)
class ReportContent:
    """What was measured, with what, on what."""

    title: str
    evaluations: tuple[Evaluation, ...]
    """High-energy states, one a model."""
    families: tuple[FamilyEvaluation, ...]
    """The other families, one a family, model and mode."""
    sets: tuple[ReferenceSet, ...]
    cards: tuple[PotentialCard, ...]
    """Of the models."""
    corrections: tuple[Mapping[str, Any], ...] = ()
    """Model cards of exported corrections."""
    notes: tuple[str, ...] = ()
    """What could not be told, and why."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was measured."""
        return not (self.evaluations or self.families or self.corrections)


def read_report(place: Path, *, frame_filter: FrameFilter | None = None) -> ReportContent:
    """Read a project file, or a folder that ``bench``, ``demo`` or ``correct`` left behind.

    Args:
        place: Project file, or folder with a project or model cards in it.
        frame_filter: Which frames count; the default filter where not given.

    Raises:
        UserFacingError: Where there is nothing to report.
    """
    from guiapp.store.project import open_project  # noqa: PLC0415 - a second that the first window need not wait for

    projects = [place]
    if place.is_dir():
        projects = sorted(path for path in place.glob(_PROJECTS) if not path.name.endswith(_BACKUP))
    content = ReportContent(place.stem, (), (), (), ())
    if len(projects) > 1:
        names = ", ".join(path.name for path in projects)
        raise UserFacingError(f"The folder holds several projects: {names}.", advice="Name one of them.", path=place)
    if projects:
        with open_project(projects[0], create=False, read_only=True, back_up=False) as project:
            content = project_content(project, frame_filter=frame_filter)
    corrections = _corrections(place if place.is_dir() else place.parent)
    content = ReportContent(
        place.stem, content.evaluations, content.families, content.sets, content.cards, corrections if place.is_dir() else (), content.notes
    )
    if content.is_empty:
        raise UserFacingError("There is nothing to report yet.", advice="Run a benchmark first, or name another project.", path=place)
    return content


def project_content(
    project: Project,
    *,
    frame_filter: FrameFilter | None = None,
    models: Sequence[str] = (),
    stop: Callable[[], None] = lambda: None,
) -> ReportContent:
    """Reduce everything that a project keeps; called in a thread.

    Args:
        project: An open project.
        frame_filter: Which frames of the high-energy states count.
        models: Models in the order that decides their colours; those of the jobs follow.
        stop: Called between jobs; raises where the report is no longer wanted.
    """
    records = project.jobs.records()
    names = list(dict.fromkeys([*models, *(record.model for record in records)]))
    cards: dict[str, PotentialCard] = {}
    notes = []
    for name in names:
        try:
            cards[name] = find_card(name)
            weights_hash(cards[name])
        except UserFacingError as error:
            cards.pop(name, None)
            notes.append(f"{name} is left out: {error}")
    sets = project.reference_sets.load_all()
    functional = ", ".join(sorted({one.provenance.functional for one in sets if one.provenance.functional}))
    colors = {name: place for place, name in enumerate(names)}
    forces = tuple(frame for one in sets if one.family == HIGH_ENERGY for frame in one.frames if frame.forces is not None)
    asked = {record.model for record in records if record.family == HIGH_ENERGY}
    evaluations = []
    for name in names:
        stop()
        if name in asked and name in cards:
            chosen = FrameFilter() if frame_filter is None else frame_filter
            evaluation = _high_energy(project, cards[name], name, forces, functional=functional, frame_filter=chosen, color=colors[name])
            evaluations += [evaluation] if evaluation is not None else []
    of_families = _families(project, cards, functional, colors, notes=notes, stop=stop)
    return ReportContent(
        title=project.path.stem,
        evaluations=tuple(evaluations),
        families=of_families,
        sets=sets,
        cards=tuple(cards.values()),
        notes=tuple(notes),
    )


def _high_energy(
    project: Project, card: PotentialCard, name: str, frames: Sequence[Frame], *, functional: str, frame_filter: FrameFilter, color: int
) -> Evaluation | None:
    settings = settings_hash({**prediction_settings(card), "mode": STATIC})
    known = project.predictions.find(weights_hash(card), settings, [frame.content_hash for frame in frames])
    table = ForceTable(name)
    for frame in frames:
        if frame.content_hash in known:
            table.add(frame, known[frame.content_hash])
    if not table.frames:
        return None
    summary = summarise_high_energy(table, frame_filter)
    return Evaluation(card.title, summary, table, weights_hash=weights_hash(card), functional=functional, color_index=color)


def _families(
    project: Project,
    cards: Mapping[str, PotentialCard],
    functional: str,
    colors: Mapping[str, int],
    *,
    notes: list[str],
    stop: Callable[[], None],
) -> tuple[FamilyEvaluation, ...]:
    """Return what is kept of the families, in the order of the paper and of the models; what cannot be read is noted."""
    from guiapp.store.kept_families import find_kept_families  # noqa: PLC0415 - as the project

    def note(model: str, error: UserFacingError) -> None:
        words = f"A job of {model} is left out: {error}"
        notes.extend([words] if words not in notes else [])

    order = {one.name: place for place, one in enumerate(families())}
    found = []
    kept = find_kept_families(project, stop=stop, models=cards, refused=note)
    for one in sorted(kept, key=lambda one: (order[one.key[0]], colors[one.key[1]], one.key[2])):
        if one.result.rows:
            card, color = cards[one.result.model], colors[one.result.model]
            found.append(FamilyEvaluation(card.title, one.result, "", weights_hash(card), functional, color_index=color))
    return tuple(found)


def _corrections(folder: Path) -> tuple[Mapping[str, Any], ...]:
    """Return the model cards in a folder and its sub-folders; a file that is no card is none."""
    cards = []
    for path in sorted({*folder.glob(_CARDS), *folder.glob(f"*/{_CARDS}"), *folder.glob(f"*/*/{_CARDS}")}):
        try:
            card = json.loads(path.read_text(encoding="utf-8")) if path.stat().st_size <= _LARGEST_CARD else None
        except (OSError, ValueError):
            continue
        if isinstance(card, dict) and {"name", "verdict", "base_model", "method_in_words"} <= card.keys():
            cards.append(card)
    return tuple(cards)
