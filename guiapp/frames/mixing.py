"""Which reference sets must not be thrown together: another functional or another +U means other forces, and one scale fits one of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from guiapp.frames.reference_set import ReferenceSet

_NAMES = (
    ("r2scan", "r2SCAN"), ("rscan", "rSCAN"), ("scan", "SCAN"), ("pbesol", "PBEsol"), ("revpbe", "revPBE"), ("rpbe", "RPBE"),
    ("pbe0", "PBE0"), ("hse", "HSE"), ("b3lyp", "B3LYP"), ("pw91", "PW91"), ("lda", "LDA"), ("beef", "BEEF"),
    ("opt", "optB"), ("pbe", "PBE"),
)  # fmt: skip
"""Marks of functionals, the more special ones first."""
_HUBBARD = re.compile(r"\+\s*u\b|\bhubbard", re.IGNORECASE)


@dataclass(frozen=True)
class LevelOfTheory:
    """What decides whether two labels of one configuration agree."""

    functional: str
    """E.g. ``PBE``; empty where unknown."""
    hubbard: bool
    """Whether a Hubbard U takes part, at least in some compounds."""

    def __str__(self) -> str:
        return f"{self.functional or 'an unknown functional'}{' with U' if self.hubbard else ''}"


@dataclass(frozen=True)
class Mismatch:
    """Two sets that do not belong together."""

    kind: Literal["functional", "+U"]
    first: ReferenceSet
    second: ReferenceSet

    def __str__(self) -> str:
        one, other = level_of_theory(self.first.provenance.functional), level_of_theory(self.second.provenance.functional)
        if self.kind == "functional":
            return (
                f"“{self.second.title}” is {other}, “{self.first.title}” is {one}: two functionals give two sets of forces,"
                " and a scale over both says nothing about a model."
            )
        without, with_u = (self.first, self.second) if other.hubbard else (self.second, self.first)
        return (
            f"“{with_u.title}” was computed with a Hubbard U and “{without.title}” without: where U acts"
            " (3d metals, Mo and W with O or F), energies and forces differ."
        )


def level_of_theory(functional: str) -> LevelOfTheory:
    """Read a functional as files and catalogues write it, e.g. ``PBE+U`` or ``GGA-PBE``."""
    text = functional.lower()
    name = next((title for mark, title in _NAMES if mark in text), "")
    if not name and text and not _HUBBARD.search(text):
        name = functional.strip()
    return LevelOfTheory(name, hubbard=bool(_HUBBARD.search(text)))


def mismatches(present: Sequence[ReferenceSet], coming: Sequence[ReferenceSet]) -> tuple[Mismatch, ...]:
    """Compare sets that are to be added with those that are there and with each other.

    Args:
        present: Sets of the project.
        coming: Sets to be added.

    Returns:
        At most one mismatch for each coming set, a functional before a +U; sets of unknown functional match everything.
    """
    found = []
    seen = list(present)
    for one in coming:
        other = level_of_theory(one.provenance.functional)
        pairs = [(known, level_of_theory(known.provenance.functional)) for known in seen]
        usable = [(known, level) for known, level in pairs if level.functional and other.functional]
        differing = next((known for known, level in usable if level.functional != other.functional), None)
        hubbard = next((known for known, level in usable if level.hubbard != other.hubbard), None)
        if differing is not None:
            found.append(Mismatch("functional", differing, one))
        elif hubbard is not None:
            found.append(Mismatch("+U", hubbard, one))
        seen.append(one)
    return tuple(found)
