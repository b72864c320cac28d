"""The palette finds a command by a few letters and runs it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QPushButton, QWidget

from guiapp.ui.command_palette import Command, CommandPalette, fuzzy_match
from guiapp.ui.theme import DARK, LIGHT


@pytest.fixture
def window(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(900, 600)
    widget.button = QPushButton("x", widget)
    widget.show()
    qtbot.waitExposed(widget)
    widget.activateWindow()
    widget.button.setFocus()
    return widget


@pytest.fixture
def runs():
    return []


@pytest.fixture
def palette(window, runs):
    made = CommandPalette(LIGHT, window)
    made.commands = [
        Command("open", "Open structures", lambda: runs.append("open"), "Ctrl+O"),
        Command("run", "Run benchmark", lambda: runs.append("run"), "Ctrl+R"),
        Command("export", "Export results", lambda: runs.append("export"), "Ctrl+E", enabled=False, reason="there is no result yet"),
        Command("light", "Theme: light", lambda: runs.append("light")),
        Command("dark", "Theme: dark", lambda: runs.append("dark")),
    ]
    made.open_with(made.commands)
    return made


@given(st.text(alphabet="abcde ", max_size=12), st.text(alphabet="abcde", max_size=5))
def test_matches_exactly_the_subsequences(title, letters):
    """A match exists exactly where the letters occur in order, and its places spell them."""
    match = fuzzy_match(letters, title)
    rest = iter(title)
    assert (match is not None) == all(letter in rest for letter in letters)
    if match is not None:
        assert "".join(title[place] for place in match[1]) == letters
        assert list(match[1]) == sorted(set(match[1]))


def test_word_starts_and_runs_win():
    """Initials beat scattered letters, and a run beats a scatter."""
    assert fuzzy_match("rb", "Run benchmark")[0] > fuzzy_match("rb", "Orbit the crystal")[0]
    assert fuzzy_match("exp", "Export results")[0] > fuzzy_match("exp", "Next frame, please")[0]


def test_letters_arrows_enter(palette, qtbot, runs, window):
    """Typing narrows, arrows move and go round, Enter runs and gives the focus back."""
    qtbot.keyClicks(palette.search, "theme")
    assert [command.id for command in palette.shown()] == ["light", "dark"]
    qtbot.keyClick(palette.search, Qt.Key.Key_Down)
    qtbot.keyClick(palette.search, Qt.Key.Key_Down)
    qtbot.keyClick(palette.search, Qt.Key.Key_Up)
    qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert runs == ["dark"]
    assert not palette.isVisible()
    assert window.button.hasFocus()


def test_mouse_runs(palette, qtbot, runs):
    """A click runs the line under it."""
    place = palette.list.visualRect(palette.model.index(1, 0)).center()
    assert palette.shown()[1].id == "run"
    qtbot.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    assert runs == ["run"]


def test_what_is_not_possible_is_not_run(palette, qtbot, runs):
    """A disabled command stands last, shows its reason, and Enter on it does nothing."""
    assert palette.shown()[-1].id == "export"
    qtbot.keyClicks(palette.search, "export")
    assert "there is no result yet" in palette.model.item(0).accessibleText()
    qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert runs == []
    assert palette.isVisible()


def test_escape_closes_it_and_nothing_else(palette, qtbot, window):
    """Esc closes the palette even where the window has a shortcut on Esc."""
    heard = []
    QShortcut(QKeySequence("Esc"), window, lambda: heard.append(1))
    qtbot.keyClick(palette.search, Qt.Key.Key_Escape)
    assert not palette.isVisible()
    assert heard == []


def test_closes_when_the_focus_goes(palette, qtbot, window):
    """A click elsewhere closes it."""
    palette.search.setFocus()
    window.button.setFocus()
    qtbot.waitUntil(lambda: not palette.isVisible())


def test_last_used_come_first(palette, qtbot):
    """What was run stands first the next time; nonsense finds nothing and says so."""
    qtbot.keyClicks(palette.search, "dark")
    qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    palette.set_palette(DARK)
    palette.open_with(palette.commands)
    assert palette.shown()[0].id == "dark"
    qtbot.keyClicks(palette.search, "qqq")
    assert palette.nothing.isVisible()
    assert palette.shown() == ()


def test_stays_inside_its_window(palette, qtbot, window):
    """A smaller window moves and narrows the palette."""
    window.resize(400, 300)
    qtbot.waitUntil(lambda: palette.geometry().right() < 400)
    assert palette.geometry().bottom() < 300
