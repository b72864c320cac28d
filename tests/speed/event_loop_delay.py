"""How late the window's event loop is while a benchmark of 500 frames runs with real workers and CHGNet; run by hand.

Usage: python tests/speed/event_loop_delay.py [--frames 500] [--dark] [--profile]

A timer of 5 ms measures how much later than due it fires. On a machine that others use as well, part of the delay is waiting
for a core; the last lines tell it apart: CPU time of the Qt thread between two ticks is the window's own doing.
"""

# ruff: noqa: T201 - a script prints

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from PySide6.QtCore import QObject, QSettings, Qt, QTimer, Slot
from PySide6.QtWidgets import QApplication

from guiapp.engine.job import JobState
from guiapp.frames.frame import Frame
from guiapp.frames.reference_set import ReferenceSet
from guiapp.frames.shipped import open_shipped
from guiapp.ui.main_window import MainWindow
from guiapp.ui.session import Session
from guiapp.ui.settings import Settings

PERIOD = 0.005


class Clock(QObject):
    """Ticks every 5 ms and writes down how late each tick came, and the CPU time of the thread since the last."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.late: list[float] = []
        self.cpu: list[float] = []
        self.running = False
        self._last = time.perf_counter()
        self._last_cpu = time.thread_time()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.tick)
        self._timer.start(round(1000 * PERIOD))

    @Slot()
    def tick(self) -> None:
        """Note one tick."""
        now, cpu = time.perf_counter(), time.thread_time()
        if self.running:
            self.late.append(max(0.0, now - self._last - PERIOD))
            self.cpu.append(cpu - self._last_cpu)
        self._last, self._last_cpu = now, cpu


def make_frames(count: int) -> list[Frame]:
    """Return shipped frames, rattled where there are too few, so that each is a configuration of its own."""
    shipped = [frame for frame in open_shipped("high-energy").frames if frame.usable]
    rng = np.random.default_rng(0)
    frames = []
    for k in range(count):
        frame, turn = shipped[k % len(shipped)], k // len(shipped)
        shift = rng.normal(scale=0.01, size=frame.positions.shape) if turn else 0.0
        frames.append(frame.with_changes(positions=frame.positions + shift, name=f"{frame.name} {turn}"))
    return frames


def report(name: str, seconds: list[float]) -> None:
    """Print median, 99th percentile and maximum in milliseconds."""
    values = 1e3 * np.array(seconds)
    quantiles = ", ".join(f"{q:g} %: {np.percentile(values, q):.1f}" for q in (50, 95, 99, 99.9))
    print(f"{name}: {quantiles}, largest {values.max():.1f} ms, {len(values)} ticks")


def main() -> None:
    """Run the benchmark and print the delays."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=500)
    parser.add_argument("--profile", action="store_true", help="print where the Qt thread spends its time")
    arguments = parser.parse_args()
    app = QApplication([])
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        session = Session()
        for signal in (session.refused, session.crashed):
            signal.connect(print)
        window = MainWindow(session, Settings(QSettings(str(Path(folder) / "s.ini"), QSettings.Format.IniFormat)))
        window.show()
        session.open(Path(folder) / "speed.temper")
        _pump(app, lambda: session.project is not None)
        frames = make_frames(arguments.frames)
        session.structures._push("opening files", (ReferenceSet("speed", "Speed", tuple(frames)),))
        _pump(app, lambda: not session.background._writes)
        clock = Clock(window)
        profile = _profile() if arguments.profile else None
        start = time.perf_counter()
        clock.running = True
        if profile is not None:
            profile.enable()
        session.run(["chgnet-0.3.0"], session.structures.frames)
        _exec_until(app, lambda: _is_done(window))
        if profile is not None:
            profile.disable()
        clock.running = False
        view = window.jobs_panel.jobs()[-1]
        print(f"{view.done} frames in {time.perf_counter() - start:.1f} s, {session.jobs.workers} workers, load {os.getloadavg()[0]:.1f}")
        print(window.results.headline)
        report("delay of the event loop", clock.late)
        report("CPU time of the Qt thread in it", clock.cpu)
        over = [(late, cpu) for late, cpu in zip(clock.late, clock.cpu, strict=True) if late > 0.05]
        print(f"over 50 ms: {len(over)} ticks, of which {sum(cpu > 0.05 for _, cpu in over)} by the window's own work")
        if profile is not None:
            import pstats

            pstats.Stats(profile).sort_stats("tottime").print_stats(25)
            pstats.Stats(profile).sort_stats("cumtime").print_stats("guiapp", 45)
        window.close()


def _is_done(window: MainWindow) -> bool:
    jobs = window.jobs_panel.jobs()
    return bool(jobs) and jobs[-1].state is JobState.DONE and window.session.evaluations.is_up_to_date


def _profile():
    import cProfile

    return cProfile.Profile(time.thread_time)


def _pump(app: QApplication, until) -> None:
    while not until():
        app.processEvents()
        time.sleep(0.005)


def _exec_until(app: QApplication, until) -> None:
    """Run the real event loop, and look now and then whether it is time to leave."""
    check = QTimer()
    check.timeout.connect(lambda: app.exit() if until() else None)
    check.start(100)
    app.exec()
    check.stop()


if __name__ == "__main__":
    main()
