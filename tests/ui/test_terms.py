"""Every term that the window shows is explained, and the question mark shows it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from guiapp.benchmarks.description import describe_family
from guiapp.benchmarks.registry import families
from guiapp.ui.plots.compound_model import COLUMNS
from guiapp.ui.terms import all_terms, explain, family_term
from guiapp.ui.theme import LIGHT
from guiapp.ui.what_is_this import WhatIsThis, tooltip

NAMED_IN_THE_ISSUE = """
    softening scale, mae, cmae, systematic error, random error, uncentred r2, intercept, confidence interval, signal gate,
    least-squares c, slope matching, pooled scale, mean scale, median scale, rms force, strain, net force, parity plot
""".replace("\n", " ").strip()
TERMS = [key.strip() for key in NAMED_IN_THE_ISSUE.split(",")]


@pytest.mark.parametrize("key", TERMS)
def test_term_is_explained(key):
    """A title, a real sentence, and a formula where there is one to give."""
    term = explain(key)
    assert term.title
    assert len(term.sentence) > 40
    assert term.sentence.endswith(".")
    assert term.formula


def test_all_terms_are_well_formed():
    """No hyphen stands for a minus, links are web addresses with words, keys are what look-ups use."""
    for key, term in all_terms().items():
        assert key == key.casefold()
        assert " - " not in term.formula
        assert term.link.startswith("https://") == bool(term.source)
    assert explain("MAE") is explain("mae")
    assert explain("softening scale").link == "https://doi.org/10.1038/s41524-024-01500-6"


def test_every_quantity_of_every_family_is_explained():
    """What a table of a family lists can be asked for, in the words of the family's card."""
    for one in families():
        assert explain(family_term(one.name)).title
        for quantity in describe_family(one.name).quantities if one.name != "high-energy" else ():
            assert explain(family_term(one.name, quantity)).sentence.endswith(".")
    assert explain("eos: bulk modulus").formula.startswith("B₀")


def test_unknown_term_is_a_bug():
    """A question mark without an explanation must fail when it is built, not when it is pressed."""
    with pytest.raises(KeyError):
        explain("epoch")


def test_table_terms_exist():
    """Every header's tooltip can be made."""
    tips = {column.title: column.tip for column in COLUMNS if column.tip}
    assert len(tips) >= 4
    assert tooltip("softening scale") in tips.values()


def test_question_mark_opens_by_keyboard_and_closes(qtbot):
    """Tab reaches it, Space opens sentence, formula and link, Esc closes."""
    button = WhatIsThis("cmae", LIGHT)
    qtbot.addWidget(button)
    button.show()
    qtbot.waitExposed(button)
    assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert "cMAE" in button.accessibleName()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    popup = button.popup
    assert popup is not None
    words = " ".join(label.text() for label in popup.findChildren(QLabel))
    term = explain("cmae")
    assert term.sentence in words
    assert term.formula in words
    assert term.link in words
    with qtbot.waitSignal(popup.destroyed):
        qtbot.keyClick(popup, Qt.Key.Key_Escape)
    assert button.popup is None
