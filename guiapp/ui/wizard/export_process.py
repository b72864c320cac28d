"""Writing the corrected model, in a process of its own: it loads torch, and re-opens the file with the plain library.

No Qt here; the window talks to the process through a pipe.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from guiapp.correction.corrected import Correction, scale_correction
from guiapp.correction.export import Export, export_correction
from guiapp.correction.scalar_fit import ScalarMethod
from guiapp.correction.verdict import CorrectionVerdict, Judged
from guiapp.engine.job import BenchmarkJob
from guiapp.engine.model_source import job_settings_hash, registry_source
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.frames.reference_set import Provenance, ReferenceSet
from guiapp.potentials.registry import find_card, load_potential
from guiapp.report.correction_figures import write_correction_figures
from guiapp.store.project import open_project
from guiapp.ui.wizard.steps import KnownFrames, fit_labels, judge, propose


@dataclass(frozen=True)
class ExportOrder:
    """Everything that decides an export, in a form that can be sent to another process."""

    project: str
    model: str
    compounds: tuple[str, ...]
    labels: tuple[str, ...]
    """Content hashes."""
    method: str
    """A ``ScalarMethod``."""
    max_force: float | None
    """Of the filter, eV/Å."""
    folder: str
    override: bool


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


def run_export(order: ExportOrder, pipe: Connection) -> None:
    """Do it, telling words on the way; called in the new process."""
    try:
        pipe.send(("done", _export(order, pipe)))
    except UserFacingError as error:
        pipe.send(("refused", (error.what, error.advice, str(error.path or ""))))
    except Exception as error:  # noqa: BLE001 - whatever it is, the window must hear of it
        pipe.send(("crashed", repr(error)))


def _export(order: ExportOrder, pipe: Connection) -> ExportResult:
    pipe.send(("note", "reading the project"))
    with open_project(order.project, create=False, back_up=False) as project:
        sets = project.reference_sets.load_all()
        frames = [frame for one in sets for frame in one.frames]
        job = BenchmarkJob("", "high-energy", order.model, ())
        source = registry_source(job)
        hashes = list({frame.content_hash for frame in frames})
        known = KnownFrames.of(
            frames, project.predictions.find(source.weights_hash, job_settings_hash(job, source), hashes), order.max_force
        )
    proposal = propose(known, order.compounds)
    labels = tuple(frame for frame in proposal.target if frame.content_hash in order.labels)
    fit = fit_labels(known, labels, ScalarMethod(order.method))
    verdict = judge(known, proposal, labels, fit).verdict
    pipe.send(("note", "loading the model"))
    base = load_potential(find_card(order.model))
    correction = scale_correction(base, fit, labels, _provenance(sets, labels), {"label_choice": "wizard", "split": "by content hash"})
    unseen = proposal.split.unseen(labels)
    pipe.send(("note", "writing the model and opening it again with its own library"))
    return _told(_write(order, correction, verdict, Judged(unseen, known.said(unseen), correction.corrected.predict(list(unseen)))))


def _write(order: ExportOrder, correction: Correction, verdict: CorrectionVerdict, unseen: Judged) -> Export:
    return export_correction(
        correction,
        verdict,
        Path(order.folder),
        frames=unseen.frames,
        override=order.override,
        add_figures=lambda folder: write_correction_figures(folder, correction, verdict, unseen),
    )


def _told(export: Export) -> ExportResult:
    return ExportResult(
        str(export.model), dict(export.files), export.reload.reason, tuple(str(line) for line in export.card["load"]), export.reload.passed
    )


def _provenance(sets: Sequence[ReferenceSet], labels: Sequence[Frame]) -> Provenance:
    """Return where the labels come from: the provenance of the first set that holds one."""
    hashes = {frame.content_hash for frame in labels}
    return next((one.provenance for one in sets if any(f.content_hash in hashes for f in one.frames)), Provenance())
