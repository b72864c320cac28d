"""Running the event loop until something has come about."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

_PATIENCE = 600.0  # s


def run_until(app: QApplication, done: Callable[[], bool], *, every: float = 0.02, patience: float = _PATIENCE) -> None:
    """Run the real event loop until a condition holds.

    Args:
        app: The application.
        done: Asked now and then.
        every: Seconds between two looks.
        patience: Seconds after which it will never come about.

    Raises:
        TimeoutError: Where it does not.
    """
    end = time.monotonic() + patience
    look = QTimer()
    look.setInterval(round(1000 * every))
    look.timeout.connect(lambda: app.exit() if done() or time.monotonic() > end else None)
    look.start()
    app.exec()
    look.stop()
    if not done():
        raise TimeoutError("the window did not do what was waited for")
