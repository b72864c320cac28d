"""How long the parity plot takes with many points; run by hand: ``python tests/speed/parity_plot.py``.

Limits: 50 ms to append and redraw a million points, 50 ms to redraw a hundred thousand under another correction.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtWidgets import QApplication

from guiapp.ui.plots.parity_plot import ParityPlot
from guiapp.ui.plots.parity_series import ParitySeries
from guiapp.ui.theme import LIGHT, apply_theme


def report(*words: str) -> None:
    """Write one line."""
    sys.stdout.write(" ".join(words) + "\n")


def timed(action: Callable[[int], None], repeats: int = 15) -> str:
    """Return wall time (median, best) and CPU time (median) of several runs in ms; on a busy machine the CPU time counts."""
    walls, cpus = [], []
    for k in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        action(k)
        walls.append(1e3 * (time.perf_counter() - wall))
        cpus.append(1e3 * (time.process_time() - cpu))
    return f"{statistics.median(walls):6.1f} ms (best {min(walls):5.1f}), CPU {statistics.median(cpus):5.1f} ms"


def measure(app: QApplication, n: int, *, coloured: bool) -> None:
    rng = np.random.default_rng(0)
    dft = rng.normal(scale=1.6, size=n)
    model = 0.83 * dft + rng.normal(scale=0.2, size=n)
    palette = rng.integers(0, 1 << 24, 300).astype(np.uint32) | np.uint32(0xFF000000)
    colors = palette[rng.integers(0, 300, n)] if coloured else None
    plot = ParityPlot(LIGHT)
    plot.resize(700, 640)
    plot.show()
    canvas = plot._canvas

    def redraw() -> None:
        canvas.viewport().repaint()
        app.processEvents()

    def show_part(k: int) -> None:
        stop = n - 1000 * (15 - k)  # each call shows a little more, as a running benchmark does
        part = None if colors is None else colors[:stop]
        plot.set_series([ParitySeries("model", "#0072B2", dft[:stop], model[:stop], 0.83, (0.79, 0.87), part)])
        redraw()

    def correct(k: int) -> None:
        plot.set_correction(1 + 0.01 * k)
        redraw()

    def zoom(k: int) -> None:
        canvas.view.scaleBy((0.93, 0.93))
        redraw()

    def pick(k: int) -> None:
        plot._cloud.nearest(float(dft[k]), float(model[k]), 0.05, 0.05)

    report(f"{n:>9,} points, {'300 colours' if coloured else 'one colour'}, {'density' if n > 20_000 else 'discs'}")
    report("   append and redraw ", timed(show_part))
    report("   another correction", timed(correct))
    report("   zoom step         ", timed(zoom))
    report("   nearest point     ", timed(pick))
    plot.close()


if __name__ == "__main__":
    application = QApplication([])
    apply_theme(application, LIGHT)
    for size in (20_000, 100_000, 1_000_000):
        for in_colour in (False, True):
            measure(application, size, coloured=in_colour)
