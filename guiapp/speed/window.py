"""What the window does, measured in processes of its own: start-up, memory, a million points, the event loop during a run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

from guiapp.errors import UserFacingError
from guiapp.speed.child import child_variables
from guiapp.speed.measurement import Extent, Measurement
from guiapp.speed.timing import Spread

_PATIENCE = 900.0  # s
_MEGABYTE = 1e6


def measure(extent: Extent) -> list[Measurement]:
    """Measure start-up and memory, the parity plot, and the delay of the event loop."""
    return [_start(extent), _parity(), _delay(extent)]


def ask(what: str, *arguments: str) -> Mapping[str, Any]:
    """Run one measurement of ``guiapp.ui.speed`` and return what it prints.

    Raises:
        UserFacingError: Where the window cannot be opened here.
    """
    variables = {"QT_QPA_PLATFORM": "offscreen"} | child_variables(os.environ)
    command = [sys.executable, "-P", "-m", "guiapp.ui.speed", what, *arguments]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, encoding="utf-8", timeout=_PATIENCE, check=False)  # noqa: S603 - our own module
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise UserFacingError(f"The window could not be measured: {last}", advice="Try whether the window opens at all.")
    answer: Mapping[str, Any] = json.loads(lines[-1])
    return answer


def _start(extent: Extent) -> Measurement:
    ask("start", "--since", str(time.time()))  # the first start reads everything from the disk
    answers = [ask("start", "--since", str(time.time())) for _ in range(extent.rounds)]
    rows = [("window visible, s", Spread.of([one["visible"] for one in answers]).text, "1.5")]
    for key, words, limit in (
        ("memory_visible", "memory when visible, MB", "300"),
        ("memory_idle", "memory idle with the demo open, MB", "300"),
    ):
        known = [one[key] / _MEGABYTE for one in answers if one[key]]
        rows.append((words, Spread.of(known).text if known else "not known: psutil is not installed", limit))
    note = "From the start of the process to the first picture on an offscreen screen, warm; memory is resident, of the window's process."
    return Measurement("Start-up of the window", ("what", "median (range)", "limit"), tuple(rows), (note,))


def _parity() -> Measurement:
    answer = ask("parity", "--points", "1000000")
    names = {"append": "append and redraw", "correct": "redraw under another correction", "zoom": "one step of the zoom"}
    rows = tuple((words, Spread.of(answer[key]).text) for key, words in names.items())
    return Measurement("Parity plot of 1,000,000 points", ("what", "ms, median (range)"), rows, ("Painted by software, offscreen.",))


def _delay(extent: Extent) -> Measurement:
    answer = ask("delay", "--frames", "150" if extent.quick else "500")
    rows = tuple(
        (words, *(f"{answer[key][name]:.1f}" for name in ("p50", "p99", "max")))
        for key, words in (("late", "delay of a tick, ms"), ("processor", "processor time of the window's thread in it, ms"))
    )
    workers = "one worker" if answer["workers"] == 1 else f"{answer['workers']} workers"
    note = (
        f"{answer['frames']} frames in {answer['seconds']:.1f} s with {workers}; a timer of 5 ms tells how much later than due it fires. "
        "On a busy machine most of the delay is waiting for a processor core; the second line is the window's own."
    )
    return Measurement("Event loop while a benchmark runs", ("what", "p50", "p99", "max"), rows, (note,))
