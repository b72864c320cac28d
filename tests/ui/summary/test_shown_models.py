"""A corrected model is hollow in its parent's colour, as the card beside it says; anything else has a colour of its own."""

from __future__ import annotations

import json

import pytest

from guiapp.correction.export import CARD_DATA
from guiapp.correction.parent import parent_of
from guiapp.ui import shown_models as module
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
    assert "○ MINE" in legend_text(row.marks, 1.0, LIGHT)
