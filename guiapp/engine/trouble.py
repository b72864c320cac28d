"""What is said when a job ends before its work is done."""

from __future__ import annotations

import logging
import sqlite3
from concurrent.futures import CancelledError

from guiapp.errors import UserFacingError

_LOG = logging.getLogger(__name__)

OUTSIDE_TROUBLE = (UserFacingError, OSError, sqlite3.Error, CancelledError)
"""What is not a bug: the user's input, the disk, the project file, the end of the program."""


def explain(trouble: Exception | None) -> tuple[str, str]:
    """Return reason and advice in plain words; a bug is also logged."""
    if trouble is None:
        return "", ""
    if isinstance(trouble, UserFacingError):
        place = f"{trouble.path}: " if trouble.path is not None else ""
        return f"{place}{trouble.what}", trouble.advice
    if isinstance(trouble, CancelledError):
        return "The program ended while the job was running.", "Resume it: what was computed is kept."
    if isinstance(trouble, (OSError, sqlite3.Error)):
        return f"The results cannot be kept: {trouble}.", "Check that the disk has free space and that the project file can be written."
    _LOG.error("a job failed because of a bug", exc_info=trouble)
    return f"The program has a bug: {type(trouble).__name__}: {trouble}", "What was computed is kept; please send the crash report."
