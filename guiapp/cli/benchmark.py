"""The command ``benchmark``: how fast the program is beside the loops that others use, as tables and as a document."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from guiapp.cli.benchmark_parser import GROUP_NAMES
from guiapp.cli.main import DONE, SOME_FAILED
from guiapp.cli.progress_line import duration
from guiapp.errors import UserFacingError
from guiapp.potentials.optional_kernel import SWITCH, kernel_is_installed
from guiapp.report.terminal_table import aligned
from guiapp.speed.child import child_variables
from guiapp.speed.document import performance_document
from guiapp.speed.machine import machine_facts
from guiapp.speed.measurement import Measurement, from_json

_PATIENCE = 7200.0  # s
_KERNEL = "kernel"
"""The only group that is measured with the optional compiled kernel, and only where that is installed."""


def run_benchmark(options: argparse.Namespace) -> int:
    """Measure every group in a process of its own, print the tables and write the document.

    Raises:
        UserFacingError: Where a group is unknown, or the document cannot be written.
    """
    if getattr(sys, "frozen", False):
        raise UserFacingError("The packed program cannot measure itself.", advice="Run the command from the program's source folder.")
    groups = _chosen(options)
    place = options.out if options.out is not None else Path(str(files("resources"))) / "docs" / "performance.md"
    facts, start = machine_facts(), time.monotonic()
    measurements: list[Measurement] = []
    failures: list[str] = []
    for group in groups:
        begin = time.monotonic()
        print(f"measuring: {group} ...", file=sys.stderr, flush=True)
        try:
            found = _measure(group, options)
        except UserFacingError as error:
            failures.append(f"{group}: {error}")
            print(f"not measured: {group}: {error}", file=sys.stderr)
            continue
        for one in found:
            _print(one)
        print(f"measured: {group}, {duration(time.monotonic() - begin)}", file=sys.stderr)
        measurements += found
    date = dt.datetime.now(tz=dt.UTC).strftime("%Y-%m-%d")
    text = performance_document(measurements, facts, command=_command(options), date=date, failures=failures)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserFacingError(
            f"The document cannot be written: {error.strerror}.", advice="Name another file after --out.", path=place
        ) from error
    print(f"{place}: written after {duration(time.monotonic() - start)}", file=sys.stderr)
    return SOME_FAILED if failures or any("NOT TIMED" in note for one in measurements for note in one.notes) else DONE


def _chosen(options: argparse.Namespace) -> list[str]:
    wanted = [name.strip() for name in options.only.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in GROUP_NAMES]
    if unknown:
        raise UserFacingError(f"There is no group “{unknown[0]}”.", advice=f"The groups are: {', '.join(GROUP_NAMES)}.")
    names = wanted or list(GROUP_NAMES)
    left_out = {name for name, there in (("matgl", bool(options.matgl)), (_KERNEL, kernel_is_installed() or bool(wanted))) if not there}
    return [name for name in names if name not in left_out]


def _measure(group: str, options: argparse.Namespace) -> tuple[Measurement, ...]:
    """Run one group as a child, so that the packages' side effects, or a crash, stay with it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        file = Path(folder) / "measured.json"
        command = [sys.executable, "-P", "-m", "guiapp.speed", group, str(file), *_arguments(options)]
        try:
            done = subprocess.run(  # noqa: S603 - our own module
                command,
                env=child_variables(os.environ) | {SWITCH: "on" if group == _KERNEL else "off"},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
                timeout=_PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise UserFacingError(f"It took longer than {duration(_PATIENCE)}.") from error
        if done.returncode or not file.is_file():
            raise UserFacingError(_last_line(done.stderr) or f"its process ended with code {done.returncode}")
        return from_json(file.read_text(encoding="utf-8"))


def _arguments(options: argparse.Namespace) -> list[str]:
    arguments = ["--quick"] if options.quick else []
    if options.mace:
        arguments += ["--mace", options.mace]
    for place in options.matgl:
        arguments += ["--matgl", place]
    return arguments


def _command(options: argparse.Namespace) -> str:
    """Return the command without the user's own paths."""
    words = ["python3 main.py benchmark"]
    words += ["--quick"] if options.quick else []
    words += [f"--mace {Path(options.mace).name}"] if options.mace else []
    words += [f"--matgl {Path(place).name}" for place in options.matgl]
    words += [f"--only {options.only}"] if options.only else []
    return " ".join(words)


def _last_line(text: str) -> str:
    lines: Sequence[str] = text.strip().splitlines()
    return lines[-1] if lines else ""


def _print(measurement: Measurement) -> None:
    print(f"\n{measurement.title}")
    if measurement.rows:
        print(aligned(list(measurement.head), [list(row) for row in measurement.rows], left={0}))
    for note in measurement.notes:
        print(note)
