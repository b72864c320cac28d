"""The command ``doctor``: why the energies of a set and of a model have different zeros, and how to align them."""

from __future__ import annotations

import math
import sys
import textwrap
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from guiapp.cli.bench import PROJECT_NAME, BenchOptions, make_folder, read_sets
from guiapp.cli.executor_choice import open_executor
from guiapp.cli.main import DONE, SOME_FAILED
from guiapp.cli.progress_line import ProgressLine, duration
from guiapp.engine.cluster.choice import ClusterChoice
from guiapp.engine.executor import Executor
from guiapp.engine.job import BatchFinished, BenchmarkJob, Event, FrameFailure, JobState, Progress
from guiapp.engine.job_control import JobControl
from guiapp.engine.run import run_job
from guiapp.errors import UserFacingError
from guiapp.frames.energy_doctor import ElementOffset, EnergyDiagnosis, diagnose_energies
from guiapp.frames.frame import Frame
from guiapp.frames.reference_set import ReferenceSet
from guiapp.potentials.potential import PotentialCard
from guiapp.potentials.registry import find_card
from guiapp.store.project import Project, open_project

_WIDTH = 110
_ELEMENTS_SHOWN = 40
_ALIGNMENTS = {"none": "none is needed", "composition": "per composition", "element": "per element"}


@dataclass(frozen=True)
class DoctorOptions:
    """What the user asked for."""

    data: tuple[str, ...]
    model: str
    out: Path
    project: Path | None = None
    device: str = "auto"
    limit: int | None = None
    stride: int = 1
    cluster: ClusterChoice | None = None


def run_doctor(options: DoctorOptions) -> int:
    """Predict what is not known yet, compare energies, print the diagnosis of each set, and return the exit code.

    Raises:
        UserFacingError: Where the input cannot be used.
    """
    card = find_card(options.model)
    sets, problems = read_sets(BenchOptions(options.data, (card.name,), options.out, limit=options.limit, stride=options.stride))
    frames = tuple(frame for one in sets for frame in one.frames if _can_be_compared(frame))
    if not frames:
        raise UserFacingError(
            "No frame in the data has a DFT energy that a model could be compared with.",
            advice="Give files of finished DFT calculations.",
            path=options.data[0],
        )
    if options.project is None:
        make_folder(options.out)
    path = options.project if options.project is not None else options.out / PROJECT_NAME
    with open_executor(options.cluster) as executor, open_project(path) as project:
        energies, failures = _model_energies(card, frames, options.device, project, executor)
    for one in sets:
        _print_set(one, card, energies)
    print(f"\npredictions kept in {path.resolve()}")
    for failure in failures[:_ELEMENTS_SHOWN]:
        print(f"failed: {failure.compound} {failure.frame_name}: {failure.reason}", file=sys.stderr)
    return SOME_FAILED if failures or problems else DONE


def _can_be_compared(frame: Frame) -> bool:
    """Tell whether a frame has an energy and a geometry that models can take; forces are not needed here."""
    return frame.energy is not None and frame.obstacle is None


def _model_energies(
    card: PotentialCard, frames: Sequence[Frame], device: str, project: Project, executor: Executor
) -> tuple[dict[str, float], list[FrameFailure]]:
    """Return the model's energies by frame hash, eV; what the project knows is not computed again."""
    job = BenchmarkJob(uuid.uuid4().hex, "high-energy", card.name, tuple(frames), device)
    energies: dict[str, float] = {}
    failures: list[FrameFailure] = []
    line = ProgressLine(card.title)

    def tell(event: Event) -> None:
        if isinstance(event, BatchFinished):
            energies.update({f.content_hash: p.energy for f, p in zip(event.frames, event.predictions, strict=True)})
        elif isinstance(event, FrameFailure):
            failures.append(event)
        elif isinstance(event, Progress):
            line.show(event)

    start = time.monotonic()
    outcome = run_job(job, project.predictions, executor, tell, JobControl())
    line.clear()
    if outcome.state is not JobState.DONE:
        raise UserFacingError(
            f"{card.title} stopped before the end: {outcome.reason or outcome.state}.",
            advice=f"{outcome.advice} What was computed is kept; the same command goes on from there.".strip(),
        )
    print(f"{card.title}: done in {duration(time.monotonic() - start)}, {outcome.kept:,} kept from before", file=sys.stderr)
    return energies, failures


def _print_set(one: ReferenceSet, card: PotentialCard, energies: dict[str, float]) -> None:
    known = [(frame, energies[frame.content_hash]) for frame in one.frames if frame.energy is not None and frame.content_hash in energies]
    print(f"\n{one.title} ({one.provenance.functional or 'functional unknown'}) and {card.title} ({card.functional})")
    if not known:
        print("    no frame has an energy from both")
        return
    diagnosis = diagnose_energies([frame for frame, _ in known], [energy for _, energy in known])
    print("\n".join(diagnosis_lines(diagnosis)))


def diagnosis_lines(diagnosis: EnergyDiagnosis) -> list[str]:
    """Return a diagnosis as lines of text: the finding, its numbers, what is behind it, the offsets, what to do."""
    counts = f"{_count(diagnosis.n_frames, 'frame')} of {_count(diagnosis.n_compositions, 'composition')}"
    numbers = f"E_DFT - E_model over {counts}: median {diagnosis.median_difference:+.3f} eV/atom, spread {diagnosis.spread_before:.3f}"
    if diagnosis.constants_tested:
        numbers += f"; {diagnosis.spread_after:.3f} after one constant for each element"
    lines = [diagnosis.headline, numbers]
    for suspicion in diagnosis.suspicions:
        lines += ["", *_wrapped(suspicion.words), *_wrapped(suspicion.advice)]
    if diagnosis.alignment != "none":
        lines += ["", "offset of each element, eV (E_DFT - E_model for each of its atoms)", *_offset_table(diagnosis.offsets)]
    return [*lines, "", *_wrapped(f"Alignment of energies: {_ALIGNMENTS[diagnosis.alignment]}. {diagnosis.reason} Forces need none.")]


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _wrapped(words: str) -> list[str]:
    return textwrap.wrap(words, _WIDTH, break_on_hyphens=False)


def _offset_table(offsets: Sequence[ElementOffset]) -> list[str]:
    known = [one for one in offsets if not math.isnan(one.offset)]
    lines = []
    for one in known[:_ELEMENTS_SHOWN]:
        error = "" if math.isnan(one.error) else f" ± {one.error:.2f}"
        lines.append(f"    {one.symbol:<3}{one.offset:+8.2f}{error:<8} in {_count(one.n_compositions, 'composition')}")
    if len(known) > _ELEMENTS_SHOWN:
        lines.append(f"    and {len(known) - _ELEMENTS_SHOWN} elements with smaller offsets")
    undetermined = [one.symbol for one in offsets if math.isnan(one.offset)]
    if undetermined:
        lines += textwrap.wrap(
            f"not told apart by these compositions: {', '.join(undetermined)}", _WIDTH, initial_indent="    ", subsequent_indent="    "
        )
    return lines
