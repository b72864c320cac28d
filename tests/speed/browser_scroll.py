"""Print how long the browser takes with 100,000 frames: load, expand, filter, sort, scroll, live scales.

Run from the repository root: ``PYTHONPATH=. python tests/speed/browser_scroll.py [NUMBER_OF_FRAMES]``. Times are processor time, so
that a busy machine does not blur them; what matters is that nothing but the load (which is sliced) takes longer than a blink.
"""

# ruff: noqa: T201 - a script that prints

from __future__ import annotations

import os
import sys
from time import process_time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from guiapp.frames.frame import Frame
from guiapp.frames.reference_set import ReferenceSet
from guiapp.ui.browser.arrangement import Column
from guiapp.ui.browser.conditions import Conditions
from guiapp.ui.browser.panel import BrowserPanel, ScaleEntry
from guiapp.ui.browser.tree_model import COMPOUND, Node
from guiapp.ui.theme import LIGHT, apply_theme

CATIONS = (3, 11, 12, 13, 14, 20, 22, 26, 29, 30, 31, 38)


def many_frames(count: int, per_compound: int = 100) -> ReferenceSet:
    """Return a set of oxides with 8 to 46 atoms a frame."""
    rng = np.random.default_rng(0)
    frames = []
    for k in range(count):
        c = k // per_compound
        half = 4 + c % 20
        numbers = [CATIONS[c % len(CATIONS)]] * half + [8] * half
        positions, forces = rng.random((2 * half, 3)) * 8, rng.normal(size=(2 * half, 3))
        frames.append(
            Frame(numbers, positions, np.eye(3) * 8, energy=-1.0, forces=forces, name=f"frame {k % per_compound}", compound=f"oxide {c}")
        )
    return ReferenceSet("big", "Big set", tuple(frames))


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    app = QApplication([])
    apply_theme(app, LIGHT)
    big = many_frames(count)
    _ = big.frames[0].formula  # the reader of the file has paid for this import already
    panel = BrowserPanel(LIGHT)
    panel.resize(760, 900)
    panel.show()
    app.processEvents()

    def measure(what: str, action) -> None:
        start = process_time()
        action()
        app.processEvents()
        print(f"{what:50s} {1000 * (process_time() - start):8.1f} ms")

    gaps, last = [], process_time()
    start = last
    panel.set_sets([big])
    while not panel.tree.isVisible():
        app.processEvents()
        now = process_time()
        gaps.append(now - last)
        last = now
    print(f"{'load, in all':50s} {1000 * (process_time() - start):8.1f} ms; longest pause of the window {1000 * max(gaps):.1f} ms")
    model = panel.model
    first = model.index_of(Node(COMPOUND, 0))
    measure("expand one compound", lambda: panel.tree.expand(first))
    cases = {
        "first search (texts are made)": Conditions(text="frame 3"),
        "search 'frame 37'": Conditions(text="frame 37"),
        "search 'Li' (element)": Conditions(text="Li"),
        "search 'Li2O2' (formula)": Conditions(text="LiO"),
        "elements, atoms and force": Conditions(include=frozenset({"Li", "Mg"}), exclude=frozenset({"Al"}), max_atoms=20, max_force=3.0),
        "no condition": Conditions(),
    }
    for what, conditions in cases.items():
        measure(what, lambda c=conditions: panel._apply(c))
    for column in Column:
        measure(f"sort by {column.name.lower()}", lambda c=column: panel.tree.sortByColumn(c, Qt.SortOrder.DescendingOrder))
    names = list(dict.fromkeys(model.columns.compounds))
    for value in (0.8, 0.9):
        measure("new scales for all compounds", lambda v=value: panel.set_scales({name: ScaleEntry(v) for name in names}))
    for c in range(0, len(names), 4):
        panel.tree.expand(model.index_of(Node(COMPOUND, c)))
    app.processEvents()
    bar = panel.tree.verticalScrollBar()
    times = []
    for value in np.linspace(0, bar.maximum(), 200).astype(int).tolist():
        start = process_time()
        bar.setValue(value)
        app.processEvents()
        times.append(process_time() - start)
    milliseconds = 1000 * np.array(times)
    shown = f"{np.median(milliseconds):.1f} ms median, {np.percentile(milliseconds, 99):.1f} ms 99th percentile"
    print(f"{'scroll through 25,000 expanded rows, a step':50s} {shown}")
    frame = big.frames[-1]
    measure("select the last frame from outside", lambda: panel.select(frame.compound, frame.content_hash))


if __name__ == "__main__":
    main()
