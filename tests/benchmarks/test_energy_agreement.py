"""Energy slopes are compared with force slopes of the same compounds, and a difference is only told when it is certain."""

import numpy as np
import pytest

from guiapp.benchmarks.energy_agreement import energy_agreement
from guiapp.benchmarks.high_energy import summarise_high_energy


def test_a_uniformly_soft_model_agrees(shipped_frames, make_table):
    agreement = energy_agreement(summarise_high_energy(make_table(shipped_frames, 0.8)))
    assert agreement.n_compounds >= 10
    assert (agreement.energy.value, agreement.force.value) == (pytest.approx(0.8), pytest.approx(0.8))
    assert not agreement.differ
    assert "as right as scaling forces" in agreement.sentence()


def test_energies_that_are_stiffer_than_forces_are_told(shipped_frames, make_table):
    """An alloy was measured with energy slope 0.91 and force slope 0.49: scaling its energies by 1/0.49 would ruin them."""
    agreement = energy_agreement(summarise_high_energy(make_table(shipped_frames, 0.49, energy_scale=0.91)))
    assert agreement.difference.value == pytest.approx(0.42)
    assert agreement.differ
    assert agreement.sentence().startswith("Energies: mean slope 0.91 (0.91 to 0.91) where forces have 0.49 (0.49 to 0.49), ")
    assert "one number cannot repair both" in agreement.sentence()


def test_both_sides_count_the_same_compounds_once(shipped_frames, make_table):
    silent = [frame.with_changes(energy=-1.0 * frame.n_atoms) if frame.compound == "MgO" else frame for frame in shipped_frames]
    summary = summarise_high_energy(make_table(silent, 0.9, noise=0.05))
    agreement = energy_agreement(summary)
    both = [one for one in summary.compounds if one.energy.enough and one.statistics.signal.enough]
    assert agreement.n_compounds == len(both) < len(summary.compounds)
    assert agreement.difference.value == pytest.approx(np.mean([one.energy.slope - one.statistics.scale for one in both]))


def test_too_few_compounds_say_so(shipped_frames, make_table):
    few = [frame for frame in shipped_frames if frame.compound == "MgO"]
    assert "at least" in energy_agreement(summarise_high_energy(make_table(few, 0.8))).sentence()
    assert "no compound" in energy_agreement(summarise_high_energy(make_table([], 0.8))).sentence()
