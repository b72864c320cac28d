"""Chemical formulas with subscripts, for places that show text, rich text or figures.

Only what is a formula changes: names such as ``mp-973966`` or ``frame 3`` stay as they are, and case is always kept, since
CO is not Co.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from ase.data import chemical_symbols

_ELEMENTS = frozenset(chemical_symbols[1:])
_WORD = re.compile(r"[A-Za-z0-9.()\[\]]+")
_TOKEN = re.compile(r"(?P<symbol>[A-Z][a-z]?)|(?P<open>[(\[])|(?P<close>[)\]])|(?P<count>\d+(?:\.\d+)?)")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@lru_cache(maxsize=65536)
def subscripted(text: str) -> str:
    """Return plain text with Unicode subscripts, e.g. ``Al₂O₃`` for ``Al2O3``."""
    return _rewritten(text, lambda count: count.translate(_SUBSCRIPTS))


@lru_cache(maxsize=65536)
def formula_html(text: str) -> str:
    """Return rich text with subscripts, e.g. ``Al<sub>2</sub>O<sub>3</sub>``; markup in the text is escaped."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _rewritten(escaped, lambda count: f"<sub>{count}</sub>")


def _rewritten(text: str, lower: Callable[[str], str]) -> str:
    pieces, end = [], 0
    for word in _WORD.finditer(text):
        tokens = _tokens(word[0])
        # A word inside a longer name (mp-973966, Cu_AIMD) is part of that name and no formula.
        inside = text[max(word.start() - 1, 0) : word.start()] in {"-", "_"} or text[word.end() : word.end() + 1] in {"-", "_"}
        if tokens is None or inside:
            continue
        pieces.append(text[end : word.start()])
        pieces += [lower(token) if is_count else token for token, is_count in tokens]
        end = word.end()
    return "".join([*pieces, text[end:]])


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
