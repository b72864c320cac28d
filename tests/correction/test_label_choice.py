"""The label is chosen by what it would say about c, with the model alone, and for reasons that a person can follow."""

from __future__ import annotations

import numpy as np
import pytest
from invented_frames import distorted, soft_model

from guiapp.correction.environments import coverage, describe_environments
from guiapp.correction.label_choice import rank_label_candidates
from guiapp.frames.frame import Flag


def test_choice_does_not_read_dft_labels():
    """Wrong or missing labels must not move the ranking: choosing by them would be peeking."""
    frames = distorted(6)
    predictions = soft_model(frames)
    ranked = rank_label_candidates(frames, predictions)
    blind = [frame.with_changes(forces=None, energy=None, stress=None) for frame in frames]
    lied = [frame.with_changes(forces=100 * frame.forces[::-1], energy=0.0) for frame in frames]
    names = [c.frame.name for c in ranked.candidates]
    assert [c.frame.name for c in rank_label_candidates(blind, predictions).candidates] == names
    assert [c.frame.name for c in rank_label_candidates(lied, predictions).candidates] == names


def test_strong_frame_beats_one_near_equilibrium():
    """A frame close to the minimum says nothing about a slope and must never be proposed."""
    frames = [*distorted(3), *distorted(1, amplitude=0.001, seed=50)]
    frames = [frame.with_changes(name=f"f{k}") for k, frame in enumerate(frames)]
    ranking = rank_label_candidates(frames, soft_model(frames))
    assert ranking.candidates[-1].frame.name == "f3"
    assert ranking.candidates[-1].near_equilibrium
    assert "too close to equilibrium" in ranking.candidates[-1].excluded
    assert "f3" not in [c.frame.name for c in ranking.propose(4)]


def test_information_is_the_sum_of_squared_model_forces():
    frames = distorted(4)
    predictions = soft_model(frames)
    for candidate in rank_label_candidates(frames, predictions).candidates:
        k = [f.name for f in frames].index(candidate.frame.name)
        assert candidate.information == pytest.approx(float((predictions[k].forces ** 2).sum()))


def test_frame_that_lacks_an_element_of_the_target_loses():
    """c shall hold for all elements of the target, so a frame without one of them is worth less."""
    salt = distorted(2, compound="NaCl")
    other = distorted(2, compound="KCl", symbols="KCl", seed=0)
    frames = [salt[0], other[0]]
    ranking = rank_label_candidates(frames, soft_model(frames), target=other)
    assert ranking.candidates[0].frame.compound == "KCl"
    assert ranking.candidates[1].missing == ("K",)


def test_extreme_and_flagged_frames_are_never_proposed():
    frames = distorted(3)
    predictions = soft_model(frames)
    predictions[2] = soft_model([frames[2].with_changes(forces=1e3 * frames[2].forces)])[0]
    frames[1] = frames[1].with_changes(flags=(Flag("overlap", "Two atoms overlap.", "Leave it out.", excludes=True),))
    ranking = rank_label_candidates(frames, predictions)
    assert [c.frame.name for c in ranking.propose(3)] == ["frame 0"]
    assert {c.excluded for c in ranking.candidates[1:]} >= {"Two atoms overlap"}


def test_one_atom_is_refused_in_words():
    """One atom has three force components that vanish by symmetry."""
    frame = distorted(1)[0]
    one = frame.with_changes(numbers=frame.numbers[:1], positions=frame.positions[:1], forces=frame.forces[:1])
    ranking = rank_label_candidates([one], soft_model([one]))
    assert ranking.propose() == ()
    assert "1 atom say" in ranking.candidates[0].excluded
    assert ranking.sentence().startswith("No frame can be proposed")


def test_no_candidates_is_said_and_does_not_fail():
    ranking = rank_label_candidates([], [])
    assert ranking.propose(3) == ()
    assert "no candidates" in ranking.sentence()


def test_several_labels_complement_each_other():
    """The second of two labels brings surroundings that the first lacks, even where a near copy of the first has larger forces."""
    salt = distorted(1, amplitude=0.3)[0]
    copy = salt.with_changes(positions=salt.positions + 0.002 * np.random.default_rng(0).normal(size=salt.positions.shape), name="copy")
    other = distorted(1, compound="KCl", symbols="KCl", seed=9, amplitude=0.2)[0].with_changes(name="other")
    frames = [salt, copy, other]
    chosen = [c.frame.name for c in rank_label_candidates(frames, soft_model(frames)).propose(2)]
    assert "other" in chosen


def test_order_of_the_file_decides_nothing():
    frames = distorted(6)
    predictions = soft_model(frames)
    forward = [c.frame.name for c in rank_label_candidates(frames, predictions).candidates]
    backward = [c.frame.name for c in rank_label_candidates(frames[::-1], predictions[::-1]).candidates]
    assert forward == backward


def test_surroundings_do_not_change_when_the_crystal_is_turned_or_renumbered():
    frame = distorted(1, amplitude=0.2)[0]
    turn = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
    order = np.random.default_rng(4).permutation(frame.n_atoms)
    turned = frame.with_changes(
        positions=(frame.positions @ turn)[order], cell=frame.cell @ turn, numbers=frame.numbers[order], forces=None
    )
    before, after = describe_environments(frame, [11, 17]), describe_environments(turned, [11, 17])
    np.testing.assert_allclose(after.vectors, before.vectors[order], atol=1e-9)


def test_cell_and_supercell_hold_the_same_surroundings():
    frame = distorted(1, amplitude=0.2)[0]
    atoms = frame.to_atoms().repeat((2, 1, 1))
    double = frame.with_changes(numbers=atoms.numbers, positions=atoms.positions, cell=atoms.cell.array, forces=None)
    own = describe_environments(frame, [11, 17])
    assert coverage([own], [describe_environments(double, [11, 17])]) == 1.0
    assert coverage([], [own]) == 0.0


def test_labels_to_train_on_reach_from_weak_to_strong_forces():
    """Each part of the candidates gives one; frames near equilibrium give none, and fewer candidates give fewer."""
    frames = [*distorted(12), *distorted(1, amplitude=0.001, seed=50)]
    ranking = rank_label_candidates(frames, soft_model(frames))
    forces = [c.rms_force for c in ranking.spread(4)]
    assert forces == sorted(forces)
    allowed = sorted(c.rms_force for c in ranking.candidates if not c.excluded)
    assert len(allowed) >= 8
    for part, force in zip(np.array_split(allowed, 4), forces, strict=True):
        assert force in part
    assert not any(c.near_equilibrium for c in ranking.spread(20))
    assert len(ranking.spread(20)) == len(allowed)
