"""Training from the wizard: cost before, curves while, kill -9 and going on, the verdict after."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from window_steps import click, open_with, wait_measured
from wizard_steps import go_to, opened_wizard

from guiapp.correction.corrected import Method
from guiapp.engine.worker_processes import WorkerProcesses
from guiapp.frames.reading.read import read_frames
from guiapp.frames.reference_set import Provenance, ReferenceSet

PASSES = 6


@pytest.fixture
def training(make_window, qtbot, tmp_path, shipped_labels: Path):
    """The fit page, with three real labels and all parameters chosen by mouse."""
    frames = [f for f in read_frames([shipped_labels]).sets[0].frames if f.compound == "LiF"]
    window = make_window(executor=WorkerProcesses(1))
    open_with(window, qtbot, tmp_path / "real.temper", ReferenceSet("s", "S", tuple(frames), Provenance(functional="PBE")))
    window.session.run(["chgnet-0.3.0"], window.session.structures.frames)
    wait_measured(window, qtbot, timeout=180_000)
    wizard = opened_wizard(window, qtbot)
    go_to(wizard, qtbot, "Which structure?")
    wizard.choice.count.setValue(3)
    go_to(wizard, qtbot, "Fit")
    click(wizard.fit.methods[Method.FULL])
    click(wizard.fit.recipe.toggle)
    wizard.fit.recipe.epochs.setValue(PASSES)
    return wizard


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_training_that_is_killed_goes_on_from_there(training, qtbot):
    """kill -9 in the middle loses nothing: the button goes on from the last pass, and the verdict judges the trained model itself."""
    fits, panel = training.fits, training.fit.training
    assert not training.next.isEnabled()
    passes: list[int] = []
    fits.trained_on.connect(lambda progress: passes.append(progress.record.epoch) if not isinstance(progress, str) else None)
    click(panel.start)
    qtbot.waitUntil(lambda: len(passes) >= 2, timeout=300_000)
    os.kill(fits.training_process_id, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    qtbot.waitUntil(lambda: not fits.is_training, timeout=60_000)
    assert panel.start.text() == "Go on"
    assert "Nothing is lost" in panel.note.text()
    before = list(passes)
    passes.clear()
    click(panel.start)
    qtbot.waitUntil(lambda: fits.record is not None, timeout=600_000)
    assert passes[0] >= before[-1], "what was learnt before is not learnt again"
    assert [epoch.epoch for epoch in fits.record.epochs] == list(range(1, PASSES + 1))
    assert panel.parity.isVisible()
    go_to(training, qtbot, "Verdict")
    assert training.fits.verdict.unseen.n_frames == 3
    assert training.fits.verdict.elsewhere.n_frames > 20


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_cost_is_measured_and_cancel_keeps_what_was_learnt(training, qtbot):
    """Time and memory are told before the start; Cancel stops at once and can be gone on with."""
    panel = training.fit.training
    training.fits.estimate()
    qtbot.waitUntil(lambda: "measured here" in panel.cost.text(), timeout=300_000)
    assert "GB" in panel.cost.text()
    click(panel.start)
    qtbot.waitUntil(training.flow.memory.checkpoint.is_file, timeout=300_000)
    click(panel.cancel)
    qtbot.waitUntil(lambda: not training.fits.is_training, timeout=60_000)
    assert training.fits.can_go_on
    assert panel.start.text() == "Go on"
