"""Slider, number and chips are one value, and each way of changing it tells once."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from guiapp.ui.plots.correction_slider import CorrectionSlider
from guiapp.ui.theme import LIGHT


@pytest.fixture
def slider(qtbot):
    made = CorrectionSlider(LIGHT)
    made.resize(600, 40)
    qtbot.addWidget(made)
    made.set_suggestions(1.1873, 1.2412)
    made.show()
    qtbot.waitExposed(made)
    made.told = []
    made.correction_changed.connect(made.told.append)
    return made


def test_chips_set_the_exact_value(slider, qtbot):
    """The best fit is used unrounded although it is written with two decimals, and told once."""
    assert slider.best_fit_chip.text() == "best fit 1.19"
    assert slider.slope_chip.text() == "slope 1: 1.24"
    qtbot.mouseClick(slider.best_fit_chip, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(slider.slope_chip, Qt.MouseButton.LeftButton)
    assert slider.told == [1.1873, 1.2412]
    assert slider.slope_chip.isChecked()
    assert not slider.best_fit_chip.isChecked()
    assert slider._number.text() == "c = 1.24"


def test_pressing_a_chosen_chip_again_keeps_it(slider, qtbot):
    """A chip shows the value in use; it is no toggle."""
    for _ in range(2):
        qtbot.mouseClick(slider.best_fit_chip, Qt.MouseButton.LeftButton)
    assert slider.best_fit_chip.isChecked()
    assert slider.told == [1.1873]


def test_keys(slider, qtbot):
    """Arrows step by a hundredth, page keys by five, Home and Esc go back to 1."""
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_PageUp, Qt.Key.Key_Left):
        qtbot.keyClick(slider._slider, key)
    assert slider.told == pytest.approx([1.01, 1.02, 1.07, 1.06])
    qtbot.keyClick(slider._slider, Qt.Key.Key_Home)
    assert slider.value == 1
    slider.set_value(1.3)
    qtbot.keyClick(slider.slope_chip, Qt.Key.Key_Escape)
    assert slider.value == 1


def test_double_click_resets(slider, qtbot):
    """A double click on the slider goes back to no correction."""
    slider.set_value(1.4)
    qtbot.mouseDClick(slider._slider, Qt.MouseButton.LeftButton)
    assert slider.value == 1
    assert slider.told[-1] == 1


def test_dragging_covers_the_range_evenly(slider):
    """The middle is 1, the ends are a half and twice; as far left as right means c and 1/c."""
    for position, c in ((-200, 0.5), (0, 1.0), (200, 2.0), (100, 1.41), (-100, 0.71)):
        slider._slider.setValue(position)
        assert slider.value == pytest.approx(c)


def test_typing_a_number(slider, qtbot):
    """The number can be typed, and nothing is told before it is finished."""
    box = slider._number
    box.selectAll()
    qtbot.keyClicks(box, "1.37")
    assert slider.told == []
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert slider.told == [1.37]
    assert box.lineEdit().width() > 40, "the number must be readable under the style sheet"


def test_number_is_readable_in_the_real_theme(slider, qapp):
    """Qt leaves a styled box without buttons one pixel for its text; ours keeps its room."""
    from guiapp.ui.theme import apply_theme

    before = qapp.styleSheet()
    apply_theme(qapp, LIGHT)
    qapp.processEvents()
    try:
        assert slider._number.lineEdit().width() > 40
    finally:
        qapp.setStyleSheet(before)


@pytest.mark.parametrize("bad", [None, float("nan"), float("inf"), 0.0, -1.0, 9.0])
def test_unusable_suggestions_are_not_offered(slider, bad):
    """Without enough signal, or out of range, there is nothing to press."""
    slider.set_suggestions(bad, bad)
    assert not slider.best_fit_chip.isEnabled()
    assert slider.best_fit_chip.text() == "best fit –"
    assert slider.told == []


def test_same_value_is_not_told_again(slider):
    """Only changes are told."""
    slider.set_value(1.2)
    slider.set_value(1.2)
    assert slider.told == [1.2]
