"""How many pictures a second the structure viewer paints while it turns; run by hand, on software rendering.

Usage: python tests/speed/viewer_turning.py [--side 700] [--seconds 3]
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from ase import Atoms
from ase.build import bulk
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from guiapp.ui.theme import LIGHT, apply_theme
from guiapp.ui.viewer.arrows import ForceArrows, suggest_length
from guiapp.ui.viewer.canvas import StructureCanvas
from guiapp.ui.viewer.scene import build_scene


def cases() -> list[tuple[str, Atoms]]:
    """Return the structures, from a usual frame to the largest one that must stay usable."""
    rocksalt = bulk("MgO", "rocksalt", a=4.212, cubic=True)
    diamond = bulk("Si", "diamond", a=5.43, cubic=True)
    return [
        ("MgO 64", rocksalt * (2, 2, 2)),
        ("Si 216", diamond * (3, 3, 3)),
        ("MgO 216", rocksalt * (3, 3, 3)),
        ("MgO 1000", rocksalt * (5, 5, 5)),
        ("MgO 10648", rocksalt * (11, 11, 11)),
    ]


def measure(atoms: Atoms, side: int, seconds: float, *, arrows: bool) -> tuple[float, float, float, int]:
    """Turn a structure; returns pictures a second, CPU ms of a picture, ms of a picture at rest, and the number of bonds."""
    canvas = StructureCanvas()
    canvas.resize(side, side)
    scene = build_scene(atoms.numbers, atoms.positions, atoms.cell.array, atoms.pbc, images=True)
    canvas.set_scene(scene, (True, True, True), keep_view=False)
    if arrows:
        forces = np.random.default_rng(0).normal(size=(len(atoms), 3))
        length = suggest_length(3.0, scene.radius)
        canvas.set_arrows([ForceArrows("DFT", forces), ForceArrows("model", 0.8 * forces, (0, 114, 178))], length)
    canvas.show()
    QApplication.processEvents()
    start = time.perf_counter()
    canvas.repaint()
    at_rest = time.perf_counter() - start
    position = QPointF(side / 2, side / 2)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, position.toPoint())
    pictures, start, used = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - start < seconds:
        position += QPointF(3 if pictures % 60 < 30 else -3, 1 if pictures % 20 < 10 else -1)
        QTest.mouseMove(canvas, position.toPoint())
        canvas.repaint()
        pictures += 1
    rate = pictures / (time.perf_counter() - start)
    cost = 1e3 * (time.process_time() - used) / pictures
    canvas.close()
    return rate, cost, 1e3 * at_rest, len(scene.bonds)


def main() -> None:
    """Print one line a structure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=350, help="side of the canvas, logical pixels")
    parser.add_argument("--seconds", type=float, default=2.0)
    arguments = parser.parse_args()
    app = QApplication([])
    apply_theme(app, LIGHT)
    print(f"canvas {arguments.side} x {arguments.side}, device pixel ratio {app.devicePixelRatio()}")  # noqa: T201 - a script prints
    for name, atoms in cases():
        for arrows in (False, True):
            rate, cost, rest, bonds = measure(atoms, arguments.side, arguments.seconds, arrows=arrows)
            what = f"{name}, {bonds} bonds{', arrows' if arrows else ''}"
            print(f"{what:36s} {rate:7.1f} pictures/s turning ({cost:6.1f} ms CPU each), {rest:7.1f} ms at rest")  # noqa: T201


if __name__ == "__main__":
    main()
