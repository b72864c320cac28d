"""Families that were not fitted are compared before and after, and harm there keeps a correction inside its chemistry."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from invented_frames import distorted, soft_model

from guiapp.benchmarks.registry import family
from guiapp.correction.forgetting import FamilyChange, family_changes, untouched_systems
from guiapp.correction.verdict import Judged, Outcome, judge_correction
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.frames.shipped import open_shipped
from guiapp.potentials.potential import Prediction


def times(c: float):
    """A model that says c times what DFT says."""

    def predict(frames: Sequence[Frame]) -> list[Prediction]:
        return [
            Prediction(c * f.energy, c * (f.forces if f.forces is not None else np.zeros((f.n_atoms, 3))), np.zeros((3, 3))) for f in frames
        ]

    return predict


@pytest.fixture(scope="module")
def systems():
    return {name: family(name).plan(open_shipped(name).frames) for name in ("eos", "surfaces")}


def test_repaired_families_are_told_with_their_numbers(systems):
    """A model of 0.8 times DFT has every modulus and surface energy 20 % too low; times 1.25 it is right."""
    changes = {one.family: one for one in family_changes(systems, times(0.8), times(1.0))}
    assert set(changes) == {"eos", "surfaces"}
    for change in changes.values():
        assert change.deviation_before == pytest.approx(-0.2, abs=2e-3)
        assert change.deviation_after == pytest.approx(0, abs=1e-9)
        assert not change.worse
        assert change.mae_after < 1e-6 < change.mae_before
    assert changes["eos"].unit == "GPa"


def test_harm_is_seen_and_said(systems):
    changes = family_changes(systems, times(1.0), times(1.3))
    assert all(not change.worse for change in family_changes(systems, times(0.9), times(0.9)))
    assert all(change.deviation_after == pytest.approx(0.3, abs=2e-3) for change in changes)
    (surfaces,) = [one for one in family_changes(systems, times(0.95), times(1.3)) if one.family == "surfaces"]
    assert surfaces.worse
    assert "surface energy" in surfaces.sentence()


def test_own_chemistry_is_left_out():
    everything = untouched_systems(distorted(1, symbols="KCl"))
    without = untouched_systems([frame for frame in open_shipped("eos").frames if frame.elements == {"Mg", "O"}])
    assert "eos" in everything
    assert any(frame.elements == {"Mg", "O"} for frame in everything["eos"])
    assert not any(frame.elements == {"Mg", "O"} for frames in without.values() for frame in frames)
    assert "high-energy" not in everything


def test_system_that_a_model_cannot_take_is_left_out_on_both_sides(systems):
    def picky(frames):
        if any("Li" in frame.elements for frame in frames):
            raise UserFacingError("no lithium")
        return times(1.0)(frames)

    (everything,) = family_changes({"eos": systems["eos"]}, times(0.9), times(1.0))
    (rest,) = family_changes({"eos": systems["eos"]}, times(0.9), picky)
    assert 0 < rest.n_systems < everything.n_systems


def test_verdict_keeps_a_correction_that_harms_families_inside_its_chemistry():
    frames, other = distorted(6), distorted(5, compound="KCl", symbols="KCl", seed=40)

    def judged(given):
        before = soft_model(given, 0.75)
        return Judged(given, before, [Prediction(p.energy / 0.75, p.forces / 0.75, p.stress / 0.75) for p in before])

    good = FamilyChange("eos", "Equations of state", "bulk modulus", "GPa", 8, -0.1, 0.0, 9.0, 3.0)
    bad = FamilyChange("phonons", "Phonons", "largest frequency", "THz", 5, -0.1, 0.4, 1.0, 2.5)
    few = FamilyChange("migration", "Migration barriers", "KRA barrier", "eV", 1, -0.1, 0.4, 0.1, 0.3)
    fine = judge_correction(judged(frames), judged(other), families=(good, few))
    assert fine.outcome is Outcome.RECOMMENDED
    assert "2 families" in " ".join(fine.reasons)
    limited = judge_correction(judged(frames), judged(other), families=(good, bad))
    assert limited.outcome is Outcome.CHEMISTRY_ONLY
    assert "largest frequency (5 systems): error 1 to 2.5 THz" in " ".join(limited.reasons)
    assert limited.families == (good, bad)
