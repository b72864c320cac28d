"""Formulas get their subscripts, keep their case, and nothing else is touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guiapp.report.formula_text import subscript_runs, subscripted


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Al2O3", "Al₂O₃"),
        ("CO", "CO"),
        ("Co", "Co"),
        ("Li6Zn2In2(IO3)16", "Li₆Zn₂In₂(IO₃)₁₆"),
        ("Ca0.5Mg1.5O2", "Ca₀.₅Mg₁.₅O₂"),
        ("Al2O3 frame 2", "Al₂O₃ frame 2"),
        ("mp-973966", "mp-973966"),
        ("mp-Al2", "mp-Al2"),
        ("Cu2_AIMD", "Cu2_AIMD"),
        ("Xx2", "Xx2"),
        ("2Al", "2Al"),
        ("Al2(O3", "Al2(O3"),
        ("a<b & Al2O3", "a<b & Al₂O₃"),
        ("", ""),
    ],
)
def test_examples(text, plain):
    """What a chemist would write."""
    assert subscripted(text) == plain


def test_runs_for_a_painter():
    """Digits of formulas go down, those of ids and counts stay, and no letter is lost."""
    assert subscript_runs("Al2O3 frame 2") == (("Al", False), ("2", True), ("O", False), ("3", True), (" frame 2", False))
    assert subscript_runs("mp-1234") == (("mp-1234", False),)
    assert "".join(run for run, _ in subscript_runs("(Li2O)x Zz9 Fe2")) == "(Li2O)x Zz9 Fe2"


@given(st.text(max_size=30))
def test_no_letter_is_lost(text):
    """Any text comes back with digits lowered at most."""
    assert subscripted(text).translate(str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")) == text.translate(
        str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
    )
