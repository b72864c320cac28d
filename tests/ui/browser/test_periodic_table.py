"""The periodic table: every element in its place, by mouse and by keyboard, as a picker and as a picture."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from guiapp.ui.browser.periodic_table import PeriodicTable, place_of
from guiapp.ui.theme import LIGHT

PLACES = {
    "H": (0, 0), "He": (0, 17), "Li": (1, 0), "Be": (1, 1), "B": (1, 12), "Ne": (1, 17), "Mg": (2, 1), "Al": (2, 12), "Sc": (3, 2),
    "Zn": (3, 11), "Kr": (3, 17), "Ba": (5, 1), "La": (7, 2), "Lu": (7, 16), "Hf": (5, 3), "Rn": (5, 17), "Ac": (8, 2), "Lr": (8, 16),
    "Rf": (6, 3), "Og": (6, 17),
}  # fmt: skip


@pytest.fixture
def table(qtbot):
    widget = PeriodicTable(LIGHT)
    qtbot.addWidget(widget)
    widget.resize(600, 320)
    widget.show()
    return widget


def test_every_element_has_its_own_place():
    """118 different places, none outside 9 rows of 18, and the ones that chemists know by heart where they belong."""
    from ase.data import atomic_numbers

    places = [place_of(number) for number in range(1, 119)]
    assert len(set(places)) == 118
    assert all(0 <= row < 9 and 0 <= column < 18 for row, column in places)
    for symbol, place in PLACES.items():
        assert place_of(atomic_numbers[symbol]) == place, symbol


def test_clicks_include_exclude_and_let_go(table, qtbot):
    """One element goes round by clicks; a right click excludes at once; a click beside the elements does nothing."""
    place = table.rect_of("Fe").center().toPoint()
    seen = []
    for _ in range(3):
        with qtbot.waitSignals([table.selection_changed, table.element_clicked]):
            qtbot.mouseClick(table, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
        seen.append(tuple(map(set, table.selection())))
    assert seen == [({"Fe"}, set()), (set(), {"Fe"}), (set(), set())]
    qtbot.mouseClick(table, Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier, place)
    assert table.selection() == (frozenset(), frozenset({"Fe"}))
    gap = table.rect_of("He").center().toPoint() - table.rect_of("He").center().toPoint() / 3
    with qtbot.assertNotEmitted(table.selection_changed):
        qtbot.mouseClick(table, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, gap)


def test_arrows_walk_over_the_holes(table, qtbot):
    """From H right to He, down to Ne, and Space includes; screen readers are told."""
    table.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Space):
        qtbot.keyClick(table, key)
    assert table.selection()[0] == {"Ne"}
    assert "neon" in table.accessibleDescription()
    assert "included" in table.describe("Ne")


def test_as_a_picture(table, qtbot):
    """Values colour their cells and speak in the tooltip; without picking, a click is only told."""
    table.set_values({"Si": (0.62, "0.62", QColor("#2B6CB0"))})
    picture = table.grab().toImage()
    assert QColor(picture.pixel((table.rect_of("Si").topLeft().toPoint() * picture.devicePixelRatio()) + _in(4))).blue() > 150
    assert "0.62" in table.describe("Si")
    plain = PeriodicTable(LIGHT, picks=False)
    qtbot.addWidget(plain)
    plain.resize(600, 320)
    with qtbot.waitSignal(plain.element_clicked) as told, qtbot.assertNotEmitted(plain.selection_changed):
        qtbot.mouseClick(plain, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, plain.rect_of("Si").center().toPoint())
    assert told.args == ["Si"]


def _in(pixels):
    from PySide6.QtCore import QPoint

    return QPoint(pixels, pixels)
