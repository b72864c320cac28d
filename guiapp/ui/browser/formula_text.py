"""Chemical formulas inside ordinary text: recognised, parsed, and cut into runs with subscripts."""

from __future__ import annotations

import re
from functools import lru_cache
from math import gcd

from ase.data import atomic_numbers, chemical_symbols

ELEMENTS = frozenset(chemical_symbols[1:])
_TERM = re.compile(r"([A-Z][a-z]?)(\d*)")
_WHOLE = re.compile(r"(?:[A-Z][a-z]?\d*)+")
_WORD = re.compile(r"[A-Za-z0-9]+")


@lru_cache(maxsize=65536)
def parse_formula(word: str) -> dict[str, int] | None:
    """Return the count of each element of a plain formula such as ``Al2O3``; None where the word is no formula."""
    if not _WHOLE.fullmatch(word):
        return None
    counts: dict[str, int] = {}
    for symbol, number in _TERM.findall(word):
        if symbol not in ELEMENTS or number.startswith("0"):
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


@lru_cache(maxsize=65536)
def subscript_runs(text: str) -> tuple[tuple[str, bool], ...]:
    """Cut text into runs; the flag of a run says whether it is written as a subscript.

    Only digits of words that are formulas go down: ``Al2O3 frame 2`` has the subscripts 2 and 3, and ``mp2`` has none.
    """
    runs: list[tuple[str, bool]] = []

    def add(piece: str, *, lowered: bool) -> None:
        if runs and runs[-1][1] == lowered:
            runs[-1] = (runs[-1][0] + piece, lowered)
        elif piece:
            runs.append((piece, lowered))

    end = 0
    for word in _WORD.finditer(text):
        if parse_formula(word[0]) is None:
            continue
        add(text[end : word.start()], lowered=False)
        for symbol, number in _TERM.findall(word[0]):
            add(symbol, lowered=False)
            add(number, lowered=True)
        end = word.end()
    add(text[end:], lowered=False)
    return tuple(runs)


def is_element(word: str) -> bool:
    """Say whether a word is an element's symbol, written as chemists write it (``Co`` is, ``CO`` is not)."""
    return word in ELEMENTS


def atomic_number(symbol: str) -> int:
    """Return the number of an element."""
    return int(atomic_numbers[symbol])
