"""The comment line of extended xyz: key=value pairs.

Lines as programs write them (bare words and double quotes) are taken apart by one regular expression, ten times faster than
ase's character-by-character parser; anything else (brackets, escapes, JSON values) goes to ase's. Both give the same values.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from ase.io.extxyz import key_val_str_to_dict

_PAIR = re.compile(r"""([^\s="'{}\[\]\\,]+)=(?:"([^"\\]*)"|([^\s="'{}\[\]\\]+))(?:\s+|$)""")
_BOOLEANS = {"T": True, "F": False, "true": True, "false": False, "True": True, "False": False, "TRUE": True, "FALSE": False}
_ALWAYS_TEXT = "uid"
"""ase keeps what looks like a number as text under this key; the same is done here."""
_TENSOR = re.compile(r"(?<!\S)(stress|virial)=")


def parse_comment(line: str) -> dict[str, Any]:
    """Return the pairs of a comment line.

    Args:
        line: The second line of a configuration.

    Returns:
        Numbers, booleans, text, and arrays of numbers; ``Lattice`` as a 3 x 3 matrix whose columns are the lattice vectors.

    Raises:
        ValueError: If the lattice has not nine numbers.
    """
    text = line.strip()
    pairs: dict[str, Any] = {}
    at = 0
    while at < len(text):
        match = _PAIR.match(text, at)
        if match is None:
            return _by_ase(text)
        at = match.end()
        key, quoted, bare = match.groups()
        value = quoted if quoted is not None else bare
        if value.startswith("_JSON"):
            return _by_ase(text)
        pairs[key] = _converted(key, value)
    return pairs


def _by_ase(text: str) -> dict[str, Any]:
    """Parse with ase, which insists on nine numbers for ``stress`` and ``virial``; six are as common."""
    if "=" not in text:
        return {}
    pairs = key_val_str_to_dict(_TENSOR.sub(r"tensor_\1=", text))
    return {key.removeprefix("tensor_"): value for key, value in pairs.items()}


def _converted(key: str, value: str) -> Any:
    if key.lower() == _ALWAYS_TEXT:
        return value
    words = value.replace(",", " ").split()
    numbers: Any = None
    for kind in (int, float):
        try:
            numbers = [kind(word) for word in words]
        except ValueError:
            continue
        break
    if key == "Lattice":
        if numbers is None or len(numbers) != 9:
            raise ValueError("the lattice needs nine numbers")
        return np.array(numbers, dtype=float).reshape(3, 3, order="F")
    if numbers:
        return numbers[0] if len(numbers) == 1 else np.array(numbers)
    booleans = [_BOOLEANS.get(word) for word in words]
    if words and None not in booleans:
        return booleans[0] if len(booleans) == 1 else booleans
    return value
