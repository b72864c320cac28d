"""The reference-energy doctor in the window: planted offsets are found, and what is not compared yet says what to do."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from window_steps import click, labelled

from guiapp.frames.reference_set import ReferenceSet
from guiapp.potentials.potential import Prediction
from guiapp.ui.background import Background
from guiapp.ui.data_page.energy_card import EnergyCard, ModelEnergies
from guiapp.ui.theme import LIGHT

LITHIUM, OXYGEN, NA = 3, 8, 11
OFFSETS = {LITHIUM: 0.7, OXYGEN: -0.4, NA: 0.25}  # eV per atom that the set's energies lie above the model's


@pytest.fixture
def background():
    made = Background()
    yield made
    made.stop()


def planted():
    """Return a set of eight compositions, and a model whose energies lie by OFFSETS below the set's."""
    frames, predictions = [], {}
    for number, contents in enumerate([(3, 8), (3, 3, 8), (11, 8), (11, 11, 8), (3, 11, 8), (3, 3, 3, 8), (8, 8), (3, 11, 11, 8)]):
        for frame in labelled(f"c{number}", list(contents), 3, seed=number):
            below = sum(OFFSETS[int(n)] for n in frame.numbers)
            frames.append(frame)
            predictions[frame.content_hash] = Prediction(frame.energy - below, np.zeros_like(frame.forces), None)
    return ReferenceSet("made", "Made here", tuple(frames)), predictions


def test_planted_offsets_stand_in_the_table_with_the_alignment_they_need(qtbot, background):
    """Each element's constant to 0.01 eV, and the sentence that energies are aligned per element."""
    one, predictions = planted()
    card = EnergyCard(one, [ModelEnergies("asked nothing", {}), ModelEnergies("soft", predictions)], background, LIGHT)
    qtbot.addWidget(card)
    card.show()
    assert card.model_box.currentText() == "soft"  # the one that was asked, not the first
    qtbot.waitUntil(lambda: card.offsets.rowCount() == 3)
    shown = {card.offsets.item(row, 0).text(): card.offsets.item(row, 1).text() for row in range(3)}
    assert shown == {"Li": "+0.70", "O": "−0.40", "Na": "+0.25"}
    assert "aligned per element" in card.alignment.text()
    assert "24 frames of 8 compositions" in card.numbers.text()
    card.model_box.setCurrentIndex(0)
    assert card.headline.text() == "Not compared yet"
    assert not card.offsets.isVisible()
    with qtbot.waitSignal(card.benchmark_requested) as asked:
        click(card.run_button)
    assert asked.args[0] == one.frames


def test_doctor_opens_from_the_menu_of_a_set(measured, qtbot):
    """Right click on a set, the doctor, and the numbers of the model that was run."""
    tree = measured.browser.tree
    tree.setCurrentIndex(tree.model().index(0, 0))
    place = tree.visualRect(tree.model().index(0, 0)).center()
    QApplication.sendEvent(tree.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, tree.viewport().mapToGlobal(place)))
    menu = next(m for m in measured.browser.findChildren(QMenu) if m.isVisible())
    action = next(a for a in menu.actions() if a.text().startswith("Check reference"))
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
    card = next(w for w in QApplication.topLevelWidgets() if isinstance(w, EnergyCard) and w.isVisible())
    qtbot.waitUntil(lambda: "E(DFT) − E(model)" in card.numbers.text())
    assert "Forces need none." in card.alignment.text()
    click(card.close_button)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
