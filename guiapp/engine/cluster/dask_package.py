"""Importing Dask late, quietly, and with a clear word where it is not installed."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

from guiapp.errors import UserFacingError

_QUIET = {"distributed": "critical", "distributed.client": "critical", "distributed.scheduler": "critical", "tornado": "critical"}
"""What goes wrong is told by this program in its own words; Dask would print it a second time, with tracebacks."""


def distributed() -> ModuleType:
    """Return ``dask.distributed``, which takes a second to import.

    Raises:
        UserFacingError: Where it is not installed.
    """
    if "distributed" not in sys.modules:
        _import("dask").config.set({"logging": _QUIET})
    return _import("distributed")


def dask_jobqueue() -> ModuleType:
    """Return ``dask_jobqueue``.

    Raises:
        UserFacingError: Where it is not installed.
    """
    distributed()
    return _import("dask_jobqueue")


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise UserFacingError(
            f"Clusters need packages that are not installed ({error}).",
            advice=f"Install them with: {sys.executable} -m pip install dask distributed dask-jobqueue cryptography",
        ) from error
