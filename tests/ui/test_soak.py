"""A window that is redrawn for a minute neither aborts nor grows: some PySide6 versions drop references until the process dies."""

from __future__ import annotations

import gc
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from window_steps import settled

from guiapp.ui.evaluation import evaluate
from guiapp.ui.selection import Selection
from guiapp.ui.shown_models import ShownModel
from guiapp.ui.theme import DARK, LIGHT

SECONDS = float(os.environ.get("TEMPER_SOAK_SECONDS", "60"))
RATE = 30


def resident() -> float:
    """Return the memory in use, MiB."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads memory from /proc")
def test_a_minute_of_live_updates(measured, qtbot):
    """30 updates a second of all views, with selections, tabs, filters and themes in between; memory stands after the first third."""
    session, window = measured.session, measured
    frames = session.structures.frames
    turns = []

    def update():
        k = len(turns)
        turns.append(k)
        table = session.results.table("chgnet-0.3.0").snapshot()
        session.evaluations.current = (evaluate(table, session.filter, ShownModel("CHGNet 0.3.0", 0), running=k % 2 == 0),)
        session.evaluations.changed.emit()
        frame = frames[k % len(frames)]
        session.selection.select(Selection(frame.compound, frame.content_hash, k % frame.n_atoms), remember=k % 5 == 0)
        view = window.jobs_panel.jobs()[-1]
        window.jobs_panel.update_job(replace(view, done=k % 15))
        if k % 15 == 0:
            window.results.show_tab(("parity", "compounds", "elements")[k // 15 % 3])
        if k % 150 == 0:
            window.set_theme(DARK if window.theme is LIGHT else LIGHT)
        if k % 40 == 0:
            session.evaluations.mark_stale()

    timer = QTimer()
    timer.timeout.connect(update)
    timer.start(1000 // RATE)
    marks = []
    for _ in range(3):
        end = time.monotonic() + SECONDS / 3
        qtbot.waitUntil(lambda end=end: time.monotonic() > end, timeout=int(1000 * SECONDS))
        gc.collect()
        marks.append(resident())
    timer.stop()
    assert len(turns) > SECONDS * 2
    assert marks[2] - marks[1] < 15, f"{len(turns)} updates, memory {marks} MiB"
    qtbot.waitUntil(lambda: settled(window))
