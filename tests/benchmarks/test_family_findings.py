"""One number a family agrees with the rows it comes from, follows a correction exactly as they do, and is told without exaggeration."""

import math

import numpy as np
import pytest

from guiapp.benchmarks.family import FamilyResult, SystemFailure
from guiapp.benchmarks.family_findings import (
    best_correction,
    corrected_finding,
    finding_of_rows,
    finding_without_rows,
    percent_text,
    sentence_of_findings,
)
from guiapp.benchmarks.family_rows import corrected_rows, judged_row
from guiapp.benchmarks.family_summary import summarise
from guiapp.benchmarks.high_energy_summary import Verdict

QUANTITIES = {"eos": "bulk modulus", "phonons": "largest frequency", "surfaces": "surface energy", "migration": "KRA barrier"}


def rows(family, scale, n=12, noise=0.03, seed=0):
    rng = np.random.default_rng(seed)
    references = rng.uniform(0.5, 2.0, n) * (100 if family == "eos" else 1)
    return [
        judged_row(
            family, f"s{k}", QUANTITIES[family], model="m", mode="static", predicted=scale * x * rng.normal(1, noise), reference=x, count=7
        )
        for k, x in enumerate(references)
    ]


@pytest.mark.parametrize("family", QUANTITIES)
@pytest.mark.parametrize("c", [0.7, 1.13, 1.9])
def test_a_corrected_finding_is_the_finding_of_corrected_rows(family, c):
    """Frequencies follow the root of c, energies c itself; interval ends and verdict as well."""
    raw = rows(family, 0.85)
    quick, slow = corrected_finding(finding_of_rows(raw), c), finding_of_rows(corrected_rows(raw, c))
    assert (quick.deviation, quick.low, quick.high) == pytest.approx((slow.deviation, slow.low, slow.high), abs=1e-12)
    assert (quick.verdict, quick.n_judged, quick.r2) == (slow.verdict, slow.n_judged, pytest.approx(slow.r2))


def test_a_finding_is_the_headline_of_its_summary():
    raw = rows("surfaces", 0.8)
    finding, summary = finding_of_rows(raw), summarise(raw)
    assert finding.deviation == pytest.approx(summary.slope.value - 1)
    assert (finding.low, finding.high) == pytest.approx((summary.slope.interval.low - 1, summary.slope.interval.high - 1))


def test_without_a_signal_there_is_no_number():
    two = finding_of_rows(rows("migration", 0.7, n=2))
    assert math.isnan(two.deviation)
    assert two.no_signal_words == "not enough signal (2 paths)"
    rng = np.random.default_rng(1)
    noise = [
        judged_row("migration", f"s{k}", "KRA barrier", model="m", mode="static", predicted=rng.normal(), reference=rng.normal(), count=5)
        for k in range(30)
    ]
    assert "not enough signal (r² 0." in finding_of_rows(noise).no_signal_words


def test_a_family_without_a_row_says_why():
    failures = (SystemFailure("MgO(100)", "DFT has this slab only as cut."), SystemFailure("LiF(100)", "Another reason."))
    found = finding_without_rows(FamilyResult("surfaces", "m", "relaxed", (), (), failures))
    assert (found.n_judged, found.n_systems, found.reason) == (0, 2, "DFT has this slab only as cut.")
    assert found.no_signal_words == "no slab could be judged"
    assert finding_without_rows(FamilyResult("surfaces", "m", "static", ())) is None


def test_the_best_correction_is_the_least_squares_one():
    """Against a scan over c; a frequency, which follows the root of c, does not enter."""
    raw = rows("surfaces", 0.8, noise=0.2) + rows("eos", 0.9, noise=0.1)
    found = best_correction([*raw, *rows("phonons", 0.1)])
    grid = np.linspace(0.5, 2, 15001)
    errors = [sum((c * row.predicted / row.reference - 1) ** 2 for row in raw) for c in grid]
    assert found == pytest.approx(grid[int(np.argmin(errors))], abs=1e-4)
    assert best_correction([]) is None


def test_the_sentence_counts_only_what_is_certain():
    """Soft without doubt counts; soft with an interval across DFT, good and undecided ones are named as what they are."""
    soft, unsure = finding_of_rows(rows("surfaces", 0.8)), finding_of_rows(rows("phonons", 0.9, n=4, noise=0.5))
    good, silent = finding_of_rows(rows("eos", 0.99)), finding_of_rows(rows("migration", 0.7, n=1))
    assert unsure.verdict is not Verdict.NO_SIGNAL
    assert not unsure.is_sure
    headline, evidence = sentence_of_findings([soft, unsure, good, silent], "CHGNet 0.3.0", running=False)
    assert headline == "CHGNet 0.3.0 is soft in 1 of 4 families"
    assert f"softest: surfaces ({percent_text(soft.deviation)})" in evidence
    assert "within 5 % of DFT: equations of state" in evidence
    assert "not certain, the interval includes DFT: phonons" in evidence
    assert "undecided: migration barriers, not enough signal (1 path)" in evidence
    assert "so far" in sentence_of_findings([soft], "M", running=True)[0]
    assert sentence_of_findings([silent], "M", running=False)[0] == "Not enough signal to judge M in 1 family"


def test_percentages_have_a_real_minus_and_no_minus_zero():
    assert [percent_text(x) for x in (-0.17, 0.2, -0.001)] == ["−17 %", "+20 %", "0 %"]
