"""A correction is judged on frames it has never seen, and a harmful one is turned down."""

from __future__ import annotations

import numpy as np
import pytest
from invented_frames import distorted, soft_model
from scipy import stats

from guiapp.correction.comparison import paired_test
from guiapp.correction.learning_curve import best_scalar_error, mean_error, scalar_learning_curve
from guiapp.correction.scalar_fit import fit_scalar
from guiapp.correction.verdict import Judged, Outcome, elsewhere_frames, judge_correction
from guiapp.potentials.potential import Prediction


def times(c, predictions):
    return [Prediction(c * p.energy, c * p.forces, c * p.stress) for p in predictions]


def judged(frames, c, scale=0.75, noise=0.0, seed=1):
    before = soft_model(frames, scale, noise, seed=seed)
    return Judged(frames, before, times(c, before))


def test_systematic_error_is_repaired_and_recommended_where_it_is_the_same_elsewhere():
    other = distorted(5, compound="KCl", symbols="KCl", seed=40)
    verdict = judge_correction(judged(distorted(6), 1 / 0.75, noise=0.02), judged(other, 1 / 0.75))
    assert verdict.outcome is Outcome.RECOMMENDED
    assert verdict.may_be_exported
    assert verdict.unseen.after.statistics.scale == pytest.approx(1, abs=0.02)


def test_correction_that_spoils_other_chemistries_stays_in_its_own():
    """c is local to a chemistry: elsewhere the model was right, so c makes it stiff."""
    other = distorted(5, compound="KCl", symbols="KCl", seed=40)
    verdict = judge_correction(judged(distorted(6), 1 / 0.75, noise=0.02), judged(other, 1 / 0.75, scale=1.0))
    assert verdict.outcome is Outcome.CHEMISTRY_ONLY
    assert any("worse" in reason for reason in verdict.reasons[1:])
    assert verdict.validity.elements == ("Cl", "Na")


def test_untried_elsewhere_is_not_recommended_elsewhere():
    verdict = judge_correction(judged(distorted(6), 1 / 0.75))
    assert verdict.outcome is Outcome.CHEMISTRY_ONLY
    assert "not tried" in " ".join(verdict.reasons)


def test_planted_harm_random_error_is_rejected():
    """The label looks soft by chance, the unseen frames are right but noisy: the correction must not pass."""
    frames = distorted(9)
    unlucky = fit_scalar(frames[:1], soft_model(frames[:1], 0.7))
    verdict = judge_correction(judged(frames[1:], unlucky.c, scale=1.0, noise=0.3))
    assert verdict.outcome in {Outcome.REJECTED, Outcome.NOTHING_TO_CORRECT}
    assert not verdict.may_be_exported


def test_shrinking_all_forces_is_no_repair():
    """Where the error is random, multiplying by less than 1 lowers it, and makes the model softer: rejected."""
    frames = distorted(10)
    rms = np.sqrt(np.mean([np.mean(f.forces**2) for f in frames]))
    before = soft_model(frames, 1.0, noise=0.9 * rms)
    verdict = judge_correction(Judged(frames, before, times(0.8, before)))
    assert verdict.unseen.mae_ratio < 1
    assert verdict.outcome is Outcome.REJECTED
    assert "farther from 1" in verdict.reasons[0]


def test_good_model_has_nothing_to_correct():
    verdict = judge_correction(judged(distorted(6), 1.02, scale=0.99, noise=0.02))
    assert verdict.outcome is Outcome.NOTHING_TO_CORRECT


def test_near_equilibrium_frames_have_no_signal():
    frames = distorted(6, amplitude=0.0005)
    verdict = judge_correction(judged(frames, 1.3))
    assert verdict.outcome is Outcome.NO_SIGNAL
    assert not verdict.may_be_exported


def test_no_unseen_frame_means_no_verdict():
    verdict = judge_correction(Judged((), (), ()))
    assert verdict.outcome is Outcome.TOO_FEW
    assert verdict.unseen is None
    assert not verdict.may_be_exported


def test_one_clear_unseen_frame_allows_use_inside_the_chemistry_and_asks_for_more():
    verdict = judge_correction(judged(distorted(1), 1 / 0.75), judged(distorted(4, symbols="KCl", compound="KCl"), 1 / 0.75))
    assert verdict.outcome is Outcome.CHEMISTRY_ONLY
    assert "label 2 more" in verdict.reasons[0]


def test_trivial_change_is_not_accepted_however_sure():
    verdict = judge_correction(judged(distorted(8), 1.001, scale=0.9, noise=0.0))
    assert verdict.outcome is Outcome.REJECTED
    assert "hardly changes" in verdict.reasons[0]


def test_energies_that_get_worse_limit_the_use():
    frames = distorted(8)
    before = soft_model(frames, 0.75)
    before = [Prediction(e.energy, f.forces, f.stress) for f, e in zip(before, soft_model(frames, 1.0), strict=True)]
    other = judged(distorted(5, compound="KCl", symbols="KCl", seed=40), 1 / 0.75)
    verdict = judge_correction(Judged(frames, before, times(1 / 0.75, before)), other)
    assert verdict.outcome is Outcome.CHEMISTRY_ONLY
    assert verdict.energy.harmed
    assert any("forces only" in reason for reason in verdict.reasons)


def test_paired_test_equals_scipy():
    random = np.random.default_rng(0)
    before, after = random.uniform(size=8), random.uniform(size=8) * 0.9
    ours = paired_test(list(before), list(after), "frames")
    relative = (after - before) / (after + before)
    assert ours.p_value == pytest.approx(stats.ttest_1samp(relative, 0, alternative="less").pvalue)
    assert ours.difference == pytest.approx((after - before).mean())
    assert ours.interval.contains(ours.difference)


def test_exact_repair_of_few_frames_of_growing_forces_is_more_than_chance():
    """In absolute terms the changes of weak and strong frames differ so much that four of four would count as chance."""
    assert paired_test([0.05, 0.2, 0.6, 1.4], [0.01, 0.03, 0.2, 0.3], "frames").p_value < 0.01


def test_best_scalar_is_the_minimum_found_by_search():
    from scipy.optimize import minimize_scalar

    random = np.random.default_rng(1)
    y = random.normal(size=400)
    x = 1.3 * y + 0.2 * random.normal(size=400)
    found = minimize_scalar(lambda c: mean_error(x, y, c), bounds=(0.5, 2), method="bounded", options={"xatol": 1e-10})
    assert best_scalar_error(x, y) == pytest.approx(found.fun, abs=1e-9)


def test_learning_curve_falls_to_the_floor_and_says_when_more_labels_are_useless():
    frames = distorted(16)
    before = soft_model(frames, 0.7, noise=0.3)
    labels, told, unseen, said = frames[::2], before[::2], frames[1::2], before[1::2]
    curve = scalar_learning_curve(labels, told, unseen, said, fit_scalar(labels, told).c)
    assert [p.n_labels for p in curve.points] == [0, 1, 2, 4, 8]
    assert curve.points[0].mae > 1.5 * curve.points[-1].mae
    assert curve.points[-1].mae >= curve.best_mae
    assert curve.more_labels_help is False
    assert scalar_learning_curve(labels[:1], told[:1], unseen, said, 1.1).more_labels_help is True


def test_general_frames_exclude_the_target_chemistry():
    salt, other = distorted(2), distorted(2, symbols="KCl", compound="KCl")
    unlabelled = other[1].with_changes(forces=None)
    assert elsewhere_frames([*salt, other[0], unlabelled], salt) == (other[0],)
