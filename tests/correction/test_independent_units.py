"""Cells of one chemistry are no compounds, runs are no frames, and a real repair of one compound passes where a false one does not."""

from __future__ import annotations

import numpy as np
import pytest
from invented_frames import distorted, soft_model

from guiapp.correction.comparison import compare
from guiapp.correction.independent_units import Counting, independent_units
from guiapp.correction.verdict import Judged, Outcome, judge_correction
from guiapp.frames.frame import Frame, Origin
from guiapp.physics.paired_change import SHORT_RUN_CORRELATION, grouped_mean
from guiapp.potentials.potential import Prediction


def cell(symbols: dict[int, int], *, path="a.json", index=0, size=1.0, seed=0, **info) -> Frame:
    """A cell of some atoms with forces of some size."""
    numbers = [z for z, count in symbols.items() for _ in range(count)]
    random = np.random.default_rng([seed, index, len(numbers)])
    n = len(numbers)
    return Frame(
        numbers,
        random.uniform(0, 10, (n, 3)),
        np.eye(3) * 10,
        energy=-1.0,
        forces=size * random.normal(size=(n, 3)),
        origin=Origin(path, index),
        info=info,
        compound=f"{symbols}",
    )


def test_supercells_of_one_element_are_one_chemistry():
    """63 and 64 atoms and slabs of germanium, each in its run: runs count, by their error."""
    frames = [cell({32: n}, index=k, group=group) for group, n, count in (("MD", 64, 5), ("V", 63, 5), ("S", 16, 4)) for k in range(count)]
    units = independent_units(frames, np.zeros(len(frames)), np.ones(len(frames)))
    assert (units.level, units.counting, [len(unit) for unit in units.members]) == ("runs", Counting.ERROR, [5, 5, 4])


def test_three_chemistries_count_once_each_whatever_their_cells():
    """NaCl with and without a vacancy is one of the three."""
    frames = [cell({11: 32, 17: 32}), cell({11: 31, 17: 32}), cell({19: 4, 17: 4}), cell({3: 4, 9: 4}), cell({3: 4, 9: 4}, index=1)]
    units = independent_units(frames, np.zeros(5), np.ones(5))
    assert (units.level, units.counting, units.members) == ("compounds", Counting.UNITS, ((0, 1), (2,), (3, 4)))


def test_frames_of_one_run_are_cut_in_the_order_of_the_file():
    """Shuffled frames whose change drifts along the file: blocks of neighbours, not of places in the list."""
    order = np.random.default_rng(0).permutation(60)
    frames = [cell({14: 8}, index=int(k)) for k in order]
    units = independent_units(frames, np.sin(order / 3.0), np.ones(60))
    assert units.level == "blocks of neighbouring frames"
    assert 1 <= len(units.members) < 12
    spans = [sorted(int(order[k]) for k in unit) for unit in units.members]
    assert [one for span in spans for one in span] == list(range(60))


def test_a_few_frames_and_independent_ones_count_by_themselves():
    assert len(independent_units([cell({14: 8}, index=k) for k in range(2)], np.arange(2.0), np.ones(2)).members) == 2
    one_file_each = [cell({14: 8}, path=f"{k}.xml") for k in range(9)]
    assert independent_units(one_file_each, np.zeros(9), np.ones(9)).level == "frames"


def test_a_run_too_short_to_tell_counts_by_its_frames_which_may_be_alike():
    """Correlation cannot be measured on a handful, so it is feared; snapshots that show the same forces are nearly one."""
    found = independent_units([cell({14: 8}, index=k) for k in range(5)], np.arange(5.0), np.ones(5))
    assert (found.level, len(found.members)) == ("frames of a short run", 5)
    assert found.correlation[0, 1:3] == pytest.approx([SHORT_RUN_CORRELATION, SHORT_RUN_CORRELATION**2])
    two = independent_units([cell({14: 8}, index=k % 4, run=f"run {k // 4}") for k in range(8)], np.zeros(8), np.ones(8))
    assert two.level == "frames of short runs"
    assert two.correlation[3, 4] == 0  # the last of one and the first of the other


def test_short_runs_of_which_two_carry_the_error_count_once_each():
    """Too few runs carry the error to weigh them by it, but eight frames of a run are not eight frames of their own."""
    frames = [cell({14: 8}, index=k, run=f"run {k // 8}") for k in range(24)]
    found = independent_units(frames, np.zeros(24), np.repeat([1.0, 0.4, 0.2], 8))
    assert [len(unit) for unit in found.members] == [8, 8, 8]
    assert found.counting is Counting.FRAMES


def alike(random, count, correlation):
    """A stationary series of unit variance whose correlation falls as correlation^lag."""
    series = [random.normal()]
    for step in random.normal(size=count - 1):
        series.append(correlation * series[-1] + (1 - correlation**2) ** 0.5 * step)
    return np.array(series)


def accepted_share(runs, correlation, *, offset=0.0, errors=None, forces=None, shift=0.0, trials=600):
    """How often a change of no mean (or of ``shift`` spreads) in runs of some lengths passes for a fall of the error."""
    random, frames = np.random.default_rng(12), []
    for number, count in enumerate(runs):
        made = [cell({14: 8}, index=k, run=f"run {number}", seed=number) for k in range(count)]
        frames += made if forces is None else [one.with_changes(forces=forces(one, k)) for k, one in enumerate(made)]
    error = np.repeat(np.ones(len(runs)) if errors is None else errors, runs)
    accepted = 0
    for _ in range(trials):
        change = np.concatenate([offset * random.normal() + alike(random, n, correlation) for n in runs]) + shift
        half = np.exp(0.15 * change)
        relative, both = (half - 1 / half) / (half + 1 / half), error * (half + 1 / half)
        found = independent_units(frames, relative, both)
        heard = np.concatenate([np.array(members) for members in found.members])
        group = np.repeat(np.arange(len(found.members)), [len(members) for members in found.members])
        weight = both[heard] if found.counting is Counting.ERROR else None
        p_value = grouped_mean(relative[heard], group, weight, found.correlation).p_value if len(found.members) >= 3 else 1.0
        accepted += p_value <= 0.05
    return accepted / trials


CHANCE = 0.05 + 2.33 * (0.05 * 0.95 / 600) ** 0.5
"""What a rate of 0.05 exceeds in one of a hundred simulations; their seeds are fixed."""


@pytest.mark.parametrize("correlation", [0.0, 0.3])
@pytest.mark.parametrize("runs", [(3,), (5,), (8,), (11,), (4, 4), (11, 11)])
def test_short_runs_are_no_evidence(runs, correlation):
    """Taken as independent, eight frames of correlation 0.3 would claim a fall in one of ten cases."""
    assert accepted_share(runs, correlation) <= CHANCE


@pytest.mark.parametrize("errors", [(1, 0.5, 0.05, 0.05, 0.02, 0.02), (1, 1, 0.05, 0.05, 0.05, 0.05)])
def test_short_runs_of_unlike_error_are_no_evidence(errors):
    assert accepted_share((8, 8, 8, 4, 2, 2), 0.6, offset=1.0, errors=errors) <= CHANCE


@pytest.mark.parametrize("correlation", [0.6, 0.8, 0.95])
@pytest.mark.parametrize("runs", [(4,), (8,), (4, 4)])
def test_snapshots_of_every_few_steps_are_no_evidence(runs, correlation):
    """Forces turn by some degrees from one frame to the next, and what is squared in them is as alike as the square of their cosine.

    Taken as independent, eight frames of correlation 0.6 would claim a fall in one of five cases, of 0.95 in two of five.
    """
    angle = np.arccos(correlation**0.5)

    def turning(frame, k):
        first, second = (np.random.default_rng([seed, frame.n_atoms]).normal(size=frame.forces.shape) for seed in (1, 2))
        return np.cos(angle * k) * first + np.sin(angle * k) * second

    assert accepted_share(runs, correlation, forces=turning) <= CHANCE


@pytest.mark.parametrize(("runs", "least"), [((5,), 0.95), ((8,), 0.99), ((4, 4), 0.99)])
def test_a_repair_of_a_short_run_is_seen(runs, least):
    """Changes of five spreads: softening repaired by its scalar falls by ten spreads and more on public runs."""
    assert accepted_share(runs, 0.0, shift=-5.0, trials=200) >= least


def judged_ni(factor, relaxed_factor):
    """Eight hot frames with a vacancy and two without, and 25 strained perfect cells with next to no error."""
    random, frames, before, after = np.random.default_rng(3), [], [], []
    for group, n, count, size, part in (("V", 53, 8, 1.0, factor), ("MD", 54, 2, 1.5, factor), ("E", 54, 25, 0.001, relaxed_factor)):
        for index in range(count):
            frame = cell({28: n}, index=index, size=size, seed=n, group=group)
            error = 0.1 * frame.forces + 0.03 * size * random.normal(size=(n, 3))
            for model, left in ((before, 1.0), (after, part * np.exp(0.05 * random.normal()))):
                model.append(Prediction(-1.0, frame.forces + left * error, np.zeros((3, 3))))
            frames.append(frame)
    return Judged(frames, before, after)


def test_a_repair_is_not_turned_down_for_frames_with_next_to_no_error():
    """What ten labels did for nickel: half the error gone, and in perfect cells a thousandth of it doubled."""
    verdict = judge_correction(judged_ni(0.55, 2.0), one_number=False)
    assert verdict.may_be_exported
    assert "better in 10 of 10 frames of short runs" in verdict.reasons[0]


def test_frames_with_next_to_no_error_are_no_evidence_of_a_repair():
    """Only what does not matter became better; the rest by chance alone."""
    test = compare("Ni", *(getattr(judged_ni(1.0, 0.3), name) for name in ("frames", "before", "after"))).test
    assert test.count == 10
    assert test.p_value > 0.05


def test_two_runs_with_all_forces_give_no_interval_of_the_scale():
    """Eight relaxed slabs beside them would make it any number at all."""
    frames = [cell({28: 53}, index=k, size=1.0, group=f"run {k // 4}") for k in range(8)]
    frames += [cell({28: 12}, index=k, size=0.4, seed=k, group=f"slab {k}") for k in range(8)]
    random = np.random.default_rng(0)
    before = [Prediction(-1.0, f.forces + f.forces.std() * random.normal(size=f.forces.shape), np.zeros((3, 3))) for f in frames]
    found = compare("Ni", frames, before, before)
    assert found.test.level == "blocks of neighbouring frames"
    assert found.test.count >= 5  # enough blocks, but two of them have nearly all forces
    assert found.before.interval is None


def judged_ge(change, seed=0):
    """Unseen frames as of a public set of germanium: two long runs, one of strained cells, few slabs of small forces.

    Args:
        change: Factor of the error of each frame, by run; the errors of slabs and nearly relaxed cells rise by four tenths.
    """
    runs = (("MD 1", 64, 24, 1.0), ("MD 2", 64, 21, 1.0), ("V 300", 63, 18, 0.7), ("V 2400", 63, 18, 1.2), ("E", 64, 27, 0.5))
    # Strained cells near equilibrium have next to no error, which training made larger: a tenth of the frames' count, none of the error.
    slabs = (("E 0", 64, 27, 0.04), *((f"S {n}", n, 2, 0.05) for n in (12, 16, 20, 24, 36)))
    random = np.random.default_rng(seed)
    frames, before, after = [], [], []
    for k, (group, n, count, size) in enumerate((*runs, *slabs)):
        for index in range(count):
            frame = cell({32: n}, index=index, size=size, seed=seed + 100 * k, group=group)
            noise = 0.15 * size * random.normal(size=(n, 3))
            factor = change[k] if k < len(runs) else 1.4
            for model, part in ((before, 1.0), (after, factor)):
                model.append(Prediction(-1.0, frame.forces + part * (-0.4 * frame.forces + noise), np.zeros((3, 3))))
            frames.append(frame)
    return Judged(frames, before, after)


def test_a_large_repair_of_one_element_is_accepted_though_slabs_do_not_gain():
    """What ten labels did for germanium: half the error gone where forces are large, more on relaxed cells with next to none."""
    verdict = judge_correction(judged_ge((0.45, 0.5, 0.45, 0.4, 0.5)), one_number=False)
    assert verdict.unseen.test.level == "runs"
    assert verdict.unseen.test.p_value <= 0.05
    assert verdict.may_be_exported
    assert "better in 5 of 6 runs" in verdict.reasons[0]


def test_runs_that_change_by_chance_are_not_accepted():
    """Each run's error changes by a factor of its own around one: exported in no more than one of twenty."""
    random = np.random.default_rng(7)
    verdicts = [judge_correction(judged_ge(np.exp(0.3 * random.normal(size=5)), seed=k), one_number=False) for k in range(40)]
    assert sum(verdict.may_be_exported for verdict in verdicts) <= 4  # 0.05 of 40, and chance


def test_one_long_trajectory_that_drifts_is_no_proof():
    """The error falls in one long stretch and rises in another: too little, however many frames were labelled."""
    frames = [frame.with_changes(origin=Origin("md.xyz", k)) for k, frame in enumerate(distorted(40))]
    before = soft_model(frames, 0.75)
    c = np.where(np.arange(40) < 26, 1.3, 0.8)
    after = [Prediction(p.energy, factor * p.forces, p.stress) for p, factor in zip(before, c, strict=True)]
    verdict = judge_correction(Judged(frames, before, after))
    assert verdict.outcome in {Outcome.TOO_FEW, Outcome.REJECTED}
    assert not verdict.may_be_exported
    assert verdict.unseen.test.level == "blocks of neighbouring frames"


def test_scale_and_change_are_resampled_alike():
    frames = [cell({32: 8}, index=k, group=f"run {k // 4}") for k in range(24)]
    before = [Prediction(-1.0, 0.6 * frame.forces, np.zeros((3, 3))) for frame in frames]
    after = [Prediction(-1.0, 0.9 * frame.forces, np.zeros((3, 3))) for frame in frames]
    found = compare("Ge", frames, before, after)
    assert (found.test.level, found.test.count, found.test.words) == ("runs", 6, "better in 6 of 6 runs")
    assert (found.before.interval.level, found.before.interval.count) == ("runs", 6)
    assert found.test.interval.low <= found.test.difference <= found.test.interval.high
    assert found.test.relative == pytest.approx(-0.6)
