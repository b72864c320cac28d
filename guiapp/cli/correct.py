"""One correction from the command line: read, choose the label, fit, judge on unseen frames, take away."""

from __future__ import annotations

import argparse
import shlex
import sys
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from guiapp.benchmarks.frame_filter import DEFAULT_LARGEST_FORCE, FrameFilter
from guiapp.cli.bench import PROJECT_NAME, BenchOptions, make_folder, read_sets
from guiapp.cli.executor_choice import open_executor
from guiapp.cli.main import DONE, SOME_FAILED
from guiapp.cli.progress_line import ProgressLine, duration
from guiapp.cli.self_test_warning import test_before_correcting
from guiapp.correction.choosing_labels import AUTO, choose_labels
from guiapp.correction.corrected import Correction, Method, scale_correction
from guiapp.correction.dft_input import Code, write_dft_input
from guiapp.correction.export import export_correction
from guiapp.correction.fine_tune import Replay, TrainingProgress, fine_tune
from guiapp.correction.forgetting import family_changes, untouched_systems
from guiapp.correction.label_choice import LabelRanking, rank_label_candidates
from guiapp.correction.learning_curve import LearningCurve, scalar_learning_curve
from guiapp.correction.sampling import sample_candidates
from guiapp.correction.scalar_fit import ScalarMethod, fit_scalar
from guiapp.correction.split import Split, split_frames
from guiapp.correction.target import describe_target, most_removable
from guiapp.correction.training_record import Recipe, recipe_options
from guiapp.correction.verdict import CorrectionVerdict, Judged, elsewhere_frames, judge_correction
from guiapp.engine.asked_model import Answers, ask_model
from guiapp.engine.cluster.choice import ClusterChoice
from guiapp.engine.corrected_model import ask_corrected
from guiapp.engine.executor import Executor
from guiapp.engine.job import BenchmarkJob, KeptPredictions, Progress
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.frames.reference_set import Provenance, ReferenceSet
from guiapp.frames.shipped import open_shipped
from guiapp.frames.writing import write_extxyz
from guiapp.number_words import counted, number_text
from guiapp.potentials.potential import Potential, PotentialCard
from guiapp.potentials.registry import find_card, load_potential
from guiapp.report.correction_figures import write_correction_figures
from guiapp.store.project import open_project

GENERAL_SET = "high-energy"
"""The shipped set on which forgetting is measured."""
MODEL_FOLDER, CHECKPOINT, CANDIDATES = "model", "training-state.pt", "candidates.extxyz"


@dataclass(frozen=True)
class CorrectOptions:
    """What the user asked for."""

    data: tuple[str, ...]
    model: str
    out: Path
    project: Path | None = None
    device: str = "auto"
    label: tuple[str, ...] = (AUTO,)
    labels: int = 1
    method: Method = Method.SCALE
    slope_matching: bool = False
    target: tuple[str, ...] = ()
    max_force: float = DEFAULT_LARGEST_FORCE
    recipe: Recipe = field(default_factory=Recipe)
    """Of readout and full."""
    families: bool = True
    """Whether families that were not fitted are tried."""
    override: bool = False
    cluster: ClusterChoice | None = None


def recipe_of(options: argparse.Namespace) -> Recipe:
    """Return the recipe that the words of the command line ask for.

    Raises:
        UserFacingError: Where a number makes no sense.
    """
    if options.ema is not None and not 0 < options.ema < 1:
        raise UserFacingError(f"A moving average decays by a number between 0 and 1, not {options.ema:g}.", advice="Try --ema 0.99.")
    if min(options.learning_rate, options.displacement) <= 0 or min(options.replay, options.taylor, options.consistency) < 0:
        raise UserFacingError("A weight below zero, or a rate or displacement that is not above it, trains nothing.")
    usual = Recipe()
    return Recipe(
        epochs=max(1, options.epochs),
        learning_rate=options.learning_rate,
        last_learning_rate=min(usual.last_learning_rate, options.learning_rate),
        averaging=options.ema,
        early_stop=options.early_stop,
        replay_share=options.replay,
        taylor_weight=options.taylor,
        consistency_weight=options.consistency,
        displacement=options.displacement,
    )


Ask = Callable[[str, Sequence[Frame]], Answers]
"""Asks a model by name, wherever the command computes."""


def run_correct(options: CorrectOptions) -> int:
    """Correct a model and return the exit code: 0 where it was exported, 1 where the verdict forbade that.

    Raises:
        UserFacingError: Where the input cannot be used.
    """
    card = find_card(options.model)
    with open_executor(options.cluster) as executor:
        test_before_correcting(card, options.device, executor)  # first: of a model that is not corrected nothing is read or written
        make_folder(options.out)
        sets, _ = read_sets(BenchOptions(data=options.data, models=(card.name,), out=options.out))
        with open_project(options.project if options.project is not None else options.out / PROJECT_NAME) as project:

            def ask(model: str, frames: Sequence[Frame]) -> Answers:
                job = BenchmarkJob(uuid.uuid4().hex, "high-energy", model, tuple(frames), options.device)
                return _ask(job, project.predictions, executor)

            everything = [frame for one in sets for frame in one.frames]
            if not any(frame.forces is not None for frame in everything):
                return _ask_for_label(card, everything, options, ask)
            return _correct(card, sets, options, ask)


def _correct(card: PotentialCard, sets: Sequence[ReferenceSet], options: CorrectOptions, ask: Ask) -> int:
    """Choose labels, fit, judge and export."""
    frames = _usable([frame for one in sets for frame in one.frames], options)
    general = tuple(frame for frame in open_shipped(GENERAL_SET).frames if frame.forces is not None and frame.usable)
    known = ask(card.name, (*frames, *general))
    for failed in known.failures[:5]:
        print(f"left out: {failed.compound} {failed.frame_name}: {failed.reason} {failed.advice}", file=sys.stderr)
    frames, general = [frame for frame in frames if known.has(frame)], tuple(frame for frame in general if known.has(frame))
    target = _target(frames, known, options)
    split = split_frames(target)
    ranking = rank_label_candidates(split.candidates, known.of(split.candidates), target)
    trains = options.method is not Method.SCALE and options.labels > 1
    labels = choose_labels(ranking, options.label, options.labels, spread=trains)
    _print_choice(target, known, ranking, labels, options)
    away_frames = elsewhere_frames(general, target)
    replayed = away_frames[::2] if options.recipe.replay_share and options.method is not Method.SCALE else ()
    # Training, and folding the scalar into the weights, stay in this process: a training is a sequence of steps, each from the one before.
    correction = _fit(load_potential(card, options.device), labels, known, _provenance(sets, labels), options, replayed)
    systems = untouched_systems(target) if options.families else {}
    family_frames = [frame for planned in systems.values() for frame in planned]
    known = known.and_also(ask(card.name, family_frames)) if family_frames else known
    unseen_frames, judged_elsewhere = split.unseen(labels), away_frames[1::2] if replayed else away_frames
    after = ask_corrected(correction, (*unseen_frames, *judged_elsewhere, *family_frames), known, ask, options.out)
    unseen, away = _judged(unseen_frames, known, after), _judged(judged_elsewhere, known, after)
    curve = _curve(correction, split, unseen, known)
    changes = family_changes(systems, known.of, after.of)
    verdict = judge_correction(unseen, away, one_number=options.method is Method.SCALE, curve=curve, families=changes)
    _print_verdict(verdict)
    if not (verdict.may_be_exported or options.override):
        print(
            "\nNothing was exported. Try another label (--label), more of them (--labels), or --override, which the model card will tell."
        )
        return SOME_FAILED
    export = export_correction(
        correction,
        verdict,
        options.out / MODEL_FOLDER,
        frames=unseen.frames,
        reproduce=_command(options, target, labels),
        override=options.override,
        add_figures=lambda folder: write_correction_figures(folder, correction, verdict, unseen),
    )
    print(f"\n{export.reload.reason}\n{export.folder.resolve()}:")
    for name, purpose in export.files.items():
        print(f"  {name}: {purpose}")
    print("\nLoad it without this program:\n  " + "\n  ".join(export.card["load"]))
    return DONE


def _ask_for_label(card: PotentialCard, frames: Sequence[Frame], options: CorrectOptions, ask: Ask) -> int:
    """Propose what to label and write DFT input for it, since none of the structures has a label."""
    candidates = list(frames)
    if len(frames) == 1:
        # One run of dynamics cannot be shared out: each step waits for the one before, and takes less time than its way to a worker.
        base = load_potential(card, options.device)
        line = ProgressLine(f"{card.title} samples candidates")
        candidates = list(sample_candidates(frames[0], base, tell=lambda done, total: line.say(f"step {done:,} of {total:,}")))
        line.clear()
        write_extxyz(candidates, options.out / CANDIDATES)
        print(f"{len(candidates)} candidates were sampled with {card.title}: {options.out / CANDIDATES}")
    known = ask(card.name, candidates)
    usable = [frame for frame in candidates if known.has(frame)]
    ranking = rank_label_candidates(usable, known.of(usable))
    proposed = ranking.propose(options.labels)
    print(f"\nNone of the structures has DFT forces yet.\n{ranking.sentence(options.labels)}")
    if not proposed:
        return SOME_FAILED
    for number, candidate in enumerate(proposed, start=1):
        folder = options.out / f"label-{number}"
        for written in write_dft_input(candidate.frame, folder, functional=card.functional, codes=_codes(card)):
            print(f"  {written.folder}: bring back {written.result}" + (f"; add {'; '.join(written.missing)}" if written.missing else ""))
            for remark in written.remarks:
                print(f"    {remark}")
    print("\nRun one of them (README.md says how), then give the result here again together with a few more labelled frames to judge on.")
    return DONE


def _codes(card: PotentialCard) -> tuple[Code, ...]:
    return (Code.VASP,) if "r2scan" in card.functional.lower() else tuple(Code)


def _usable(frames: Sequence[Frame], options: CorrectOptions) -> list[Frame]:
    frame_filter = FrameFilter(max_force=options.max_force if options.max_force < float("inf") else None)
    usable = [frame for frame in frames if frame.forces is not None and frame.usable and frame_filter.admits(frame)]
    if not usable:
        were = "was" if len(frames) == 1 else "were"
        raise UserFacingError(
            f"{counted(len(frames), 'frame')} {were} read, but none has DFT forces that can be used, so there is no label to fit.",
            advice="Check the flags of the frames, or raise --max-force.",
            path=options.data[0],
        )
    return usable


def _target(frames: Sequence[Frame], known: Answers, options: CorrectOptions) -> list[Frame]:
    """Return the frames of the compounds that shall become accurate."""
    wanted = options.target
    if not wanted:
        worst = most_removable(frames, known.of(frames))
        if worst is None:
            state = describe_target(frames, known.of(frames))
            raise UserFacingError(
                f"No compound of these data can be corrected by a label: {state.sentence}",
                advice="Name one with --target to try it anyway.",
            )
        print(f"Target: {worst}, where one number removes most of the error (choose another with --target)")
        wanted = (worst,)
    missing = [name for name in wanted if not any(name in {frame.compound, frame.formula} for frame in frames)]
    if missing:
        there = ", ".join(dict.fromkeys(frame.compound for frame in frames))
        raise UserFacingError(f"There is no compound called {missing[0]} with DFT forces.", advice=f"There are: {there[:300]}.")
    return [frame for frame in frames if frame.compound in wanted or frame.formula in wanted]


def _ask(job: BenchmarkJob, kept: KeptPredictions, executor: Executor) -> Answers:
    """Ask a model, and show how far it is."""
    line = ProgressLine(find_card(job.model).title)
    newest: Progress | None = None

    def tell(progress: Progress) -> None:
        nonlocal newest
        newest = progress
        line.show(progress)

    answers = ask_model(job, kept, executor, tell)
    if newest is not None:
        line.show(newest, final=True)
    return answers


def _fit(  # noqa: PLR0917 - each is a thing of its own
    base: Potential, labels: Sequence[Frame], known: Answers, provenance: Provenance, options: CorrectOptions, replayed: Sequence[Frame]
) -> Correction:
    settings = {
        "label_choice": " ".join(options.label),
        "max_force": options.max_force if options.max_force < float("inf") else "none",
        "split": "by content hash",
    }
    if options.method is Method.SCALE:
        method = ScalarMethod.SLOPE_MATCHING if options.slope_matching else ScalarMethod.LEAST_SQUARES
        fit = fit_scalar(labels, known.of(labels), method=method)
        interval = f" (95 % CI {fit.interval.low:.3f} to {fit.interval.high:.3f})" if fit.interval else ""
        other = (
            f"slope matching would give {fit.c_slope_matching:.3f}"
            if method is ScalarMethod.LEAST_SQUARES
            else f"least squares would give {fit.c_least_squares:.3f}"
        )
        print(f"\nc = {fit.c:.3f}{interval} by {fit.method.value} of the forces; {other}")
        if fit.caution:
            print(fit.caution)
        return scale_correction(base, fit, labels, provenance, settings)
    line = ProgressLine(f"training {options.method.words}")

    def tell(progress: TrainingProgress) -> None:
        record = progress.record
        error = record.validation_force_mae if record.validation_force_mae is not None else record.train_force_mae
        line.say(f"epoch {record.epoch} of {progress.epochs}, force error {error:.3f} eV/Å, {duration(progress.seconds_left)} left")

    trained, record = fine_tune(
        base,
        labels,
        readout_only=options.method is Method.READOUT,
        recipe=options.recipe,
        replay=Replay(replayed, known.of(replayed)) if replayed else None,
        name=f"{base.card.title}, {options.method.words} trained",
        checkpoint=options.out / CHECKPOINT,
        tell=tell,
    )
    line.clear()
    took = f"{counted(record.n_train, 'frame')} in {duration(record.seconds)}"
    print(f"\n{record.n_parameters:,} parameters trained on {took}; kept: {record.reason}")
    return Correction(options.method, base, trained, tuple(labels), provenance, training=record, settings=settings)


def _judged(frames: Sequence[Frame], known: Answers, after: Answers) -> Judged:
    there = [frame for frame in frames if known.has(frame) and after.has(frame)]
    return Judged(there, known.of(there), after.of(there))


def _curve(correction: Correction, split: Split, unseen: Judged, known: Answers) -> LearningCurve | None:
    """Return how a scalar's error falls with the number of labels; trained weights would have to be trained again and again."""
    if correction.c is None or not unseen.frames:
        return None
    at_hand = [*correction.labels, *split.spare(correction.labels)]
    return scalar_learning_curve(at_hand, known.of(at_hand), unseen.frames, unseen.before, correction.c)


def _print_choice(target: Sequence[Frame], known: Answers, ranking: LabelRanking, labels: Sequence[Frame], options: CorrectOptions) -> None:
    state = describe_target(target, known.of(target))
    print(f"\n{', '.join(state.compounds[:5])}{' ...' if len(state.compounds) > 5 else ''}\n{state.sentence}\n{state.advice}")
    if options.label == (AUTO,) and options.method is not Method.SCALE and len(labels) > 1:
        print(f"Proposed, from weak to strong forces: {', '.join(f'{frame.compound} {frame.name}' for frame in labels)}")
    elif options.label == (AUTO,):
        print(ranking.sentence(len(labels)))
    else:
        print(f"Label{'s' if len(labels) > 1 else ''} as named: {', '.join(f'{frame.compound} {frame.name}' for frame in labels)}")


def _print_verdict(verdict: CorrectionVerdict) -> None:
    print(f"\n{verdict.headline.upper()}")
    for reason in verdict.reasons:
        print(f"  {reason}")
    print(f"  {verdict.validity_in_words}\n")
    for comparison in (verdict.unseen, verdict.elsewhere):
        if comparison is not None:
            before, after = comparison.before.statistics, comparison.after.statistics
            print(
                f"  {comparison.title}: {counted(comparison.n_frames, 'frame')}; "
                f"scale {number_text(before.scale)} -> {number_text(after.scale)}, MAE {before.mae:.3f} -> {after.mae:.3f} eV/Å, "
                f"systematic {before.systematic:.3f} -> {after.systematic:.3f}, random {before.random:.3f} -> {after.random:.3f}"
            )

    for change in verdict.families:
        print(f"  {change.title}: {change.sentence()}")


def _provenance(sets: Sequence[ReferenceSet], labels: Sequence[Frame]) -> Provenance:
    """Return the provenance of the set that the first label came from."""
    wanted = labels[0].content_hash
    for one in sets:
        if any(frame.content_hash == wanted for frame in one.frames):
            return one.provenance
    return Provenance()


def _command(options: CorrectOptions, target: Sequence[Frame], labels: Sequence[Frame]) -> str:
    compounds = ",".join(dict.fromkeys(frame.compound for frame in target))
    parts = ["temper-cli", "correct", *options.data, "--model", options.model, "--method", options.method.value]
    parts += ["--label", ",".join(frame.content_hash[:16] for frame in labels), "--target", compounds]
    parts += ["--slope-matching"] if options.slope_matching else []
    parts += ["--max-force", f"{options.max_force:g}"] if options.max_force != DEFAULT_LARGEST_FORCE else []
    parts += recipe_options(options.recipe) if options.method is not Method.SCALE else []
    return shlex.join(parts)
