"""The environment in which measurements run: that of the program's worker processes, for our path and for its peers alike."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import guiapp
from guiapp.engine.worker_variables import worker_variables


def child_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a measuring process.

    Args:
        variables: This process's own.
    """
    root = str(Path(guiapp.__file__).parents[1])  # the child is told where this very program lies, installed or not
    path = os.pathsep.join([root, *filter(None, [variables.get("PYTHONPATH")])])
    return {**variables, **worker_variables(), "PYTHONPATH": path, "PYTHONUTF8": "1"}
