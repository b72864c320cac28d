"""Chemical formulas as the search field takes them: recognised, parsed, and compared."""

from __future__ import annotations

import re
from functools import lru_cache
from math import gcd

from ase.data import chemical_symbols

_ELEMENTS = frozenset(chemical_symbols[1:])
_TERM = re.compile(r"([A-Z][a-z]?)(\d*)")
_WHOLE = re.compile(r"(?:[A-Z][a-z]?\d*)+")


@lru_cache(maxsize=65536)
def parse_formula(word: str) -> dict[str, int] | None:
    """Return the count of each element of a plain formula such as ``Al2O3``; None where the word is no formula."""
    if not _WHOLE.fullmatch(word):
        return None
    counts: dict[str, int] = {}
    for symbol, number in _TERM.findall(word):
        if symbol not in _ELEMENTS or number.startswith("0"):
            return None
        counts[symbol] = counts.get(symbol, 0) + int(number or 1)
    return counts


def reduced_counts(word: str) -> dict[str, int] | None:
    """Return the smallest whole-number composition of a formula, so that ``Al4O6`` equals ``O3Al2``."""
    counts = parse_formula(word)
    if counts is None:
        return None
    divisor = gcd(*counts.values())
    return {symbol: count // divisor for symbol, count in counts.items()}


def is_element(word: str) -> bool:
    """Say whether a word is an element's symbol, written as chemists write it (``Co`` is, ``CO`` is not)."""
    return word in _ELEMENTS
