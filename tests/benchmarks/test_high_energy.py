"""The high-energy summary: known scales come back, for the whole, each compound, each frame and each part."""

import dataclasses
import math

import numpy as np
import pytest
from ase.data import chemical_symbols
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import curve_fit

from guiapp.benchmarks.description import describe_family
from guiapp.benchmarks.force_table import ForceTable
from guiapp.benchmarks.frame_filter import FrameFilter
from guiapp.benchmarks.high_energy import Verdict, judge_scale, rows, summarise_high_energy
from guiapp.frames.frame import Frame
from guiapp.physics.force_statistics import force_statistics
from guiapp.physics.signal_gate import MIN_COMPONENTS, MIN_R2, MIN_RMS_FORCE
from guiapp.potentials.potential import Prediction


def test_a_uniformly_soft_model(shipped_frames, make_table):
    """DFT times 0.8: every scale is 0.8, pooled, mean, median and of each compound, and the interval has no width."""
    summary = summarise_high_energy(make_table(shipped_frames, 0.8))
    for estimate in (summary.pooled, summary.mean, summary.median):
        assert estimate.value == pytest.approx(0.8, abs=1e-12)
        assert (estimate.interval.low, estimate.interval.high) == pytest.approx((0.8, 0.8), abs=1e-12)
        assert estimate.interval.level == "compounds"
    assert summary.n_frames == len(shipped_frames)
    assert summary.n_components == 3 * sum(frame.n_atoms for frame in shipped_frames)
    assert summary.n_compounds == summary.n_judged == summary.n_below == len({frame.compound for frame in shipped_frames})
    assert summary.share_below_one == 1
    assert summary.verdict is Verdict.SOFT
    assert all(c.statistics.scale == pytest.approx(0.8, abs=1e-12) for c in summary.compounds)
    assert all(c.energy.slope == pytest.approx(0.8, abs=1e-9) for c in summary.compounds if c.energy.enough)
    assert summary.statistics.systematic_share == pytest.approx(1)


def test_each_compound_equals_scipy_curve_fit(shipped_frames, make_table):
    """Per compound, the slope of a general least-squares program on that compound's components to 1e-9."""
    table = make_table(shipped_frames, 0.85, noise=0.2)
    summary = summarise_high_energy(table, FrameFilter(max_force=None))
    assert len(summary.compounds) == len(set(table.compounds))
    for compound in summary.compounds:
        pairs = [(f.forces, p.forces) for f, p in zip(table.frames, table.predictions, strict=True) if f.compound == compound.name]
        x, y = (np.concatenate([pair[side].ravel() for pair in pairs]) for side in (0, 1))
        (slope,), _ = curve_fit(lambda v, a: a * v, x, y)
        assert compound.statistics.scale == pytest.approx(slope, abs=1e-9)
        alone = force_statistics(x, y)
        for field in dataclasses.fields(alone):
            if field.name != "signal":
                assert getattr(compound.statistics, field.name) == pytest.approx(getattr(alone, field.name), rel=1e-9, abs=1e-12), (
                    field.name
                )
        assert compound.statistics.mae == pytest.approx(np.abs(y - x).mean(), rel=1e-12)
        assert compound.n_frames == len(pairs)


def test_each_frame_and_each_part_equals_its_own_cloud(shipped_frames, make_table):
    """Frames, elements, force bins and strain classes hold exactly the components that belong to them."""
    table = make_table(shipped_frames, 0.85, noise=0.2)
    summary = summarise_high_energy(table)
    for result in summary.frame_results:
        prediction = table.predictions[table.frames.index(result.frame)]
        alone = force_statistics(result.frame.forces, prediction.forces)
        assert (result.statistics.n, result.statistics.scale, result.statistics.cmae) == pytest.approx(
            (alone.n, alone.scale, alone.cmae), rel=1e-9, nan_ok=True
        )
    x = np.concatenate([frame.forces for frame in table.frames])
    y = np.concatenate([prediction.forces for prediction in table.predictions])
    number = np.concatenate([frame.numbers for frame in table.frames])
    for group in summary.by_element:
        chosen = number == chemical_symbols.index(group.label)
        assert group.statistics.scale == pytest.approx(force_statistics(x[chosen], y[chosen]).scale, rel=1e-9)
        assert group.n_compounds == len({frame.compound for frame in shipped_frames if group.label in frame.elements})
    length = np.linalg.norm(x, axis=1)
    for group in summary.by_force:
        chosen = (length >= group.low) & (length < group.high)
        assert group.statistics.n == 3 * chosen.sum()
        assert group.statistics.scale == pytest.approx(force_statistics(x[chosen], y[chosen]).scale, rel=1e-9)
    strain = np.concatenate([np.full(frame.n_atoms, float(frame.info["strain"])) for frame in table.frames])
    classes = {"compressed": strain < -0.01, "unstrained": abs(strain) < 0.01, "stretched": strain > 0.01}
    assert [group.label for group in summary.by_strain] == list(classes)
    for group in summary.by_strain:
        chosen = classes[group.label]
        assert group.statistics.n == 3 * chosen.sum()
        assert group.statistics.scale == pytest.approx(force_statistics(x[chosen], y[chosen]).scale, rel=1e-9)
    for groups in (summary.by_element, summary.by_force, summary.by_strain):
        assert sum(group.statistics.n for group in groups) == summary.n_components


def test_relaxed_frames_are_not_judged(shipped_frames, make_table):
    """The relaxed cells of the shipped set carry no signal: a row each, no number, and no weight in the mean."""
    relaxed = [frame for frame in shipped_frames if frame.info["kind"] == "equilibrium"]
    summary = summarise_high_energy(make_table(relaxed, 0.8, noise=0.02))
    assert summary.n_compounds == len(relaxed)
    assert summary.n_judged == 0
    assert math.isnan(summary.mean.value)
    assert summary.mean.interval is None
    assert math.isnan(summary.share_below_one)
    assert summary.verdict is Verdict.NO_SIGNAL
    assert {compound.verdict for compound in summary.compounds} == {Verdict.NO_SIGNAL}
    assert np.isnan(summary.frame_scale).all()
    assert all(row.verdict == "not enough signal" for row in rows(summary))


def test_mean_median_and_pooled_differ_as_they_should(shipped_frames, make_table):
    """One compound is much softer: the mean moves by its share of compounds, the median hardly."""
    names = sorted({frame.compound for frame in shipped_frames})
    scales = {name: 0.5 if name == "BN" else 0.9 for name in names}
    summary = summarise_high_energy(make_table(shipped_frames, scales))
    assert summary.mean.value == pytest.approx(0.9 - 0.4 / len(names))
    assert summary.median.value == pytest.approx(0.9)
    weight = {name: sum(float((f.forces**2).sum()) for f in shipped_frames if f.compound == name) for name in names}
    assert summary.pooled.value == pytest.approx(sum(scales[n] * weight[n] for n in names) / sum(weight.values()))
    assert summary.softest_first[0].name == "BN"


def test_the_filter_is_obeyed_and_printed(shipped_frames, make_table):
    """Numbers are those of the admitted frames alone, also where the filter changes the order in which compounds appear."""
    table = make_table(shipped_frames, 0.8, noise=0.1)
    chosen = FrameFilter(max_force=2.5)
    summary = summarise_high_energy(table, chosen)
    admitted = [frame for frame in shipped_frames if frame.largest_force <= 2.5]
    assert list(summary.frames) == admitted
    assert 0 < summary.n_frames < len(shipped_frames)
    assert summary.filter_text == "|F| ≤ 2.5 eV/Å · all elements"
    for compound in summary.compounds:
        assert compound.n_frames == sum(frame.compound == compound.name for frame in admitted)
        assert compound.formula in {frame.formula for frame in admitted if frame.compound == compound.name}
    pairs = [(frame, prediction) for frame, prediction in zip(table.frames, table.predictions, strict=True) if frame in admitted]
    alone = force_statistics(np.concatenate([f.forces for f, _ in pairs]), np.concatenate([p.forces for _, p in pairs]))
    assert summary.pooled.value == pytest.approx(alone.scale, rel=1e-12)


def test_compounds_keep_their_numbers_when_a_filter_reorders_them():
    """Compound A's first frame is filtered away, so B appears first among the admitted ones: names and numbers stay together."""
    random = np.random.default_rng(0)
    table = ForceTable("test")
    for name, scale, size in (("A", 0.7, 50.0), ("B", 0.9, 1.0), ("A", 0.7, 1.0)):
        forces = size * random.normal(size=(6, 3))
        frame = Frame(numbers=np.full(6, 8), positions=random.random((6, 3)), cell=np.eye(3), energy=0.0, forces=forces, compound=name)
        table.add(frame, Prediction(0.0, scale * forces, np.zeros((3, 3))))
    summary = summarise_high_energy(table, FrameFilter(max_force=20.0))
    assert {c.name: round(c.statistics.scale, 9) for c in summary.compounds} == {"A": 0.7, "B": 0.9}
    assert [frame.compound for frame in summary.frames] == ["B", "A"]


def test_few_compounds_resample_frames(shipped_frames, make_table):
    """One or two compounds: frames are resampled, and that is said; a single frame has no interval."""
    lone = [frame for frame in shipped_frames if frame.compound == "MgO"]
    pair = lone + [frame for frame in shipped_frames if frame.compound == "Si"]
    for frames, n in ((lone, 1), (pair, 2)):
        summary = summarise_high_energy(make_table(frames, 0.8, noise=0.1))
        assert summary.n_judged == n
        for estimate in (summary.pooled, summary.mean, summary.median):
            assert estimate.interval.level == "frames"
            assert estimate.interval.contains(estimate.value)
        # The relaxed cell carries no signal, so it is no independent piece of evidence.
        assert summary.compounds[0].interval.count == len(lone) - 1
    single = summarise_high_energy(make_table([lone[-1]], 0.8, noise=0.1))
    assert single.mean.interval is None
    assert single.pooled.interval is None
    assert not math.isnan(single.mean.value)


def test_without_intervals_the_numbers_are_the_same(shipped_frames, make_table):
    """A live plot gets exactly the numbers of the finished one."""
    table = make_table(shipped_frames, 0.85, noise=0.2)
    live, done = summarise_high_energy(table, intervals=False), summarise_high_energy(table)
    assert live.mean.interval is live.pooled.interval is None
    assert (live.mean.value, live.pooled.value, live.statistics) == (done.mean.value, done.pooled.value, done.statistics)
    assert all(compound.interval is None for compound in live.compounds)


def test_an_empty_table_has_no_numbers():
    """Nothing measured yet is a state, not an error."""
    summary = summarise_high_energy(ForceTable("test"))
    assert (summary.n_frames, summary.n_components, summary.n_compounds) == (0, 0, 0)
    assert math.isnan(summary.mean.value)
    assert summary.verdict is Verdict.NO_SIGNAL
    assert summary.compounds == summary.by_element == summary.by_force == summary.frame_results == ()


def test_a_prediction_that_is_not_a_number_is_left_out_and_told(shipped_frames, make_table):
    """One frame of NaN forces spoils no number and appears by name."""
    good = make_table(shipped_frames[:-1], 0.8, noise=0.1)
    bad = make_table(shipped_frames[:-1], 0.8, noise=0.1)
    bad.add(shipped_frames[-1], Prediction(0.0, np.full(shipped_frames[-1].forces.shape, np.nan), np.zeros((3, 3))))
    summary = summarise_high_energy(bad)
    assert summary.not_finite == (shipped_frames[-1],)
    assert summary.statistics == summarise_high_energy(good).statistics
    assert summary.n_frames == len(shipped_frames) - 1


def test_rows_are_comparable_numbers(shipped_frames, make_table):
    """Three rows for all compounds, one a compound; reference 1, count and interval beside each."""
    summary = summarise_high_energy(make_table(shipped_frames, 0.8, noise=0.1))
    found = rows(summary)
    assert [row.quantity for row in found[:3]] == ["pooled softening scale", "mean softening scale", "median softening scale"]
    assert len(found) == 3 + summary.n_compounds
    assert {(row.reference, row.unit, row.mode, row.family) for row in found} == {(1.0, "", "static", "high-energy")}
    mgo = next(row for row in found if row.system == "MgO")
    assert mgo.low < mgo.predicted < mgo.high
    assert (mgo.count, mgo.verdict) == (sum(frame.compound == "MgO" for frame in shipped_frames), "soft")


@pytest.mark.parametrize(
    ("scale", "verdict"),
    [
        (0.94, Verdict.SOFT),
        (0.9449, Verdict.SOFT),
        (0.95, Verdict.GOOD),
        (0.946, Verdict.GOOD),
        (1.05, Verdict.GOOD),
        (1.056, Verdict.STIFF),
        (float("nan"), Verdict.NO_SIGNAL),
    ],
)
def test_verdict_band(scale, verdict):
    """Within 5 % of 1 is good, as printed to two decimals; without a signal there is no verdict at all."""
    assert judge_scale(scale, enough=True) is verdict
    assert judge_scale(scale, enough=False) is Verdict.NO_SIGNAL


def test_the_description_states_the_thresholds_in_force():
    """The words under "What is this?" name the numbers that the code uses."""
    description = describe_family("high-energy")
    assert description.good_within == 0.05
    formula = description.terms["signal"].formula
    assert f"≥ {MIN_RMS_FORCE:g} eV/Å" in formula
    assert f"r² ≥ {MIN_R2:g}" in formula
    assert f"{MIN_COMPONENTS} components" in formula
    assert all(term.title and term.formula and term.text for term in description.terms.values())


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from("ABCD"), st.integers(1, 5), st.booleans()), min_size=1, max_size=12), st.integers(0, 99))
def test_growing_equals_starting_again(frames, seed):
    """A table that grew frame by frame, in any order of compounds, gives what a fresh one gives; parts add up to the whole."""
    random = np.random.default_rng(seed)
    table = ForceTable("test")
    for name, n_atoms, labelled in frames:
        forces = random.normal(size=(n_atoms, 3))
        frame = Frame(
            numbers=random.choice([3, 8, 14], n_atoms),
            positions=random.random((n_atoms, 3)),
            cell=np.eye(3),
            energy=0.0 if labelled else None,
            forces=forces if labelled else None,
            compound=name,
        )
        table.add(frame, Prediction(0.0, 0.9 * forces, np.zeros((3, 3))))
        summary = summarise_high_energy(table, intervals=False)
        assert sum(c.statistics.n for c in summary.compounds) == summary.n_components
        assert sum(c.n_frames for c in summary.compounds) == summary.n_frames
    again = ForceTable("test")
    for frame, prediction in zip(table.frames, table.predictions, strict=True):
        again.add(frame, prediction)
    fresh = summarise_high_energy(again, intervals=False)
    assert [c.name for c in fresh.compounds] == [c.name for c in summary.compounds]
    assert [c.statistics for c in fresh.compounds] == [c.statistics for c in summary.compounds]
