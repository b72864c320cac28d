"""One of the energy and curvature families from the command line: read, predict or relax, reduce, write."""

from __future__ import annotations

import math
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from guiapp import __version__
from guiapp.benchmarks.collected import CollectedFrames
from guiapp.benchmarks.defect_cells import fcc_vacancies
from guiapp.benchmarks.defects import FAMILY as DEFECTS
from guiapp.benchmarks.description import describe_family
from guiapp.benchmarks.family import Family, system_of
from guiapp.benchmarks.family_rows import has_opposite_sign, has_signal, signed_deviation
from guiapp.benchmarks.registry import family as find_family
from guiapp.benchmarks.row import Row
from guiapp.benchmarks.set_ups import SetUp
from guiapp.benchmarks.slab_recognition import BULK_SYSTEM
from guiapp.cli.bench import PROJECT_NAME, BenchOptions, make_folder, read_sets
from guiapp.cli.executor_choice import open_executor
from guiapp.cli.main import DONE, SOME_FAILED
from guiapp.cli.progress_line import ProgressLine, duration
from guiapp.cli.self_test_warning import warn_of_self_test
from guiapp.engine.executor import Executor
from guiapp.engine.family_run import FamilyEvent, FramesEvaluated, FramesPlanned, run_family_job
from guiapp.engine.job import BenchmarkJob, FrameFailure, JobState, Progress
from guiapp.engine.job_control import JobControl
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.frames.reading.notes import ReadProblem
from guiapp.frames.reference_set import Provenance, ReferenceSet
from guiapp.frames.writing import write_extxyz
from guiapp.potentials.potential import PotentialCard
from guiapp.potentials.registry import find_card, weights_hash
from guiapp.report.family_evaluation import FamilyEvaluation
from guiapp.report.family_files import write_family_results
from guiapp.report.terminal_table import aligned
from guiapp.store.project import Project, open_project

MADE_FILE = "made.extxyz"
"""Systems that were made of crystals."""
_SYSTEMS_SHOWN, _NOTES_SHOWN = 12, 24


def run_family_bench(options: BenchOptions) -> int:
    """Run the benchmark of a family and return the exit code.

    Raises:
        UserFacingError: Where the input cannot be used.
    """
    chosen = find_family(options.family)
    _refuse_mode(chosen, options.mode)
    cards = [find_card(name) for name in options.models]
    if not cards:
        raise UserFacingError("No model was named.", advice="Name one after --model; the command models lists them.")
    make_folder(options.out)
    sets, problems = _read(chosen, options)
    if options.set_up is not None:
        sets = (_made(options.set_up, sets, options),)
    planned = _systems(chosen.plan([frame for one in sets for frame in one.frames]), options)
    if not planned:
        description = describe_family(chosen.name)
        raise UserFacingError(
            f"No complete system for “{description.title}” was found in the data.", advice=description.protocol, path=options.data[0]
        )
    path = options.project if options.project is not None else options.out / PROJECT_NAME
    evaluations = []
    with open_executor(options.cluster) as executor, open_project(path) as project:
        if not project.read_only:
            for one in sets:
                project.reference_sets.save(one)
        for place, card in enumerate(cards):
            run = _FamilyRun(chosen, card, planned, options, project)
            evaluations.append(run.evaluate(executor, place, sets))
    settings = {"limit": options.limit, "stride": options.stride, "mode": options.mode, "data": " ".join(options.data)}
    write_family_results(options.out, evaluations, reference_sets=sets, settings=settings)
    _print_results(evaluations, options, path)
    return SOME_FAILED if problems or any(evaluation.failed for evaluation in evaluations) else DONE


class _FamilyRun:
    """One model on one family."""

    def __init__(self, chosen: Family, card: PotentialCard, frames: Sequence[Frame], options: BenchOptions, project: Project) -> None:
        self._family, self._card, self._options, self._project = chosen, card, options, project
        self._job = BenchmarkJob(uuid.uuid4().hex, chosen.name, card.name, tuple(frames), options.device, options.mode)
        self._line = ProgressLine(card.title)
        self._newest: Progress | None = None
        self._collected = CollectedFrames(chosen, card.name, options.mode)
        self._failures: list[FrameFailure] = []

    def evaluate(self, executor: Executor, place: int, sets: Sequence[ReferenceSet]) -> FamilyEvaluation:
        """Predict or relax, then reduce.

        Raises:
            UserFacingError: Where the model stopped before the end.
        """
        if self._project.read_only:
            print(f"{self._project.path} can only be read, so new predictions are not kept", file=sys.stderr)
        else:
            self._project.jobs.create(self._job)
        warn_of_self_test(self._card, self._job, executor)
        start = time.monotonic()
        outcome = run_family_job(self._job, self._project.predictions, executor, self._tell, JobControl(), family=self._family)
        if self._newest is not None:
            self._line.show(self._newest, final=True)
        if outcome.state is not JobState.DONE:
            raise UserFacingError(
                f"{self._card.title} stopped before the end: {outcome.reason or outcome.state}.",
                advice=f"{outcome.advice} What was computed is kept; the same command goes on from there.".strip(),
            )
        print(f"{self._card.title}: done in {duration(time.monotonic() - start)}", file=sys.stderr)
        result = self._collected.reduce()
        if not self._project.read_only:
            self._project.rows.keep(self._job.id, result.rows, reducer=__version__)
        return FamilyEvaluation(
            title=self._card.title,
            result=result,
            device=outcome.device or self._options.device,
            computed_by=outcome.computed_by,
            weights_hash=weights_hash(self._card),
            functional=", ".join(sorted({one.provenance.functional for one in sets if one.provenance.functional})),
            failures=tuple(self._failures),
            not_converged=tuple(one.frame.name for one in self._collected.evaluated if not one.converged),
            color_index=place,
        )

    def _tell(self, event: FamilyEvent) -> None:
        if isinstance(event, FramesPlanned):
            self._collected.plan(event.frames)
        elif isinstance(event, FramesEvaluated):
            self._collected.add(event.evaluated)
        elif isinstance(event, FrameFailure):
            self._failures.append(event)
            if not self._project.read_only:
                self._project.jobs.add_failures(self._job.id, [event])
        else:
            self._newest = event
            self._line.show(event)
            if not self._project.read_only:
                self._project.jobs.update(event)


def _refuse_mode(chosen: Family, mode: str) -> None:
    if mode not in chosen.modes:
        raise UserFacingError(
            f"“{describe_family(chosen.name).title}” is measured {' or '.join(chosen.modes)} only, not {mode}.",
            advice=f"Leave out --{mode}.",
        )


def _read(chosen: Family, options: BenchOptions) -> tuple[tuple[ReferenceSet, ...], tuple[ReadProblem, ...]]:
    """Read sets of the family by name, tables of vacancy energies, and everything else as for any benchmark."""
    built_in = {one.name: one for one in chosen.built_in_sets()}
    sets = [built_in[name] for name in options.data if name in built_in]
    tables = [name for name in options.data if chosen.name == DEFECTS and name.lower().endswith(".csv")]
    sets += [fcc_vacancies(Path(table)) for table in tables]
    others = tuple(name for name in options.data if name not in built_in and name not in tables)
    if not others:
        return tuple(sets), ()
    # A part of a system is none, so limit and stride count systems here.
    read, problems = read_sets(replace(options, data=others, limit=None, stride=1))
    return (*sets, *read), problems


def _made(set_up: SetUp, sets: Sequence[ReferenceSet], options: BenchOptions) -> ReferenceSet:
    """Make systems of the crystals that were read, and write them out, ready to be labelled by DFT and read again.

    Raises:
        UserFacingError: Where nothing can be made or written.
    """
    frames = set_up.make([frame for one in sets for frame in one.frames])
    path = options.out / MADE_FILE
    write_extxyz(frames, path)
    print(f"{len(frames)} frames were made: {path}", file=sys.stderr)
    functional = ", ".join(sorted({one.provenance.functional for one in sets if one.provenance.functional}))
    provenance = Provenance(functional=functional, recipe=f"made of {', '.join(one.title for one in sets)}: {set_up}", source=str(path))
    return ReferenceSet("made", "made systems", frames, provenance, set_up.family)


def _systems(planned: Sequence[Frame], options: BenchOptions) -> list[Frame]:
    """Return the frames of every n-th system, as many systems as wanted."""
    shared = {str(frame.info[BULK_SYSTEM]) for frame in planned if BULK_SYSTEM in frame.info}
    names = list(dict.fromkeys(system_of(frame) for frame in planned if system_of(frame) not in shared))
    wanted = set(names[:: options.stride][: options.limit])
    wanted |= {str(frame.info.get(BULK_SYSTEM, "")) for frame in planned if system_of(frame) in wanted}  # one bulk of many slabs
    return [frame for frame in planned if system_of(frame) in wanted]


def _print_results(evaluations: Sequence[FamilyEvaluation], options: BenchOptions, project: Path) -> None:
    for evaluation in evaluations:
        summary = evaluation.summary
        if summary is None:
            print(f"\nNothing to judge {evaluation.title} on")
        else:
            print("\n" + "\n".join(summary.sentence(evaluation.title)))
            if any(one.n_judged for one in evaluation.summaries):
                print(f"\n{_quantities_table(evaluation)}")
            print(f"\n{_systems_table(evaluation)}")
        for note in evaluation.result.notes[:_NOTES_SHOWN]:
            print(note)
        if len(evaluation.result.notes) > _NOTES_SHOWN:
            print(f"{len(evaluation.result.notes) - _NOTES_SHOWN} more notes, all in summary.json")
        for failure in evaluation.failures[:_SYSTEMS_SHOWN]:
            print(f"failed: {failure.compound} {failure.frame_name}: {failure.reason} {failure.advice}".rstrip())
        for left_out in evaluation.result.failures[:_SYSTEMS_SHOWN]:
            print(f"left out: {left_out.system}: {left_out.reason} {left_out.advice}".rstrip())
        if evaluation.not_converged:
            print(f"{len(evaluation.not_converged)} relaxations stopped before their forces were small; they are in summary.json")
    print(f"\nnumbers, curves and plots: {options.out.resolve()}\npredictions kept in {project.resolve()}")


def _quantities_table(evaluation: FamilyEvaluation) -> str:
    lines = []
    for summary in evaluation.summaries:
        deviation, interval = summary.deviation.value, summary.deviation.interval
        ends = f" ({100 * interval.low:+.1f} to {100 * interval.high:+.1f})" if interval is not None else ""
        lines.append(
            [
                summary.quantity.name,
                f"{100 * deviation:+.1f}{ends}" if math.isfinite(deviation) else "-",
                f"{summary.slope.value:.2f}" if summary.quantity.softness and summary.n_judged else "-",
                f"{summary.mae:.3g} {summary.quantity.unit}".rstrip() if math.isfinite(summary.mae) else "-",
                f"{summary.n_below} of {summary.n_judged}",
                summary.verdict.value if summary.quantity.softness else "",
            ]
        )
    head = ["quantity", "mean deviation, % (95 % CI)", "slope", "MAE", "below DFT", "verdict"]
    return aligned(head, lines, left={0, 5})


def _systems_table(evaluation: FamilyEvaluation) -> str:
    quantity = next((one.quantity.name for one in evaluation.summaries if one.quantity.softness and one.n_judged), evaluation.quantity)
    judged = sorted(
        (row for row in evaluation.result.rows if row.quantity == quantity and has_signal(row)),
        key=lambda row: (signed_deviation(row), row.system),
    )
    if not judged:
        return _values_table(evaluation)
    lines = [
        [row.system, f"{row.predicted:.4g}", f"{row.reference:.4g}", row.unit, f"{100 * signed_deviation(row):+.1f} %", _words(row)]
        for row in judged[:_SYSTEMS_SHOWN]
    ]
    head = ["system", "model", "DFT", "unit", "deviation", "verdict"]
    more = f"\n{len(judged) - _SYSTEMS_SHOWN} more, all in rows.csv" if len(judged) > _SYSTEMS_SHOWN else ""
    return f"{evaluation.title}: {quantity}, softest first\n{aligned(head, lines, left={0, 3, 5})}{more}"


def _words(row: Row) -> str:
    return f"{row.verdict}, opposite sign" if has_opposite_sign(row) else row.verdict


def _values_table(evaluation: FamilyEvaluation) -> str:
    """Return what the model says of systems that have no DFT value."""
    rows = evaluation.result.rows
    lines = [[row.system, row.quantity, f"{row.predicted:.4g}", row.unit] for row in rows[:_SYSTEMS_SHOWN]]
    more = f"\n{len(rows) - _SYSTEMS_SHOWN} more, all in rows.csv" if len(rows) > _SYSTEMS_SHOWN else ""
    table = aligned(["system", "quantity", "model", "unit"], lines, left={0, 1, 3})
    return f"{evaluation.title}: values without a DFT reference to judge them\n{table}{more}"
