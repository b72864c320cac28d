"""Rows of a family are judged by its card, summarised with intervals over systems, and previewed for any c."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guiapp.benchmarks.family_rows import corrected_rows, has_opposite_sign, has_signal, judged_row, signed_deviation
from guiapp.benchmarks.family_summary import summarise
from guiapp.benchmarks.high_energy_summary import Verdict


def modulus(system, predicted, reference, **changes):
    return judged_row(
        "eos",
        system,
        "bulk modulus",
        **({"model": "m", "mode": "static", "predicted": predicted, "reference": reference, "count": 7} | changes),
    )


def frequency(system, predicted, reference):
    return judged_row("phonons", system, "largest frequency", model="m", mode="static", predicted=predicted, reference=reference, count=2)


@pytest.mark.parametrize(
    ("predicted", "reference", "verdict"),
    [(90, 100, "soft"), (96, 100, "good"), (110, 100, "stiff"), (1.0, 1.5, "not enough signal"), (np.nan, 100, "not enough signal")],
)
def test_a_row_is_judged_by_its_card(predicted, reference, verdict):
    row = modulus("x", predicted, reference)
    assert (row.verdict, row.unit) == (verdict, "GPa")
    assert has_signal(row) is (verdict != "not enough signal")


def test_a_row_without_signal_stays_so_whatever_c():
    (row,) = corrected_rows([modulus("x", 50, 100, enough=False)], 2.0)
    assert row.predicted == 100
    assert row.verdict == "not enough signal"


@settings(deadline=None)  # the first example imports
@given(st.lists(st.tuples(st.floats(5, 500), st.floats(0.5, 1.5)), min_size=3, max_size=12), st.floats(0.3, 3))
def test_c_moves_moduli_by_c_and_frequencies_by_its_root(systems, c):
    rows = [modulus(str(k), a * x, x) for k, (x, a) in enumerate(systems)]
    scaled = summarise(corrected_rows(rows, c))
    plain = summarise(rows)
    assert scaled.slope.value == pytest.approx(c * plain.slope.value)
    assert scaled.headline.value == pytest.approx(c * plain.headline.value)
    root = summarise(corrected_rows([frequency(str(k), a * x, x) for k, (x, a) in enumerate(systems)], c))
    assert root.headline.value == pytest.approx(np.sqrt(c) * plain.headline.value)
    assert plain.mae == pytest.approx(np.mean([abs(a - 1) * x for x, a in systems]))
    assert plain.n_below == sum(a * x < x for x, a in systems)
    interval = plain.deviation.interval
    assert interval.low - 1e-9 <= plain.deviation.value <= interval.high + 1e-9
    assert interval.level == "systems"


def test_the_slope_is_the_least_squares_slope_through_the_origin():
    x, y = np.array([10.0, 40, 90, 200]), np.array([9.0, 30, 85, 170])
    summary = summarise([modulus(str(k), *pair) for k, pair in enumerate(zip(y, x, strict=True))])
    assert summary.slope.value == pytest.approx(np.linalg.lstsq(x[:, None], y, rcond=None)[0][0])


def test_two_systems_are_no_evidence_and_noise_is_none():
    assert summarise([modulus("a", 80, 100), modulus("b", 81, 100)]).verdict is Verdict.NO_SIGNAL
    random = np.random.default_rng(0)
    noise = summarise([modulus(str(k), float(random.normal(scale=100)), 100.0) for k in range(30)])
    assert noise.verdict is Verdict.NO_SIGNAL
    assert "little in common" in noise.reason


def test_sentences_say_how_soft_and_how_sure():
    sure = summarise([modulus(str(k), 80 + 0.1 * k, 100) for k in range(8)])
    assert sure.sentence("M") == (
        "M is 20 % too soft in the bulk modulus",
        "mean ratio of bulk modulus 0.80, 95 % CI 0.80 to 0.81, 8 systems, MAE 19.6 GPa; 8 of 8 below DFT",
    )
    unsure = summarise([modulus(str(k), value, 100) for k, value in enumerate([60, 70, 130, 80])])
    assert unsure.sentence("M")[0] == "M may be 15 % too soft in the bulk modulus"
    good = summarise([modulus(str(k), 99 + 0.1 * k, 100) for k in range(8)])
    assert good.sentence("M")[0] == "M is within 1 % of DFT in the bulk modulus"
    scattered = summarise([modulus(str(k), value, 100) for k, value in enumerate([60, 140, 75, 125])])
    assert scattered.verdict is Verdict.GOOD
    assert scattered.sentence("M")[0] == "M looks equal to DFT in the bulk modulus, not for certain"


def test_rows_of_two_models_are_never_mixed():
    with pytest.raises(ValueError, match="2"):
        summarise([modulus("a", 80, 100), modulus("b", 80, 100, model="other")])
    with pytest.raises(ValueError, match="0"):
        summarise([])


@settings(deadline=None)  # the first example imports
@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_deviation_and_verdict_agree_on_what_is_soft(predicted, reference):
    """Softness is about magnitude: for references of either sign, soft rows deviate to minus, stiff ones to plus."""
    row = modulus("x", predicted, reference)
    deviation = signed_deviation(row)
    if reference == 0:
        assert np.isnan(deviation)
    elif abs(reference) > 1e-200:
        assert deviation < 0 or abs(predicted) >= abs(reference) * (1 - 1e-12)
        assert {"soft": deviation < 0, "stiff": deviation > 0}.get(row.verdict, True)


def energy(system: str, predicted: float, reference: float):
    return judged_row(
        "solid-solution", system, "mixing energy", model="m", mode="static", predicted=predicted, reference=reference, count=3
    )


def test_a_model_between_zero_and_a_negative_reference_is_soft():
    """Ordering energies of an alloy: half of DFT's is 50 % soft whatever the sign; the opposite sign is counted and stays in the slope."""
    rows = [energy("a", -0.05, -0.10), energy("b", 0.04, 0.08), energy("c", -0.03, -0.06), energy("d", 0.01, -0.02)]
    assert [signed_deviation(row) for row in rows] == pytest.approx([-0.5, -0.5, -0.5, -1.5])
    assert {row.verdict for row in rows} == {"soft"}
    assert [has_opposite_sign(row) for row in rows] == [False, False, False, True]
    summary = summarise(rows)
    assert (summary.n_below, summary.n_judged, summary.n_opposite) == (4, 4, 1)
    x, y = np.array([row.reference for row in rows]), np.array([row.predicted for row in rows])
    assert summary.slope.value == pytest.approx(x @ y / (x @ x))
    assert "1 with the opposite sign" in summary.sentence("M")[1]
    assert summarise([energy(str(k), -0.1 - 0.01 * k, -0.05 - 0.01 * k) for k in range(3)]).n_below == 0
