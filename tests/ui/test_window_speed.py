"""The window can be measured by itself: each measurement is a process that ends with one line of JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _ask(*arguments: str) -> dict:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-P", "-m", "guiapp.ui.speed", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


def test_the_parity_plot_is_measured():
    """Three kinds of redraw, nine repetitions each."""
    told = _ask("parity", "--points", "3000")
    assert set(told) == {"append", "correct", "zoom"}
    assert all(len(values) == 9 and min(values) > 0 for values in told.values())


def test_the_start_is_measured_from_the_process_to_the_picture():
    """The demo project is opened, and memory is told in bytes where psutil is there."""
    since = time.time()
    told = _ask("start", "--since", str(since))
    assert 0 < told["visible"] < time.time() - since
    assert told["memory_idle"] is None or told["memory_idle"] >= told["memory_visible"] > 10e6


@pytest.mark.slow
def test_the_event_loop_is_measured_during_a_real_run():
    """CHGNet in a real worker; the quantiles are ordered."""
    told = _ask("delay", "--frames", "6")
    assert told["frames"] == 6
    for key in ("late", "processor"):
        assert 0 <= told[key]["p50"] <= told[key]["p99"] <= told[key]["max"]
