"""Writing the corrected model, in a process of its own: it loads torch, and re-opens the file with the plain library."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from guiapp.correction.export import export_correction
from guiapp.report.correction_figures import write_correction_figures
from guiapp.ui.wizard.order import CorrectionOrder, make_and_judge
from guiapp.ui.wizard.process import Tell


@dataclass(frozen=True, eq=False)
class ExportOrder:
    """What to write where."""

    correction: CorrectionOrder
    folder: str
    override: bool
    reproduce: str = ""
    """Command that repeats the correction."""


@dataclass(frozen=True)
class ExportResult:
    """What came of it."""

    model: str
    """The corrected model's own file."""
    files: dict[str, str]
    """Purpose by file name."""
    reload: str
    """What opening the file with the plain library showed, in words."""
    load: tuple[str, ...]
    """Lines of Python that load the file without this program."""
    passed: bool | None


def run_export(order: ExportOrder, tell: Tell) -> ExportResult:
    """Make the model once more, write it with everything that belongs to it, and have the plain library open it.

    Raises:
        UserFacingError: As ``export_correction``.
    """
    made = make_and_judge(order.correction, tell)
    tell("writing the model and opening it again with its own library")
    export = export_correction(
        made.correction,
        made.verdict,
        Path(order.folder),
        frames=made.unseen.frames,
        reproduce=order.reproduce,
        override=order.override,
        add_figures=lambda folder: write_correction_figures(folder, made.correction, made.verdict, made.unseen),
    )
    return ExportResult(
        str(export.model), dict(export.files), export.reload.reason, tuple(str(line) for line in export.card["load"]), export.reload.passed
    )
