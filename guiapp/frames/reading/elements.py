"""Atomic numbers of the species names that files use."""

from __future__ import annotations

import re
from functools import lru_cache

from ase.data import atomic_numbers

_SYMBOL = re.compile(r"[A-Z][a-z]?")
_OTHER_NAMES = {"D": "H", "T": "H", "r": "Zr"}
"""Deuterium and tritium, and how VASP 4 and 5 cut off zirconium."""


@lru_cache(maxsize=1024)
def atomic_number(species: str) -> int:
    """Return the atomic number of a species name such as ``Fe``, ``Fe3+``, ``Fe_pv`` or ``Fe1``.

    Returns:
        1 to 118, or 0 where it is no element, so that the frame can be shown and flagged.
    """
    name = species.strip()
    match = _SYMBOL.match(_OTHER_NAMES.get(name, name))
    return int(atomic_numbers.get(match.group(), 0)) if match else 0
