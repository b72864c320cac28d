"""The ranking sorts by softness, and clicks and keys reach the right compound, also among a thousand."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from guiapp.ui.plots.compound_ranking import EMPTY_TEXT, MANY, CompoundRanking
from guiapp.ui.plots.ranked_compound import RankedCompound, ScaleMark, ScaleRange, range_of, softest_first
from guiapp.ui.plots.scale_histogram import ScaleHistogram
from guiapp.ui.theme import DARK, LIGHT


@pytest.fixture
def ranking(qtbot):
    made = CompoundRanking(LIGHT)
    made.resize(360, 520)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def mark(scale, **changes):
    return ScaleMark("CHGNet", LIGHT.models[0], scale, **changes)


def test_softest_first_and_unknown_last():
    """Rows are sorted by scale; those without signal come last whatever number they carry."""
    rows = [
        RankedCompound("b", (mark(1.1),)),
        RankedCompound("gated", (mark(0.1, enough_signal=False),)),
        RankedCompound("a", (mark(0.7),)),
        RankedCompound("nan", (mark(float("nan")),)),
    ]
    assert [row.compound for row in softest_first(rows)] == ["a", "b", "gated", "nan"]


@pytest.mark.parametrize("models", [1, 3])
def test_click_activates_the_row_under_the_mouse(ranking, qtbot, make_rows, models):
    """A click in the middle of each visible row tells that row's compound and makes it current."""
    ranking.set_rows(make_rows(9, models))
    for compound in ("row0000", "row0003", "row0005"):
        place = ranking.list.row_rect(compound).center().toPoint()
        with qtbot.waitSignal(ranking.compound_activated) as caught:
            qtbot.mouseClick(ranking.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert caught.args == [compound]
        assert ranking.current == compound


def test_a_thousand_compounds_scroll(ranking, qtbot, make_rows):
    """A compound far down is brought into view and can be clicked; the distribution stands above so many rows."""
    ranking.set_rows(make_rows(1000))
    assert ranking.histogram.isVisible()
    ranking.set_current("row0800")
    box = ranking.list.row_rect("row0800")
    assert 0 < box.top() < ranking.list.viewport().height()
    with qtbot.waitSignal(ranking.compound_activated) as caught:
        qtbot.mouseClick(ranking.list.viewport(), Qt.MouseButton.LeftButton, pos=box.center().toPoint())
    assert caught.args == ["row0800"]


def test_few_compounds_need_no_distribution(ranking, make_rows):
    """Up to forty rows speak for themselves."""
    ranking.set_rows(make_rows(MANY))
    assert not ranking.histogram.isVisible()


def test_keys_walk_through_the_rows(ranking, qtbot, make_rows):
    """Down, End, Up and Home move the current row, and each move is told."""
    ranking.set_rows(make_rows(50))
    told = []
    ranking.compound_activated.connect(told.append)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_End, Qt.Key.Key_Up, Qt.Key.Key_Home, Qt.Key.Key_Return):
        qtbot.keyClick(ranking.list, key)
    assert told == ["row0000", "row0001", "row0049", "row0048", "row0000", "row0000"]


def test_picked_elsewhere_is_shown_but_not_told(ranking, qtbot, make_rows):
    """The one selection: a view that is told of it does not tell it back."""
    ranking.set_rows(make_rows())
    with qtbot.assertNotEmitted(ranking.compound_activated, wait=20):
        ranking.set_current("row0004")
    ranking.set_rows(make_rows(14))
    assert ranking.current == "row0004"


def test_axis_only_grows():
    """While data arrive the axis stands still, widens for new scales, and a far interval does not squeeze the rest."""
    start = ScaleRange()
    inside = range_of([RankedCompound("a", (mark(0.8),))], start)
    assert inside == start
    wide = range_of([RankedCompound("a", (mark(0.43, interval=(-5.0, 9.0)),))], inside)
    assert wide.low == pytest.approx(0.2)
    assert wide.high == 1.1
    assert range_of([RankedCompound("a", (mark(0.8),))], wide) == wide
    assert range_of([RankedCompound("a", (mark(7.0),))], start).high == 2.0


@pytest.mark.parametrize("shown", [ScaleRange(), ScaleRange(0.0, 2.0), ScaleRange(0.3, 1.4)])
@pytest.mark.parametrize("most", [3, 6, 12])
def test_ticks_are_round_and_include_one(shown, most):
    """The line at 1 is always a tick, and ticks fit the room."""
    ticks = shown.ticks(most)
    assert any(abs(tick - 1) < 1e-9 for tick in ticks)
    assert len(ticks) <= most
    assert all(shown.low - 1e-9 <= tick <= shown.high + 1e-9 for tick in ticks)


def test_words(ranking, make_rows):
    """Tooltips and screen readers get the numbers with interval, or that there is not enough signal."""
    assert RankedCompound("GaAs", (mark(0.6, interval=(0.55, 0.64)),)).sentence == "GaAs: scale 0.60 (0.55 to 0.64)"
    assert RankedCompound("MgO", (mark(0.6, enough_signal=False),)).sentence == "MgO: not enough signal"
    assert RankedCompound("Al2O3", (mark(0.9),)).shown_title == "Al₂O₃"
    assert RankedCompound("mp-2133", (mark(0.9),)).shown_title == "mp-2133"
    assert ranking._empty.text() == EMPTY_TEXT
    assert ranking._empty.isVisible()
    ranking.set_rows(make_rows(1))
    ranking.set_running(True)
    assert ranking._words.text() == "1 compound so far"


def test_dot_stands_at_its_scale(ranking, make_rows):
    """The dot's centre is coloured and lies left of the line at 1 in proportion to the softness; dark theme too."""
    ranking.set_rows([RankedCompound("X", (mark(0.7),))])
    for palette in (LIGHT, DARK):
        ranking.set_palette(palette)
        image = ranking.list.viewport().grab().toImage()
        axis = ranking.list.axis(ranking.list.viewport().width())
        y = round(ranking.list.row_rect("X").center().y())
        dot = image.pixelColor(round(axis.x(0.7)), y)
        assert dot.blue() - dot.red() > 60
        assert abs(axis.x(1.0) - axis.x(0.7) - (axis.right - axis.left) * 0.3 / 0.6) < 1e-6


def test_corrected_model_is_hollow(ranking):
    """A corrected model has its parent's colour and a hole."""
    ranking.set_rows([RankedCompound("X", (mark(0.7), mark(0.9, corrected=True)))])
    image = ranking.list.viewport().grab().toImage()
    axis, box = ranking.list.axis(ranking.list.viewport().width()), ranking.list.row_rect("X")
    solid = image.pixelColor(round(axis.x(0.7)), round(box.top() + box.height() / 3))
    hollow = image.pixelColor(round(axis.x(0.9)), round(box.top() + 2 * box.height() / 3))
    assert solid == QColor(LIGHT.models[0])
    assert hollow == QColor(LIGHT.surface)


def test_distribution_counts_every_compound(qtbot):
    """Counts equal numpy's on the same edges, 1 is an edge, exactly 1 is not soft, and strays count at the ends."""
    scales = np.concatenate([np.random.default_rng(5).normal(0.85, 0.1, 300), [1.0, 1.0, -3.0, 9.0]])
    histogram = ScaleHistogram(LIGHT)
    qtbot.addWidget(histogram)
    histogram.set_rows([RankedCompound(str(k), (mark(float(a)),)) for k, a in enumerate(scales)])
    edges, counts = histogram.bins()
    expected, _ = np.histogram(np.clip(scales, edges[0], edges[-1]), edges)
    assert counts.sum() == len(scales)
    assert np.abs(counts - expected).sum() <= 4  # numpy's edges are rounded differently
    place = int(np.argmin(abs(edges - 1)))
    assert edges[place] == pytest.approx(1, abs=1e-12)
    assert counts[:place].sum() == (scales < 1).sum()
    assert f"{100 * np.mean(scales < 1):.0f}" in histogram.accessibleDescription()
