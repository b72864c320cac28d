"""A browser with a few real and a few odd frames."""

from __future__ import annotations

import numpy as np
import pytest

from guiapp.frames.frame import Flag, Frame, Origin
from guiapp.frames.reference_set import ReferenceSet
from guiapp.ui.browser.panel import BrowserPanel
from guiapp.ui.theme import LIGHT, apply_theme


def frames_of(compound, numbers, count, forces=True):
    rng = np.random.default_rng(len(compound))
    flag = Flag("overlap", "Two atoms sit on each other.", "Check the file.", excludes=True)
    return [
        Frame(
            numbers,
            rng.random((len(numbers), 3)) * 4,
            np.eye(3) * 4,
            energy=-1.0 if forces else None,
            forces=np.full((len(numbers), 3), (k + 1) * 0.5) if forces else None,
            name=f"frame {k + 1}",
            compound=compound,
            origin=Origin("data.extxyz", k),
            info={"temperature": 1000.0, "strain": 0.03 * (k % 2)},
            flags=(flag,) if k == 2 else (),
        )
        for k in range(count)
    ]


@pytest.fixture
def demo_set():
    frames = frames_of("MgO", [12, 8], 12) + frames_of("LiF", [3, 9, 3, 9], 3) + frames_of("Al2O3", [13, 13, 8, 8, 8], 4)
    return ReferenceSet("demo", "Demo states", tuple(frames))


@pytest.fixture
def second_set():
    return ReferenceSet("mine", "My data", tuple(frames_of("Si", [14] * 8, 2) + frames_of("GaAs", [31, 33], 2, forces=False)))


@pytest.fixture(scope="session")
def themed(qapp):
    apply_theme(qapp, LIGHT)


@pytest.fixture
def panel(qtbot, themed, demo_set, second_set):
    browser = BrowserPanel(LIGHT)
    qtbot.addWidget(browser)
    browser.resize(760, 700)
    browser.show()
    browser.set_sets([demo_set, second_set])
    qtbot.waitExposed(browser)
    return browser
