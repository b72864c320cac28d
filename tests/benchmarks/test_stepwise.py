"""Calculations side by side ask together, end each by itself, and have the results that they have alone."""

import numpy as np
import pytest
from ase.build import bulk
from hypothesis import given
from hypothesis import strategies as st

from guiapp.benchmarks.stepwise import RefusedError, answered, side_by_side
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction

CELL = bulk("Cu").cell.array


def counting(name, steps, each=1):
    """Ask for so many geometries so many times, and return the sum of what was answered."""
    total = 0.0
    for step in range(steps):
        frames = tuple(Frame(np.array([29]), np.array([[0.1 * name, 0.01 * step, 0.001 * k]]), CELL) for k in range(each))
        answers = yield frames
        assert len(answers) == each
        total += sum(answer.energy for answer in answers)
    return total


def predict(frames):
    return [Prediction(float(frame.positions.sum()), np.zeros((1, 3)), np.zeros((3, 3))) for frame in frames]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 3)), max_size=5))
def test_side_by_side_gives_the_results_of_each_alone(sizes):
    batches = []

    def watched(frames):
        batches.append(len(frames))
        return predict(frames)

    found = answered(side_by_side([counting(name, *size) for name, size in enumerate(sizes)]), watched)
    assert found == [answered(counting(name, *size), predict) for name, size in enumerate(sizes)]
    longest = max((steps for steps, _ in sizes), default=0)
    assert batches == [sum(each for steps, each in sizes if steps > step) for step in range(longest)]


def test_a_refusal_reaches_whoever_asked():
    steps = side_by_side([counting(0, 2)])
    next(steps)
    with pytest.raises(RefusedError, match="no gold"):
        steps.throw(RefusedError("no gold"))
