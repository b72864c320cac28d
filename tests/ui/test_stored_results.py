"""The demo project opens with the results of several models, says which were not computed here, and computes them on request."""

from __future__ import annotations

import numpy as np
import pytest
from soft_model import SCALES
from window_steps import settled

from guiapp.potentials.registry import find_card, weights_hash
from guiapp.potentials.stored_predictions import read_stored, stored_models
from guiapp.ui.selection import Selection
from guiapp.ui.settings import demo_project_path

DEFAULT, STORED = "chgnet-0.3.0", "m3gnet-mp-2021.2.8"


pytestmark = pytest.mark.usefixtures("bare_machine")


@pytest.fixture
def demo(window, qtbot):
    """The window with the demo project, measured."""
    window.session.open(demo_project_path(), demo=True)
    qtbot.waitUntil(lambda: window.session.project is not None and len(window.session.shown_evaluations) == 4 and settled(window))
    return window


def test_the_first_minute_shows_four_models_and_says_which_are_stored(demo, qtbot):
    session = demo.session
    assert session.models[0] == DEFAULT
    assert set(session.models[1:]) == set(stored_models())
    titles = {evaluation.title for evaluation in session.shown_evaluations}
    assert "CHGNet 0.3.0" in titles
    assert {"SevenNet-0 (stored)", "M3GNet MP-2021.2.8 (stored)"} < titles
    predictions = read_stored(STORED)
    frame = next(frame for frame in session.structures.frames if frame.content_hash in predictions)
    np.testing.assert_allclose(session.results.prediction(STORED, frame).forces, predictions[frame.content_hash].forces)
    chip = demo.top_bar._chips[STORED]
    assert stored_models()[STORED].computed in chip.toolTip()
    assert chip.font().italic()
    assert not demo.top_bar._chips[DEFAULT].font().italic()
    qtbot.waitUntil(lambda: not session.background._writes)


def test_new_frames_are_asked_only_of_models_that_can_answer(demo, qtbot):
    """A scan or a path has no stored results, so models that are not on this machine take no part in it."""
    frame = demo.session.structures.frames[0]
    demo.session.selection.select(Selection(frame.compound, frame.content_hash))
    demo.run_action("run.scan")
    panel = demo.wiring.families.paths.panel
    assert "CHGNet 0.3.0" in panel.models.text()
    assert "stored" not in panel.models.text()
    panel.close()


@pytest.mark.slow  # it draws every figure of four models in three formats
def test_results_can_be_exported_with_the_stored_ones(demo, qtbot, tmp_path):
    """Every view and export works with them although the models are not on this machine."""
    demo.session.export_results(tmp_path / "out")
    qtbot.waitUntil((tmp_path / "out" / "summary.json").is_file, timeout=120_000)
    qtbot.waitUntil(lambda: not demo.session.background._tasks, timeout=240_000)
    assert "SevenNet-0 (stored)" in (tmp_path / "out" / "summary.json").read_text(encoding="utf-8")


def test_recomputing_a_model_that_is_not_here_shows_what_it_needs(demo, qtbot):
    demo.top_bar.recompute_requested.emit(STORED)
    page = demo.models_desk.page
    qtbot.waitUntil(lambda: page.details.headline.text() == "M3GNet MP-2021.2.8")
    assert "Stored results" in page.details.stored.text()
    assert demo.session.stored.words(STORED)
    assert "not on this machine" in str(demo.models_desk.refusal(STORED))
    assert demo.models_desk.refusal(DEFAULT) is None
    qtbot.waitUntil(lambda: demo.models_desk.shelf._looking is None)


def test_recomputing_forgets_the_stored_numbers_and_asks_the_model(demo, qtbot, model, monkeypatch):
    """The model is asked for every frame, the mark goes, and opening the project again does not bring the stored ones back."""
    monkeypatch.setitem(SCALES, STORED, 0.9)
    session = demo.session
    asked = len(model.asked)
    session.recompute(STORED)
    qtbot.waitUntil(lambda: not session.stored.words(STORED))
    qtbot.waitUntil(lambda: len(model.asked) > asked and settled(demo))
    assert len(model.asked) - asked == sum(frame.usable for frame in session.structures.frames)
    assert session.title(STORED) == "M3GNet MP-2021.2.8"
    frame = next(frame for frame in session.structures.frames if frame.usable)
    live = session.results.prediction(STORED, frame).forces
    assert np.abs(live - 0.9 * frame.forces).max() < 0.2
    qtbot.waitUntil(lambda: not session.background._writes)
    path = session.project.path
    session.close_project()
    session.open(path, demo=True)
    qtbot.waitUntil(lambda: session.project is not None and len(session.shown_evaluations) == 4 and settled(demo))
    np.testing.assert_allclose(session.results.prediction(STORED, frame).forces, live)
    assert not session.stored.words(STORED)
    assert session.stored.words("sevennet-0")


def test_models_that_the_user_chose_are_left_alone(demo, qtbot):
    session = demo.session
    session.remove_model("sevennet-0")
    qtbot.waitUntil(lambda: not session.background._writes)
    path = session.project.path
    session.close_project()
    session.open(path, demo=True)
    qtbot.waitUntil(lambda: session.project is not None and len(session.shown_evaluations) == 3 and settled(demo))
    assert "sevennet-0" not in session.models
    assert weights_hash(find_card("sevennet-0")) == stored_models()["sevennet-0"].weights_sha256
