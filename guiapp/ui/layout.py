"""Where the docks of the window stand: restored from the last session, and fitted to a narrow window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt, QTimer, Slot
from PySide6.QtWidgets import QDockWidget

if TYPE_CHECKING:
    from guiapp.ui.main_window import MainWindow

COMPACT_WIDTH = 1440
"""Pixels below which the viewer shares the browser's place, as a tab."""
_FIRST_SIZE = QSize(1480, 920)
_WIDTH, _HEIGHT = Qt.Orientation.Horizontal, Qt.Orientation.Vertical


class WindowLayout(QObject):
    """Places browser, viewer and jobs; what the user moved, floated or hid is left alone."""

    def __init__(self, window: MainWindow) -> None:
        """Place the docks as in the last session, or as the program ships them, in a size that fits the screen."""
        super().__init__(window)
        self._window = window
        self._compact = False
        self._add_docks()
        window.setDockNestingEnabled(True)
        window.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        window.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        saved = window.settings.window_state()
        window.resize(_FIRST_SIZE.boundedTo(window.screen().availableGeometry().size()))
        if saved is not None:
            window.restoreGeometry(saved[0])
        self._use_compact(window.width() < COMPACT_WIDTH)
        if saved is None or not window.restoreState(saved[1]):
            QTimer.singleShot(0, self, self._size_docks)  # docks take a size only in a window that is laid out

    def reset(self) -> None:
        """Return docks and sizes to what the program ships."""
        window = self._window
        window.settings.forget_window()
        for dock in window.docks:
            dock.setFloating(False)
            dock.show()
            window.removeDockWidget(dock)
        self._add_docks()
        for dock in window.docks:
            dock.show()
        self._compact = False
        self._use_compact(window.width() < COMPACT_WIDTH)
        self._size_docks()

    def follow_width(self) -> None:
        """Give the viewer a tab beside the browser where the window became narrow, and its own place where it became wide."""
        compact = self._window.width() < COMPACT_WIDTH
        if compact != self._compact:
            self._use_compact(compact)
            if not compact:
                self._size_docks()

    def bring_viewer_forward(self) -> None:
        """Show the viewer where it is a tab behind the browser."""
        viewer = self._window.viewer_dock
        if self._window.tabifiedDockWidgets(viewer):
            viewer.raise_()

    def _add_docks(self) -> None:
        window = self._window
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, window.browser_dock)
        window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, window.viewer_dock)
        window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, window.jobs_dock)

    def _use_compact(self, compact: bool) -> None:  # noqa: FBT001 - one of two states
        self._compact = compact
        window, browser, viewer = self._window, self._window.browser_dock, self._window.viewer_dock
        together = viewer in window.tabifiedDockWidgets(browser)
        if compact and not together and _is_docked(browser) and _is_docked(viewer) and self._is_on_the_right(viewer):
            window.tabifyDockWidget(browser, viewer)
            browser.raise_()
        elif not compact and together:
            window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, viewer)
            viewer.show()

    def _is_on_the_right(self, dock: QDockWidget) -> bool:
        return self._window.dockWidgetArea(dock) == Qt.DockWidgetArea.RightDockWidgetArea

    @Slot()
    def _size_docks(self) -> None:
        window = self._window
        window.resizeDocks([window.browser_dock], [310], _WIDTH)
        if not self._compact:
            window.resizeDocks([window.viewer_dock], [370], _WIDTH)
        window.resizeDocks([window.jobs_dock], [130], _HEIGHT)


def _is_docked(dock: QDockWidget) -> bool:
    return not dock.isFloating() and not dock.isHidden()
