"""The wizard begins with what is selected in the window, where that can be corrected, and says why where it cannot."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from window_steps import labelled
from wizard_steps import go_to, opened_wizard

from guiapp.potentials.potential import Prediction
from guiapp.ui.selection import Selection
from guiapp.ui.wizard.first_target import first_target, reminder
from guiapp.ui.wizard.steps import KnownFrames

LIMIT = 30.0


def said(frames, scale):
    return {one.content_hash: Prediction(0.0, scale * one.forces, np.zeros((3, 3))) for one in frames}


@pytest.fixture
def softest():
    """Al2O3 is slightly soft, MgO much, so that MgO is what one number helps most."""
    oxide, salt = labelled("Al2O3", [13, 13, 8, 8, 8], 4), labelled("MgO", [12, 8], 4)
    frames = [*oxide, *salt]
    return frames, KnownFrames.of(frames, said(oxide, 0.9) | said(salt, 0.5), LIMIT)


def test_the_selection_comes_before_the_suggestion(softest):
    frames, known = softest
    assert first_target(None, frames, known, LIMIT).compound == "MgO"
    chosen = first_target("Al2O3", frames, known, LIMIT)
    assert chosen.compound == "Al2O3"
    assert chosen.reason == "Al₂O₃ is ticked because it is selected in the window."


def test_what_cannot_be_corrected_is_replaced_and_told(softest):
    """Forces that are noise, frames beyond the filter, a system of another family: each has its own sentence."""
    frames, known = softest
    quiet = labelled("CsF", [55, 9], 3, scale=1e-4)
    noise = {one.content_hash: Prediction(0.0, -one.forces, np.zeros((3, 3))) for one in quiet}
    both = KnownFrames.of([*frames, *quiet], {**known.predictions, **noise}, LIMIT)
    refused = first_target("CsF", [*frames, *quiet], both, LIMIT)
    assert refused.compound == "MgO"
    assert "do not tell how soft" in refused.reason
    assert refused.reason.endswith("MgO is ticked instead: there one number takes away the largest error.")
    strong = labelled("GaAs", [31, 33], 2, scale=90.0)
    assert "the filter leaves none" in first_target("GaAs", [*frames, *strong], known, LIMIT).reason
    assert first_target("GaAs", [*frames, *strong], known, None).compound == "GaAs", "not measured yet, but it will be"
    assert "not among the structures" in first_target("MgO(100)", frames, known, LIMIT).reason


def test_a_structure_without_a_label_can_be_the_target(softest):
    frames, known = softest
    (bare,) = labelled("TiO2", [22, 8, 8], 1, forces=None, energy=None, stress=None)
    assert first_target("TiO2", [*frames, bare], known, LIMIT).compound == "TiO2"


def test_what_is_left_half_done_is_not_replaced_but_told():
    assert "as it was left" in reminder("LiF", ("MgO",), ("MgO", "LiF"))
    assert reminder("MgO", ("MgO",), ("MgO", "LiF")) == ""
    assert reminder(None, ("MgO",), ("MgO",)) == ""


def test_the_wizard_opens_on_the_selected_compound(measured, qtbot):
    """Selecting, opening, closing, selecting another one and opening again; after the first page it stays where it is."""
    select = measured.session.selection.select
    select(Selection("LiF"))
    wizard = opened_wizard(measured, qtbot)
    qtbot.waitUntil(lambda: wizard.target.ticked() == ("LiF",) and wizard.target.is_ready)
    assert "selected in the window" in wizard.target.reason.text()
    wizard.close()
    select(Selection("GaAs"))
    opened_wizard(measured, qtbot)
    qtbot.waitUntil(lambda: wizard.target.ticked() == ("GaAs",) and wizard.target.is_ready)
    go_to(wizard, qtbot, "Get the label")
    wizard.close()
    select(Selection("MgO"))
    opened_wizard(measured, qtbot)
    assert wizard.flow.choices.compounds == ("GaAs",)
    assert "as it was left" in wizard.target.reason.text()


def test_what_the_user_ticked_stays(measured, qtbot):
    measured.session.selection.select(Selection("LiF"))
    wizard = opened_wizard(measured, qtbot)
    qtbot.waitUntil(lambda: wizard.target.is_ready)
    table = wizard.target.list
    item = next(one for one in (table.topLevelItem(k) for k in range(3)) if one.checkState(0) is Qt.CheckState.Unchecked)
    box = table.visualItemRect(item)
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(box.left() + 10, box.center().y()))
    qtbot.waitUntil(lambda: len(wizard.flow.choices.compounds) == 2 and wizard.target.is_ready)
    assert not wizard.target.reason.isVisible()
    wizard.close()
    measured.session.selection.select(Selection("GaAs"))
    opened_wizard(measured, qtbot)
    assert len(wizard.flow.choices.compounds) == 2
