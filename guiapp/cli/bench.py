"""One benchmark from the command line: read, run, reduce, write."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from guiapp.benchmarks.energy_agreement import energy_agreement
from guiapp.benchmarks.force_table import ForceTable
from guiapp.benchmarks.frame_filter import DEFAULT_LARGEST_FORCE, FrameFilter
from guiapp.benchmarks.high_energy import FAMILY, summarise_high_energy
from guiapp.benchmarks.high_energy_sentence import sentence
from guiapp.benchmarks.set_ups import SetUp
from guiapp.cli.executor_choice import open_executor
from guiapp.cli.main import DONE, SOME_FAILED
from guiapp.cli.named_sets import is_named_set, open_named_set
from guiapp.cli.progress_line import ProgressLine, duration
from guiapp.cli.self_test_warning import warn_of_self_test
from guiapp.engine.cluster.choice import ClusterChoice
from guiapp.engine.executor import Executor
from guiapp.engine.job import BatchFinished, BenchmarkJob, Event, FrameFailure, JobState, Progress
from guiapp.engine.job_control import JobControl
from guiapp.engine.run import run_job
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.frames.reading.notes import ReadProblem
from guiapp.frames.reading.read import read_frames
from guiapp.frames.reference_set import ReferenceSet
from guiapp.potentials.potential import PotentialCard
from guiapp.potentials.registry import find_card, weights_hash
from guiapp.report.evaluation import Evaluation
from guiapp.report.result_files import write_results
from guiapp.report.terminal_table import failures_table, parts_table, softest_table, summary_table
from guiapp.store.project import Project, open_project

PROJECT_NAME = "results.temper"
_PROBLEMS_SHOWN = 10


@dataclass(frozen=True)
class BenchOptions:
    """What the user asked for."""

    data: tuple[str, ...]
    models: tuple[str, ...]
    out: Path
    project: Path | None = None
    device: str = "auto"
    family: str = "high-energy"
    mode: str = "static"
    max_force: float = DEFAULT_LARGEST_FORCE
    limit: int | None = None
    stride: int = 1
    title: str = "Benchmark"
    set_up: SetUp | None = None
    """How systems are made of the data; None where the data are finished systems."""
    cluster: ClusterChoice | None = None
    """Where to compute; None for this machine."""


def run_bench(options: BenchOptions) -> int:
    """Run the benchmark and return the exit code.

    Raises:
        UserFacingError: Where the input cannot be used.
    """
    if options.family != FAMILY:
        from guiapp.cli.family_bench import run_family_bench

        return run_family_bench(options)
    if options.mode != "static":
        raise UserFacingError(
            "High-energy states are measured on the DFT geometries; there is nothing to relax.", advice=f"Leave out --{options.mode}."
        )
    cards = [find_card(name) for name in options.models]
    if not cards:
        raise UserFacingError("No model was named.", advice="Name one after --model; the command models lists them.")
    make_folder(options.out)
    sets, problems = read_sets(options)
    frames = tuple(frame for one in sets for frame in one.frames)
    _refuse_unlabelled(frames, options)
    path = options.project if options.project is not None else options.out / PROJECT_NAME
    evaluations = []
    with open_executor(options.cluster) as executor, open_project(path) as project:
        for one in sets:
            project.reference_sets.save(one)
        for place, card in enumerate(cards):
            evaluations.append(_evaluate(card, place, sets, options, project=project, executor=executor))
    write_results(
        options.out,
        evaluations,
        reference_sets=sets,
        settings={
            "limit": options.limit,
            "stride": options.stride,
            "max_force": _finite(options.max_force),
            "data": " ".join(options.data),
        },
    )
    _print_results(evaluations, options, problems, path)
    return SOME_FAILED if problems or any(evaluation.failures for evaluation in evaluations) else DONE


def read_sets(options: BenchOptions) -> tuple[tuple[ReferenceSet, ...], tuple[ReadProblem, ...]]:
    """Read the data: names of shipped or downloaded sets, or files.

    Raises:
        UserFacingError: Where nothing can be read.
    """
    line = ProgressLine("reading")
    sets: list[ReferenceSet] = []
    problems: list[ReadProblem] = []

    def tell(count: int, name: str) -> None:
        line.say(f"{count:,} frames, {name}")

    paths = [name for name in options.data if not is_named_set(name) or Path(name).exists()]
    sets.extend(
        open_named_set(name, stride=options.stride, limit=options.limit, progress=tell) for name in options.data if name not in paths
    )
    if paths:
        result = read_frames(paths, stride=options.stride, limit=options.limit, progress=tell)
        sets.extend(result.sets)
        problems.extend(result.problems)
        for keys, files in _by_keys(result.keys).items():
            where = files[0] if len(files) == 1 else f"{files[0]} and {len(files) - 1} more"
            print(f"{where}: labels from {', '.join(keys) if keys else 'nothing (unlabelled)'}", file=sys.stderr)
    line.clear()
    for problem in problems[:_PROBLEMS_SHOWN]:
        print(f"not read: {problem.path}: {problem.what} {problem.advice}", file=sys.stderr)
    if len(problems) > _PROBLEMS_SHOWN:
        print(f"not read: {len(problems) - _PROBLEMS_SHOWN} more", file=sys.stderr)
    return tuple(sets), tuple(problems)


def _by_keys(keys: Mapping[str, tuple[str, ...]]) -> dict[tuple[str, ...], list[str]]:
    """Return the files by the keys that became labels: an archive may hold hundreds that are alike."""
    files: dict[tuple[str, ...], list[str]] = {}
    for path, used in keys.items():
        files.setdefault(used, []).append(path)
    return files


def _evaluate(
    card: PotentialCard, place: int, sets: Sequence[ReferenceSet], options: BenchOptions, *, project: Project, executor: Executor
) -> Evaluation:
    labelled = tuple(frame for one in sets for frame in one.frames if frame.forces is not None)
    job = BenchmarkJob(uuid.uuid4().hex, options.family, card.name, labelled, options.device, options.mode)
    if project.read_only:
        print(f"{project.path} can only be read, so new predictions are not kept", file=sys.stderr)
    else:
        project.jobs.create(job)
    warn_of_self_test(card, job, executor)
    table = ForceTable(card.name)
    failures: list[FrameFailure] = []
    line = ProgressLine(card.title)
    newest: Progress | None = None

    def tell(event: Event) -> None:
        nonlocal newest
        if isinstance(event, BatchFinished):
            for frame, prediction in zip(event.frames, event.predictions, strict=True):
                table.add(frame, prediction)
        elif isinstance(event, FrameFailure):
            failures.append(event)
            if not project.read_only:
                project.jobs.add_failures(job.id, [event])
        else:
            newest = event
            line.show(event)
            if not project.read_only:
                project.jobs.update(event)

    start = time.monotonic()
    outcome = run_job(job, project.predictions, executor, tell, JobControl())
    if newest is not None:
        line.show(newest, final=True)
    if outcome.state is not JobState.DONE:
        raise UserFacingError(
            f"{card.title} stopped before the end: {outcome.reason or outcome.state}.",
            advice=f"{outcome.advice} What was computed is kept; the same command goes on from there.".strip(),
        )
    way = f", computed by {outcome.computed_by}" if outcome.computed_by else ""
    print(f"{card.title}: done in {duration(time.monotonic() - start)}{way}", file=sys.stderr)
    frame_filter = FrameFilter(max_force=_finite(options.max_force))
    functional = ", ".join(sorted({one.provenance.functional for one in sets if one.provenance.functional}))
    return Evaluation(
        title=card.title,
        summary=summarise_high_energy(table, frame_filter),
        table=table,
        family=options.family,
        mode=options.mode,
        device=outcome.device or options.device,
        computed_by=outcome.computed_by,
        weights_hash=weights_hash(card),
        functional=functional,
        failures=tuple(failures),
        color_index=place,
    )


def _print_results(evaluations: Sequence[Evaluation], options: BenchOptions, problems: Sequence[ReadProblem], project: Path) -> None:
    for evaluation in evaluations:
        headline, evidence = sentence(evaluation.summary, running=False, title=evaluation.title, functional=evaluation.functional)
        print(f"\n{headline}\n{evidence}")
    print(f"\n{summary_table(evaluations)}")
    for evaluation in evaluations:
        if evaluation.summary.n_compounds > 1:
            print(f"\n{softest_table(evaluation)}")
        print(f"\n{parts_table(evaluation)}\n\n{energy_agreement(evaluation.summary).sentence()}")
    for evaluation in evaluations:
        failed = failures_table(evaluation)
        if failed:
            print(f"\n{failed}")
    if problems:
        print(f"\n{len(problems)} files could not be read; they are listed above")
    print(f"\nnumbers, plots and every force component: {options.out.resolve()}\npredictions kept in {project.resolve()}")


def _refuse_unlabelled(frames: Sequence[Frame], options: BenchOptions) -> None:
    if any(frame.forces is not None for frame in frames):
        return
    raise UserFacingError(
        f"{len(frames)} frames were read, but none has DFT forces, so there is nothing to compare a model with.",
        advice="Give files of finished DFT calculations, e.g. vasprun.xml, OUTCAR or an extxyz file with REF_forces.",
        path=options.data[0],
    )


def make_folder(folder: Path) -> None:
    """Make the results folder.

    Raises:
        UserFacingError: Where it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserFacingError(
            f"The results folder cannot be made: {error.strerror}.", advice="Choose another with --out.", path=folder
        ) from error


def _finite(force: float) -> float | None:
    return force if force < float("inf") else None
