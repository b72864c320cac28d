"""From what the window shows to what the report writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from guiapp.benchmarks.frame_filter import FrameFilter
from guiapp.engine.job import FrameFailure
from guiapp.errors import UserFacingError
from guiapp.frames.reference_set import ReferenceSet, functional_of
from guiapp.potentials.registry import find_card, weights_hash
from guiapp.report.evaluation import Evaluation as ReportedEvaluation
from guiapp.report.report_content import project_content
from guiapp.report.report_files import write_report
from guiapp.report.result_files import write_results
from guiapp.ui.evaluation import Evaluation

if TYPE_CHECKING:
    from guiapp.store.project import Project


def write_evaluations(
    folder: Path,
    evaluations: Sequence[Evaluation],
    sets: Sequence[ReferenceSet],
    failures: Mapping[str, Sequence[FrameFailure]],
) -> None:
    """Write numbers and plots of the shown models; called in a thread.

    Raises:
        UserFacingError: Where the folder cannot be written.
    """
    write_results(
        folder,
        [
            ReportedEvaluation(
                title=evaluation.title,
                summary=evaluation.summary,
                table=evaluation.table,
                weights_hash=weights_hash(find_card(evaluation.model)),
                functional=functional_of(sets),
                failures=tuple(failures.get(evaluation.model, ())),
                color_index=evaluation.color_index,
            )
            for evaluation in evaluations
        ],
        reference_sets=sets,
        formats=("png", "svg", "pdf"),
    )


def write_project_report(
    folder: Path, project: Project, frame_filter: FrameFilter, models: Sequence[str], *, stop: Callable[[], None]
) -> Path:
    """Write the report of an open project; called in a thread.

    Args:
        folder: Where to.
        project: What it keeps is reported, no model is asked.
        frame_filter: Which frames count.
        models: In the order of the window, which decides the colours.
        stop: Called between steps; raises where the report is no longer wanted.

    Returns:
        The folder.

    Raises:
        UserFacingError: Where there is nothing to report, or the folder cannot be written.
    """
    content = project_content(project, frame_filter=frame_filter, models=models, stop=stop)
    if content.is_empty:
        raise UserFacingError("There is nothing to report yet.", advice="Run a benchmark first.")
    write_report(folder, content, stop=stop)
    return folder
