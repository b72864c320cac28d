"""The words of a job are the ones a person would say."""

from __future__ import annotations

import pytest

from guiapp.engine.job import JobState, Progress
from guiapp.ui.benchmark.job_view import JobView, describe


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (JobView("j", "t", JobState.RUNNING, 131, 264, rate=38.2, seconds_left=3.6), "131 of 264 · 38 frames/s · 4 s left"),
        (JobView("j", "t", JobState.RUNNING, 131, 264, failed=2, rate=3.84), "131 of 264 · 2 failed · 3.8 frames/s"),
        (JobView("j", "t", JobState.RUNNING, 0, 264, note="loading CHGNet 0.3.0"), "0 of 264 · loading CHGNet 0.3.0"),
        (JobView("j", "t", JobState.WAITING, 0, 264, seconds_left=20), "waiting · about 20 s"),
        (JobView("j", "t", JobState.PAUSED, 30, 80), "paused at 30 of 80 frames"),
        (JobView("j", "t", JobState.DONE, 264, 264, seconds=7.1), "264 frames · 7 s · 0 failed · kept in project"),
        (
            JobView("j", "t", JobState.DONE, 264, 264, kept=100, seconds=7.1),
            "264 frames · 7 s · 100 known already · 0 failed · kept in project",
        ),
        (
            JobView("j", "t", JobState.DONE, 264, 264, kept=264, seconds=0.3),
            "264 frames · all known already, nothing computed · less than 1 s · 0 failed",
        ),
        (JobView("j", "t", JobState.DONE, 9, 9, failed=1, seconds=41), "8 of 9 frames · 41 s · 1 failed · kept in project"),
        (JobView("j", "t", JobState.CANCELLED, 40, 80, failed=1), "cancelled at 40 of 80 frames · 1 failed · 39 frames kept in project"),
        (JobView("j", "t", JobState.FAILED, 0, 12, note="the weights file is damaged"), "the weights file is damaged"),
        (JobView("j", "t", JobState.INTERRUPTED, 1, 180), "interrupted at 1 of 180 frames · 1 frame kept in project"),
    ],
)
def test_each_state_in_words(view, words):
    """Every state says where the job stands, what failed, and what is kept."""
    assert describe(view) == words


def test_view_of_progress():
    """Progress of the engine maps field by field."""
    progress = Progress("j", JobState.RUNNING, 5, 10, 2, 1, 3.0, 4.0, "n")
    assert JobView.of(progress, "t", 9.0) == JobView("j", "t", JobState.RUNNING, 5, 10, 2, 1, 3.0, 4.0, 9.0, "n")
