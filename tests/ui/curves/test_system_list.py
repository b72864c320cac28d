"""The list of systems at its usual width: whole names on as many lines as they need, whole titles, whole numbers."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication

from guiapp.ui.curves.system_list import SystemList, wrapped
from guiapp.ui.curves.systems import ListedFamily, ListedSystem, SystemMark
from guiapp.ui.theme import LIGHT, apply_theme, text_font

USUAL = 210
"""Pixels of the list in a page that is as narrow as it gets."""


def scans(*names, deviation=-0.3):
    marks = (SystemMark("Model", 0, deviation),)
    return ListedFamily("curvature", "Curvature scans", tuple(ListedSystem("curvature", name, marks) for name in names), running=False)


@pytest.fixture
def systems(qtbot, qapp):
    apply_theme(qapp, LIGHT)
    one = SystemList(LIGHT)
    one.resize(USUAL, 500)
    qtbot.addWidget(one)
    one.show()
    qtbot.waitExposed(one)
    return one


def height(systems, name):
    return systems.visualRect(systems.index_of("curvature", name)).height()


def test_names_are_told_apart_at_the_usual_width(systems):
    """Directions of one atom differ in their last words, and these are written."""
    names = [f"Cu: Cu0 along ({direction})" for direction in ("1 0 0", "1 1 0", "1 1 1")]
    systems.set_families((scans(*names, "Cu"),))
    QApplication.processEvents()
    written = [" ".join(systems.name_lines(name)) for name in names]
    assert written == names
    assert height(systems, names[0]) > height(systems, "Cu")


def test_lines_follow_the_width(systems):
    """In a wide list every name has one line, and its row is as high as any."""
    name = "Mg32O31 Mg vacancy hop 2.98 Å"
    systems.set_families((scans(name, "Cu"),))
    QApplication.processEvents()
    assert len(systems.name_lines(name)) > 1
    systems.resize(600, 500)
    QApplication.processEvents()
    assert systems.name_lines(name) == ("Mg₃₂O₃₁ Mg vacancy hop 2.98 Å",)
    assert height(systems, name) == height(systems, "Cu")


def test_only_the_last_line_is_elided_and_at_its_right_end(systems):
    """A name without end keeps its beginning on screen, and is whole in the tooltip."""
    name = "Cu: " + " ".join(["displaced"] * 12)
    systems.set_families((scans(name),))
    lines = systems.name_lines(name)
    assert [line.endswith("…") for line in lines] == [False, False, True]
    assert lines[0] == "Cu:"
    assert name in systems.index_of("curvature", name).data(Qt.ItemDataRole.ToolTipRole)


def test_family_titles_and_numbers_have_their_room(systems):
    """The longest usual title spans both columns, and a sign is never cut off a number."""
    systems.set_families((ListedFamily("eos", "Equations of state", (), running=False),))
    QApplication.processEvents()
    title = systems.visualRect(systems.model().index(0, 0)).width() - 8
    assert QFontMetricsF(text_font(13, bold=True)).horizontalAdvance("Equations of state") <= title
    bar_and_margins = 2 * 14 + 2 * 4 + 2 * 4
    assert QFontMetricsF(text_font(12)).horizontalAdvance("−100 %") <= systems.columnWidth(1) - bar_and_margins


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ("one two", ("one two",)),
        ("Cu: Cu0 along (1 1 1)", ("Cu: Cu0 along", "(1 1 1)")),
        ("(Ca, Mg)O ordering", ("(Ca, Mg)O", "ordering")),
        ("", ("",)),
    ],
)
def test_brackets_stay_together(qapp, words, lines):
    """Nobody wants the indices of a direction on two lines."""
    metrics = QFontMetricsF(text_font(13))
    width = max(metrics.horizontalAdvance(line) for line in lines) + 1
    assert wrapped(words, width, metrics, most=3) == lines
