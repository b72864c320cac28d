"""What tests of the window share: a real window on a cheap model, and a watch over Qt's warnings and threads left behind."""

from __future__ import annotations

import gc

import pytest
from PySide6.QtCore import QSettings, QThread, qInstallMessageHandler
from PySide6.QtWidgets import QApplication
from soft_model import SoftModel
from window_steps import labelled, open_with, settled

from guiapp.frames.reference_set import Provenance, ReferenceSet
from guiapp.ui.main_window import MainWindow
from guiapp.ui.session import Session
from guiapp.ui.settings import Settings

_KNOWN = ("This plugin does not support",)  # what the offscreen platform cannot do


@pytest.fixture
def qtbot(qtbot, monkeypatch):
    """Wait longer than usual: a busy machine needs more than five seconds to import the readers for the first time."""
    wait = qtbot.waitUntil
    monkeypatch.setattr(qtbot, "waitUntil", lambda condition, *, timeout=30_000: wait(condition, timeout=timeout))
    return qtbot


@pytest.fixture(autouse=True)
def no_qt_warning(request):
    """Fail a test during which Qt warned of something."""
    if "qapp" not in request.fixturenames:  # no window: nothing to watch
        yield
        return
    warnings = []

    def take(_kind, _context, words):
        if not any(known in words for known in _KNOWN):
            warnings.append(words)

    before = qInstallMessageHandler(take)
    yield
    qInstallMessageHandler(before)
    assert not warnings, warnings


@pytest.fixture(autouse=True)
def no_thread_left(request):
    """Fail a test that leaves a QThread running."""
    yield
    if "qapp" in request.fixturenames:
        # type(), not isinstance(): the latter asks a dead weak proxy of some library for its class, which raises
        running = [thread for thread in gc.get_objects() if issubclass(type(thread), QThread) and _runs(thread)]
        assert not running, running


def _runs(thread):
    try:
        return thread.isRunning() and thread is not QThread.currentThread()
    except RuntimeError:  # its Qt half is gone, so it runs no more
        return False


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """Keep projects that the program makes by itself out of the user's folders."""
    home = tmp_path / "home"
    monkeypatch.setattr("guiapp.ui.settings.user_data_path", lambda *_a, **_k: home)
    return home


@pytest.fixture
def small_set():
    """Three compounds, 15 labelled frames, one of them beyond the usual filter."""
    strong = labelled("MgO", [12, 8, 12, 8], 1, seed=7, scale=40.0, name="frame strong")
    frames = [*labelled("MgO", [12, 8, 12, 8], 6), *strong, *labelled("LiF", [3, 9, 3, 9], 5), *labelled("GaAs", [31, 33, 31, 33], 3)]
    return ReferenceSet("states", "Test states", tuple(frames), provenance=Provenance(functional="PBE"))


@pytest.fixture
def model():
    """A potential that is 20 % too soft, held up or made to fail at will."""
    return SoftModel()


@pytest.fixture
def make_window(qtbot, tmp_path, model):
    """Return a maker of windows on the cheap model, with settings in the test's own folder."""
    windows = []

    def make(*, executor=model, width=1480, height=920) -> MainWindow:
        store = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
        session = Session(executor=executor)
        crashes: list[BaseException] = []
        session.crashed.connect(crashes.append)
        window = MainWindow(session, Settings(store))
        session.setParent(window)
        window.crashes = crashes
        window.resize(width, height)
        qtbot.addWidget(window)
        window.show()
        qtbot.waitExposed(window)
        window.activateWindow()
        windows.append(window)
        return window

    yield make
    for window in windows:
        model.let_go()
        window.close()
        assert not window.crashes, window.crashes
    QApplication.processEvents()


@pytest.fixture
def window(make_window):
    """An empty window."""
    return make_window()


@pytest.fixture
def opened(window, qtbot, tmp_path, small_set):
    """A window on a new project that holds the small set."""
    open_with(window, qtbot, tmp_path / "work.temper", small_set)
    return window


@pytest.fixture
def measured(opened, qtbot):
    """A window whose benchmark ran to the end."""
    opened.session.run(["chgnet-0.3.0"], opened.session.structures.frames)
    qtbot.waitUntil(lambda: bool(opened.session.shown_evaluations) and settled(opened), timeout=20_000)
    return opened
