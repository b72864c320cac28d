"""The command line: the same work without a window."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from guiapp import __version__
from guiapp.benchmarks.frame_filter import DEFAULT_LARGEST_FORCE
from guiapp.benchmarks.registry import families
from guiapp.cli.benchmark_parser import add_benchmark_arguments
from guiapp.cli.cluster_parser import add_cluster_arguments, add_cluster_options
from guiapp.cli.correct_parser import add_correct_arguments
from guiapp.cli.data_parser import add_data_arguments
from guiapp.cli.doctor_parser import add_doctor_arguments
from guiapp.cli.models_parser import add_parsers
from guiapp.cli.report_parser import add_report_arguments
from guiapp.cli.set_up_parser import add_set_up_arguments, positive, set_up_of
from guiapp.errors import UserFacingError

DONE, SOME_FAILED, UNUSABLE_INPUT = 0, 1, 2
_INTERRUPTED = 130


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of every command."""
    parser = argparse.ArgumentParser(prog="temper-cli", description="Measure softening in universal interatomic potentials.")
    parser.add_argument("--version", action="version", version=f"Temper {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    bench = commands.add_parser("bench", help="measure how soft a model is on your structures and DFT results")
    bench.add_argument("data", nargs="+", metavar="DATA", help="files, folders, patterns, or the name of a data set (see: data)")
    bench.add_argument("--model", required=True, metavar="NAME[,NAME...]", help="models by name (see: models) or weights file")
    bench.add_argument(
        "--family", choices=[one.name for one in families()], default="high-energy", help="which benchmark (default: %(default)s)"
    )
    mode = bench.add_mutually_exclusive_group()
    mode.add_argument(
        "--static", dest="mode", action="store_const", const="static", default="static", help="on the DFT geometries (default)"
    )
    mode.add_argument("--relaxed", dest="mode", action="store_const", const="relaxed", help="on geometries that the model relaxes")
    mode.add_argument(
        "--neb",
        dest="mode",
        action="store_const",
        const="neb",
        help="on the path that the model finds by a climbing band (migration)",
    )
    bench.add_argument("--stride", type=positive, default=1, metavar="N", help="take every N-th frame of each file")
    bench.add_argument("--limit", type=positive, metavar="N", help="take at most N frames of each DATA (systems, for other families)")
    bench.add_argument(
        "--max-force",
        type=float,
        default=DEFAULT_LARGEST_FORCE,
        metavar="EV_PER_A",
        help="leave out frames with a larger DFT force (default: %(default)g; inf for all)",
    )
    add_set_up_arguments(bench)
    demo = commands.add_parser("demo", help="measure CHGNet 0.3.0 on the shipped DFT labels")
    for command in (bench, demo):
        command.add_argument(
            "--out", type=Path, default=Path("temper-results"), metavar="DIR", help="results folder (default: %(default)s)"
        )
        command.add_argument("--project", type=Path, metavar="FILE", help="project file that keeps the predictions (default: one in DIR)")
        command.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    correct = commands.add_parser("correct", help="correct a model with one DFT label or a few, judged on unseen frames")
    add_correct_arguments(correct)
    add_report_arguments(commands.add_parser("report", help="write what was measured as HTML and PDF, with figures, BibTeX and CSV"))
    add_data_arguments(commands.add_parser("data", help="list the reference sets; download, add or remove a public one"))
    doctor = commands.add_parser("doctor", help="say why energies of a set and a model differ, and how to align them")
    add_doctor_arguments(doctor)
    add_parsers(commands.add_parser("models", help="list the models; test, install, add, remove one, or consent to a file"))
    add_cluster_arguments(
        commands.add_parser("cluster", help="save ways to a cluster, print job scripts, make certificates, see the workers")
    )
    add_benchmark_arguments(commands.add_parser("benchmark", help="measure how fast this program is beside the loops that others use"))
    for command in (bench, demo, doctor):
        add_cluster_options(command)
    add_cluster_options(correct, "models are asked there; fitting, training and the dynamics that samples candidates stay on this machine")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 some frames failed, 2 unusable input."""
    options = build_parser().parse_args(arguments)
    try:
        return _run(options)
    except UserFacingError as error:
        print(f"temper: {error}", file=sys.stderr)
        return UNUSABLE_INPUT
    except KeyboardInterrupt:
        print("temper: stopped; what was computed is kept, and the same command goes on from there", file=sys.stderr)
        return _INTERRUPTED


def _run(options: argparse.Namespace) -> int:
    from guiapp.cli import data, models
    from guiapp.cli.bench import BenchOptions, run_bench
    from guiapp.cli.executor_choice import chosen_cluster

    simple = {
        "data": data.run_data,
        "doctor": _doctor,
        "models": models.run_models,
        "correct": _correct,
        "report": _report,
        "cluster": _cluster,
        "benchmark": _benchmark,
    }
    if options.command in simple:
        return simple[options.command](options)
    if options.command == "demo":
        return run_bench(
            BenchOptions(
                data=("high-energy",),
                models=("chgnet-0.3.0",),
                out=options.out,
                project=options.project,
                device=options.device,
                title="Demo",
                cluster=chosen_cluster(options),
            )
        )
    return run_bench(
        BenchOptions(
            data=tuple(options.data),
            models=tuple(name.strip() for name in options.model.split(",") if name.strip()),
            out=options.out,
            project=options.project,
            device=options.device,
            family=options.family,
            mode=options.mode,
            max_force=options.max_force,
            limit=options.limit,
            stride=options.stride,
            set_up=set_up_of(options),
            cluster=chosen_cluster(options),
        )
    )


def _doctor(options: argparse.Namespace) -> int:
    from guiapp.cli.doctor import DoctorOptions, run_doctor
    from guiapp.cli.executor_choice import chosen_cluster

    return run_doctor(
        DoctorOptions(
            data=tuple(options.data),
            model=options.model,
            out=options.out,
            project=options.project,
            device=options.device,
            limit=options.limit,
            stride=max(1, options.stride),
            cluster=chosen_cluster(options),
        )
    )


def _cluster(options: argparse.Namespace) -> int:
    from guiapp.cli.cluster import run_cluster

    return run_cluster(options)


def _benchmark(options: argparse.Namespace) -> int:
    from guiapp.cli.benchmark import run_benchmark

    return run_benchmark(options)


def _report(options: argparse.Namespace) -> int:
    from guiapp.cli.report import run_report

    return run_report(options)


def _correct(options: argparse.Namespace) -> int:
    from guiapp.cli.correct import CorrectOptions, recipe_of, run_correct
    from guiapp.cli.executor_choice import chosen_cluster
    from guiapp.correction.corrected import Method

    return run_correct(
        CorrectOptions(
            data=tuple(options.data),
            model=options.model,
            out=options.out,
            project=options.project,
            device=options.device,
            label=_listed(options.label),
            labels=max(1, options.labels),
            method=Method(options.method),
            slope_matching=options.slope_matching,
            target=_listed(options.target),
            max_force=options.max_force,
            recipe=recipe_of(options),
            families=not options.skip_families,
            override=options.override,
            cluster=chosen_cluster(options),
        )
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


if __name__ == "__main__":
    sys.exit(main())
