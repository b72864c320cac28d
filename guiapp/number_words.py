"""How scales, counts and times are written in sentences, the same in the window, the reports and on the command line."""

from __future__ import annotations


def number_text(value: float) -> str:
    """Return a scale with two decimals and a real minus sign."""
    return f"{value:.2f}".replace("-", "−")


def counted(count: int, noun: str) -> str:
    """Return a count with its noun, e.g. ``1 frame`` and ``2,300 frames``."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def duration(seconds: float) -> str:
    """Return a time in the words of a clock: ``4 s``, ``3 min``, ``1 h 20 min``."""
    if seconds < 1:
        return "less than 1 s"
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
