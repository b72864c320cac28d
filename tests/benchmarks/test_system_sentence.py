"""The sentence about one system is true, and says so where nothing can be said."""

from __future__ import annotations

import math

import pytest

from guiapp.benchmarks.family_rows import corrected_rows, judged_row
from guiapp.benchmarks.system_sentence import SystemFinding, deviation_text, judging_row, significant, system_sentence


def finding(family, quantity, predicted, reference, title="CHGNet", **changes):
    row = judged_row(family, "MgO", quantity, model="m", mode="static", predicted=predicted, reference=reference, count=7, **changes)
    return SystemFinding(title, (row,))


@pytest.mark.parametrize(
    ("predicted", "expected"),
    [
        (145, "CHGNet is 11 % too soft in the bulk modulus"),
        (180, "CHGNet is 10 % too stiff in the bulk modulus"),
        (160, "CHGNet is within 2 % of DFT in the bulk modulus"),
        (163, "CHGNet is equal to DFT in the bulk modulus"),
    ],
)
def test_headline(predicted, expected):
    """Soft, stiff and good, in per cent."""
    headline, evidence = system_sentence([finding("eos", "bulk modulus", predicted, 163)])
    assert headline == expected
    assert f"{predicted} against 163 GPa" in evidence


def test_evidence_lists_every_model():
    """The first model is told in full, the others by value and deviation."""
    _, evidence = system_sentence([finding("eos", "bulk modulus", 145, 163), finding("eos", "bulk modulus", 150, 163, "M3GNet")])
    assert evidence == "bulk modulus 145 against 163 GPa, −11 %; M3GNet: 150 GPa, −8 %"


def test_frequency_names_the_curvature():
    """A frequency of 0.95 is a curvature of 0.90."""
    _, evidence = system_sentence([finding("phonons", "largest frequency", 19, 20)])
    assert "−5 %" in evidence
    assert "−10 % in the curvature" in evidence


def test_no_signal_and_no_reference():
    """Neither a small reference, nor a bad fit, nor a missing one gives a verdict."""
    small, why = system_sentence([finding("eos", "bulk modulus", 0.9, 1.2)])
    assert small.startswith("Not enough signal")
    assert "below 2.00 GPa" in why
    poor, why = system_sentence([finding("eos", "bulk modulus", 80, 163, enough=False)])
    assert poor.startswith("Not enough signal")
    assert "fit" in why
    alone, why = system_sentence([finding("curvature", "curvature along a displacement", 4.2, math.nan)])
    assert "no DFT result" in alone
    assert "against" not in why
    assert system_sentence([SystemFinding("CHGNet", ())]) == ("", "")


def test_opposite_sign():
    """An energy on the other side of zero is not called 130 % too soft."""
    headline, _ = system_sentence([finding("solid-solution", "mixing energy", -0.02, 0.06)])
    assert headline == "CHGNet has the opposite sign of DFT on mixing energies"


def test_a_strain_is_judged_by_its_own_quantity():
    """A scan along a strain has no row of the card's first quantity."""
    one = finding("curvature", "curvature along a strain", 400, 500)
    assert judging_row(one.rows).quantity == "curvature along a strain"
    assert system_sentence([one])[0] == "CHGNet is 20 % too soft along this path"


def test_corrected_rows_tell_the_corrected_story():
    """Times 163 / 145 the same model is equal to DFT."""
    one = finding("eos", "bulk modulus", 145, 163)
    assert "equal to" in system_sentence([SystemFinding("x", corrected_rows(one.rows, 163 / 145))])[0]


@pytest.mark.parametrize(
    ("value", "text"),
    [(163.4, "163"), (0.01234, "0.0123"), (-7.0, "−7.00"), (12345.6, "12,346"), (0.0, "0"), (math.nan, "–"), (2e-5, "2e−05")],
)
def test_three_digits(value, text):
    """No exponent where none is needed, a real minus sign, and no digit too many."""
    assert significant(value) == text


def test_deviation_has_a_sign():
    """Zero has none."""
    assert [deviation_text(d) for d in (-0.114, 0.05, 0.001, math.nan)] == ["−11 %", "+5 %", "0 %", "–"]
