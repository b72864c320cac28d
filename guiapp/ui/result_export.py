"""From what the window shows to what the report writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from guiapp.engine.job import FrameFailure
from guiapp.frames.reference_set import ReferenceSet
from guiapp.potentials.registry import find_card, weights_hash
from guiapp.report.evaluation import Evaluation as ReportedEvaluation
from guiapp.report.result_files import write_results
from guiapp.ui.evaluation import Evaluation


def functional_of(sets: Sequence[ReferenceSet]) -> str:
    """Return the functional of the labels, all of them where sets differ, empty where unknown."""
    return ", ".join(sorted({one.provenance.functional for one in sets if one.provenance.functional}))


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
