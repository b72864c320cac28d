"""How scales and counts are written in sentences, the same in the window, the reports and on the command line."""

from __future__ import annotations


def number_text(value: float) -> str:
    """Return a scale with two decimals and a real minus sign."""
    return f"{value:.2f}".replace("-", "−")


def counted(count: int, noun: str) -> str:
    """Return a count with its noun, e.g. ``1 frame`` and ``2,300 frames``."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
