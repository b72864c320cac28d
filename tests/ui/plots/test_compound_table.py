"""The table sorts numbers as numbers, tells clicks, and gives its numbers away unrounded."""

from __future__ import annotations

import csv

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from guiapp.ui.plots.compound_model import COLUMNS, INTERVAL, SCALE, CompoundEntry
from guiapp.ui.plots.compound_table import CompoundTable
from guiapp.ui.theme import DARK, LIGHT


def entry(compound, scale, frames=3, mae=0.1, **changes):
    fields = {
        "compound": compound,
        "formula": compound,
        "model_title": "CHGNet 0.3.0",
        "frames": frames,
        "components": 24 * frames,
        "scale": scale,
        "interval": None if scale is None else (scale - 0.03, scale + 0.04),
        "mae": mae,
        "cmae": 0.05,
        "r2": 0.97,
        "rms_force": 1.2,
        "intercept": -0.001,
        "energy_slope": 0.9,
        "verdict": "soft" if scale is not None else "not enough signal",
    }
    return CompoundEntry(**{**fields, **changes})


@pytest.fixture
def table(qtbot):
    made = CompoundTable(LIGHT)
    made.resize(1150, 400)
    qtbot.addWidget(made)
    made.set_entries([entry("SiC", 0.75, 9, 0.2), entry("GaAs", 0.6, 12, 1.4), entry("slab", None, 100, 0.01), entry("Cu", 1.05, 2, 0.15)])
    made.show()
    qtbot.waitExposed(made)
    return made


def names(table):
    return [e.compound for e in table.model.entries]


def click_header(qtbot, table, title):
    header = table.view.horizontalHeader()
    section = next(k for k, c in enumerate(COLUMNS) if c.title == title)
    from PySide6.QtCore import QPoint

    qtbot.mouseClick(
        header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(header.sectionViewportPosition(section) + 20, header.height() // 2)
    )


def test_softest_first(table):
    """The table opens sorted by scale, with what has no scale at the end."""
    assert names(table) == ["GaAs", "SiC", "Cu", "slab"]


def test_headers_sort_numerically(table, qtbot):
    """100 frames come after 12, not between 1 and 2; the second click turns the order round, missing values stay last."""
    click_header(qtbot, table, "frames")
    assert [e.frames for e in table.model.entries] == [2, 9, 12, 100]
    click_header(qtbot, table, "frames")
    assert [e.frames for e in table.model.entries] == [100, 12, 9, 2]
    click_header(qtbot, table, "scale")
    click_header(qtbot, table, "scale")
    assert names(table) == ["Cu", "SiC", "GaAs", "slab"]
    table.set_entries([*table.model.entries, entry("Li", 0.8)])
    assert names(table) == ["Cu", "Li", "SiC", "GaAs", "slab"], "new data keep the order chosen"


def test_click_tells_the_compound(table, qtbot):
    """A click on a row tells its compound once, a second click on the same row again."""
    told = []
    table.compound_activated.connect(told.append)
    place = table.view.visualRect(table.model.index(1, 0)).center()
    for _ in range(2):
        qtbot.mouseClick(table.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
        qtbot.wait(QGuiApplication.styleHints().mouseDoubleClickInterval() + 20)
    assert told == ["SiC", "SiC"]
    qtbot.keyClick(table.view, Qt.Key.Key_Down)
    assert told[-1] == "Cu"


def test_picked_elsewhere_is_shown_but_not_told(table, qtbot):
    """A selection made in another view arrives here silently and survives sorting and new data."""
    with qtbot.assertNotEmitted(table.compound_activated, wait=20):
        table.set_current("Cu")
    assert table.current == "Cu"
    click_header(qtbot, table, "frames")
    assert table.current == "Cu"
    with qtbot.assertNotEmitted(table.compound_activated, wait=20):
        table.set_entries(table.model.entries[::-1])
    assert table.current == "Cu"


def test_focus_alone_picks_nothing(table, qtbot):
    """Reaching the table with Tab selects no compound."""
    with qtbot.assertNotEmitted(table.compound_activated, wait=20):
        table.view.setFocus(Qt.FocusReason.TabFocusReason)


def test_copied_rows(table, qtbot):
    """Ctrl+C puts the selected rows with header and units on the clipboard, in full precision."""
    table.set_entries([entry("GaAs", 0.6123456789, mae=1 / 3), entry("SiC", 0.7)])
    table.set_current("GaAs")
    qtbot.keyClick(table.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    rows = list(csv.reader(QGuiApplication.clipboard().text().splitlines(), delimiter="\t"))
    assert len(rows) == 2
    line = dict(zip(*rows, strict=True))
    assert line["compound"] == "GaAs"
    assert float(line["scale"]) == 0.6123456789
    assert float(line["MAE (eV/Å)"]) == 1 / 3
    assert float(line["95 % interval high"]) == 0.6123456789 + 0.04


def test_cells(table):
    """Numbers have fixed decimals, real minus signs, stand right, and are missing where the gate refuses them."""
    model = table.model
    texts = {c.title: model.data(model.index(0, k)) for k, c in enumerate(COLUMNS)}
    assert texts["scale"] == "0.60"
    assert texts["95 % interval"] == "0.57 to 0.64"
    assert texts["intercept (eV/Å)"] == "\N{MINUS SIGN}0.001"
    assert model.data(model.index(3, SCALE)) == "–"
    assert model.data(model.index(3, INTERVAL)) == "–"
    assert model.data(model.index(0, SCALE), Qt.ItemDataRole.TextAlignmentRole) & int(Qt.AlignmentFlag.AlignRight)


def test_headers_explain_themselves(table):
    """Every column with a number has its term explained in the header's tooltip."""
    for k, column in enumerate(COLUMNS):
        tip = table.model.headerData(k, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
        assert (tip or "") == column.tip, column.title
        if column.numeric:
            assert tip, column.title


def test_model_column_only_for_several(table):
    """With one model its name is not repeated in every row."""
    column = next(k for k, c in enumerate(COLUMNS) if c.title == "model")
    assert table.view.isColumnHidden(column)
    table.set_entries([entry("SiC", 0.7), entry("SiC", 0.9, model_title="M3GNet")])
    assert not table.view.isColumnHidden(column)
    assert table._words.text() == "1 compound"


def test_dark(table):
    """In the dark theme the scale's colour is the dark palette's."""
    table.set_palette(DARK)
    color = table.model.data(table.model.index(0, SCALE), Qt.ItemDataRole.ForegroundRole)
    assert color.lightness() > 120


def test_ten_thousand_rows_sort_quickly(table):
    """Sorting is a sort of numbers, not of texts through the model."""
    import time

    table.set_entries([entry(f"c{k}", (k * 7919) % 10_007 / 10_007) for k in range(10_000)])
    start = time.process_time()
    table.model.sort(SCALE, Qt.SortOrder.DescendingOrder)
    assert time.process_time() - start < 0.5
    scales = [e.scale for e in table.model.entries]
    assert scales == sorted(scales, reverse=True)
