"""The wizard with labels that exist: Next, Next, Next with the mouse, and what it refuses to promise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk
from ase.io import write
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from window_steps import click, labelled, open_with, settled
from wizard_steps import drop, go_to, judged, opened_wizard

from guiapp.correction.scalar_fit import ScalarMethod
from guiapp.errors import UserFacingError
from guiapp.frames.reference_set import Provenance, ReferenceSet
from guiapp.potentials.potential import Prediction
from guiapp.ui.theme import DARK
from guiapp.ui.wizard.steps import KnownFrames, evidence, fit_labels, judge_scalar, propose, suggest_target
from guiapp.ui.wizard.window import STEPS


def items(wizard):
    return [wizard.target.list.topLevelItem(k) for k in range(wizard.target.list.topLevelItemCount())]


def test_next_next_next_works(wizard, measured, qtbot):
    """Every page has a sensible choice made, and the verdict compares before and after on frames that were not fitted."""
    go_to(wizard, qtbot, "Verdict")
    verdict = judged(wizard, qtbot)
    labels = wizard.flow.fitted()
    assert len(labels) == 1
    assert verdict.unseen.n_frames == len(wizard.flow.ground.proposal.target) - 1
    assert verdict.unseen.before.statistics.scale == pytest.approx(0.8, abs=0.05), "the cheap model is 20 % too soft"
    assert verdict.unseen.after.statistics.scale == pytest.approx(1.0, abs=0.05)
    assert wizard.verdict.headline.text() == verdict.headline
    assert verdict.elsewhere.n_frames > 20, "forgetting is judged on the shipped general set too"
    measured.set_theme(DARK)
    assert wizard.verdict.headline.text() == verdict.headline, "the verdict keeps its words in dark colours"
    click(wizard.next)
    assert wizard.export.export.isEnabled() == verdict.may_be_exported


def test_the_first_page_proposes_what_one_number_helps_most(wizard, measured):
    """The ticked compound is the one with the largest systematic error, and today's scale is told with its counts."""
    by_compound = measured.session.shown_evaluations[0].summary.compound_by_name
    worst = max(by_compound.values(), key=lambda c: c.statistics.systematic)
    assert wizard.target.ticked() == (worst.name,)
    assert "labelled frames" in wizard.target.today.text()
    assert items(wizard)[0].text(2).startswith("0.8")


def test_other_compounds_give_another_proposal(wizard, qtbot):
    """Ticking a compound with the mouse measures it anew, and pages that depend on it must be passed again."""
    go_to(wizard, qtbot, "Fit")
    click(wizard.rail[0])
    item = next(one for one in items(wizard) if one.checkState(0) is Qt.CheckState.Unchecked)
    box = wizard.target.list.visualItemRect(item)
    QTest.mouseClick(wizard.target.list.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(box.left() + 10, box.center().y()))
    assert len(wizard.target.ticked()) == 2
    qtbot.waitUntil(lambda: len(wizard.flow.choices.compounds) == 2 and wizard.target.is_ready)
    assert set(wizard.flow.ground.proposal.state.compounds) == set(wizard.target.ticked())
    assert not wizard.rail[3].isEnabled()


def test_the_label_is_chosen_without_looking_at_dft(wizard, qtbot):
    """The proposed structure is the best of the ranking, which reads model forces alone."""
    go_to(wizard, qtbot, "Which structure?")
    ranking = wizard.flow.ranking
    best = next(c for c in ranking.candidates if not c.excluded)
    assert [frame.content_hash for frame in wizard.flow.fitted()] == [best.frame.content_hash]
    assert best.frame.name in wizard.choice.sentence.text()
    assert wizard.choice.table.rowCount() == len(ranking.candidates)


def test_a_click_on_the_map_picks_another_structure(wizard, qtbot):
    """The candidate under the mouse replaces the proposal, in map, table and fit."""
    go_to(wizard, qtbot, "Which structure?")
    ranking = wizard.flow.ranking
    place = next(k for k, c in enumerate(ranking.candidates) if k and not c.excluded)
    wanted = ranking.candidates[place].frame.content_hash
    there = wizard.choice.map.position_of(place).toPoint()
    QTest.mouseClick(wizard.choice.map, Qt.MouseButton.LeftButton, pos=there)
    assert wizard.flow.choices.chosen == (wanted,)
    assert wizard.choice.ticked() == (wanted,)
    assert wizard.choice.sentence.text().startswith("Your choice")
    go_to(wizard, qtbot, "Fit")
    assert [frame.content_hash for frame in wizard.flow.fitted()] == [wanted]


def test_slope_matching_changes_c(wizard, qtbot):
    """Both values are shown, and choosing the other one is what is fitted."""
    go_to(wizard, qtbot, "Fit")
    least = wizard.fits.fit.c
    click(wizard.fit.slope_matching)
    assert wizard.fit.scalar_method is ScalarMethod.SLOPE_MATCHING
    assert wizard.fits.fit.c == pytest.approx(wizard.fits.fit.c_slope_matching)
    assert f"{least:.3f}" in wizard.fit.result.text()


def test_closed_and_opened_again_it_is_where_it_was(wizard, measured, qtbot):
    """Closing hides the wizard: page and choices are as they were left."""
    go_to(wizard, qtbot, "Fit")
    chosen = wizard.flow.choices.chosen
    wizard.close()
    again = opened_wizard(measured, qtbot)
    assert again is wizard
    assert STEPS[again.step] == "Fit"
    assert again.flow.choices.chosen == chosen


def test_a_restart_brings_every_step_back(wizard, measured, qtbot, make_window):
    """In another session the wizard opens on the page on which it was left, with target, structure and method as they were."""
    go_to(wizard, qtbot, "Which structure?")
    ranking = wizard.flow.ranking
    place = next(k for k, c in enumerate(ranking.candidates) if k and not c.excluded)
    QTest.mouseClick(wizard.choice.map, Qt.MouseButton.LeftButton, pos=wizard.choice.map.position_of(place).toPoint())
    go_to(wizard, qtbot, "Fit")
    click(wizard.fit.slope_matching)
    go_to(wizard, qtbot, "Verdict")
    headline, kept, path = judged(wizard, qtbot).headline, wizard.flow.choices, measured.session.project.path
    measured.close()
    window = make_window()
    window.session.open(path)
    qtbot.waitUntil(lambda: window.session.project is not None and settled(window))
    again = opened_wizard(window, qtbot)
    qtbot.waitUntil(lambda: STEPS[again.step] == "Verdict" and again.fits.verdict is not None)
    assert again.flow.choices.chosen == kept.chosen
    assert again.flow.choices.compounds == kept.compounds
    assert again.fits.scalar_method is ScalarMethod.SLOPE_MATCHING
    assert judged(again, qtbot).headline == headline


def test_a_structure_dropped_on_the_first_page_becomes_the_target(wizard, measured, qtbot, tmp_path):
    """An unlabelled CIF is read into the project and chosen; the page says that nothing is known of it yet."""
    write(tmp_path / "si.cif", bulk("Si"))
    drop(wizard.target, tmp_path / "si.cif")
    qtbot.waitUntil(lambda: wizard.flow.choices.compounds != () and wizard.flow.choices.compounds[0].startswith("Si"))
    qtbot.waitUntil(lambda: wizard.target.is_ready)
    assert "no DFT label yet" in wizard.target.today.text()
    assert wizard.target.ticked() == wizard.flow.choices.compounds
    go_to(wizard, qtbot, "Which structure?")
    assert wizard.choice.sampling.isVisible()
    assert not wizard.next.isEnabled()


def random_model(frames, seed: int) -> dict[str, Prediction]:
    rng = np.random.default_rng(seed)
    said = {}
    for frame in frames:
        noise = rng.normal(0, 1.0, frame.forces.shape)
        said[frame.content_hash] = Prediction(float(frame.energy or 0.0), 0.95 * frame.forces + noise, np.zeros((3, 3)))
    return said


def test_a_correction_that_does_not_help_is_not_exported():
    """Where the error is random, the verdict says so, and only an explicit override allows an export."""
    frames = labelled("MgO", [12, 8, 12, 8], 14, seed=3)
    known = KnownFrames.of(frames, random_model(frames, 5), 30.0)
    proposal = propose(known, ["MgO"])
    label = proposal.ranking.candidates[0].frame
    fit = fit_labels(known, [label], ScalarMethod.LEAST_SQUARES)
    unseen, elsewhere = evidence(known, KnownFrames((), {}), proposal, [label])
    assert not judge_scalar(unseen, elsewhere, fit).may_be_exported


def test_frames_beyond_the_filter_are_no_candidates(small_set):
    """The wizard fits and judges only what every other number in the window counts."""
    predictions = random_model(small_set.frames, 1)
    strong = [frame.content_hash for frame in small_set.frames if frame.name == "frame strong"]
    within = KnownFrames.of(small_set.frames, predictions, 30.0)
    assert not set(strong) & {frame.content_hash for frame in within.frames}
    assert set(strong) & {frame.content_hash for frame in KnownFrames.of(small_set.frames, predictions, None).frames}
    assert suggest_target(within) in within.compounds


def test_labels_that_were_never_asked_about_are_measured_first(opened, qtbot):
    """Opened before any benchmark, the wizard has the model asked about the target and goes on by itself."""
    wizard = opened_wizard(opened, qtbot)
    qtbot.waitUntil(lambda: wizard.target.is_ready and wizard.flow.ground.proposal is not None)
    assert "scale" in wizard.target.today.text()


@pytest.mark.slow
def test_an_export_that_cannot_be_done_says_why(wizard, qtbot, tmp_path):
    """A folder that holds something else is left alone; the page says so and the wizard goes on."""
    go_to(wizard, qtbot, "Take it away")
    judged(wizard, qtbot)
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "thesis.tex").write_text("precious", encoding="utf-8")
    told: list[UserFacingError] = []
    wizard.refused.connect(told.append)
    wizard.fitting.start_export(folder, override=True)
    qtbot.waitUntil(lambda: not wizard.exports.is_running, timeout=120_000)
    assert told
    assert told[0].what in wizard.export.note.text()
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
    wizard = opened_wizard(window, qtbot)
    go_to(wizard, qtbot, "Take it away")
    verdict = judged(wizard, qtbot, timeout=300_000)
    wizard.fitting.start_export(tmp_path / "corrected", override=not verdict.may_be_exported)
    qtbot.waitUntil(lambda: not wizard.exports.is_running, timeout=600_000)
    assert "✓" in wizard.export.reload.text(), wizard.export.note.text()
    click(wizard.export.benchmark)
    qtbot.waitUntil(lambda: len(window.session.shown_evaluations) == 2 and settled(window), timeout=180_000)
    (target,) = wizard.flow.choices.compounds
    before, after = (evaluation.summary.compound_by_name[target].statistics.scale for evaluation in window.session.shown_evaluations)
    assert abs(1 - after) < abs(1 - before), "a correction is local to its chemistry, so only the target must come closer to DFT"
