"""The first window waits for nothing heavy: torch, readers and plots for paper are imported when they are needed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "chgnet", "mace", "matgl", "pymatgen", "matplotlib", "pandas", "phonopy", "sqlite_utils", "ase.io")
HEAVY += (
    "scipy",
    "pyarrow",
    "pyqtgraph",
    "qtawesome",
    "qtpy",
    "spglib",
    "seekpath",
    "dask",
    "distributed",
    "guiapp.frames.reading.read",
    "guiapp.ui.wizard.window",
)

_OPEN = f"""
import sys
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from guiapp.ui.main_window import MainWindow
from guiapp.ui.session import Session
from guiapp.ui.settings import Settings
app = QApplication([])
window = MainWindow(Session(), Settings(QSettings(sys.argv[1], QSettings.Format.IniFormat)))
window.show()
app.processEvents()
print(",".join(name for name in {HEAVY!r} if name in sys.modules))
"""


def test_no_heavy_package_is_imported_before_the_window_is_shown(tmp_path):
    """A fresh interpreter shows the window without any of them, however the window is put together."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", _OPEN, str(tmp_path / "s.ini")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert not done.stdout.strip()
