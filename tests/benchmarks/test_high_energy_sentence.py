"""The sentence is true: it claims a deviation only where the interval supports it, and says what is missing elsewhere."""

import dataclasses

import numpy as np
import pytest

from guiapp.benchmarks.force_table import ForceTable
from guiapp.benchmarks.frame_filter import FrameFilter
from guiapp.benchmarks.high_energy import ScaleEstimate, sentence, summarise_high_energy
from guiapp.physics.bootstrap import Interval
from guiapp.potentials.potential import Prediction


@pytest.fixture(scope="module")
def summary(shipped_frames, make_table):
    return summarise_high_energy(make_table(shipped_frames, 0.8, noise=0.1))


def with_mean(summary, value, low=None, high=None, level="compounds"):
    interval = None if low is None else Interval(low, high, level, 20)
    return dataclasses.replace(summary, mean=ScaleEstimate(value, interval))


def test_soft_with_certainty(summary):
    """The words of the design, with real counts."""
    headline, evidence = sentence(with_mean(summary, 0.83, 0.79, 0.87), running=False, title="CHGNet 0.3.0", functional="PBE")
    n, frames = summary.n_compounds, summary.n_frames
    assert headline == "CHGNet 0.3.0 is 17 % too soft on high-energy states"
    assert evidence == f"mean scale 0.83, 95 % CI 0.79 to 0.87, {n} compounds, {frames} frames, PBE; {n} of {n} below 1"


@pytest.mark.parametrize(
    ("numbers", "running", "expected"),
    [
        ((0.83,), True, "M looks 17 % too soft on high-energy states so far"),
        ((1.12, 1.08, 1.16), False, "M is 12 % too stiff on high-energy states"),
        ((0.85, 0.65, 1.05), False, "M may be 15 % too soft on high-energy states"),
        ((0.85,), False, "M may be 15 % too soft on high-energy states"),
        ((0.98, 0.96, 1.01), False, "M is within 2 % of DFT on high-energy states: nothing to correct"),
        ((1.001, 0.98, 1.02), False, "M is equal to DFT on high-energy states: nothing to correct"),
        ((0.98, 0.75, 1.2), False, "M looks within 2 % of DFT on high-energy states"),
        ((1.04,), True, "M looks within 4 % of DFT on high-energy states so far"),
    ],
)
def test_headlines(summary, numbers, running, expected):
    """Certain, uncertain, right and still running are four different claims."""
    assert sentence(with_mean(summary, *numbers), running=running, title="M")[0] == expected


def test_an_interval_that_includes_one_is_explained(summary):
    """May be: and what would decide it."""
    _, evidence = sentence(with_mean(summary, 0.85, 0.65, 1.05), running=False, title="M")
    assert "the interval includes 1, so more compounds are needed to decide" in evidence


def test_nothing_yet():
    """Before the first frame, and where the filter admits none."""
    empty = summarise_high_energy(ForceTable("test"), FrameFilter(max_force=1.0))
    assert sentence(empty, running=True, title="M") == ("M is being measured on high-energy states", "the first frames are on their way")
    headline, evidence = sentence(empty, running=False, title="M")
    assert headline == "No frames to judge M on"
    assert "|F| ≤ 1 eV/Å" in evidence


def test_no_signal(shipped_frames, make_table):
    """No number is claimed, and the reason is given."""
    relaxed = [frame for frame in shipped_frames if frame.info["kind"] == "equilibrium"]
    headline, evidence = sentence(summarise_high_energy(make_table(relaxed, 0.8)), running=False, title="M")
    assert headline == "Not enough signal to judge M"
    assert "DFT forces are too small" in evidence
    assert "scale" not in evidence


def test_one_compound_and_one_frame(shipped_frames, make_table):
    """A scale and not a mean; frames resampled and said so; one frame has no interval; singular nouns."""
    lone = [frame for frame in shipped_frames if frame.compound == "MgO"]
    _, several = sentence(summarise_high_energy(make_table(lone, 0.8, noise=0.1)), running=False, title="M")
    assert several.startswith("scale 0.")
    assert "(frames resampled), 1 compound," in several
    headline, single = sentence(summarise_high_energy(make_table([lone[-1]], 0.8)), running=False, title="M")
    assert headline == "M may be 20 % too soft on high-energy states"
    assert "too few frames for an interval, 1 compound, 1 frame" in single


def test_what_is_left_out_is_told(shipped_frames, make_table):
    """A filter other than the usual one, silent compounds and frames of NaN all appear."""
    table = make_table([f for f in shipped_frames if f.compound != "Si" or f.info["kind"] == "equilibrium"], 0.8, noise=0.05)
    bad = next(frame for frame in shipped_frames if frame.compound == "Si" and frame.info["kind"] != "equilibrium")
    table.add(bad, Prediction(0.0, np.full(bad.forces.shape, np.nan), np.zeros((3, 3))))
    _, evidence = sentence(summarise_high_energy(table, FrameFilter(max_force=20.0)), running=False, title="M")
    assert "1 without enough signal" in evidence
    assert "1 frame left out, a force is not a number" in evidence
    assert evidence.endswith("; |F| ≤ 20 eV/Å · all elements")
