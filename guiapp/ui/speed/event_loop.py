"""How late the window's event loop is while a benchmark runs with real workers."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QSettings, Qt, QTimer, Slot
from PySide6.QtWidgets import QApplication

from guiapp.engine.job import JobState
from guiapp.frames.reference_set import ReferenceSet
from guiapp.speed.sample import small_cells
from guiapp.ui.main_window import MainWindow
from guiapp.ui.session import Session
from guiapp.ui.settings import Settings
from guiapp.ui.speed.waiting import run_until

_PERIOD = 0.005  # s
_MODEL = "chgnet-0.3.0"


class Clock(QObject):
    """Ticks every 5 ms and writes down how late each tick came, and the processor time of the thread since the last."""

    def __init__(self, parent: QObject) -> None:
        """Start ticking; nothing is written down yet."""
        super().__init__(parent)
        self.late: list[float] = []
        self.processor: list[float] = []
        self.running = False
        self._last, self._last_processor = time.perf_counter(), time.thread_time()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(round(1000 * _PERIOD))

    @Slot()
    def _tick(self) -> None:
        now, processor = time.perf_counter(), time.thread_time()
        if self.running:
            self.late.append(max(0.0, now - self._last - _PERIOD))
            self.processor.append(processor - self._last_processor)
        self._last, self._last_processor = now, processor


def measure_delay(n_frames: int) -> dict[str, object]:
    """Run a benchmark in the real window and watch the clock.

    Args:
        n_frames: How many frames the job has.

    Returns:
        ``late`` and ``processor``: p50, p99 and max in ms; ``frames``, ``seconds``, ``workers``.
    """
    app = QApplication([])
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        session = Session()
        window = MainWindow(session, Settings(QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat)))
        window.resize(1480, 920)
        window.show()
        session.open(Path(folder) / "speed.temper")
        run_until(app, lambda: session.project is not None)
        frames = [frame.with_changes(forces=_forces(frame.forces, frame.n_atoms), flags=()) for frame in small_cells(n_frames)]
        session.structures.open_set("frames to measure", lambda _progress: ReferenceSet("speed", "Speed", tuple(frames)))
        run_until(app, lambda: len(session.structures.frames) >= n_frames)
        clock = Clock(window)
        start, clock.running = time.perf_counter(), True
        session.run([_MODEL], session.structures.frames)
        run_until(app, lambda: _is_done(window), every=0.1)
        clock.running = False
        answer: dict[str, object] = {
            "late": _quantiles(clock.late),
            "processor": _quantiles(clock.processor),
            "frames": n_frames,
            "seconds": time.perf_counter() - start,
            "workers": session.jobs.workers,
        }
        window.close()
        session.shut_down()
    return answer


def _is_done(window: MainWindow) -> bool:
    jobs = window.jobs_panel.jobs()
    return bool(jobs) and jobs[-1].state is JobState.DONE and window.session.evaluations.is_up_to_date


def _forces(forces: np.ndarray | None, n_atoms: int) -> np.ndarray:
    """Return forces for the plots; rattled copies have none, and what is measured is how fast they are shown."""
    return forces if forces is not None else np.random.default_rng(n_atoms).normal(size=(n_atoms, 3))


def _quantiles(seconds: list[float]) -> dict[str, float]:
    values = 1e3 * np.array(seconds)
    return {"p50": float(np.percentile(values, 50)), "p99": float(np.percentile(values, 99)), "max": float(values.max())}
