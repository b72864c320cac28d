"""The bar's two lengths are the two parts of the squared error."""

from __future__ import annotations

import math

import pytest
from PySide6.QtGui import QColor

from guiapp.ui.plots.error_split_bar import ErrorParts, ErrorSplitBar
from guiapp.ui.theme import DARK, LIGHT

CHGNET = ErrorParts("CHGNet", LIGHT.models[0], 0.3, 0.4)


@pytest.fixture
def bar(qtbot):
    made = ErrorSplitBar(LIGHT)
    made.resize(400, 40)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_shares():
    """3, 4, 5: nine parts of twenty-five are systematic."""
    assert CHGNET.rmse == pytest.approx(0.5)
    assert CHGNET.share == pytest.approx(0.36)
    assert "36\N{NO-BREAK SPACE}% systematic" in CHGNET.sentence
    assert ErrorParts("m", "#000000", math.nan, 0.1).share is None
    assert ErrorParts("m", "#000000", 0.0, 0.0).share is None


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_the_border_is_where_the_share_is(bar, palette):
    """Model colour left of 36 %, hairline colour right of it, in both themes."""
    bar.set_parts([CHGNET])
    bar.set_palette(palette)
    image = bar.grab().toImage()
    assert image.pixelColor(int(0.36 * 400) - 4, 7) == QColor(palette.models[0])
    assert image.pixelColor(int(0.36 * 400) + 4, 7) == QColor(palette.line)
    assert image.pixelColor(20, 7) == QColor(palette.models[0])


@pytest.mark.parametrize(("systematic", "random"), [(0.0, 0.2), (0.2, 0.0)])
def test_extremes(bar, systematic, random):
    """All or nothing fills the bar with one colour."""
    bar.set_parts([ErrorParts("m", LIGHT.models[0], systematic, random)])
    image = bar.grab().toImage()
    expected = QColor(LIGHT.models[0]) if systematic else QColor(LIGHT.line)
    assert {image.pixelColor(x, 7).name() for x in range(10, 390, 20)} == {expected.name()}


def test_height_and_words(bar):
    """Each model has its bar, four of them in little more than 100 pixels, and a screen reader hears the numbers with unit."""
    other = ErrorParts("M3GNet", LIGHT.models[1], 0.1, 0.4)
    bar.set_parts([CHGNET, other])
    two = bar.minimumSizeHint().height()
    bar.set_parts([CHGNET, other, other, other])
    assert two < bar.minimumSizeHint().height() < 140
    bar.set_parts([CHGNET, other])
    assert "M3GNet: rms error 0.412 eV/Å" in bar.accessibleDescription()


def test_several_bars_are_the_legend(bar):
    """Full sign, name and bar of each model; a corrected one has a hollow sign in its parent's colour."""
    corrected = ErrorParts("CHGNet × 1.2", LIGHT.models[0], 0.1, 0.4, corrected=True)
    bar.set_parts([CHGNET, corrected])
    bar.resize(400, bar.sizeHint().height())
    image = bar.grab().toImage()
    full, hollow = (image.pixelColor(4, y) for y in (9, 9 + bar.sizeHint().height() // 2 + 4))
    assert full == QColor(LIGHT.models[0])
    assert hollow != QColor(LIGHT.models[0])
    assert image.pixelColor(200, 9 + 13) == QColor(LIGHT.line)
    assert image.pixelColor(100, 9 + 13) == QColor(LIGHT.models[0])
