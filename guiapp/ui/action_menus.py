"""The menu bar and the actions of the window, made from the table of actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from guiapp.ui.actions import ACTIONS, ActionSpec
from guiapp.ui.command_palette import Command
from guiapp.ui.icons import icon
from guiapp.ui.theme import Palette

if TYPE_CHECKING:
    from guiapp.ui.main_window import MainWindow


class ActionMenus(QObject):
    """One ``QAction`` for each line of the table: in its menu, on its keys and in the command palette."""

    menu_bar: QMenuBar
    by_id: dict[str, QAction]

    def __init__(self, window: MainWindow) -> None:
        """Make all actions and add them to the window, whose docks exist."""
        super().__init__(window)
        self._window = window
        self._specs = {spec.id: spec for spec in ACTIONS}
        self.menu_bar = QMenuBar()
        self.by_id = {}
        self._build()

    def run(self, identity: str) -> None:
        """Run an action of the table, or say in the status bar why it is not possible now."""
        spec = self._specs[identity]
        reason = spec.reason_against(self._window)
        if reason:
            self._window.notice(f"{spec.title}: {reason}")
        else:
            spec.run(self._window)

    def commands(self) -> list[Command]:
        """Return what the command palette lists, each with its keys and, where it is not possible now, the reason."""
        listed = []
        for spec in ACTIONS:
            reason = spec.reason_against(self._window)
            keys = QKeySequence(spec.keys[0]).toString(QKeySequence.SequenceFormat.NativeText) if spec.keys else ""
            listed.append(Command(spec.id, spec.title, self.by_id[spec.id].trigger, keys, enabled=not reason, reason=reason))
        return listed

    def set_palette(self, palette: Palette) -> None:
        """Paint the icons in the colours of that palette."""
        for spec in ACTIONS:
            if spec.icon:
                self.by_id[spec.id].setIcon(icon(spec.icon, palette))

    def _build(self) -> None:
        menus: dict[str, QMenu] = {}
        for spec in ACTIONS:
            menu = menus.get(spec.menu)
            if menu is None:
                menu = menus[spec.menu] = self.menu_bar.addMenu(spec.menu)
                menu.setToolTipsVisible(True)
                menu.aboutToShow.connect(self._show_possible)
                menu.aboutToHide.connect(self._allow_all)
            if spec.separated:
                menu.addSeparator()
            menu.addAction(self._make_action(spec))
        views = menus["&View"]
        views.addSeparator()
        for dock in self._window.docks:
            views.addAction(dock.toggleViewAction())
        # Panels run alone too, with keys of their own; here the window's act everywhere, and two on one key would cancel each other.
        taken = {QKeySequence(keys) for spec in ACTIONS for keys in spec.keys}
        for action in self._window.browser.actions():
            action.setShortcuts([keys for keys in action.shortcuts() if keys not in taken])

    def _make_action(self, spec: ActionSpec) -> QAction:
        action = QAction(spec.title, self._window)
        action.setData(spec.id)
        action.setShortcuts([QKeySequence(keys) for keys in spec.keys])
        action.setToolTip(spec.tip or spec.title)
        if spec.icon:
            action.setIcon(icon(spec.icon, self._window.theme))
        action.triggered.connect(self._trigger)
        self._window.addAction(action)
        self.by_id[spec.id] = action
        return action

    @Slot()
    def _trigger(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.run(str(action.data()))

    @Slot()
    def _show_possible(self) -> None:
        """Grey out in an open menu what is not possible now, and say why in its tooltip."""
        for spec in ACTIONS:
            reason = spec.reason_against(self._window)
            action = self.by_id[spec.id]
            action.setToolTip(reason or spec.tip or spec.title)
            action.setEnabled(not reason)
        stack = self._window.session.undo_stack
        for identity, words in (("edit.undo", stack.undoText()), ("edit.redo", stack.redoText())):
            self.by_id[identity].setText(f"{self._specs[identity].title} {words}".strip())

    @Slot()
    def _allow_all(self) -> None:
        """Let every key work outside of menus: where it does nothing, the status bar says why."""
        for action in self.by_id.values():
            action.setEnabled(True)
