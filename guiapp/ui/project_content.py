"""What a window reads from a project file and writes back: sets, models, filter, kept results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from guiapp.benchmarks.frame_filter import FrameFilter
from guiapp.errors import UserFacingError
from guiapp.frames.reference_set import ReferenceSet
from guiapp.frames.shipped import open_shipped
from guiapp.store.project import Project, open_project
from guiapp.ui.model_results import ModelResults, kept_results

DEFAULT_MODEL = "chgnet-0.3.0"
DEMO_SET = "high-energy"

_FILTER, _MODELS, _HIDDEN = "filter", "models", "hidden models"


@dataclass(frozen=True)
class ProjectContent:
    """An open project and everything in it that the window shows."""

    project: Project
    sets: tuple[ReferenceSet, ...]
    frame_filter: FrameFilter
    models: tuple[str, ...]
    hidden: frozenset[str]
    results: dict[str, ModelResults]
    remarks: tuple[str, ...]
    """What the user should know, e.g. that a model's file is gone."""


def open_content(path: Path, *, demo: bool) -> ProjectContent:
    """Open or create a project and read it; called in a thread.

    Args:
        path: The project file.
        demo: Whether an empty project gets the shipped high-energy set.

    Raises:
        UserFacingError: Where the file cannot be opened.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    project = open_project(path)
    try:
        if demo and not project.read_only:
            _bring_shipped_set(project)
        sets = project.reference_sets.load_all()
        models = tuple(str(name) for name in project.settings.get(_MODELS, [DEFAULT_MODEL]))
        frames = tuple(frame for one in sets for frame in one.frames)
        results, remarks = {}, list(project.notes)
        for model in models:
            try:
                results[model] = kept_results(model, frames, project.predictions)
            except UserFacingError as error:
                remarks.append(str(error))
    except BaseException:
        project.close()
        raise
    return ProjectContent(
        project=project,
        sets=sets,
        frame_filter=_filter_from(project.settings.get(_FILTER, {})),
        models=tuple(model for model in models if model in results),
        hidden=frozenset(str(name) for name in project.settings.get(_HIDDEN, [])),
        results=results,
        remarks=tuple(remarks),
    )


def _bring_shipped_set(project: Project) -> None:
    """Add the shipped set, or renew it where this version ships other labels than the project was made with."""
    shipped = open_shipped(DEMO_SET)
    labels = {(frame.content_hash, frame.label_hash) for frame in shipped.frames}
    if project.settings.get("shipped labels") == len(labels) and DEMO_SET in {one.name for one in project.reference_sets.summaries()}:
        return
    project.reference_sets.save(shipped)
    project.settings.set("shipped labels", len(labels))


def store_sets(project: Project, before: Sequence[ReferenceSet], after: Sequence[ReferenceSet]) -> None:
    """Bring the project's sets up to date; sets that did not change are not written again.

    Raises:
        UserFacingError: Where the project cannot be written.
    """
    known = {one.name: one for one in before}
    for name in known.keys() - {one.name for one in after}:
        project.reference_sets.remove(name)
    for one in after:
        if known.get(one.name) is not one:
            project.reference_sets.save(one)
    project.reference_sets.reorder([one.name for one in after])


def remember_filter(project: Project, frame_filter: FrameFilter) -> None:
    """Keep the filter for the next start; a region drawn in a plot is not kept.

    Raises:
        UserFacingError: Where the project cannot be written.
    """
    project.settings.set(
        _FILTER,
        {
            "max_force": frame_filter.max_force,
            "max_strain": frame_filter.max_strain,
            "elements": None if frame_filter.elements is None else sorted(frame_filter.elements),
        },
    )


def remember_models(project: Project, models: Sequence[str], hidden: frozenset[str]) -> None:
    """Keep which models the project compares.

    Raises:
        UserFacingError: Where the project cannot be written.
    """
    project.settings.set(_MODELS, list(models))
    project.settings.set(_HIDDEN, sorted(hidden))


def _filter_from(stored: object) -> FrameFilter:
    if not isinstance(stored, dict):
        return FrameFilter()
    default = FrameFilter()
    elements = stored.get("elements")
    return FrameFilter(
        max_force=_number(stored.get("max_force", default.max_force)),
        max_strain=_number(stored.get("max_strain")),
        elements=frozenset(map(str, elements)) if isinstance(elements, list) else None,
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None
