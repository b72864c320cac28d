"""How long it takes until the window is visible, and how much memory an idle program needs."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

_IDLE = 2.0  # s without anything to do


def measure_start(since: float) -> dict[str, float | None]:
    """Open the window as the program does, then the demo project.

    Args:
        since: When the process was started, seconds since 1970.

    Returns:
        ``visible``: seconds from the start of the process to the first picture; ``memory_visible`` and ``memory_idle``: resident
        bytes then and with the demo open, None where psutil is missing.
    """
    from guiapp.ui.main_window import MainWindow  # noqa: PLC0415 - it is the import that is measured
    from guiapp.ui.session import Session  # noqa: PLC0415
    from guiapp.ui.settings import Settings  # noqa: PLC0415

    app = QApplication([])
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        session = Session()
        window = MainWindow(session, Settings(QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat)))
        window.show()
        while not window.windowHandle().isExposed():
            app.processEvents()
        window.repaint()
        visible, memory_visible = time.time() - since, resident_memory()
        from guiapp.ui.speed.waiting import run_until  # noqa: PLC0415 - not before the window is there

        session.open(Path(folder) / "demo.temper", demo=True)
        run_until(app, lambda: session.project is not None and session.evaluations.is_up_to_date)
        quiet_from = time.monotonic() + _IDLE
        run_until(app, lambda: time.monotonic() > quiet_from)
        memory_idle = resident_memory()
        window.close()
        session.shut_down()
    return {"visible": visible, "memory_visible": memory_visible, "memory_idle": memory_idle}


def resident_memory() -> int | None:
    """Return the resident memory of this process, bytes; None where psutil is missing."""
    try:
        import psutil  # noqa: PLC0415 - of the extra "benchmarks"
    except ImportError:
        return None
    return int(psutil.Process().memory_info().rss)
