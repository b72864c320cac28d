"""What the launcher says: one line at a time, on stderr, so that stdout belongs to the program."""

from __future__ import annotations

import sys


class LauncherError(Exception):
    """The program cannot be started: one clear message that says what to do."""


def say(message: str) -> None:
    """Print one line at once."""
    print(message, file=sys.stderr, flush=True)


def duration(seconds: float) -> str:
    """Return a time in words, e.g. ``1 min 20 s``."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
