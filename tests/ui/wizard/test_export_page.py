"""A correction that the verdict does not confirm is exported only against an explicit tick."""

from __future__ import annotations

import numpy as np
import pytest
from window_steps import click, labelled

from guiapp.correction.scalar_fit import ScalarMethod
from guiapp.potentials.potential import Prediction
from guiapp.ui.theme import LIGHT
from guiapp.ui.wizard.export_page import ExportPage
from guiapp.ui.wizard.steps import KnownFrames, evidence, fit_labels, judge_scalar, propose


@pytest.fixture
def rejected():
    frames = labelled("MgO", [12, 8, 12, 8], 14, seed=3)
    rng = np.random.default_rng(5)
    said = {f.content_hash: Prediction(0.0, 0.95 * f.forces + rng.normal(0, 1, f.forces.shape), np.zeros((3, 3))) for f in frames}
    known = KnownFrames.of(frames, said, None)
    proposal = propose(known, ["MgO"])
    label = proposal.ranking.candidates[0].frame
    fit = fit_labels(known, [label], ScalarMethod.LEAST_SQUARES)
    return judge_scalar(*evidence(known, KnownFrames((), {}), proposal, [label]), fit)


def test_only_an_explicit_tick_exports_what_is_not_confirmed(qtbot, rejected):
    """The button is off, the override is told to the export, and another verdict takes the tick back."""
    page = ExportPage(LIGHT)
    qtbot.addWidget(page)
    page.show()
    page.show_verdict(rejected)
    assert not rejected.may_be_exported
    assert not page.export.isEnabled()
    asked: list[bool] = []
    page.export_requested.connect(asked.append)
    click(page.export)
    assert asked == []
    page.override.click()
    click(page.export)
    assert asked == [True]
    page.show_verdict(None)
    page.show_verdict(rejected)
    assert not page.override.isChecked()
