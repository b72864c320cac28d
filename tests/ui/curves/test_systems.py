"""What the list of systems says: order, deviations, notes, and how they follow a correction."""

from __future__ import annotations

from dataclasses import replace

import pytest

from guiapp.benchmarks.family import SystemFailure
from guiapp.ui.curves.systems import findings, listed_families, modes_of, system_title


def listed(entries, c=1.0):
    return listed_families(entries, {family: modes[0] for family, modes in modes_of(entries).items()}, c)


def test_deviation_is_the_models_softness(make):
    """A model at 80 % of every energy is 20 % soft everywhere, and c = 1.25 undoes it."""
    family = listed([make["eos"](0.8)])[0]
    assert family.title == "Equations of state"
    assert [one.deviation for one in family.systems] == [pytest.approx(-0.2, abs=1e-6)] * 3
    assert [one.deviation for one in listed([make["eos"](0.8)], 1.25)[0].systems] == [pytest.approx(0, abs=1e-6)] * 3


def test_frequencies_follow_the_root(make):
    """A frequency 20 % too low needs c = 1.25 squared."""
    entry = make["phonons"](0.8)
    assert listed([entry], 1.25**2)[0].systems[0].deviation == pytest.approx(0, abs=1e-9)


def test_softest_first_only_when_done(make):
    """While a job runs lines stay where they are; once done the softest comes first."""
    entry = make["eos"](0.8)
    rows = tuple(replace(r, predicted=r.predicted * (0.5 if r.system == "LiF" else 1)) for r in entry.result.rows)
    odd = replace(entry, result=replace(entry.result, rows=rows))
    assert [one.system for one in listed([odd])[0].systems] == ["LiF", "CaO", "MgO"]
    assert [one.system for one in listed([replace(odd, running=True)])[0].systems] == ["MgO", "CaO", "LiF"]


def test_families_in_the_papers_order(make):
    """Whatever ran first, the list reads as the paper."""
    entries = [make["migration"](0.9), make["surfaces"](0.9), make["phonons"](0.9), make["eos"](0.9)]
    assert [one.family for one in listed(entries)] == ["eos", "phonons", "surfaces", "migration"]


def test_failures_are_lines_with_a_reason(make):
    """What could not be reduced is said; while a job runs it only means "not yet"."""
    entry = make["eos"](0.8)
    failed = replace(entry, result=replace(entry.result, failures=(SystemFailure("BN", "No minimum.", "Add volumes."),)))
    last = listed([failed])[0].systems[-1]
    assert (last.system, last.note, last.marks) == ("BN", "No minimum. Add volumes.", ())
    assert "not there yet" in listed([replace(failed, running=True)])[0].systems[-1].words


def test_findings_are_one_a_model(make):
    """The corrected rows carry the correction in the model's title."""
    found = findings([make["eos"](0.8), make["eos"](0.9, 1)], "MgO", 1.1)
    assert [one.title for one in found] == ["Model 0 × 1.10", "Model 1 × 1.10"]
    assert found[0].judging.predicted == pytest.approx(0.88 * found[0].judging.reference, rel=1e-6)


def test_an_atoms_number_is_no_subscript():
    """Formulas go down, the atom of a scan does not."""
    assert system_title("Al2O3: Al0 along (1 0 0)") == "Al₂O₃: Al0 along (1 0 0)"
    assert system_title("MgO(100)") == "MgO(100)"
