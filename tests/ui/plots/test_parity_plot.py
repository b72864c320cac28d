"""The parity plot is what it claims: real clicks and drags return the right components, corrections act, axes stand still."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from guiapp.ui.plots.colouring import LegendEntry
from guiapp.ui.plots.parity_cloud import LARGEST_SCATTER
from guiapp.ui.plots.parity_plot import EMPTY_TEXT, ParityPlot
from guiapp.ui.plots.parity_series import ParitySeries, largest_errors
from guiapp.ui.theme import DARK, LIGHT


@pytest.fixture
def plot(qtbot):
    made = ParityPlot(LIGHT)
    made.resize(640, 600)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def viewport(plot):
    return plot._canvas.viewport()


def pixel(plot, x, y):
    """Return where data coordinates stand, by the view's own mapping."""
    return plot._canvas.mapFromScene(plot._canvas.view.mapViewToScene(QPointF(x, y)))


def data(plot, place):
    mapped = plot._canvas.view.mapSceneToView(plot._canvas.mapToScene(place))
    return mapped.x(), mapped.y()


def drag(plot, start, end, modifiers=Qt.KeyboardModifier.NoModifier):
    target, left = viewport(plot), Qt.MouseButton.LeftButton
    QTest.mousePress(target, left, modifiers, start)
    QTest.qWait(5)
    for t in (0.3, 0.6, 1.0):
        place = start + QPoint(round(t * (end.x() - start.x())), round(t * (end.y() - start.y())))
        # QTest.mouseMove carries no button: the real event a mouse sends does.
        move(target, place, modifiers)
        QTest.qWait(5)
    QTest.mouseRelease(target, left, modifiers, end)
    QTest.qWait(5)


def move(target, place, modifiers):
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    left = Qt.MouseButton.LeftButton
    event = QMouseEvent(QEvent.Type.MouseMove, QPointF(place), QPointF(target.mapToGlobal(place)), Qt.MouseButton.NoButton, left, modifiers)
    QApplication.sendEvent(target, event)


def ranges(plot):
    return np.array(plot._canvas.view.viewRange())


@pytest.mark.parametrize("n", [400, LARGEST_SCATTER + 5_000])
def test_click_on_a_known_point_returns_its_index(plot, qtbot, make_series, n):
    """In both ways of drawing, a click on an isolated point finds exactly that one."""
    series = make_series(n)
    series.dft[17], series.model[17] = 4.0, -4.5
    plot.set_series([series])
    assert plot.is_density is (n > LARGEST_SCATTER)
    with qtbot.waitSignal(plot.point_clicked, timeout=2000) as caught:
        qtbot.mouseClick(viewport(plot), Qt.MouseButton.LeftButton, pos=pixel(plot, 4.0, -4.5) + QPoint(3, -2))
    assert caught.args == [0, 17]


def test_click_finds_the_nearest_of_several_models(plot, qtbot, make_series):
    """The series is told apart by where the mouse is, not by the order of the list."""
    one, two = make_series(200), make_series(200, seed=1)
    one.dft[5], one.model[5] = -3.0, 4.0
    two.dft[9], two.model[9] = 3.0, -4.0
    plot.set_series([one, two])
    for place, expected in (((-3.0, 4.0), [0, 5]), ((3.0, -4.0), [1, 9])):
        with qtbot.waitSignal(plot.point_clicked, timeout=2000) as caught:
            qtbot.mouseClick(viewport(plot), Qt.MouseButton.LeftButton, pos=pixel(plot, *place))
        assert caught.args == expected


def test_click_on_nothing_tells_nothing(plot, qtbot, make_series):
    """Eight pixels and more away from every point is a click on the background."""
    plot.set_series([make_series()])
    with qtbot.assertNotEmitted(plot.point_clicked, wait=50):
        qtbot.mouseClick(viewport(plot), Qt.MouseButton.LeftButton, pos=pixel(plot, 4.0, -4.0))


@pytest.mark.parametrize("n", [500, LARGEST_SCATTER + 1_000])
@pytest.mark.parametrize("with_shift", [False, True])
def test_region_returns_exactly_the_points_inside(plot, qtbot, make_series, n, with_shift):
    """Drawn with the Region button or with Shift, a rectangle gives the indices that a plain comparison gives."""
    series = make_series(n)
    plot.set_series([series])
    before = ranges(plot)
    start, end = pixel(plot, -1.6, 1.1), pixel(plot, 0.9, -1.4)
    if not with_shift:
        qtbot.mouseClick(plot._header.region, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(plot.region_selected, timeout=2000) as caught:
        drag(plot, start, end, Qt.KeyboardModifier.ShiftModifier if with_shift else Qt.KeyboardModifier.NoModifier)
    (left, top), (right, bottom) = data(plot, start), data(plot, end)
    inside = (series.dft >= left) & (series.dft <= right) & (series.model >= bottom) & (series.model <= top)
    assert caught.args[0] == 0
    assert 0 < inside.sum() < n
    assert caught.args[1].tolist() == np.flatnonzero(inside).tolist()
    assert np.array_equal(ranges(plot), before), "drawing a region must not move the view"
    assert not plot._header.region.isChecked(), "region mode ends with the region"


def test_region_around_nothing(plot, qtbot, make_series):
    """A region without points says so, so that a filter can be taken away."""
    plot.set_series([make_series()])
    with qtbot.waitSignal(plot.region_empty, timeout=2000), qtbot.assertNotEmitted(plot.region_selected):
        drag(plot, pixel(plot, 2.0, -3.0), pixel(plot, 4.0, -4.0), Qt.KeyboardModifier.ShiftModifier)


def test_plain_drag_moves_the_view(plot, make_series):
    """Without Shift or the button a drag pans, and the axes then no longer follow the data."""
    plot.set_series([make_series()])
    before = ranges(plot)
    drag(plot, pixel(plot, 2, -2), pixel(plot, 1, -1))
    moved = ranges(plot)
    assert not np.allclose(moved, before)
    plot.set_series([make_series(400), make_series(50, dft=np.full(50, 40.0), model=np.full(50, 40.0))])
    assert np.allclose(ranges(plot), moved), "a view that the user chose stays"
    plot.fit()
    assert ranges(plot).max() >= 40


def test_correction_multiplies_cloud_line_and_interval(plot, qtbot, make_series):
    """With c the point stands at c times its force, the line has slope c a, and the words say so."""
    series = make_series()
    series.dft[3], series.model[3] = -4.0, 3.0
    plot.set_series([series])
    plot.set_correction(1.25)
    with qtbot.waitSignal(plot.point_clicked, timeout=2000) as caught:
        qtbot.mouseClick(viewport(plot), Qt.MouseButton.LeftButton, pos=pixel(plot, -4.0, 1.25 * 3.0))
    assert caught.args == [0, 3]
    line = plot._before.lines[0]
    assert line.slope == pytest.approx(1.25 * 0.83)
    assert line.interval == pytest.approx((1.25 * 0.79, 1.25 * 0.87))
    words = plot._scale_legend.lines[0]
    assert "scale 1.04 (0.99 to 1.09)" in words.detail
    assert "× 1.25" in words.text


def test_correction_of_one_of_two_models(plot, make_series):
    """A preview for one model leaves the other alone, and survives new data."""
    plot.set_series([make_series(scale=0.8), make_series(scale=0.9)])
    plot.set_correction(1.5, series=1)
    plot.set_series([make_series(400, scale=0.8), make_series(400, scale=0.9)])
    assert [line.slope for line in plot._before.lines] == pytest.approx([0.8, 1.35])


@pytest.mark.parametrize("c", [0.0, -1.0, float("nan"), float("inf")])
def test_impossible_corrections_are_refused(plot, c):
    """A correction is a positive number."""
    with pytest.raises(ValueError, match="positive"):
        plot.set_correction(c)


def test_axes_stand_still_unless_data_leave_them(plot, make_series):
    """While a benchmark runs, new points inside the axes move nothing; one outside widens them; fewer do not narrow them."""
    small = make_series(300)
    plot.set_series([small])
    first = ranges(plot)
    plot.set_series([make_series(280)])
    assert np.array_equal(ranges(plot), first)
    beyond = make_series(300)
    beyond.dft[0] = 25.0
    plot.set_series([beyond])
    grown = ranges(plot)
    assert grown[0].max() >= 25
    plot.set_series([small])
    assert np.array_equal(ranges(plot), grown)


def test_scales_are_equal(plot, make_series):
    """The diagonal stands at 45 degrees whatever the widget's shape."""
    plot.set_series([make_series()])
    for size in ((640, 600), (900, 400), (300, 700)):
        plot.resize(*size)
        QTest.qWait(20)
        width, height = plot._canvas.view.viewPixelSize()
        assert width == pytest.approx(height, rel=0.01)


def test_points_are_where_they_should_be(plot, make_series):
    """A lone point paints its pixels in its own colour, as a disc and in the density picture."""
    for n in (200, LARGEST_SCATTER + 2_000):
        colors = np.full(n, 0xFFCC0000, dtype=np.uint32)
        series = make_series(n, point_colors=colors)
        series.dft[0], series.model[0] = 4.0, -4.0
        plot.set_series([series])
        QTest.qWait(20)
        place = pixel(plot, 4.0, -4.0)
        image = viewport(plot).grab().toImage()
        seen = [image.pixelColor(place + QPoint(i, j)) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        reddest = min(seen, key=QColor.green)
        assert reddest.red() > 180
        assert reddest.green() < 190
        away = image.pixelColor(pixel(plot, 2.5, -4.0))
        assert away == QColor(LIGHT.surface)


def test_not_a_number_is_neither_drawn_nor_found(plot, qtbot, make_series):
    """Failed predictions leave holes: no crash, no axis to infinity, and indices stay those of the data."""
    for n in (200, LARGEST_SCATTER + 2_000):
        series = make_series(n)
        series.model[:4] = [np.nan, np.inf, -np.inf, 1e30]
        series.dft[4], series.model[4] = 3.0, -3.0
        series.model[3] = np.nan
        plot.set_series([series])
        assert plot.limit < 30
        QTest.qWait(10)
        with qtbot.waitSignal(plot.point_clicked, timeout=2000) as caught:
            qtbot.mouseClick(viewport(plot), Qt.MouseButton.LeftButton, pos=pixel(plot, 3.0, -3.0))
        assert caught.args == [0, 4]


def test_arrays_that_do_not_belong_together_are_refused():
    """Component indices are the plot's language, so lengths must agree."""
    with pytest.raises(ValueError, match="components"):
        ParitySeries("m", "#000000", np.zeros(3), np.zeros(4), 1.0)
    with pytest.raises(ValueError, match="colours"):
        ParitySeries("m", "#000000", np.zeros(3), np.zeros(3), 1.0, point_colors=np.zeros(2, dtype=np.uint32))


def test_without_signal_there_is_no_line(plot, make_series):
    """The gate's refusal is shown in words, and no slope is drawn or written."""
    plot.set_series([make_series(enough_signal=False)])
    assert plot._before.lines == ()
    assert "not enough signal" in plot._scale_legend.lines[0].detail
    assert "0.83" not in plot._scale_legend.lines[0].detail


def test_states(plot, make_series):
    """Empty says what to do; running says that the result is partial; done says neither."""
    assert plot._empty.isVisible()
    assert plot._empty.text() == EMPTY_TEXT
    plot.set_series([make_series(300)])
    plot.set_running(True)
    assert not plot._empty.isVisible()
    assert plot._header.so_far.text() == "so far: 300 points"
    assert "so far" in plot._scale_legend.lines[0].detail
    plot.set_running(False)
    assert "so far" not in plot._scale_legend.lines[0].detail + plot._header.so_far.text()
    assert "scale 0.83 (0.79 to 0.87), n = 300" in plot._scale_legend.lines[0].detail
    plot.set_series([])
    assert plot._empty.isVisible()


def test_keyboard_steps_through_the_largest_errors(plot, qtbot, make_series):
    """Down goes to the worst point, then to the next; Return picks it; Esc lets go."""
    series = make_series()
    series.model[42] = series.dft[42] + 3.0
    series.model[7] = series.dft[7] - 2.5
    plot.set_series([series])
    for expected in (42, 7):
        qtbot.keyClick(plot._canvas, Qt.Key.Key_Down)
        with qtbot.waitSignal(plot.point_clicked, timeout=1000) as caught:
            qtbot.keyClick(plot._canvas, Qt.Key.Key_Return)
        assert caught.args == [0, expected]
    qtbot.keyClick(plot._canvas, Qt.Key.Key_Escape)
    with qtbot.assertNotEmitted(plot.point_clicked, wait=20):
        qtbot.keyClick(plot._canvas, Qt.Key.Key_Return)


def test_largest_errors_follow_the_correction(make_series):
    """The order of errors is that of the corrected forces, of all series together."""
    one = make_series(50)
    expected = sorted(((-abs(1.2 * y - x), 0, i) for i, (x, y) in enumerate(zip(one.dft, one.model, strict=True))))
    assert largest_errors([one], [1.2], 10) == [(k, i) for _, k, i in expected[:10]]


def test_keyboard_zooms_fits_and_starts_a_region(plot, qtbot, make_series):
    """Every mouse action has a key."""
    plot.set_series([make_series()])
    before = ranges(plot)
    qtbot.keyClick(plot._canvas, Qt.Key.Key_Plus)
    assert np.ptp(ranges(plot)[0]) == pytest.approx(np.ptp(before[0]) / 1.25)
    qtbot.keyClick(plot._canvas, Qt.Key.Key_F)
    assert np.allclose(ranges(plot), before)
    qtbot.keyClick(plot._canvas, Qt.Key.Key_R)
    assert plot._canvas.view.region_mode
    qtbot.keyClick(plot._canvas, Qt.Key.Key_Escape)
    assert not plot._canvas.view.region_mode


def test_resting_mouse_asks_for_the_description(plot, qtbot, make_series):
    """The tooltip tells what the caller says of the point under the mouse."""
    series = make_series()
    series.dft[11], series.model[11] = 4.0, -4.0
    plot.set_series([series])
    asked = []

    def describe(which, index):
        asked.append((which, index))
        return "GaAs, frame 2, As 6"

    plot.set_describe(describe)
    QTest.qWait(10)
    plot._canvas.scene().sigMouseMoved.emit(plot._canvas.mapToScene(pixel(plot, 4.0, -4.0)))
    qtbot.waitUntil(lambda: asked == [(0, 11)], timeout=2000)


def test_highlight_dims_the_rest(plot, make_series):
    """Highlighted components come to the front in full colour, the others fade, and an empty highlight undoes it."""
    series = make_series(300)
    series.dft[:2], series.model[:2] = [4.0, -4.0], [-4.0, 4.0]
    plot.set_series([series])

    def colours():
        QTest.qWait(20)
        image = viewport(plot).grab().toImage()
        return [image.pixelColor(pixel(plot, x, y)) for x, y in ((4.0, -4.0), (-4.0, 4.0))]

    plain = colours()
    plot.highlight([0])
    picked, faded = colours()
    assert picked.lightness() < plain[0].lightness()
    assert faded.lightness() > plain[1].lightness()
    plot.highlight([])
    assert colours() == plain


def test_another_palette_changes_everything(plot, make_series):
    """Background, words, models and scale colours follow the theme and come back unchanged."""
    series = make_series(color=LIGHT.models[1], point_colors=np.full(300, QColor(LIGHT.soft).rgba(), dtype=np.uint32))
    plot.set_series([series])
    plot.set_legend([LegendEntry("softest 0.60", LIGHT.soft)], "scale")
    plot.set_palette(DARK)
    QTest.qWait(20)
    assert viewport(plot).grab().toImage().pixelColor(pixel(plot, 4, -3)) == QColor(DARK.surface)
    assert QColor(plot._before.lines[0].color) == QColor(DARK.models[1])
    assert set(plot._series[0].point_colors.tolist()) == {QColor(DARK.soft).rgba()}
    assert QColor(plot._color_legend.lines[1].color) == QColor(DARK.soft)
    plot.set_palette(LIGHT)
    assert QColor(plot._before.lines[0].color) == QColor(LIGHT.models[1])
    assert np.array_equal(plot._series[0].point_colors, series.point_colors)


def test_minus_signs_on_the_axes(plot):
    """Negative ticks carry a minus sign, not a hyphen."""
    texts = plot._canvas.axes["left"].tickStrings([-2.0, 0.0, 2.0], 1.0, 1.0)
    assert texts[0].startswith("\N{MINUS SIGN}")
    assert not any("-" in text for text in texts)
