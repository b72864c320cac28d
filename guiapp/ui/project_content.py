"""What a window reads from a project file and writes back: sets, models, filter, kept results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from guiapp.benchmarks.description import describe_family
from guiapp.benchmarks.frame_filter import FrameFilter
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.frames.reference_set import ReferenceSet
from guiapp.ui.model_results import ModelResults, find_results
from guiapp.ui.stored_results import bring_stored_results, stored_in

if TYPE_CHECKING:
    from guiapp.potentials.stored_predictions import StoredModel
    from guiapp.store.jobs import JobRecord
    from guiapp.store.project import Project

DEFAULT_MODEL = "chgnet-0.3.0"
DEFAULT_FAMILY = "high-energy"
DEMO_SET = "high-energy"

_FILTER, _MODELS, _HIDDEN, _SPEEDS = "filter", "models", "hidden models", "atoms per second"


@dataclass(frozen=True)
class ProjectContent:
    """An open project and everything in it that the window shows."""

    project: Project
    sets: tuple[ReferenceSet, ...]
    frame_filter: FrameFilter
    models: tuple[str, ...]
    hidden: frozenset[str]
    results: dict[str, ModelResults]
    unfinished_jobs: tuple[JobRecord, ...]
    """What an earlier session left under way."""
    speeds: Mapping[str, float]
    """Atoms a second of each model and device, as measured in earlier runs."""
    remarks: tuple[UserFacingError, ...]
    """What the user should know, e.g. that a model's file is gone."""
    stored: Mapping[str, StoredModel]
    """Models whose results came with the program."""

    @property
    def frames(self) -> tuple[Frame, ...]:
        """Every frame of every set."""
        return tuple(frame for one in self.sets for frame in one.frames)


def open_content(path: Path, *, demo: bool) -> ProjectContent:
    """Open or create a project and read it; called in a thread.

    Args:
        path: The project file.
        demo: Whether an empty project gets the shipped high-energy set.

    Raises:
        UserFacingError: Where the file cannot be opened.
    """
    import scipy.spatial  # noqa: F401, PLC0415 - the viewer's first structure finds it at hand

    from guiapp.store.project import open_project  # noqa: PLC0415 - a second that the first window need not wait for

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserFacingError(
            f"The folder of the project cannot be made: {error.strerror}.", advice="Choose another place.", path=path.parent
        ) from error
    project = open_project(path)
    try:
        if demo and not project.read_only:
            _bring_shipped_set(project)
            _bring_stored_results(project)
        sets = project.reference_sets.load_all()
        models = tuple(str(name) for name in project.settings.get(_MODELS, [DEFAULT_MODEL]))
        prepare([frame for one in sets for frame in one.frames])
        frames = force_frames(sets)
        describe_family(DEFAULT_FAMILY)  # read here for the first time, so that the window finds it at hand
        results, remarks = {}, [UserFacingError(note) for note in project.notes]
        for model in models:
            try:
                results[model] = find_results(model, frames, project.predictions)
            except UserFacingError as error:
                remarks.append(error)
        unfinished, speeds = project.unfinished_jobs(), project.settings.get(_SPEEDS, {})
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
        unfinished_jobs=unfinished,
        speeds=speeds if isinstance(speeds, dict) else {},
        remarks=tuple(remarks),
        stored=stored_in(project),
    )


def force_frames(sets: Sequence[ReferenceSet]) -> tuple[Frame, ...]:
    """Return the frames whose forces are compared; sets made for another family (scaled cells, slabs) would water the scale down."""
    return tuple(frame for one in sets if one.family == DEFAULT_FAMILY for frame in one.frames)


def prepare(frames: Sequence[Frame]) -> None:
    """Work out, in the thread that reads frames, what the window would otherwise work out for each while the user waits."""
    for frame in frames:
        _ = frame.content_hash, frame.formula, frame.largest_force


def _bring_shipped_set(project: Project) -> None:
    """Add the shipped set, or renew it where this version ships other labels than the project was made with."""
    from guiapp.frames.shipped import open_shipped  # noqa: PLC0415 - it imports every reader, a second of work

    shipped = open_shipped(DEMO_SET)
    labels = {(frame.content_hash, frame.label_hash) for frame in shipped.frames}
    if project.settings.get("shipped labels") == len(labels) and DEMO_SET in {one.name for one in project.reference_sets.summaries()}:
        return
    project.reference_sets.save(shipped)
    project.settings.set("shipped labels", len(labels))


def _bring_stored_results(project: Project) -> None:
    """Add what is shipped of other models, so that the first window tells a story and not one number."""
    shown = bring_stored_results(project, project.reference_sets.load(DEMO_SET).frames)
    if shown and project.settings.get(_MODELS) is None:  # else the user has chosen which models to compare
        project.settings.set(_MODELS, [DEFAULT_MODEL, *shown])


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


def remember_speeds(project: Project, speeds: Mapping[str, float]) -> None:
    """Keep how fast models are here, for the next estimate.

    Raises:
        UserFacingError: Where the project cannot be written.
    """
    project.settings.set(_SPEEDS, dict(speeds))


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
