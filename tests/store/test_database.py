"""A project is opened without pandas, and whoever wants pandas afterwards gets it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_OPEN = """
import sys
from pathlib import Path
from guiapp.store.project import open_project
with open_project(Path(sys.argv[1])) as project:
    project.statistics()
assert not {"pandas", "pyarrow", "matplotlib", "torch"} & set(sys.modules), sorted(sys.modules)
assert not [finder for finder in sys.meta_path if type(finder).__name__ == "_WithoutPandas"]
import importlib.util
assert importlib.util.find_spec("pandas") is not None
"""


def test_opening_a_project_imports_no_pandas(tmp_path):
    """A fresh interpreter opens a new project; nothing hides pandas afterwards."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", _OPEN, str(tmp_path / "new.temper")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
