"""The frame around the panels: actions, palette, themes, layout, settings, messages and crashes."""

from __future__ import annotations

import pytest
import qtawesome
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from window_steps import press, settled

from guiapp.errors import UserFacingError
from guiapp.ui.actions import ACTIONS
from guiapp.ui.crash_dialog import CrashReporter
from guiapp.ui.layout import COMPACT_WIDTH
from guiapp.ui.selection import Selection
from guiapp.ui.settings import Settings
from guiapp.ui.theme import DARK, LIGHT

LEFT = Qt.MouseButton.LeftButton


@pytest.mark.parametrize("spec", ACTIONS, ids=lambda spec: spec.id)
def test_every_action_is_whole(spec, qapp):
    """Icon and keys exist; no two actions share an id or keys."""
    if spec.icon:
        assert not qtawesome.icon(f"ph.{spec.icon}").isNull()
        assert spec.icon in qtawesome._instance().charmap["ph"]
    for keys in spec.keys:
        assert QKeySequence(keys).count() == 1
    assert [one.id for one in ACTIONS].count(spec.id) == 1
    others = [keys for one in ACTIONS if one is not spec for keys in one.keys]
    assert not set(spec.keys) & set(others)


def test_every_action_runs(measured, qtbot, monkeypatch, tmp_path):
    """Each action of the table finds what it calls, with dialogs answered by Cancel."""
    for name in ("getOpenFileNames", "getOpenFileName", "getSaveFileName"):
        monkeypatch.setattr(f"guiapp.ui.main_window.QFileDialog.{name}", lambda *_a, **_k: ("", ""))
    monkeypatch.setattr("guiapp.ui.main_window.QFileDialog.getExistingDirectory", lambda *_a, **_k: "")
    monkeypatch.setattr(measured, "close", lambda: True)
    monkeypatch.setattr(measured, "open_demo", lambda: None)
    for spec in ACTIONS:
        measured.run_action(spec.id)
        QApplication.processEvents()
        for popup in QApplication.topLevelWidgets():
            if popup is not measured and popup.isVisible():
                popup.close()
    qtbot.waitUntil(lambda: settled(measured))


def test_menus_grey_out_what_is_not_possible_and_keys_still_explain(window):
    """Open, the menu shows what cannot be done now and why; closed, the key tells it in the status bar."""
    menus = {action.text(): action.menu() for action in window.menus.menu_bar.actions()}
    menus["&Run"].aboutToShow.emit()
    run = window.menus.by_id["run.benchmark"]
    assert not run.isEnabled()
    assert "no structures" in run.toolTip()
    menus["&Run"].aboutToHide.emit()
    assert run.isEnabled()
    press(window, "Ctrl+R")
    assert "no structures" in window.statusBar().currentMessage()


def test_the_palette_runs_an_action(measured, qtbot):
    """Ctrl+Shift+P, a few letters, Enter."""
    press(measured, "Ctrl+Shift+P")
    palette = measured.command_palette
    qtbot.waitUntil(palette.isVisible)
    QTest.keyClicks(QApplication.focusWidget(), "theme dark")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: measured.theme is DARK)
    assert not palette.isVisible()


def test_ctrl_f_goes_to_the_search_from_everywhere(measured):
    """Also where the browser itself has the focus: no two shortcuts may compete for the key."""
    for place in (measured.viewer.canvas, measured.browser.tree, measured.browser.bar.search):
        place.setFocus()
        press(measured, "Ctrl+F")
        assert measured.browser.bar.search.hasFocus(), place


def test_a_question_mark_typed_into_the_search_is_a_letter(measured):
    """Single-key shortcuts leave text fields alone."""
    measured.browser.focus_search()
    QTest.keyClicks(measured.browser.bar.search, "?")
    assert measured.browser.bar.search.text() == "?"


def test_themes_repaint_everything_and_are_remembered(measured, make_window):
    """Dark and back: a pixel of every panel follows; the next window starts dark."""
    measured.run_action("view.theme-dark")
    assert measured.theme is DARK
    dark = measured.grab().toImage().pixelColor(3, 3)
    measured.run_action("view.theme-light")
    light = measured.grab().toImage().pixelColor(3, 3)
    assert light.lightness() > 200 > 80 > dark.lightness()
    measured.run_action("view.theme-dark")
    measured.close()
    assert make_window().theme is DARK
    assert LIGHT is not DARK


def is_tab(window):
    return window.viewer_dock in window.tabifiedDockWidgets(window.browser_dock)


def test_a_narrow_window_keeps_the_viewer_as_a_tab(make_window, qtbot):
    """Below COMPACT_WIDTH browser and viewer share a place; a picked point brings the viewer to the front; wide again, it has its own."""
    window = make_window(width=COMPACT_WIDTH + 20)
    assert not is_tab(window)
    window.resize(COMPACT_WIDTH - 200, 760)
    qtbot.waitUntil(lambda: is_tab(window))
    assert window.browser_dock.isVisible()
    window.resize(COMPACT_WIDTH + 20, 900)
    qtbot.waitUntil(lambda: not is_tab(window))
    assert window.viewer.isVisible()


def test_a_point_picked_in_a_narrow_window_shows_the_viewer(measured, qtbot):
    """The frame of a clicked point is seen, not only loaded behind the browser's tab."""
    measured.resize(1100, 760)
    qtbot.waitUntil(lambda: is_tab(measured))
    frame = measured.session.structures.frames[0]
    measured.results.atom_activated.emit(frame.content_hash, 1)
    qtbot.waitUntil(lambda: measured.viewer.visibleRegion().isEmpty() is False)
    assert measured.session.selection.current == Selection(frame.compound, frame.content_hash, 1)


def test_a_floating_viewer_is_left_alone(window, qtbot):
    """The width of the window moves only what stands where the program put it."""
    window.viewer_dock.setFloating(True)
    window.resize(1000, 700)
    QApplication.processEvents()
    assert window.viewer_dock.isFloating()
    window.resize(COMPACT_WIDTH + 20, 900)
    QApplication.processEvents()
    assert window.viewer_dock.isFloating()


@pytest.mark.parametrize("width", [1000, COMPACT_WIDTH + 30])
def test_the_layout_is_restored_at_the_next_start(make_window, width):
    """A hidden dock stays hidden, sizes and places come back, in a narrow and in a wide window."""
    first = make_window(width=width, height=700)
    first.jobs_dock.hide()
    QApplication.processEvents()
    first.close()
    second = make_window(width=width, height=700)
    assert second.jobs_dock.isHidden()
    assert is_tab(second) == (width < COMPACT_WIDTH)
    second.run_action("view.reset-layout")
    QApplication.processEvents()
    assert second.jobs_dock.isVisible()
    assert is_tab(second) == (width < COMPACT_WIDTH)


def test_messages_gather_and_go(window):
    """The same message twice is one; many are counted; the cross takes all away; mark-up in a file's name is text."""
    bar = window.message_bar
    for k in (1, 1, 2, 3, 4):
        window.session.refused.emit(UserFacingError(f"Trouble {k}.", advice="Do this.", path=f"<b>{k}"))
    assert bar.isVisible()
    assert bar.text.count("Trouble 1.") == 1
    assert "and 1 more" in bar._text.text()
    assert "&lt;b&gt;4" in bar._text.text()
    QTest.mouseClick(bar.close_button, LEFT)
    assert bar.isHidden()


def test_a_bug_is_shown_with_its_report(qtbot, qapp):
    """The crash dialog says what is safe and carries the traceback; a second bug does not stack another one."""
    reporter = CrashReporter(qapp)
    with pytest.raises(ZeroDivisionError) as caught:
        _ = 1 / 0
    reporter.show(caught.value)
    first = reporter._dialog
    reporter.show(caught.value)
    assert reporter._dialog is first
    qtbot.addWidget(first)
    assert "division by zero" in first._report.toPlainText()
    first._copy()
    assert "test_a_bug_is_shown" in QApplication.clipboard().text()
    first.close()


def test_settings_survive_rubbish(tmp_path):
    """Values that another version or hand wrote are replaced by the usual ones."""
    store = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
    for key in ("theme", "device", "recent", "geometry", "state"):
        store.setValue(key, "rubbish")
    settings = Settings(store)
    assert (settings.theme, settings.device, settings.recent_projects, settings.window_state()) == ("system", "auto", [], None)
    path = tmp_path / "a.temper"
    path.touch()
    settings.remember_project(path)
    settings.remember_project(path)
    assert settings.recent_projects == [path]
