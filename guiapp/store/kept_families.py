"""What a project keeps of the energy and curvature families, found again from its jobs and predictions; no model is asked."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from guiapp.benchmarks.collected import CollectedFrames
from guiapp.benchmarks.family import FamilyResult
from guiapp.benchmarks.high_energy_summary import FAMILY as HIGH_ENERGY
from guiapp.benchmarks.registry import families
from guiapp.engine.family_run import kept_frames
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame

if TYPE_CHECKING:
    from guiapp.store.project import Project


@dataclass(frozen=True, eq=False)
class KeptFamily:
    """One model on one family, of all jobs together."""

    collected: CollectedFrames
    result: FamilyResult
    frames: tuple[Frame, ...]
    """As planned, of all jobs."""

    @property
    def key(self) -> tuple[str, str, str]:
        """Family, model and mode."""
        return self.collected.family.name, self.collected.model, self.collected.mode


def find_kept_families(
    project: Project,
    *,
    stop: Callable[[], None],
    models: Collection[str] | None = None,
    refused: Callable[[str, UserFacingError], None] = lambda _model, _error: None,
) -> tuple[KeptFamily, ...]:
    """Replay the family jobs of a project and reduce them; called in a thread.

    Args:
        project: An open project.
        stop: Called between jobs; raises where the result is no longer wanted.
        models: Names of the models that count; all where not given.
        refused: Told the model of a job that cannot be replayed, and why; the other jobs count nevertheless.

    Returns:
        One a family, model and mode of which anything is kept, in the order in which their first jobs were made. Nothing is found of
        models whose weights are gone.
    """
    known = {one.name: one for one in families() if one.name != HIGH_ENERGY}
    collected: dict[tuple[str, str, str], CollectedFrames] = {}
    frames: dict[tuple[str, str, str], list[Frame]] = {}
    for record in project.jobs.records():
        family = known.get(record.family)
        if family is None or record.mode not in family.modes or (models is not None and record.model not in models):
            continue
        stop()
        job = project.jobs.load(record.id)
        try:
            of_job = kept_frames(job, project.predictions, family=family)
        except UserFacingError as error:
            refused(job.model, error)
            continue
        if not of_job.evaluated:
            continue
        key = family.name, job.model, job.mode
        whole = collected.setdefault(key, CollectedFrames(family, job.model, job.mode))
        whole.plan(job.frames)
        whole.plan(one.frame for one in of_job.evaluated)
        whole.add(of_job.evaluated)
        frames.setdefault(key, []).extend(job.frames)
    found = []
    for key, one in collected.items():
        stop()
        found.append(KeptFamily(one, one.reduce(), tuple(frames[key])))
    return tuple(found)
