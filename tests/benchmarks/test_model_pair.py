"""One model against another counts common frames and systems only, and gives the difference of what each has alone."""

from dataclasses import replace

import numpy as np
import pytest

from guiapp.benchmarks.family_rows import judged_row
from guiapp.benchmarks.high_energy import summarise_high_energy
from guiapp.benchmarks.model_pair import compare_forces, compare_rows, pair_sentence


def test_forces_on_the_same_frames_differ_by_the_difference_of_scales(shipped_frames, make_table):
    soft, softer = (summarise_high_energy(make_table(shipped_frames, a, noise=0.02, model=f"m{a}")) for a in (0.9, 0.7))
    found = compare_forces(soft, softer)
    assert found.scale.value == pytest.approx(0.2, abs=0.01)
    assert found.scale.is_sure
    assert found.mae.value < 0
    assert found.first_mae == pytest.approx(soft.statistics.mae)
    assert found.mae.value == pytest.approx(soft.statistics.mae - softer.statistics.mae)
    back = compare_forces(softer, soft)
    assert back.scale.value == pytest.approx(-found.scale.value)


def test_frames_of_one_model_only_do_not_count(shipped_frames, make_table):
    """The second model saw half of the frames: the comparison is that of these halves."""
    half = shipped_frames[::2]
    whole, part = make_table(shipped_frames, 0.9, noise=0.05), make_table(half, 0.7, noise=0.05)
    found = compare_forces(summarise_high_energy(whole), summarise_high_energy(part))
    assert found.second_mae == pytest.approx(summarise_high_energy(part).statistics.mae)
    other = [frame.with_changes(positions=frame.positions + 1) for frame in half]
    assert compare_forces(summarise_high_energy(whole), summarise_high_energy(make_table(other, 0.7))) is None


def rows(scale, systems, model, seed):
    rng, out = np.random.default_rng(seed), []
    for k in systems:
        dft = 0.05 + 0.01 * k
        value = scale * dft * rng.normal(1, 0.01)
        out.append(judged_row("surfaces", f"s{k}", "surface energy", model=model, mode="static", predicted=value, reference=dft, count=2))
    return out


def test_rows_are_paired_by_system():
    found = compare_rows(rows(0.9, range(12), "a", 0), rows(0.6, range(4, 20), "b", 1))
    assert found.n == 8
    assert found.scale.value == pytest.approx(0.3, abs=0.02)
    assert found.mae.is_sure
    assert found.unit == "eV/Å²"
    assert compare_rows(rows(0.9, range(3), "a", 0), rows(0.9, range(5, 9), "b", 0)) is None
    moved = [replace(row, reference=2 * row.reference) for row in rows(0.6, range(12), "b", 1)]
    assert compare_rows(rows(0.9, range(12), "a", 0), moved) is None  # other systems of the same names


def test_the_sentence_names_the_nearer_model():
    near, far = rows(0.95, range(12), "a", 0), rows(0.6, range(12), "b", 1)
    assert pair_sentence([compare_rows(near, far)], "A", "B") == "A is nearer to DFT than B in 1 of 1 family"
    assert pair_sentence([compare_rows(far, near)], "B", "A") == "A is nearer to DFT than B in 1 of 1 family"
    assert "cannot be told apart" in pair_sentence([compare_rows(near, near)], "A", "A2")
    assert "no frame or system in common" in pair_sentence([], "A", "B")
