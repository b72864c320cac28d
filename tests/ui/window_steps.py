"""What tests do with a window: keys, clicks, projects, waiting; and frames to fill it with."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from guiapp.frames.frame import Frame, Origin


def press(window, keys):
    """Press a shortcut with the focus where it is."""
    QTest.keySequence(QApplication.focusWidget() or window, keys)


def click(widget):
    """Click into the middle of a widget."""
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def wait_measured(window, qtbot, timeout=20_000):
    """Wait until there are numbers and nothing changes any more."""
    qtbot.waitUntil(lambda: bool(window.session.shown_evaluations) and settled(window), timeout=timeout)


def labelled(compound, numbers, count, *, seed=0, scale=1.0, **changes):
    """Return frames with random forces whose rms is about ``scale`` eV/Å."""
    rng = np.random.default_rng([seed, *compound.encode()])
    frames = []
    for k in range(count):
        forces = rng.normal(scale=scale, size=(len(numbers), 3))
        fields = {
            "energy": float(rng.normal()),
            "forces": forces - forces.mean(axis=0),
            "stress": np.zeros((3, 3)),
            "name": f"frame {k + 1}",
            "compound": compound,
            "origin": Origin("made.extxyz", k),
            "info": {"strain": 0.03 * (k % 2)},
        }
        frames.append(Frame(np.array(numbers), rng.random((len(numbers), 3)) * 5, np.eye(3) * 5, **{**fields, **changes}))
    return frames


def open_with(window, qtbot, path, *sets):
    """Open a project and put sets into it, as reading files does."""
    window.session.open(path)
    qtbot.waitUntil(lambda: window.session.project is not None and window.session.project.path == path)
    if sets:
        window.session.structures._push("opening files", sets)
        qtbot.waitUntil(lambda: not window.session.background._writes)


def settled(window):
    """Say whether nothing runs and every number is the newest."""
    session = window.session
    busy = any(session.jobs.model_is_busy(model) for model in session.models)
    return not busy and session.jobs.running is None and session.evaluations.is_up_to_date and not session.results._look_ups
