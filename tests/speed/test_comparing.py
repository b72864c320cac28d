"""No ratio without equal numbers, and ratios from the rounds they were taken in."""

from __future__ import annotations

import numpy as np
import pytest

from guiapp.potentials.potential import Prediction
from guiapp.speed.agreement import agreement
from guiapp.speed.document import markdown_table, performance_document
from guiapp.speed.measurement import Measurement, comparison, from_json, to_json
from guiapp.speed.power_law import fit_power
from guiapp.speed.sample import cells_of_size, repeated, small_cells
from guiapp.speed.timing import Case, Spread, Timing, interleave, short, wall_ratio


def _prediction(energy=0.0, force=0.0, n_atoms=4):
    return Prediction(energy, np.full((n_atoms, 3), force), np.zeros((3, 3)))


@pytest.mark.parametrize(
    ("energy", "force", "holds"), [(0.0, 0.0, True), (3.9e-5, 4e-4, True), (4.1e-5, 0.0, False), (0.0, 6e-4, False), (0.0, np.nan, False)]
)
def test_numbers_agree_within_the_limits_only(energy, force, holds):
    """1e-5 eV/atom, so 4e-5 eV for four atoms, and 5e-4 eV/Å; a NaN never agrees."""
    assert agreement([_prediction(), _prediction(energy, force)], [_prediction(), _prediction()]).holds is holds


def test_a_missing_frame_is_no_agreement():
    with pytest.raises(ValueError):
        agreement([_prediction()], [_prediction(), _prediction()])


def test_ratios_are_those_of_the_same_round():
    """A round in which the whole machine was slow leaves the ratio as it is."""
    ratio = wall_ratio(Timing("loop", (4.0, 40.0, 8.0), ()), Timing("ours", (1.0, 10.0, 4.0), ()))
    assert (ratio.median, ratio.low, ratio.high) == (4.0, 2.0, 4.0)
    assert ratio.text == "4 (2 to 4)"


def test_every_case_runs_once_a_round_in_changing_order():
    """Three cases, three rounds: each round holds all, and not always in one order."""
    calls: list[str] = []
    cases = [Case(name, lambda name=name: calls.append(name)) for name in "abc"]
    timings = interleave(cases, 3)
    rounds = ["".join(calls[k : k + 3]) for k in range(0, 9, 3)]
    assert all(sorted(one) == ["a", "b", "c"] for one in rounds)
    assert len(set(rounds)) > 1
    assert [timing.title for timing in timings] == ["a", "b", "c"]
    assert all(len(timing.wall) == len(timing.processor) == 3 for timing in timings)


def test_without_agreement_there_is_no_ratio_but_the_reason():
    """Nothing was timed: the table has no rows, and a sentence says what differs."""
    wrong = agreement([_prediction(1.0)], [_prediction()])
    told = comparison("x", (), [wrong], count=1, unit="frames")
    assert not told.rows
    assert told.notes[0].startswith("NOT TIMED")
    assert "0.25" in told.notes[0] or "2.5e-01" in told.notes[0]


@pytest.mark.parametrize("exponent", [0.5, 1.0, 2.0])
def test_a_power_law_is_found_exactly(exponent):
    sizes = np.array([2.0, 8.0, 50.0, 500.0])
    found = fit_power(sizes, 3.0 * sizes**exponent)
    assert found.value == pytest.approx(exponent, abs=1e-12)
    assert found.high - found.low < 1e-9


def test_the_interval_of_an_exponent_covers_the_truth_as_often_as_it_says():
    """Log-normal scatter, 400 trials: about 95 in 100 intervals hold the true exponent."""
    random = np.random.default_rng(0)
    sizes = np.repeat([2.0, 8.0, 32.0, 128.0], 3)
    fits = [fit_power(sizes, sizes * np.exp(random.normal(scale=0.1, size=12))) for _ in range(400)]
    assert 0.92 < np.mean([fit.low <= 1.0 <= fit.high for fit in fits]) < 0.98


def test_tables_survive_the_way_from_the_child():
    one = Measurement("Time", ("frames", "s"), (("100", "1.2 (1 to 1.4)"),), ("A sentence.",))
    assert from_json(to_json([one])) == (one,)
    with pytest.raises(ValueError):
        from_json('[{"title": "x"}]')


def test_the_document_holds_tables_machine_command_and_failures():
    """Markdown with a column rule, and what could not be measured with its reason."""
    one = Measurement("Time | all", ("frames", "s"), (("1|2", "3"),), ("Linear.",))
    text = performance_document(
        [one], [("processor", "some")], command="python3 main.py benchmark", date="2026-01-01", failures=["mace: no"]
    )
    assert "| frames | s |\n| --- | ---: |\n| 1/2 | 3 |\n\nLinear." in markdown_table(one)
    for words in ("- processor: some", "`python3 main.py benchmark`", "## Not measured\n\n- mace: no"):
        assert words in text


def test_supercells_are_the_same_crystal():
    """Twice the cell along one axis: every atom occurs twice, a lattice vector apart, at the same density."""
    frame = small_cells(1)[0]
    double = repeated(frame, (1, 2, 1))
    assert double.n_atoms == 2 * frame.n_atoms
    assert double.volume == pytest.approx(2 * frame.volume)
    np.testing.assert_allclose(
        double.positions[frame.n_atoms :] - double.positions[: frame.n_atoms], np.tile(frame.cell[1], (frame.n_atoms, 1))
    )


@pytest.mark.parametrize("n_atoms", [2, 16, 54, 250, 500])
def test_cells_have_the_size_that_was_asked_for(n_atoms):
    """Silicon at one density, each cell rattled by itself."""
    cells = cells_of_size(n_atoms, 1000)
    assert {cell.n_atoms for cell in cells} == {n_atoms}
    assert len({cell.content_hash for cell in cells}) == len(cells) == 1000 // n_atoms
    assert all(cell.volume / n_atoms == pytest.approx(5.431**3 / 8) for cell in cells)


def test_more_cells_than_are_shipped_are_configurations_of_their_own():
    frames = small_cells(200)
    assert len({frame.content_hash for frame in frames}) == 200


@pytest.mark.parametrize(("value", "text"), [(0.02241, "0.0224"), (4.694, "4.69"), (99.96, "100"), (2684.2, "2,684")])
def test_numbers_have_three_digits_and_no_exponent(value, text):
    assert short(value) == text


def test_spread_is_median_and_ends():
    assert Spread.of([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0)
