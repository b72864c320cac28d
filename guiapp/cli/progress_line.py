"""The line on standard error that says how far a job is, how fast, and how long it will still take."""

from __future__ import annotations

import sys
import time
from typing import TextIO

from guiapp.engine.job import Progress

_TERMINAL_INTERVAL = 0.1
_FILE_INTERVAL = 5.0


class ProgressLine:
    """Rewrites one line in a terminal; in a file or pipe it writes a new line now and then."""

    def __init__(self, title: str, stream: TextIO | None = None) -> None:
        """Start with nothing written."""
        self._title = title
        self._stream = stream if stream is not None else sys.stderr
        self._in_terminal = self._stream.isatty()
        self._written = float("-inf")
        self._width = 0

    def show(self, progress: Progress, *, final: bool = False) -> None:
        """Write the newest state, unless the last one is too fresh."""
        now = time.monotonic()
        if not final and now - self._written < (_TERMINAL_INTERVAL if self._in_terminal else _FILE_INTERVAL):
            return
        self._written = now
        self._put(f"{self._title}: {progress_words(progress)}", final=final)

    def say(self, words: str) -> None:
        """Write words of one's own, as while files are read."""
        now = time.monotonic()
        if self._in_terminal and now - self._written >= _TERMINAL_INTERVAL:
            self._written = now
            self._put(f"{self._title}: {words}", final=False)

    def clear(self) -> None:
        """Take the line away in a terminal."""
        if self._in_terminal and self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._stream.flush()
            self._width = 0

    def _put(self, line: str, *, final: bool) -> None:
        if self._in_terminal:
            self._stream.write("\r" + line.ljust(self._width) + ("\n" if final else ""))
            self._width = 0 if final else max(self._width, len(line))
        else:
            self._stream.write(line + "\n")
        self._stream.flush()


def progress_words(progress: Progress) -> str:
    """Return e.g. ``131 of 264 frames · 38 frames/s · 4 s left``."""
    words = [f"{progress.done:,} of {progress.total:,} frames"]
    if progress.kept:
        words.append(f"{progress.kept:,} kept from before")
    if progress.failed:
        words.append(f"{progress.failed:,} failed")
    if progress.rate:
        words.append(f"{progress.rate:.3g} frames/s")
    if progress.seconds_left is not None and progress.done < progress.total:
        words.append(f"{duration(progress.seconds_left)} left")
    elif progress.note and progress.done < progress.total:
        words.append(progress.note)
    return " · ".join(words)


def duration(seconds: float) -> str:
    """Return a time as people say it, e.g. ``4 s``, ``2 min 5 s``, ``1 h 12 min``."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
