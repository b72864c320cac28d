"""Pages that are made when they are first looked at appear inside the window: nothing flashes beside it, and the keyboard stays there."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from guiapp.ui.results.view import TABS


class ShownWindows(QObject):
    """Notes every widget that is shown as a window of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[QWidget] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.seen.append(watched)
        return False


def test_no_page_is_ever_a_window(measured, qtbot):
    """All tabs for the first time: no other window, and this one stays the active one."""
    watch = ShownWindows()
    QApplication.instance().installEventFilter(watch)
    for name, _ in TABS:
        measured.results.show_tab(name)
        qtbot.wait(50)
    QApplication.instance().removeEventFilter(watch)
    assert watch.seen == []
    assert measured.isActiveWindow()


def test_only_the_window_appears_at_the_start(make_window, qtbot):
    """Nothing flashes before it."""
    watch = ShownWindows()
    QApplication.instance().installEventFilter(watch)
    window = make_window()
    QApplication.instance().removeEventFilter(watch)
    assert watch.seen == [window]
