"""Chemical formulas with subscripts, for places that show text, figures, or letters painted one by one.

Only what is a formula changes: names such as ``mp-973966`` or ``frame 3`` stay as they are, and case is always kept, since
CO is not Co.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ase.data import chemical_symbols

_ELEMENTS = frozenset(chemical_symbols[1:])
_WORD = re.compile(r"[A-Za-z0-9.()\[\]]+")
_TOKEN = re.compile(r"(?P<symbol>[A-Z][a-z]?)|(?P<open>[(\[])|(?P<close>[)\]])|(?P<count>\d+(?:\.\d+)?)")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@lru_cache(maxsize=65536)
def subscripted(text: str) -> str:
    """Return plain text with Unicode subscripts, e.g. ``Al₂O₃`` for ``Al2O3``."""
    return "".join(run.translate(_SUBSCRIPTS) if lowered else run for run, lowered in subscript_runs(text))


@lru_cache(maxsize=65536)
def subscript_runs(text: str) -> tuple[tuple[str, bool], ...]:
    """Cut text into runs; the flag of a run says whether it is written as a subscript, e.g. the 2 and the 3 of ``Al2O3 frame 2``."""
    runs: list[tuple[str, bool]] = []

    def add(piece: str, *, lowered: bool) -> None:
        if runs and runs[-1][1] == lowered:
            runs[-1] = (runs[-1][0] + piece, lowered)
        elif piece:
            runs.append((piece, lowered))

    end = 0
    for word in _WORD.finditer(text):
        tokens = _tokens(word[0])
        # A word inside a longer name (mp-973966, Cu_AIMD) is part of that name and no formula.
        inside = text[max(word.start() - 1, 0) : word.start()] in {"-", "_"} or text[word.end() : word.end() + 1] in {"-", "_"}
        if tokens is None or inside:
            continue
        add(text[end : word.start()], lowered=False)
        for token, is_count in tokens:
            add(token, lowered=is_count)
        end = word.end()
    add(text[end:], lowered=False)
    return tuple(runs)


def _tokens(word: str) -> list[tuple[str, bool]] | None:
    """Return the parts of a formula, each with whether it is a count; None where the word is no formula."""
    tokens: list[tuple[str, bool]] = []
    position, depth, previous = 0, 0, ""
    while position < len(word):
        match = _TOKEN.match(word, position)
        if match is None or (match["symbol"] and match["symbol"] not in _ELEMENTS):
            return None
        kind = str(match.lastgroup)
        if kind == "count" and previous not in {"symbol", "close"}:
            return None
        depth += (kind == "open") - (kind == "close")
        if depth < 0:
            return None
        tokens.append((match[0], kind == "count"))
        position, previous = match.end(), kind
    return tokens if depth == 0 and any(is_count for _, is_count in tokens) else None
