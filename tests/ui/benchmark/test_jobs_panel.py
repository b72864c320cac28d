"""The jobs panel: which buttons a state offers, what they tell, and that it keeps up with live progress."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from guiapp.engine.job import JobState
from guiapp.ui.benchmark.jobs_panel import JobsPanel, JobView
from guiapp.ui.theme import DARK, LIGHT

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(qtbot):
    widget = JobsPanel(LIGHT)
    qtbot.addWidget(widget)
    widget.resize(900, 300)
    widget.show()
    return widget


def shown(panel, job):
    return {name for name, button in panel.row(job).buttons.items() if not button.isHidden()}


@pytest.mark.parametrize(
    ("view", "buttons"),
    [
        (JobView("j", "t", JobState.WAITING), {"cancel"}),
        (JobView("j", "t", JobState.RUNNING, 1, 9), {"pause", "cancel"}),
        (JobView("j", "t", JobState.RUNNING, 1, 9, failed=1), {"pause", "cancel", "failures"}),
        (JobView("j", "t", JobState.PAUSED, 1, 9), {"resume", "cancel"}),
        (JobView("j", "t", JobState.DONE, 9, 9), {"run_again", "dismiss"}),
        (JobView("j", "t", JobState.DONE, 9, 9, failed=2), {"run_again", "dismiss", "failures", "retry"}),
        (JobView("j", "t", JobState.CANCELLED, 3, 9), {"run_again", "dismiss"}),
        (JobView("j", "t", JobState.FAILED, 0, 9, note="no"), {"run_again", "dismiss", "failures"}),
        (JobView("j", "t", JobState.INTERRUPTED, 3, 9), {"resume_interrupted", "dismiss"}),
    ],
)
def test_buttons_of_each_state(panel, view, buttons):
    """Each state offers what makes sense in it, also when a job gets there from another state."""
    panel.update_job(view)
    assert shown(panel, "j") == buttons
    panel.update_job(replace(view, state=JobState.WAITING, failed=0))
    assert shown(panel, "j") == {"cancel"}
    panel.update_job(view)
    assert shown(panel, "j") == buttons


@pytest.mark.parametrize(
    ("view", "button", "signal"),
    [
        (JobView("j7", "t", JobState.RUNNING, 1, 9), "pause", "pause_requested"),
        (JobView("j7", "t", JobState.PAUSED, 1, 9), "resume", "resume_requested"),
        (JobView("j7", "t", JobState.RUNNING, 1, 9), "cancel", "cancel_requested"),
        (JobView("j7", "t", JobState.DONE, 9, 9), "run_again", "run_again_requested"),
        (JobView("j7", "t", JobState.DONE, 9, 9, failed=1), "retry", "retry_requested"),
        (JobView("j7", "t", JobState.DONE, 9, 9, failed=1), "failures", "failures_requested"),
        (JobView("j7", "t", JobState.INTERRUPTED, 1, 9), "resume_interrupted", "resume_interrupted_requested"),
    ],
)
def test_buttons_tell_the_job(panel, qtbot, view, button, signal):
    """A click tells the id of the row it is in."""
    panel.update_job(JobView("other", "o", view.state, 1, 9, failed=1))
    panel.update_job(view)
    with qtbot.waitSignal(getattr(panel, signal)) as told:
        qtbot.mouseClick(panel.row("j7").buttons[button], LEFT)
    assert told.args == ["j7"]


def test_rows_come_and_go(panel, qtbot):
    """Empty says what to do; rows keep their order; the cross takes a row off and tells it."""
    assert panel.nothing.isVisible()
    for job in ("a", "b", "c"):
        panel.update_job(JobView(job, job, JobState.RUNNING, 1, 9))
    panel.update_job(JobView("a", "a", JobState.DONE, 9, 9))
    panel.update_job(JobView("c", "c", JobState.WAITING, 0, 9))
    assert [view.id for view in panel.jobs()] == ["a", "b", "c"]
    assert panel.summary.text() == "1 running · 1 waiting"
    with qtbot.waitSignal(panel.dismissed) as told:
        qtbot.mouseClick(panel.row("a").buttons["dismiss"], LEFT)
    assert told.args == ["a"]
    panel.remove_job("b")
    panel.remove_job("c")
    panel.remove_job("unknown")
    assert panel.nothing.isVisible()
    panel.set_palette(DARK)


def test_progress_moves_the_bar(panel):
    """The bar follows done and total, rolls while the model is loading, and goes when the job is over."""
    panel.update_job(JobView("j", "t", JobState.RUNNING, 0, 200, note="loading"))
    bar = panel.row("j").bar
    assert (bar.minimum(), bar.maximum()) == (0, 0)
    panel.update_job(JobView("j", "t", JobState.RUNNING, 50, 200, rate=10))
    assert (bar.value(), bar.maximum()) == (50, 200)
    panel.update_job(JobView("j", "t", JobState.DONE, 200, 200))
    assert not bar.isVisible()


def test_long_titles_give_way(panel):
    """In a narrow panel words are cut with a tooltip, buttons are not, and nothing forces the panel wide."""
    panel.update_job(JobView("j", "A very long title of a long set · CHGNet 0.3.0", JobState.RUNNING, 131, 264, rate=38, seconds_left=4))
    panel.resize(480, 200)
    row = panel.row("j")
    assert panel.minimumSizeHint().width() < 480
    assert row.title.whole().startswith("A very long")
    assert row.buttons["cancel"].geometry().right() <= row.width()
