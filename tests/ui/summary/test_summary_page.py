"""The summary by itself: dots where the numbers are, drill-down by click and key, a correction that moves them, and words that are true."""

from __future__ import annotations

import csv
import math
import time
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QFontMetricsF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from guiapp.benchmarks.affected import Evidence
from guiapp.benchmarks.family_findings import finding_of_rows
from guiapp.benchmarks.family_rows import corrected_rows
from guiapp.benchmarks.high_energy_summary import Verdict
from guiapp.benchmarks.model_pair import compare_rows
from guiapp.ui.plots.plot_export import csv_text
from guiapp.ui.summary.axis_rows import axis_marks
from guiapp.ui.summary.axis_scale import AxisScale
from guiapp.ui.summary.page import SummaryPage
from guiapp.ui.theme import DARK, LIGHT, text_font

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def page(qtbot):
    page = SummaryPage(LIGHT)
    page.resize(900, 640)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitExposed(page)
    return page


@pytest.fixture
def filled(page, make_entry):
    entries = [make_entry("eos", 0.8), make_entry("surfaces", 0.7), make_entry("phonons", 1.0), make_entry("migration", 0.6, n=2)]
    page.set_results(entries, (), filter_words="Filter: |F| ≤ 30 eV/Å")
    QApplication.processEvents()
    return page


def click_row(page, family):
    QTest.mouseClick(page.axis, LEFT, pos=page.axis.row_rect(family).center().toPoint())


def test_empty_it_says_what_to_do(page):
    assert "Run benchmark" in page.empty.text()
    assert page.empty.isVisible()
    assert not page.correction.isEnabled()


def test_the_sentence_counts_families_and_the_filter_is_printed(filled):
    assert filled.headline == "CHGNet 0.3.0 is soft in 2 of 4 families"
    assert "softest: surfaces (−30 %), equations of state (−20 %)" in filled.evidence
    assert "undecided: migration barriers, not enough signal (2 paths)" in filled.evidence
    assert "30 eV/Å" in filled.filter_note.text()
    assert filled.filter_note.isVisible()


def test_the_short_evidence_names_two_families_and_counts_the_rest(page, make_entry):
    """Four soft families and another model: two are named, two counted, the model is counted, and the long line has all of them."""
    factors = {"eos": 0.8, "surfaces": 0.7, "phonons": 0.6, "defects": 0.75}
    entries = [make_entry(family, factor) for family, factor in factors.items()]
    page.set_results([*entries, make_entry("eos", 1.0, title="M3GNet", model="m3gnet", color=2)], ())
    assert page.headline == "CHGNet 0.3.0 is soft in 4 of 4 families"
    assert page.brief.startswith("softest: phonons (−")
    assert page.brief.endswith("surfaces (−30 %) and 2 more · 1 other model")
    assert "equations of state (−20 %)" in page.evidence
    assert "M3GNet" in page.evidence
    assert len(page.brief) < 90


def test_the_scale_stays_in_sight_while_rows_scroll(page, make_entry, qtbot):
    """Eight families on a low page: the last row can be reached by keys, the head stays above the rows and ends where they end."""
    families = ("eos", "surfaces", "phonons", "migration", "defects", "solid-solution", "curvature")
    page.set_results([make_entry(family, 0.8) for family in families], ())
    page.resize(700, 420)
    QApplication.processEvents()
    view = page.axis_view
    assert view.verticalScrollBar().maximum() > 0
    page.axis.setFocus()
    for _ in families:
        QTest.keyClick(page.axis, Qt.Key.Key_Down)
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()
    assert view.head.isVisible()
    assert view.head.geometry().bottom() < view.viewport().geometry().top()
    assert view.head.width() == page.axis.width()
    image = view.head.grab().toImage()
    dft = round(page.axis.scale.x(0))
    assert any(image.pixelColor(dft + step, image.height() - 2).lightness() < 120 for step in (-1, 0, 1))


@pytest.mark.parametrize("width", [480, 560, 900])
def test_names_of_families_have_room(page, make_entry, width):
    """The longest title fits beside the axis in one line, however narrow the page."""
    page.set_results([make_entry(family, 0.8) for family in ("eos", "migration", "solid-solution")], ())
    page.resize(width, 500)
    QApplication.processEvents()
    widest = max(QFontMetricsF(text_font(13)).horizontalAdvance(row.title) for row in page.axis.rows)
    assert page.axis.scale.left - 12 >= min(widest, 0.42 * page.axis.width() - 20)
    assert page.axis.scale.right - page.axis.scale.left > 0.4 * page.axis.width()


@pytest.mark.parametrize("width", [60, 200, 330, 800])
@pytest.mark.parametrize("ends", [(-0.4, 0.2), (-1.0, 1.0), (-0.7, 0.3)])
def test_ticks_keep_apart_and_name_their_place(width, ends):
    """Labels are 48 px apart or more where two fit, DFT has one, and each stands where its number is."""
    scale = AxisScale(*ends, 100, 100 + width)
    ticks = list(scale.ticks())
    assert [x for words, x in ticks if words == "DFT"] == [pytest.approx(scale.x(0))]
    assert all(np.diff([x for _, x in ticks]) >= 47.9)
    for words, x in ticks:
        if words != "DFT":
            assert x == pytest.approx(scale.x(float(words.replace("−", "-").removesuffix(" %")) / 100))


def test_dots_stand_where_their_numbers_are(filled):
    """Soft is left of DFT by as much as the deviation says: two dots and DFT's line are in proportion."""
    x = {family: filled.axis.mark_position(family, "CHGNet 0.3.0").x() for family in ("eos", "surfaces", "phonons")}
    assert x["surfaces"] < x["eos"] < x["phonons"]
    found = {row.family: row.marks[0].finding.deviation for row in filled.axis.rows}
    slope = (x["phonons"] - x["surfaces"]) / (found["phonons"] - found["surfaces"])
    assert x["eos"] - x["surfaces"] == pytest.approx(slope * (found["eos"] - found["surfaces"]), abs=0.01)


def test_a_dot_is_painted_in_its_models_colour(filled):
    place = filled.axis.mark_position("eos", "CHGNet 0.3.0").toPoint()
    assert filled.axis.grab().toImage().pixelColor(place).name().upper() == LIGHT.models[0]


def test_a_correction_moves_hollow_dots_at_once_as_the_rows_say(filled):
    """At c = 1.25 each hollow dot is where corrected rows put it; the solid ones stay, and nothing takes longer than a frame."""
    before = filled.axis.mark_position("eos", "CHGNet 0.3.0")
    start = time.perf_counter()
    filled.correction.set_value(1.25)
    assert time.perf_counter() - start < 0.05
    assert filled.axis.mark_position("eos", "CHGNet 0.3.0").x() == before.x()
    rows = {entry.result.family: entry.result.rows for entry in filled.entries}
    for row in filled.axis.rows:
        hollow = [mark for mark in row.marks if mark.hollow]
        if row.family == "migration":
            assert not hollow
        else:
            assert hollow[0].finding.deviation == pytest.approx(finding_of_rows(corrected_rows(rows[row.family], 1.25)).deviation)
            assert filled.axis.mark_position(row.family, "CHGNet 0.3.0", hollow=True).x() > before.x() or row.family == "surfaces"
    assert "tried&nbsp;out" in filled.legend.text()
    filled.correction.reset()
    assert not any(mark.hollow for row in filled.axis.rows for mark in row.marks)


def test_the_best_correction_is_offered_without_forces(filled):
    """0.8 and 0.7 and two at 0.6: the least-squares c over families that follow it lies between their inverses."""
    filled.correction.best_fit_chip.click()
    assert 1 / 0.8 < filled.correction.value < 1 / 0.6


def test_click_a_family_a_system_and_its_curve(filled, qtbot):
    """Axis, systems, selection, curve; Esc goes back to the axis."""
    click_row(filled, "surfaces")
    assert not filled.is_axis_shown
    assert "30 % too soft on surface energies" in filled.systems.headline.text()
    view = filled.systems.view
    place = view.visualRect(filled.systems.model.index(3, 0)).center()
    wanted = filled.systems.model.entries[3].row.system
    with qtbot.waitSignal(filled.system_activated) as told:
        QTest.mouseClick(view.viewport(), LEFT, pos=place)
    assert told.args == ["surfaces", wanted]
    with qtbot.waitSignal(filled.curve_requested) as told:
        QTest.mouseClick(filled.systems.curve, LEFT)
    assert told.args == ["surfaces", wanted]
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert filled.is_axis_shown


def test_a_path_found_by_the_model_has_its_own_mark_and_lines(page, make_entry):
    """NEB results stand beside the static ones on the axis and in the table, and are called what they are."""
    page.set_results([make_entry("migration", 0.9), make_entry("migration", 0.5, mode="neb")], ())
    (row,) = page.axis.rows
    assert [round(mark.finding.deviation, 1) for mark in row.marks] == [-0.1, -0.5]
    assert "path found by the model" in row.marks[1].words
    page.show_family("migration")
    assert {entry.model_title for entry in page.systems.model.entries} == {"CHGNet 0.3.0", "CHGNet 0.3.0, NEB"}


def test_keys_walk_and_open(filled, qtbot):
    filled.axis.setFocus()
    for _ in range(2):
        QTest.keyClick(filled.axis, Qt.Key.Key_Down)
    with qtbot.waitSignal(filled.axis.family_activated) as told:
        QTest.keyClick(filled.axis, Qt.Key.Key_Return)
    assert told.args == [filled.axis.rows[1].family]


def test_systems_sort_by_header_and_follow_the_correction(filled):
    click_row(filled, "eos")
    model = filled.systems.model
    deviations = [entry.deviation for entry in model.entries]
    assert deviations == sorted(deviations)
    header = filled.systems.view.horizontalHeader()
    QTest.mouseClick(header.viewport(), LEFT, pos=QPoint(header.sectionViewportPosition(0) + 20, 8))
    names = [entry.row.system for entry in model.entries]
    assert names == sorted(names, key=str.casefold)
    raw = {entry.row.system: entry.row.predicted for entry in model.entries}
    filled.correction.set_value(1.1)
    assert {entry.row.system: entry.row.predicted for entry in model.entries} == pytest.approx({k: 1.1 * v for k, v in raw.items()})
    assert "gone" in filled.systems.left_out.text()
    assert "no minimum" in filled.systems.left_out.text()


def test_two_models_are_compared_on_what_both_have(page, make_entry, qtbot):
    """The pair is asked for with its titles; the answer is a sentence and a line a family, certain ones in bold."""
    asked = []
    page.pair_chosen.connect(lambda *pair: asked.append(pair))
    near, far = make_entry("eos", 0.97), make_entry("eos", 0.7, title="M3GNet", model="m3gnet", color=2, seed=0)
    page.set_results([near, far], ())
    assert asked == [("CHGNet 0.3.0", "M3GNet")]
    assert page.pair.isVisible()
    page.show_pair([compare_rows(near.result.rows, far.result.rows)])
    assert page.pair.sentence.text() == "CHGNet 0.3.0 is nearer to DFT than M3GNet in 1 of 1 family"
    page.pair.second.setCurrentIndex(0)
    assert asked[-1] == ("CHGNet 0.3.0", "CHGNet 0.3.0")
    page.show_pair([])
    assert "different models" in page.pair.sentence.text()


def test_my_system_is_answered_with_counts_and_interval(page):
    """Typed formulas get evidence by element; what is no formula is told; without evidence the next step is named."""
    box = page.affected.formula
    QTest.keyClicks(box, "Li3PS4")
    assert "Run a benchmark" in page.affected.answer.text()
    scales = {"LiF": 0.7, "Li2O": 0.72, "MgO": 0.95, "CaO": 0.97, "NaCl": 0.9}
    pairs = {"LiF": ("Li", "F"), "Li2O": ("Li", "O"), "MgO": ("Mg", "O"), "CaO": ("Ca", "O"), "NaCl": ("Na", "Cl")}
    evidence = tuple(Evidence(name, dict.fromkeys(pairs[name], 0.5), scale, 0.02) for name, scale in scales.items())
    page.affected.set_evidence([("CHGNet 0.3.0", evidence)])
    assert page.affected.answer.text().startswith("Li₃PS₄: evidence from Li (2 compounds), P (none), S (none). Expect 0.")
    box.clear()
    QTest.keyClicks(box, "Li3Xy")
    assert "is not a formula" in page.affected.answer.text()


def test_a_dropped_structure_is_asked_for_and_answered(page, qtbot, tmp_path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.cif"))])
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(page.affected, enter)
    assert enter.isAccepted()
    with qtbot.waitSignal(page.structure_dropped) as told:
        drop = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(page.affected, drop)
    assert told.args[0].name == "a.cif"
    page.affected.show_structure("NaCl", {"Na": 4, "Cl": 4})
    assert page.affected.formula.text() == "NaCl"


def test_running_results_are_marked_and_the_first_moment_has_words(page, make_entry):
    running = make_entry("eos", 0.8, running=True)
    nothing = running.result.__class__("eos", "chgnet-0.3.0", "static", ())
    page.set_results([running.__class__("CHGNet 0.3.0", 0, nothing, running=True)], ())
    assert page.headline == "CHGNet 0.3.0 is being measured: equations of state"
    page.set_results([running], ())
    assert page.headline.endswith("so far")
    assert "so far" in page.axis.rows[0].count


def test_a_model_that_is_only_starting_is_on_its_way_not_beyond_judgement(page, make_entry):
    """Before its first system, the axis must not say that none could be judged; afterwards it says so where it is true."""
    mark = axis_marks([make_entry("eos", 0.8)], ())[0]
    nothing = replace(mark.finding, verdict=Verdict.NO_SIGNAL, deviation=math.nan, low=None, high=None, n_judged=0)
    starting, done = replace(mark, finding=nothing, running=True), replace(mark, finding=nothing)
    assert starting.silent_words == "on its way"
    assert starting.words == "CHGNet 0.3.0, so far: on its way"
    assert done.silent_words == "no crystal could be judged"
    assert replace(starting, finding=replace(nothing, mode="relaxed")).silent_words == "relaxed: on its way"
    assert mark.silent_words == ""


def test_every_number_is_exported(filled, tmp_path, qtbot):
    """PNG, SVG, PDF and CSV through the menu; the CSV has a line a dot, in full precision."""
    for kind in ("png", "svg", "pdf", "csv"):
        with qtbot.waitSignal(filled.export_menu.saved):
            filled.export_menu.save(tmp_path / f"axis.{kind}")
        assert (tmp_path / f"axis.{kind}").stat().st_size > 300
    lines = list(csv.DictReader(csv_text(filled.axis).splitlines()))
    assert len(lines) == 4
    eos = next(line for line in lines if line["family"] == "Equations of state")
    assert float(eos["deviation (fraction)"]) == finding_of_rows(filled.entries[0].result.rows).deviation
    click_row(filled, "eos")
    filled.systems.export_menu.save(tmp_path / "systems.png")
    assert len(csv_text(filled.systems).splitlines()) == 11


@pytest.mark.parametrize("palette", [LIGHT, DARK])
@pytest.mark.parametrize("width", [560, 1100])
def test_it_paints_in_both_themes_at_any_width(filled, make_entry, palette, width):
    """Relaxed and static, three models, a correction, and a value far outside of the axis: nothing raises, rows keep apart."""
    entries = [make_entry("eos", 0.8, mode=mode, title=f"M{k}", model=f"m{k}", color=k) for k in range(3) for mode in ("static", "relaxed")]
    filled.set_results([*entries, make_entry("surfaces", 3.5)], ())
    filled.set_palette(palette)
    filled.resize(width, 500)
    filled.correction.set_value(1.3)
    image = filled.grab().toImage()
    assert not image.isNull()
    tops = [filled.axis.row_rect(row.family).top() for row in filled.axis.rows]
    assert all(np.diff(tops) >= 40)
