"""A corrected model is hollow in its parent's colour, as the card beside it says; anything else has a colour of its own."""

from __future__ import annotations

import json

import pytest
from PySide6.QtWidgets import QPushButton
from window_steps import settled

from guiapp.correction.parent import CARD_DATA, parent_of
from guiapp.ui import shown_models as module
from guiapp.ui.results.entries import parity_series, ranked_compounds
from guiapp.ui.selection import Selection
from guiapp.ui.shown_models import shown_models
from guiapp.ui.summary.axis_rows import axis_marks, axis_rows
from guiapp.ui.summary.legend import legend_text
from guiapp.ui.theme import LIGHT


def test_the_parent_is_read_from_the_card_beside_the_weights(tmp_path):
    weights = tmp_path / "model.pth"
    weights.write_bytes(b"x")
    assert parent_of(weights) == ""
    (tmp_path / CARD_DATA).write_text(json.dumps({"base_model": {"name": "chgnet-0.3.0"}}), encoding="utf-8")
    assert parent_of(weights) == "chgnet-0.3.0"
    assert parent_of(tmp_path) == "chgnet-0.3.0"  # a model that is a folder
    assert parent_of(None) == ""


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"base_model": 3}', "not json", "\udcff"])
def test_a_card_of_somebody_else_says_nothing(tmp_path, text):
    (tmp_path / CARD_DATA).write_bytes(text.encode("utf-8", "surrogateescape"))
    assert parent_of(tmp_path / "model.pth") == ""


def test_a_corrected_model_takes_its_parents_colour_hollow(monkeypatch, make_entry):
    monkeypatch.setattr(module, "parent_model", lambda name: "chgnet" if name == "mine" else "")
    models = ("mace", "chgnet", "mine")
    shown = shown_models(tuple(enumerate(models)), models, str.upper)
    assert [(one.color_index, one.corrected) for one in shown.values()] == [(0, False), (1, False), (1, True)]
    entry = make_entry(title="MINE", model="mine", color=1)
    (row,) = axis_rows(axis_marks([entry.__class__(entry.title, 1, entry.result, corrected=True)], ()), 1.0)
    assert row.marks[0].hollow
    assert LIGHT.models[1].lower() in legend_text(row.marks, 1.0, LIGHT).lower()
    assert "○</span>&nbsp;MINE" in legend_text(row.marks, 1.0, LIGHT)


def dot(chip):
    """Return the colours of a chip's mark: its middle, and its edge."""
    image = chip.icon().pixmap(16, 16).toImage()
    ratio = image.devicePixelRatio()
    return image.pixelColor(int(8 * ratio), int(8 * ratio)), image.pixelColor(int(5 * ratio), int(8 * ratio))


def test_every_view_gives_a_corrected_model_its_parents_colour(measured, qtbot, monkeypatch):
    """Chip, parity plot, ranking, table of errors, arrows: one colour, and hollow or pale where the parent is full."""
    monkeypatch.setattr(module, "parent_model", lambda name: "chgnet-0.3.0" if name == "chgnet-0.2.0" else "")
    session = measured.session
    session.add_model("chgnet-r2scan")  # without results, in between: so that place and colour differ
    session.run(["chgnet-0.2.0"], session.structures.frames)
    qtbot.waitUntil(lambda: len(session.shown_evaluations) == 2 and settled(measured))
    blue = measured.theme.model_color(0)
    chips = {button.objectName(): button for button in measured.top_bar.findChildren(QPushButton)}
    assert [color.name() for color in dot(chips["chgnet-0.3.0"])] == [blue.name()] * 2
    middle, edge = dot(chips["chgnet-0.2.0"])
    assert middle.alpha() == 0
    assert edge.getRgb()[:3] == pytest.approx(blue.getRgb()[:3], abs=4)  # its alpha rounds them
    corrected = next(one for one in session.shown_evaluations if one.model == "chgnet-0.2.0")
    series = parity_series(corrected, measured.theme, None)
    assert (series.color, series.corrected) == (blue.name(), True)
    marks = ranked_compounds(session.shown_evaluations, measured.theme)[0].marks
    assert [(mark.color, mark.corrected) for mark in marks] == [(blue.name(), False), (blue.name(), True)]
    measured.results.show_tab("summary")
    assert measured.results.summary_page.legend.text().count(blue.name()) == 2
    session.selection.select(Selection("MgO", session.structures.frames[0].content_hash))
    assert [(one.color, one.corrected) for one in measured.viewer.model_forces][::2] == [(blue, False), (blue, True)]


def test_a_hidden_model_keeps_its_mark(measured):
    """Hidden is said by the chip, not by another mark: a hollow one means a corrected model."""
    measured.session.show_model("chgnet-0.3.0", shown=False)
    chip = [button for button in measured.top_bar.findChildren(QPushButton) if button.objectName() == "chgnet-0.3.0"][-1]
    middle, _ = dot(chip)
    assert 0 < middle.alpha() < 255
    assert not chip.isChecked()
    assert "hidden" in chip.accessibleName()
