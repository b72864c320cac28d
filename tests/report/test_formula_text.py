"""Formulas get their subscripts, keep their case, and nothing else is touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guiapp.report.formula_text import formula_html, subscripted


@pytest.mark.parametrize(
    ("text", "plain", "html"),
    [
        ("Al2O3", "Al₂O₃", "Al<sub>2</sub>O<sub>3</sub>"),
        ("CO", "CO", "CO"),
        ("Co", "Co", "Co"),
        ("Li6Zn2In2(IO3)16", "Li₆Zn₂In₂(IO₃)₁₆", "Li<sub>6</sub>Zn<sub>2</sub>In<sub>2</sub>(IO<sub>3</sub>)<sub>16</sub>"),
        ("Ca0.5Mg1.5O2", "Ca₀.₅Mg₁.₅O₂", "Ca<sub>0.5</sub>Mg<sub>1.5</sub>O<sub>2</sub>"),
        ("Al2O3 frame 2", "Al₂O₃ frame 2", "Al<sub>2</sub>O<sub>3</sub> frame 2"),
        ("mp-973966", "mp-973966", "mp-973966"),
        ("mp-Al2", "mp-Al2", "mp-Al2"),
        ("Cu2_AIMD", "Cu2_AIMD", "Cu2_AIMD"),
        ("Xx2", "Xx2", "Xx2"),
        ("2Al", "2Al", "2Al"),
        ("Al2(O3", "Al2(O3", "Al2(O3"),
        ("a<b & Al2O3", "a<b & Al₂O₃", "a&lt;b &amp; Al<sub>2</sub>O<sub>3</sub>"),
        ("", "", ""),
    ],
)
def test_examples(text, plain, html):
    """What a chemist would write."""
    assert subscripted(text) == plain
    assert formula_html(text) == html


@given(st.text(max_size=30))
def test_no_letter_is_lost(text):
    """Any text comes back with digits lowered at most."""
    assert subscripted(text).translate(str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")) == text.translate(
        str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
    )
