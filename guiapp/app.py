"""The composition root: creates the long-lived objects and connects them."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from guiapp import __version__


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window; return the exit code.

    Args:
        arguments: A project file, or structures to open; without any, the demo project.
    """
    multiprocessing.freeze_support()  # a frozen program starts its worker processes through this same function
    parser = argparse.ArgumentParser(prog="temper", description="Measure and repair softening in universal interatomic potentials.")
    parser.add_argument("paths", nargs="*", type=Path, help="a project file, or structures and DFT results to open")
    parser.add_argument("--project", type=Path, help="project to open or create")
    parser.add_argument("--version", action="version", version=f"Temper {__version__}")
    options = parser.parse_args(arguments)
    if sys.version_info < (3, 12) and version("PySide6-Essentials").startswith("6.12.0"):
        # Each Qt call that returns nothing drops a reference to None there: the window would abort within seconds.
        parser.error("PySide6 6.12.0 aborts on this Python; install PySide6-Essentials 6.11.3, or use Python 3.12 or newer")

    from PySide6.QtCore import QTimer  # noqa: PLC0415 - so that --help works without a display
    from PySide6.QtWidgets import QApplication  # noqa: PLC0415

    from guiapp.engine.passing_model import clear_left_models  # noqa: PLC0415
    from guiapp.store.schema import SUFFIX  # noqa: PLC0415
    from guiapp.ui.crash_dialog import CrashReporter  # noqa: PLC0415
    from guiapp.ui.first_minute import FirstMinute  # noqa: PLC0415
    from guiapp.ui.garbage import GarbageCollection  # noqa: PLC0415
    from guiapp.ui.main_window import MainWindow  # noqa: PLC0415
    from guiapp.ui.session import Session  # noqa: PLC0415
    from guiapp.ui.settings import ORGANISATION, Settings, demo_project_path  # noqa: PLC0415

    app = QApplication(sys.argv[:1])
    app.setApplicationName(ORGANISATION)
    app.setOrganizationName(ORGANISATION)
    app.setApplicationVersion(__version__)
    reporter = CrashReporter(app)
    reporter.install()
    GarbageCollection(app)
    session = Session()
    session.crashed.connect(reporter.show)
    window = MainWindow(session, Settings())
    window.models_desk.test_by_itself()
    FirstMinute(session)
    window.show()
    projects = [path for path in options.paths if path.suffix == SUFFIX]
    files = [path for path in options.paths if path.suffix != SUFFIX]
    project = options.project or (projects[0] if projects else None)

    def begin() -> None:
        session.background.start(lambda _state: clear_left_models())  # of a program that was killed
        session.open(project if project is not None else demo_project_path(), demo=project is None, then_read=files)

    QTimer.singleShot(0, begin)  # after the window is on the screen
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
