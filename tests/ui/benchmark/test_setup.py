"""Putting a benchmark together: defaults that run on Enter, choices that reach the request, and reasons for what is not possible."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from guiapp.frames.frame import Flag, Frame
from guiapp.frames.reference_set import ReferenceSet
from guiapp.potentials.potential import PotentialCard
from guiapp.ui.benchmark.setup import BenchmarkRequest, BenchmarkSetup
from guiapp.ui.theme import LIGHT

LEFT = Qt.MouseButton.LeftButton


def card(name, state="ready"):
    return PotentialCard(name, name.upper(), "f", "PBE", "MPtrj", "MIT", "", None, state)


def frames(count, labelled=True, flags=()):
    return tuple(
        Frame([12, 8], np.full((2, 3), float(k)), np.eye(3) * 4, forces=np.ones((2, 3)) if labelled else None, flags=flags)
        for k in range(count)
    )


@pytest.fixture
def setup(qtbot):
    widget = BenchmarkSetup(LIGHT)
    qtbot.addWidget(widget)
    bad = Flag("nan", "m", "a", excludes=True)
    widget.set_sets(
        [
            ReferenceSet("plain", "Unlabelled", frames(2, labelled=False)),
            ReferenceSet("demo", "High-energy states", frames(5) + frames(1, flags=(bad,))),
            ReferenceSet("mine", "My data", frames(3)),
        ]
    )
    widget.set_models([card("missing", "weights are not on this machine"), card("chgnet"), card("mace")])
    widget.show()
    return widget


def test_enter_runs_the_defaults(setup, qtbot):
    """Opened and Enter pressed: the first usable set on the first ready model, static, automatic device, 30 eV/Å."""
    with qtbot.waitSignal(setup.run_requested) as told:
        qtbot.keyClick(setup, Qt.Key.Key_Return)
    assert told.args == [BenchmarkRequest(("demo",), ("chgnet",), selection=False, device="auto", mode="static", max_force=30.0)]
    assert not setup.isVisible()


def test_choices_reach_the_request(setup, qtbot):
    """Ticks, device and force limit are what is told."""
    qtbot.mouseClick(setup.set_boxes["mine"], LEFT, pos=setup.set_boxes["mine"].rect().center() / 4)
    setup.model_boxes["mace"].click()
    qtbot.mouseClick(setup.device.buttons[1], LEFT)
    setup.limit.click()
    assert setup.request() == BenchmarkRequest(("demo", "mine"), ("chgnet", "mace"), device="cpu", max_force=None)
    setup.limit.click()
    setup.max_force.setValue(12.5)
    assert setup.request().max_force == 12.5


def test_what_is_not_possible_cannot_be_chosen(setup):
    """Unlabelled sets and missing weights cannot be chosen."""
    assert not setup.set_boxes["plain"].isEnabled()
    assert not setup.model_boxes["missing"].isEnabled()


def test_selection_takes_the_place_of_sets(setup, qtbot):
    """The browser's selection counts its usable frames only, and while it is ticked the sets rest."""
    assert not setup.selection_box.isVisible()
    setup.set_selection(frames(4) + frames(2, labelled=False), choose=True)
    assert "4 frames" in setup.selection_box.text()
    assert setup.request() == BenchmarkRequest((), ("chgnet",), selection=True)
    assert not setup.set_boxes["demo"].isEnabled()
    setup.set_selection(())
    assert setup.request().sets == ("demo",)


def test_estimate_follows_and_gaps_are_told(setup, qtbot):
    """The estimate is asked anew with each change; without a model or frames the button rests and the line says what is missing."""
    setup.set_estimate(lambda request: f"about {7 * len(request.models)} s")
    assert setup.estimate.text() == "about 7 s"
    setup.model_boxes["mace"].click()
    assert setup.estimate.text() == "about 14 s"
    for name in ("mace", "chgnet"):
        setup.model_boxes[name].click()
    assert "model" in setup.estimate.text()
    assert not setup.run.isEnabled()
    with qtbot.assertNotEmitted(setup.run_requested):
        qtbot.keyClick(setup, Qt.Key.Key_Return)


def test_new_sets_keep_the_ticks(setup):
    """A file opened meanwhile adds a line and changes nothing else."""
    setup.set_boxes["demo"].click()
    setup.set_boxes["mine"].click()
    setup.set_sets(
        [
            ReferenceSet("demo", "High-energy states", frames(5)),
            ReferenceSet("mine", "My data", frames(3)),
            ReferenceSet("c", "C", frames(1)),
        ]
    )
    assert setup.request().sets == ("mine",)
    setup.set_models([card("mace"), card("chgnet")])
    assert setup.request().models == ("chgnet",)
    setup.set_max_force(None)
    assert setup.request().max_force is None
