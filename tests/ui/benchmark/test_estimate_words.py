"""The estimate counts the steps that a model takes to find a geometry, relaxed or along a path, and says so."""

from __future__ import annotations

import numpy as np
import pytest

from guiapp.frames.frame import Frame
from guiapp.ui.background import Background
from guiapp.ui.benchmark.estimate_words import estimate_words
from guiapp.ui.benchmark.request import BenchmarkRequest, FamilyPlan
from guiapp.ui.job_queue import USUAL_STEPS, JobQueue


@pytest.fixture
def queue(qapp):
    return JobQueue(Background())


def images(n):
    return tuple(Frame(np.array([3, 9]), np.array([[0.1 * k, 0, 0], [2.0, 2, 2]]), 4 * np.eye(3)) for k in range(n))


def request(*plans, frames=()):
    chosen = tuple(FamilyPlan("migration", mode, ("set",), some) for mode, some in plans)
    return BenchmarkRequest(("set",), ("chgnet-0.3.0",), device="cpu", frames=tuple(frames), plans=chosen)


@pytest.mark.parametrize("mode", ["relaxed", "neb"])
def test_a_search_takes_many_predictions(queue, mode):
    """Every image is predicted at each step of a band, as every frame at each step of a relaxation."""
    once = queue.estimate("chgnet-0.3.0", images(5), "cpu")
    assert once > 0
    assert queue.estimate("chgnet-0.3.0", images(5), "cpu", mode) == pytest.approx(USUAL_STEPS * once)


def test_words_name_what_is_searched(queue):
    """Static frames need no word on steps; relaxations and paths do, each by its name."""
    few = images(5)
    assert "steps" not in estimate_words(request(("static", few)), queue)
    assert "20 steps a relaxation, which" in estimate_words(request(("relaxed", few)), queue)
    assert "20 steps a path, which" in estimate_words(request(("neb", few)), queue)
    assert "10 frames; " in estimate_words(request(("neb", few), ("relaxed", few)), queue)
    assert "20 steps a relaxation or a path, which" in estimate_words(request(("neb", few), ("relaxed", few)), queue)


def test_one_frame_is_no_frames(queue):
    """The count agrees with its noun."""
    assert estimate_words(request(frames=images(1)), queue).startswith("1 frame; ")
