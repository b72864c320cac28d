"""What people are told about data sets on their machine: sizes, states, progress."""

from __future__ import annotations

from guiapp.frames.download import DownloadProgress
from guiapp.frames.library import SetState
from guiapp.number_words import duration

_UNITS = (("GB", 1e9), ("MB", 1e6), ("kB", 1e3))


def size_words(n_bytes: float) -> str:
    """Return e.g. ``754 kB`` or ``12.2 GB``."""
    for unit, size in _UNITS:
        if n_bytes >= size:
            return f"{n_bytes / size:.3g} {unit}"
    return f"{n_bytes:.0f} bytes"


def state_words(state: SetState) -> str:
    """Say in a few words whether a set is on this machine."""
    if state.given:
        return f"your file {state.paths[0]} ({size_words(state.n_bytes)})"
    if state.here:
        agreed = ", checksum verified" if state.verified else ""
        return f"downloaded on {state.since[:10]}, {size_words(state.n_bytes)}{agreed}"
    return f"{size_words(state.n_bytes)} downloaded so far" if state.part_of else "not on this machine"


def progress_words(progress: DownloadProgress) -> str:
    """Return e.g. ``312 MB of 12.2 GB · 8.1 MB/s · 24 min left · from figshare.com``."""
    words = [size_words(progress.done) + (f" of {size_words(progress.total)}" if progress.total is not None else "")]
    if progress.rate > 0:
        words.append(f"{size_words(progress.rate)}/s")
    if progress.seconds_left is not None:
        words.append(f"{duration(progress.seconds_left)} left")
    return " · ".join([*words, progress.words])
