"""The window runs CHGNet itself in worker processes: the first light through everything at once."""

from __future__ import annotations

import pytest
from window_steps import open_with, wait_measured

from guiapp.engine.job import JobState
from guiapp.frames.reference_set import ReferenceSet
from guiapp.frames.shipped import open_shipped

pytest.importorskip("chgnet")


def test_chgnet_in_worker_processes(make_window, qtbot, tmp_path):
    """Six shipped frames: predictions stay near the labels, torch stays out of the window's process, and closing ends the workers."""
    frames = [frame for frame in open_shipped("high-energy").frames if frame.usable and frame.n_atoms <= 8][:6]
    window = make_window(executor=None)
    window.session.jobs.workers = 1
    open_with(window, qtbot, tmp_path / "real.temper", ReferenceSet("few", "A few", tuple(frames), family="high-energy"))
    window.session.run(["chgnet-0.3.0"], window.session.structures.frames, device="cpu")
    wait_measured(window, qtbot, timeout=120_000)
    view = window.jobs_panel.jobs()[-1]
    assert (view.state, view.done, view.failed) == (JobState.DONE, 6, 0)
    summary = window.session.shown_evaluations[0].summary
    assert summary.statistics.mae < 0.6
    assert window.session.project.statistics().predictions == 6
    window.close()
