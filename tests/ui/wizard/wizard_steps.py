"""What tests of the wizard do with it."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from window_steps import click

from guiapp.ui.wizard.window import STEPS


def opened_wizard(window, qtbot):
    """Open the wizard by its button and wait until it knows its target."""
    click(window.top_bar.buttons["correct.model"])
    wizard = window.wiring.wizard
    qtbot.waitUntil(lambda: wizard.flow.is_ready)
    return wizard


def go_to(wizard, qtbot, step: str) -> None:
    """Press Next until a page is in front."""
    while STEPS[wizard.step] != step:
        qtbot.waitUntil(wizard.next.isEnabled, timeout=60_000)
        click(wizard.next)


def judged(wizard, qtbot, timeout=60_000):
    """Wait for the verdict on everything that will be judged."""
    fits = wizard.fits

    def is_done():
        order = fits.order()
        if order is None or fits.verdict is None or not fits.general_is_known or not wizard.flow.is_ready:
            return False
        return fits.verdict.elsewhere.n_frames == len(order.judged_elsewhere.frames)

    qtbot.waitUntil(is_done, timeout=timeout)
    return wizard.fits.verdict


def drop(widget, *paths):
    """Drop files on a widget."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    widget.dropEvent(QDropEvent(QPointF(10, 10), Qt.DropAction.CopyAction, data, buttons, keys))
