"""Time left follows atoms and recent speed; the estimate before a start learns from earlier runs."""

from __future__ import annotations

import pytest
from cheap_potentials import copper

from guiapp.engine.estimate import Speeds
from guiapp.engine.job import JobOutcome, JobState
from guiapp.engine.pace import Pace


def outcome(atoms: int, seconds: float, device: str = "cpu") -> JobOutcome:
    return JobOutcome(JobState.DONE, 1, 0, (), seconds, device=device, atoms=atoms, computing_seconds=seconds)


def test_time_left_counts_atoms_and_all_workers():
    pace = Pace(slots=2)
    assert pace.seconds_left(100) is None
    assert pace.rate == 0
    pace.add(frames=10, atoms=100, seconds=1.0)
    assert pace.rate == pytest.approx(20)
    assert pace.seconds_left(1000) == pytest.approx(5)
    assert pace.seconds_left(0) == 0


def test_the_pace_forgets_a_slow_start():
    pace = Pace(slots=1)
    pace.add(1, 10, 20.0)
    for _ in range(100):
        pace.add(1, 100, 1.0)
    assert pace.rate == pytest.approx(1.0, rel=0.01)
    assert pace.seconds_left(100) == pytest.approx(1.0, rel=0.01)


def test_an_estimate_is_a_guess_first_and_a_measurement_later():
    speeds = Speeds()
    frames = [copper(k, atoms=10) for k in range(100)]
    assert not speeds.estimate(frames, "m").measured
    speeds.learn("m", outcome(10_000, 10.0))
    again = Speeds(speeds.as_mapping()).estimate(frames, "m", workers=2)
    assert again.measured
    assert again.seconds == pytest.approx(0.5)
    assert not speeds.estimate(frames, "other").measured


def test_runs_that_are_too_short_teach_nothing_and_copies_cost_nothing():
    speeds = Speeds({"cpu:m": 100.0, "bad": -1.0})
    speeds.learn("m", outcome(10, 0.1))
    assert speeds.as_mapping() == {"cpu:m": 100.0}
    assert speeds.estimate([copper(0, atoms=10)] * 5, "m").seconds == pytest.approx(0.1)


def test_auto_takes_the_gpus_speed_where_one_was_measured():
    speeds = Speeds({"cpu:m": 100.0, "cuda:m": 1000.0})
    assert speeds.estimate([copper(0, atoms=10)], "m", "auto").seconds == pytest.approx(0.01)
