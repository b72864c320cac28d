"""How long the parity plot takes to append, to redraw and to zoom, with many points."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from PySide6.QtWidgets import QApplication

from guiapp.ui.plots.parity_canvas import ParityCanvas
from guiapp.ui.plots.parity_plot import ParityPlot
from guiapp.ui.plots.parity_series import ParitySeries
from guiapp.ui.theme import LIGHT, apply_theme

_REPEATS = 9
_PART = 1000  # points that each call appends, as a running benchmark does


def measure_parity(n_points: int) -> dict[str, list[float]]:
    """Measure a plot of one series in one colour.

    Args:
        n_points: Force components.

    Returns:
        Milliseconds of every repetition of ``append``, ``correct`` and ``zoom``.
    """
    app = QApplication([])
    apply_theme(app, LIGHT)
    random = np.random.default_rng(0)
    dft = random.normal(scale=1.6, size=n_points)
    model = 0.83 * dft + random.normal(scale=0.2, size=n_points)
    plot = ParityPlot(LIGHT)
    plot.resize(700, 640)
    plot.show()
    canvas = plot.findChildren(ParityCanvas)[0]

    def append(turn: int) -> None:
        stop = max(1, n_points - _PART * (_REPEATS - turn))
        plot.set_series([ParitySeries("model", "#0072B2", dft[:stop], model[:stop], 0.83, (0.79, 0.87), None)])

    def correct(turn: int) -> None:
        plot.set_correction(1 + 0.01 * turn)

    def zoom(_turn: int) -> None:
        canvas.view.scaleBy((0.93, 0.93))

    answer = {name: _timed(app, canvas, act) for name, act in (("append", append), ("correct", correct), ("zoom", zoom))}
    plot.close()
    return answer


def _timed(app: QApplication, canvas: ParityCanvas, act: Callable[[int], None]) -> list[float]:
    milliseconds = []
    for turn in range(_REPEATS):
        start = time.perf_counter()
        act(turn)
        canvas.viewport().repaint()
        app.processEvents()
        milliseconds.append(1e3 * (time.perf_counter() - start))
    return milliseconds
