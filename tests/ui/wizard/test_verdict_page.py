"""The verdict page: words first, then every comparison with its numbers, families that were not fitted among them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QLabel
from window_steps import click, labelled

from guiapp.correction.forgetting import FamilyChange
from guiapp.correction.scalar_fit import ScalarMethod
from guiapp.correction.verdict import Outcome
from guiapp.potentials.potential import Prediction
from guiapp.ui.theme import LIGHT
from guiapp.ui.wizard.candidate_map import round_ticks
from guiapp.ui.wizard.steps import KnownFrames, evidence, fit_labels, judge_scalar, propose
from guiapp.ui.wizard.verdict_page import VerdictPage

WORSE = FamilyChange("eos", "Equations of state", "bulk modulus", "GPa", 8, -0.1, 0.2, 9.8, 15.2)
BETTER = FamilyChange("phonons", "Phonons", "mean frequency", "THz", 6, -0.1, 0.0, 0.5, 0.2)


def verdict_with(*families: FamilyChange):
    frames = [*labelled("MgO", [12, 8, 12, 8], 14, seed=3), *labelled("LiF", [3, 9, 3, 9], 6), *labelled("GaAs", [31, 33, 31, 33], 6)]
    rng = np.random.default_rng(5)
    said = {
        f.content_hash: Prediction(0.8 * f.energy, 0.8 * f.forces + rng.normal(0, 0.02, f.forces.shape), np.zeros((3, 3))) for f in frames
    }
    known = KnownFrames.of(frames, said, None)
    proposal = propose(known, ["MgO"])
    label = proposal.ranking.candidates[0].frame
    fit = fit_labels(known, [label], ScalarMethod.LEAST_SQUARES)
    return judge_scalar(*evidence(known, KnownFrames((), {}), proposal, [label]), fit, None, families)


@pytest.fixture
def page(qtbot):
    shown = VerdictPage(LIGHT)
    qtbot.addWidget(shown)
    shown.show()
    return shown


def texts(page):
    return [label.text() for label in page.findChildren(QLabel)]


def test_a_family_that_got_worse_limits_the_verdict_and_is_shown_in_red(page):
    """Without families the correction is recommended; with one that became worse it stays inside its chemistry."""
    assert verdict_with().outcome is Outcome.RECOMMENDED
    page.show_verdict(verdict_with(WORSE, BETTER))
    assert page.headline.text() == "Use only inside this chemistry"
    assert "Equations of state: bulk modulus (8)" in texts(page)
    after = next(label for label in page.findChildren(QLabel) if label.text() == "15.2 GPa")
    assert LIGHT.bad in after.styleSheet()
    assert not page.families.isVisible(), "they were tried already"


def test_other_families_are_tried_on_request(page):
    """The button asks once; while it runs it can be cancelled."""
    page.show_verdict(verdict_with())
    asked: list[bool] = []
    page.families_requested.connect(lambda: asked.append(True))
    page.families_cancelled.connect(lambda: asked.append(False))
    click(page.families)
    page.show_families("Phonons")
    assert not page.families.isVisible()
    click(page.cancel)
    assert asked == [True, False]


def test_a_paired_test_is_coloured_only_where_it_is_sure(page):
    """11 of 20 better with p = 0.36 is no good news; p = 0.001 is, and p = 0.99 is bad."""
    verdict = verdict_with()
    for p_value, color in ((0.001, LIGHT.good), (0.36, None), (0.99, LIGHT.bad)):
        test = replace(verdict.unseen.test, p_value=p_value)
        page.show_verdict(replace(verdict, unseen=replace(verdict.unseen, test=test)))
        shown = next(label for label in page.findChildren(QLabel) if label.text().endswith(f"p = {p_value:.2g}"))
        assert shown.styleSheet() == (f"color: {color};" if color else "")


@given(st.floats(1e-4, 1e4), st.integers(3, 8))
def test_ticks_are_round_and_few(largest, most):
    """Multiples of one, two or five times a power of ten, from zero, no more than asked for and no fewer than two fifths of it."""
    ticks = round_ticks(largest, most)
    assert ticks[0] == 0
    assert max(1, most / 2.5 - 1) <= len(ticks) - 1 <= most
    assert ticks[-1] <= largest * (1 + 1e-6)
    lead = f"{ticks[1]:.6e}"[0]
    assert lead in "125"


def test_nothing_is_shown_before_there_is_a_verdict(page):
    """An empty page says so, and does not let anybody go on."""
    page.show_verdict(None)
    assert not page.is_ready
    assert page.headline.text() == "Not judged yet"


def test_formulas_in_sentences_have_subscripts_like_everywhere_else(page):
    """Reasons come from code that knows plain names; Li₃N in a sentence is written as in the table beside it."""
    plain = verdict_with()
    page.show_verdict(replace(plain, reasons=("It makes 2 of 20 compounds worse by more than 5 %, Li3N, Al2O3 most.",)))
    assert "Li₃N, Al₂O₃ most" in page.reasons.text()
    assert "Li3N" not in " ".join(texts(page))
