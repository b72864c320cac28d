"""How numbers are written in every plot and table: a real minus sign, fixed decimals, an interval in words."""

from __future__ import annotations

import math

MINUS = "\N{MINUS SIGN}"
MISSING = "\N{EN DASH}"
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
NOT_ENOUGH_SIGNAL = "not enough signal"


def number(value: float | None, decimals: int = 2) -> str:
    """Return a number with fixed decimals and a real minus sign, or a dash where there is none."""
    if value is None or not math.isfinite(value):
        return MISSING
    text = f"{value:.{decimals}f}"
    if float(text) == 0:  # a rounded −0.00 says something that is not so
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def count(value: int) -> str:
    """Return a whole number with thousands separated, e.g. ``12,345``."""
    return f"{value:,}".replace("-", MINUS)


def percent(share: float | None, decimals: int = 0) -> str:
    """Return a fraction as a percentage, e.g. ``61 %``."""
    return MISSING if share is None or not math.isfinite(share) else f"{number(100 * share, decimals)}{NO_BREAK_SPACE}%"


def with_interval(value: float | None, interval: tuple[float, float] | None, decimals: int = 2) -> str:
    """Return a number with its interval, e.g. ``0.83 (0.79 to 0.87)``; the interval is left out where it is unknown."""
    text = number(value, decimals)
    if value is None or interval is None or not all(math.isfinite(end) for end in interval):
        return text
    return f"{text} ({number(interval[0], decimals)} to {number(interval[1], decimals)})"
