"""The assembled window does what the user asks by real clicks, keys and drops, from an empty start to a finished benchmark."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from window_steps import click, labelled, open_with, press, settled, wait_measured

from guiapp.engine.job import JobState
from guiapp.errors import UserFacingError
from guiapp.frames.reference_set import ReferenceSet

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def drop(target, *paths):
    """Drag files over a widget and let go, as the desktop does it; return whether they were welcome."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy = Qt.DropAction.CopyAction
    enter = QDragEnterEvent(QPoint(9, 9), copy, data, LEFT, NONE)
    QApplication.sendEvent(target, enter)
    if enter.isAccepted():
        QApplication.sendEvent(target, QDropEvent(QPointF(9, 9), copy, data, LEFT, NONE))
    return enter.isAccepted()


def rows(window):
    return window.jobs_panel.jobs()


def test_an_empty_window_says_what_to_do_and_every_key_explains_itself(window, qtbot):
    """Without a project nothing breaks: the centre tells what to do next, and an action that is not possible says why."""
    assert window.session.project is None
    assert "Open structures" in window.results.headline
    assert window.results.next_step.text() == "Open the demo project"
    press(window, "Ctrl+R")
    assert "no structures yet" in window.statusBar().currentMessage()
    press(window, "Ctrl+E")
    assert "no result yet" in window.statusBar().currentMessage()
    for tab in ("Ctrl+2", "Ctrl+3", "Ctrl+1", "Ctrl+Z", "Alt+Left", "Esc", "Ctrl+Right"):
        press(window, tab)
    assert not window.crashes


def test_run_from_the_setup_to_the_end_by_click(opened, qtbot, model):
    """Run benchmark, Run: the job is done, the sentence says 20 % too soft, and every result is in the project."""
    click(opened.top_bar.buttons["run.benchmark"])
    qtbot.waitUntil(opened.setup.isVisible)
    assert "14" in opened.setup.estimate.text()  # the frame with forces beyond the filter is not computed
    click(opened.setup.run)
    wait_measured(opened, qtbot)
    view = rows(opened)[-1]
    assert (view.state, view.done, view.failed) == (JobState.DONE, 14, 0)
    assert "20 % too soft" in opened.results.headline
    assert "3 compounds" in opened.results.evidence
    assert "PBE" in opened.results.evidence
    assert opened.session.shown_evaluations[0].summary.pooled.value == pytest.approx(0.8, abs=0.01)
    assert opened.session.project.statistics().predictions == 14
    qtbot.waitUntil(lambda: "14 results kept" in opened.kept_label.text())


def test_a_second_run_computes_nothing(measured, qtbot, model):
    """What is kept is looked up: the model is not asked again, and the job says so."""
    asked = len(model.asked)
    click(measured.jobs_panel.row(rows(measured)[-1].id).buttons["run_again"])
    qtbot.waitUntil(lambda: rows(measured)[-1].state is JobState.DONE and rows(measured)[-1].kept == 15)
    assert len(model.asked) == asked == 15
    measured.session.run(["chgnet-0.3.0"], measured.session.structures.frames)
    qtbot.waitUntil(lambda: len(rows(measured)) == 2 and rows(measured)[-1].state is JobState.DONE)
    assert len(model.asked) == 15


def test_partial_results_are_live_and_marked(opened, qtbot, model):
    """After the first batch the plots show its frames, marked as so far; the rest follows."""
    model.hold(1)
    opened.session.run(["chgnet-0.3.0"], opened.session.structures.frames)
    qtbot.waitUntil(lambda: bool(opened.session.shown_evaluations) and len(opened.session.shown_evaluations[0].table.frames) == 2)
    assert opened.session.shown_evaluations[0].running
    assert "so far" in opened.results.headline + opened.results.evidence
    view = rows(opened)[-1]
    assert (view.state, view.done, view.total) == (JobState.RUNNING, 2, 15)
    assert opened.results.next_step.isHidden()
    model.let_go()
    wait_measured(opened, qtbot)
    assert "so far" not in opened.results.headline + opened.results.evidence
    assert len(opened.session.shown_evaluations[0].table.frames) == 15


def test_pause_and_resume(opened, qtbot, model):
    """A paused job starts no further batch; Resume finishes it."""
    model.hold(1)
    opened.session.run(["chgnet-0.3.0"], opened.session.structures.frames)
    qtbot.waitUntil(lambda: bool(rows(opened)) and rows(opened)[-1].done == 2)
    row = opened.jobs_panel.row(rows(opened)[-1].id)
    click(row.buttons["pause"])
    qtbot.waitUntil(lambda: rows(opened)[-1].state is JobState.PAUSED)
    assert row.buttons["resume"].isVisible()
    model.let_go()  # batches that were handed out are finished, no other is
    press(opened, "Ctrl+.")
    wait_measured(opened, qtbot)
    assert rows(opened)[-1].state is JobState.DONE


def test_cancel_keeps_what_is_done(opened, qtbot, model):
    """Cancel ends the job within a moment; the first batch stays in the project and in the plots."""
    model.hold(1)
    opened.session.run(["chgnet-0.3.0"], opened.session.structures.frames)
    qtbot.waitUntil(lambda: bool(rows(opened)) and rows(opened)[-1].done == 2)
    click(opened.jobs_panel.row(rows(opened)[-1].id).buttons["cancel"])
    qtbot.waitUntil(lambda: rows(opened)[-1].state is JobState.CANCELLED)
    qtbot.waitUntil(lambda: settled(opened))
    assert opened.session.project.statistics().predictions == 2
    assert not opened.session.shown_evaluations[0].running
    assert "so far" not in opened.results.evidence
    model.let_go()
    click(opened.jobs_panel.row(rows(opened)[-1].id).buttons["run_again"])
    qtbot.waitUntil(lambda: rows(opened)[-1].state is JobState.DONE)
    assert (rows(opened)[-1].kept, len(set(model.asked))) == (2, 15)


def test_a_waiting_job_can_be_cancelled_before_it_starts(opened, qtbot, model):
    """The second job of the queue is given up while the first runs; the first goes on."""
    model.hold(0)
    opened.session.run(["chgnet-0.3.0", "chgnet-0.2.0"], opened.session.structures.frames)
    qtbot.waitUntil(lambda: [view.state for view in rows(opened)] == [JobState.RUNNING, JobState.WAITING])
    click(opened.jobs_panel.row(rows(opened)[1].id).buttons["cancel"])
    assert rows(opened)[1].state is JobState.CANCELLED
    model.let_go()
    qtbot.waitUntil(lambda: rows(opened)[0].state is JobState.DONE)
    wait_measured(opened, qtbot)
    assert opened.session.jobs.running is None


def test_failures_are_listed_with_their_reason_and_can_be_retried(opened, qtbot, model):
    """Why? lists frame, reason and advice; Retry computes just those frames."""
    model.fails = lambda frame: frame.compound == "GaAs"
    opened.session.run(["chgnet-0.3.0"], opened.session.structures.frames)
    wait_measured(opened, qtbot)
    view = rows(opened)[-1]
    assert (view.state, view.done, view.failed) == (JobState.DONE, 15, 3)
    click(opened.jobs_panel.row(view.id).buttons["failures"])
    from guiapp.ui.benchmark.failures_dialog import FailuresDialog

    (dialog,) = opened.findChildren(FailuresDialog)
    assert {(f.compound, f.reason) for f in dialog.model.failures} == {("GaAs", "The model stopped on this frame.")}
    dialog.table.doubleClicked.emit(dialog.table.model().index(0, 0))
    assert opened.viewer.frame.compound == "GaAs"
    dialog.close()
    model.fails = lambda _frame: False
    before = len(model.asked)
    click(opened.jobs_panel.row(view.id).buttons["retry"])
    qtbot.waitUntil(lambda: len(rows(opened)) == 2 and rows(opened)[-1].state is JobState.DONE)
    assert len(model.asked) == before + 3
    qtbot.waitUntil(lambda: settled(opened))
    assert len(opened.session.shown_evaluations[0].table.frames) == 15


def test_a_job_that_cannot_start_says_why_and_what_to_do(opened, qtbot, model):
    """Where the model cannot be loaded the row fails, and reason and advice stand at the top; Why? shows them again."""
    model.refuses = UserFacingError("The weights are damaged.", advice="Fetch them again.")
    opened.session.run(["chgnet-0.3.0"], opened.session.structures.frames)
    qtbot.waitUntil(lambda: bool(rows(opened)) and rows(opened)[-1].state is JobState.FAILED)
    assert "The weights are damaged." in opened.message_bar.text
    assert "Fetch them again." in opened.message_bar.text
    click(opened.message_bar.close_button)
    assert opened.message_bar.isHidden()
    click(opened.jobs_panel.row(rows(opened)[-1].id).buttons["failures"])
    assert opened.message_bar.isVisible()
    model.refuses = None
    click(opened.jobs_panel.row(rows(opened)[-1].id).buttons["run_again"])
    wait_measured(opened, qtbot)
    assert rows(opened)[-1].state is JobState.DONE


def test_closing_mid_run_loses_nothing_and_the_next_start_resumes(make_window, qtbot, tmp_path, model, small_set):
    """Two frames are done when the window closes; the next one shows them, offers to resume, and computes the other 13 only."""
    first, path = make_window(), tmp_path / "work.temper"
    open_with(first, qtbot, path, small_set)
    model.hold(1)
    first.session.run(["chgnet-0.3.0"], first.session.structures.frames)
    qtbot.waitUntil(lambda: bool(rows(first)) and rows(first)[-1].done == 2)
    first.close()
    model.let_go()
    second = make_window()
    open_with(second, qtbot, path)
    (view,) = rows(second)
    assert (view.state, view.done, view.total) == (JobState.INTERRUPTED, 2, 15)
    qtbot.waitUntil(lambda: bool(second.session.shown_evaluations))
    assert len(second.session.shown_evaluations[0].table.frames) == 2
    asked = len(set(model.asked))
    click(second.jobs_panel.row(view.id).buttons["resume_interrupted"])
    qtbot.waitUntil(lambda: rows(second)[-1].state is JobState.DONE)
    wait_measured(second, qtbot)
    assert (rows(second)[-1].kept, rows(second)[-1].done) == (2, 15)
    assert len(model.asked) - asked <= 15 - 2
    assert len(second.session.shown_evaluations[0].table.frames) == 15


def test_an_interrupted_job_can_be_dismissed_for_good(make_window, qtbot, tmp_path, model, small_set):
    """A job taken off the list is not offered at the next start."""
    path = tmp_path / "work.temper"
    first = make_window()
    open_with(first, qtbot, path, small_set)
    model.hold(0)
    first.session.run(["chgnet-0.3.0"], first.session.structures.frames)
    qtbot.waitUntil(lambda: bool(rows(first)) and rows(first)[-1].state is JobState.RUNNING)
    first.close()
    second = make_window()
    open_with(second, qtbot, path)
    click(second.jobs_panel.row(rows(second)[0].id).buttons["dismiss"])
    assert not rows(second)
    second.close()
    third = make_window()
    open_with(third, qtbot, path)
    assert not rows(third)


def test_models_are_added_compared_hidden_and_taken_out(measured, qtbot, model):
    """A second model gets its own colour and numbers; its chip hides it everywhere; its results stay when it is taken out."""
    actions = {action.data(): action for action in measured.top_bar._add_menu.actions()}
    actions["chgnet-0.2.0"].trigger()
    assert measured.session.models == ("chgnet-0.3.0", "chgnet-0.2.0")
    measured.session.run(["chgnet-0.2.0"], measured.session.structures.frames)
    qtbot.waitUntil(lambda: len(measured.session.shown_evaluations) == 2 and settled(measured), timeout=20_000)
    scales = [e.summary.pooled.value for e in measured.session.shown_evaluations]
    assert scales == pytest.approx([0.8, 0.7], abs=0.01)
    assert len({e.color_index for e in measured.session.shown_evaluations}) == 2
    chip = measured.top_bar.findChild(type(measured.top_bar.filter_chip), "chgnet-0.3.0")
    click(chip)
    qtbot.waitUntil(lambda: [e.model for e in measured.session.shown_evaluations] == ["chgnet-0.2.0"])
    assert "CHGNet 0.2.0" in measured.results.headline
    assert measured.session.shown_evaluations[0].color_index == 1  # the colour stays with the model
    click(measured.top_bar.findChild(type(chip), "chgnet-0.3.0"))
    qtbot.waitUntil(lambda: len(measured.session.shown_evaluations) == 2)
    measured.session.remove_model("chgnet-0.2.0")
    qtbot.waitUntil(lambda: len(measured.session.shown_evaluations) == 1)
    asked = len(model.asked)
    measured.session.add_model("chgnet-0.2.0")
    qtbot.waitUntil(lambda: len(measured.session.shown_evaluations) == 2)
    assert len(model.asked) == asked


def test_export_writes_numbers_and_plots(measured, qtbot, tmp_path, monkeypatch):
    """Ctrl+E and a folder: summary.json with the scale, rows, components, and the plots."""
    folder = tmp_path / "out"
    folder.mkdir()
    monkeypatch.setattr("guiapp.ui.main_window.QFileDialog.getExistingDirectory", lambda *_: str(folder))
    press(measured, "Ctrl+E")
    qtbot.waitUntil(lambda: "written to" in measured.statusBar().currentMessage(), timeout=60_000)
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert "0.8" in json.dumps(summary)
    names = {path.name for path in folder.iterdir()}
    assert "rows.csv" in names
    assert any(name.startswith("components") for name in names)
    assert {".png", ".svg", ".pdf"} <= {path.suffix for path in folder.rglob("*")}
    assert measured.browser._stack.currentWidget() is measured.browser.tree


def test_files_dropped_anywhere_are_read(opened, qtbot, shared_data):
    """The window, the browser, the plots and the viewer all take files; the frames are shown with their labels."""
    path = shared_data / "mlearn" / "Li" / "test.json.gz"
    assert drop(opened.browser, path)
    qtbot.waitUntil(lambda: len(opened.session.structures.sets) == 2, timeout=60_000)
    assert opened.viewer.frame.symbols[0] == "Li"
    assert "frames read" in opened.statusBar().currentMessage()
    assert drop(opened, shared_data / "phonopy-examples" / "MgO")
    qtbot.waitUntil(lambda: not opened.session.structures.is_reading, timeout=60_000)
    qtbot.waitUntil(lambda: not opened.session.background._writes)
    assert len(opened.session.project.reference_sets.load_all()) == len(opened.session.structures.sets) >= 2


def test_nothing_else_is_welcome(opened):
    """Text and web addresses are no files."""
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/x.cif")])
    event = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, data, LEFT, NONE)
    QApplication.sendEvent(opened, event)
    assert not event.isAccepted()


def test_files_before_any_project_go_into_one_of_the_users_own(window, qtbot, tmp_path, own_folders):
    """Files dropped on the empty window are kept: a project is made for them."""
    path = tmp_path / "POSCAR"
    path.write_text("Cu\n1.0\n3.6 0 0\n0 3.6 0\n0 0 3.6\nCu\n1\nDirect\n0 0 0\n", encoding="utf-8")
    assert drop(window, path)
    qtbot.waitUntil(lambda: bool(window.session.structures.frames), timeout=30_000)
    assert window.session.project.path.parent == own_folders
    assert window.viewer.frame.formula == "Cu"  # an unlabelled structure is shown all the same
    click(window.top_bar.buttons["run.benchmark"])
    assert not window.setup.run.isEnabled()  # and cannot be benchmarked


def test_a_file_that_cannot_be_read_is_told_and_the_rest_is_taken(opened, qtbot, tmp_path):
    """The message names the file and what to do; good files of the same drop are there."""
    bad, good = tmp_path / "bad.extxyz", tmp_path / "POSCAR"
    bad.write_text("2\nLattice=nonsense\nCu 0 0\n", encoding="utf-8")
    good.write_text("Cu\n1.0\n3.6 0 0\n0 3.6 0\n0 0 3.6\nCu\n1\nDirect\n0 0 0\n", encoding="utf-8")
    drop(opened, bad, good)
    qtbot.waitUntil(opened.message_bar.isVisible, timeout=30_000)
    assert "bad.extxyz" in opened.message_bar.text
    assert len(opened.session.structures.sets) == 2
    assert not opened.busy_label.text()


@pytest.mark.parametrize("content", [b"this is no project", b"SQLite format 3\x00" + b"\x00" * 84 + b"rubbish" * 50, b""])
def test_a_foreign_file_is_refused_and_what_was_open_stays(measured, qtbot, tmp_path, content):
    """The bar says what is wrong; the file is untouched, and the window works on with the old project."""
    foreign = tmp_path / "foreign.temper"
    foreign.write_bytes(content)
    old, scale = measured.session.project, measured.session.shown_evaluations[0].summary.pooled.value
    drop(measured, foreign)
    qtbot.waitUntil(measured.message_bar.isVisible)
    assert "foreign.temper" in measured.message_bar.text
    assert foreign.read_bytes() == content
    assert measured.session.project is old
    assert measured.session.shown_evaluations[0].summary.pooled.value == scale
    measured.session.run(["chgnet-0.2.0"], measured.session.structures.frames)
    qtbot.waitUntil(lambda: rows(measured)[-1].state is JobState.DONE)


def test_another_project_takes_the_place_of_the_first(measured, qtbot, tmp_path):
    """Frames, results, jobs, selection and undo of the first are gone; reopened, they are back."""
    first = measured.session.project.path
    measured.session.open(tmp_path / "other.temper")
    qtbot.waitUntil(lambda: measured.session.project is not None and measured.session.project.path.name == "other.temper")
    assert not measured.session.structures.frames
    assert not measured.session.shown_evaluations
    assert not rows(measured)
    assert not measured.session.undo_stack.canUndo()
    assert measured.windowTitle() == "other · Temper"
    drop(measured, first)
    qtbot.waitUntil(lambda: bool(measured.session.shown_evaluations))
    assert len(measured.session.structures.frames) == 15


def test_a_read_only_project_can_be_looked_at(make_window, measured, qtbot, tmp_path, monkeypatch):
    """Results show; running is refused with a reason; a filter acts for this session."""
    path = measured.session.project.path
    measured.close()
    from guiapp.store import project as store

    opens = store.open_project
    monkeypatch.setattr("guiapp.store.project.open_project", lambda place: opens(place, read_only=True))
    window = make_window()
    open_with(window, qtbot, path)
    qtbot.waitUntil(lambda: bool(window.session.shown_evaluations))
    assert "read-only" in window.project_label.text()
    press(window, "Ctrl+R")
    assert "reading only" in window.statusBar().currentMessage()
    window.session.run(["chgnet-0.3.0"], window.session.structures.frames)
    assert "reading only" in window.message_bar.text
    window.run_action("edit.clear-filter")
    assert not rows(window)


def test_save_as_goes_on_in_the_copy(measured, qtbot, tmp_path, monkeypatch):
    """The copy holds structures and results, and is what is open then; an existing file is not overwritten."""
    target = tmp_path / "copy"
    monkeypatch.setattr("guiapp.ui.main_window.QFileDialog.getSaveFileName", lambda *_a, **_k: (str(target), ""))
    press(measured, "Ctrl+Shift+S")
    qtbot.waitUntil(lambda: measured.session.project.path.name == "copy.temper")
    qtbot.waitUntil(lambda: bool(measured.session.shown_evaluations))
    assert measured.session.project.statistics().predictions == 15
    press(measured, "Ctrl+N")
    assert "already" in measured.message_bar.text


def test_many_frames_of_what_is_known_come_in_without_a_job(make_window, qtbot, tmp_path, model):
    """Frames read again after they were taken out find their kept results by themselves."""
    window = make_window()
    frames = labelled("Si", [14] * 8, 40)
    one = ReferenceSet("many", "", tuple(frames))
    open_with(window, qtbot, tmp_path / "w.temper", one)
    window.session.run(["chgnet-0.3.0"], frames)
    wait_measured(window, qtbot)
    window.session.structures.remove(frames[:30])
    qtbot.waitUntil(lambda: settled(window) and len(window.session.shown_evaluations[0].table.frames) == 10)
    window.session.structures._push("opening files", (*window.session.structures.sets, ReferenceSet("again", "", tuple(frames[:30]))))
    qtbot.waitUntil(lambda: settled(window) and len(window.session.shown_evaluations[0].table.frames) == 40)
    assert len(model.asked) == 40
    assert np.isclose(window.session.shown_evaluations[0].summary.pooled.value, 0.8, atol=0.01)


def test_drag_enter_is_a_real_event(opened):
    """The plots and the viewer pass files on to the window instead of swallowing them."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/x.cif")])
    for widget in (opened.viewer.canvas, opened.results.parity_page.parity, opened.results.table, opened.jobs_panel):
        event = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, data, LEFT, NONE)
        QApplication.sendEvent(widget, event)
        assert event.isAccepted(), widget
    assert event.type() == QEvent.Type.DragEnter


def test_the_next_step_of_a_soft_model_is_its_correction(measured, qtbot):
    """The button beside the sentence names the model and opens the wizard on it."""
    assert measured.results.next_step.text() == "Correct CHGNet 0.3.0"
    click(measured.results.next_step)
    qtbot.waitUntil(lambda: measured.wiring.wizard is not None and measured.wiring.wizard.isVisible())
    measured.wiring.wizard.close()
