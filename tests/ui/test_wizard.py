"""The wizard in the real window: Next, Next, Next with the mouse, and what it refuses to promise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from window_steps import click, labelled, open_with, settled

from guiapp.correction.scalar_fit import ScalarMethod
from guiapp.errors import UserFacingError
from guiapp.frames.reference_set import Provenance, ReferenceSet
from guiapp.potentials.potential import Prediction
from guiapp.ui.theme import DARK
from guiapp.ui.wizard.steps import KnownFrames, fit_labels, judge, propose, suggest_target
from guiapp.ui.wizard.window import STEPS


@pytest.fixture
def wizard(measured, qtbot):
    """The wizard, opened by its button after a benchmark."""
    click(measured.top_bar.buttons["correct.model"])
    opened = measured.wiring.wizard
    qtbot.waitUntil(lambda: opened.target.is_ready)
    return opened


def go_to(wizard, qtbot, step: str) -> None:
    while STEPS[wizard.step] != step:
        click(wizard.next)


def test_next_next_next_works(wizard, qtbot):
    """Every page has a sensible choice made, and the verdict compares before and after on frames that were not fitted."""
    for step in STEPS[1:5]:
        assert wizard.next.isEnabled()
        click(wizard.next)
        assert STEPS[wizard.step] == step
    verdict = wizard.verdict._verdict
    labels = {frame.content_hash for frame in wizard._labels}
    assert len(labels) == 1
    assert verdict.unseen.n_frames == len(wizard._proposal.target) - 1
    assert verdict.unseen.before.statistics.scale == pytest.approx(0.8, abs=0.05), "the cheap model is 20 % too soft"
    assert verdict.unseen.after.statistics.scale == pytest.approx(1.0, abs=0.05)
    assert wizard.verdict.headline.text() == verdict.headline
    click(wizard.next)
    assert wizard.export.export.isEnabled() == verdict.may_be_exported


def test_the_first_page_proposes_what_one_number_helps_most(wizard, measured):
    """The ticked compound is the one with the largest systematic error, and today's scale is told with its counts."""
    by_compound = measured.session.shown_evaluations[0].summary.compound_by_name
    worst = max(by_compound.values(), key=lambda c: c.statistics.systematic)
    assert wizard.target.ticked() == (worst.name,)
    assert "labelled frames" in wizard.target.today.text()


def test_other_compounds_give_another_proposal(wizard, qtbot):
    """Ticking a compound measures it anew, and pages that depend on it must be passed again."""
    go_to(wizard, qtbot, "Fit")
    click(wizard.rail[0])
    row = next(k for k in range(wizard.target.list.count()) if wizard.target.list.item(k).checkState() is Qt.CheckState.Unchecked)
    item = wizard.target.list.item(row)
    item.setCheckState(Qt.CheckState.Checked)
    qtbot.waitUntil(lambda: wizard.target.is_ready)
    assert set(wizard._proposal.state.compounds) == set(wizard.target.ticked())
    assert len(wizard._proposal.state.compounds) == 2
    assert not wizard.rail[3].isEnabled()


def test_the_label_is_chosen_without_looking_at_dft(wizard, qtbot):
    """The proposed structure has the largest model forces among those that may be labelled."""
    go_to(wizard, qtbot, "Which structure?")
    candidates = [c for c in wizard.choice._ranking.candidates if not c.excluded]
    assert wizard._labels == (candidates[0].frame,)
    assert candidates[0].frame.name in wizard.choice.sentence.text()
    assert wizard.choice.table.rowCount() == len(wizard.choice._ranking.candidates)


def test_slope_matching_changes_c(wizard, qtbot):
    """Both values are shown, and choosing the other one is what is fitted."""
    go_to(wizard, qtbot, "Fit")
    least = wizard._fit.c
    click(wizard.fit.slope_matching)
    assert wizard.fit.method is ScalarMethod.SLOPE_MATCHING
    assert wizard._fit.c == pytest.approx(wizard._fit.c_slope_matching)
    assert f"{least:.3f}" in wizard.fit.result.text()


def test_theme_follows_the_window(wizard, measured, qtbot):
    """The verdict keeps its words in dark colours."""
    go_to(wizard, qtbot, "Verdict")
    words = wizard.verdict.headline.text()
    measured.set_theme(DARK)
    assert wizard.verdict.headline.text() == words


def random_model(frames, seed: int) -> dict[str, Prediction]:
    rng = np.random.default_rng(seed)
    said = {}
    for frame in frames:
        noise = rng.normal(0, 1.0, frame.forces.shape)
        said[frame.content_hash] = Prediction(float(frame.energy or 0.0), 0.95 * frame.forces + noise, np.zeros((3, 3)))
    return said


def test_a_correction_that_does_not_help_is_not_exported(measured, qtbot, tmp_path):
    """Where the error is random, the verdict says so, and only an explicit override allows an export."""
    frames = labelled("MgO", [12, 8, 12, 8], 14, seed=3)
    known = KnownFrames.of(frames, random_model(frames, 5), 30.0)
    proposal = propose(known, ["MgO"])
    label = proposal.ranking.candidates[0].frame
    fit = fit_labels(known, [label], ScalarMethod.LEAST_SQUARES)
    verdict = judge(known, proposal, [label], fit).verdict
    assert not verdict.may_be_exported


def test_frames_beyond_the_filter_are_no_candidates(small_set):
    """The wizard fits and judges only what every other number in the window counts."""
    predictions = random_model(small_set.frames, 1)
    strong = [frame.content_hash for frame in small_set.frames if frame.name == "frame strong"]
    within = KnownFrames.of(small_set.frames, predictions, 30.0)
    assert not set(strong) & {frame.content_hash for frame in within.frames}
    assert set(strong) & {frame.content_hash for frame in KnownFrames.of(small_set.frames, predictions, None).frames}
    assert suggest_target(within) in within.compounds


def test_an_export_that_cannot_be_done_says_why(wizard, qtbot, tmp_path):
    """A folder that holds something else is left alone; the page says so and the wizard goes on."""
    go_to(wizard, qtbot, "Take it away")
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "thesis.tex").write_text("precious", encoding="utf-8")
    told: list[UserFacingError] = []
    wizard.refused.connect(told.append)
    wizard.start_export(folder, override=True)
    qtbot.waitUntil(lambda: wizard._export is None, timeout=120_000)
    assert told
    assert str(told[0]) == wizard.export.note.text()
    assert [path.name for path in folder.iterdir()] == ["thesis.tex"]


@pytest.mark.slow
def test_from_label_to_a_model_that_plain_chgnet_opens(make_window, qtbot, tmp_path, shipped_labels: Path):
    """With the real model: the exported file is re-opened by chgnet alone in a fresh process, agrees, and is measured beside its parent."""
    from guiapp.engine.worker_processes import WorkerProcesses
    from guiapp.frames.reading.read import read_frames

    frames = [f for f in read_frames([shipped_labels]).sets[0].frames if f.compound in {"LiF", "MgO"}]
    window = make_window(executor=WorkerProcesses(1))
    open_with(window, qtbot, tmp_path / "real.temper", ReferenceSet("s", "S", tuple(frames), Provenance(functional="PBE")))
    window.session.run(["chgnet-0.3.0"], window.session.structures.frames)
    qtbot.waitUntil(lambda: bool(window.session.shown_evaluations) and settled(window), timeout=180_000)
    window.run_action("correct.model")
    wizard = window.wiring.wizard
    qtbot.waitUntil(lambda: wizard.target.is_ready)
    go_to(wizard, qtbot, "Take it away")
    wizard.start_export(tmp_path / "corrected", override=not wizard.verdict._verdict.may_be_exported)
    qtbot.waitUntil(lambda: wizard._export is None, timeout=600_000)
    assert wizard.export.reload.text().startswith("✓"), wizard.export.note.text()
    click(wizard.export.benchmark)
    qtbot.waitUntil(lambda: len(window.session.shown_evaluations) == 2 and settled(window), timeout=180_000)
    (target,) = wizard.target.ticked()
    before, after = (evaluation.summary.compound_by_name[target].statistics.scale for evaluation in window.session.shown_evaluations)
    assert abs(1 - after) < abs(1 - before), "a correction is local to its chemistry, so only the target must come closer to DFT"
