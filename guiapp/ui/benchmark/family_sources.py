"""Which structures each family can be measured on: sets of the project, shipped sets, and those that a family brings along."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from guiapp.benchmarks.family import Family, system_of
from guiapp.benchmarks.high_energy_summary import FAMILY as HIGH_ENERGY
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.frames.reference_set import ReferenceSet

OPEN, SHIPPED, BUILT_IN = "open", "shipped", "comes with the family"
_MOST_FRAMES = 5000
"""A larger set is only looked through for the family that it was made for: recognising slabs or paths compares frames with each other."""


@dataclass(frozen=True, eq=False)
class FamilySource:
    """One set that a family found systems in."""

    family: str
    name: str
    title: str
    where: str
    """``open``, ``shipped`` or ``comes with the family``."""
    frames: tuple[Frame, ...]
    """As ``Family.plan`` returned them."""
    functional: str = ""

    @property
    def n_systems(self) -> int:
        """How many systems it holds."""
        return len({system_of(frame) for frame in self.frames})

    @property
    def key(self) -> tuple[str, str]:
        """Where it is and what it is called: what tells sources of a family apart."""
        return self.where, self.name


def find_sources(sets: Sequence[ReferenceSet], *, stop: Callable[[], None]) -> tuple[FamilySource, ...]:
    """Return what every family but the forces can be measured on; called in a thread, since shipped sets are read.

    Args:
        sets: The sets of the project.
        stop: Called between sets; raises where the answer is no longer wanted.
    """
    from guiapp.benchmarks.registry import families  # noqa: PLC0415 - with every family, which the start has no time for

    found: list[FamilySource] = []
    for family in families():
        if family.name == HIGH_ENERGY:
            continue
        for one in sets:
            stop()
            if _may_hold(one, family.name):
                found += _source(family, one, OPEN)
        stop()
        open_names = {one.name for one in sets}
        for one in _shipped_sets(family.name):
            if one.name not in open_names:
                found += _source(family, one, SHIPPED)
        for one in family.built_in_sets():
            if one.name not in open_names:
                found += _source(family, one, BUILT_IN)
    return tuple(found)


def sources_of_frames(frames: Sequence[Frame], name: str, title: str) -> tuple[FamilySource, ...]:
    """Return what every family but the forces finds in a few frames, e.g. those picked in the browser."""
    from guiapp.benchmarks.registry import families  # noqa: PLC0415 - as above

    one = ReferenceSet(name, title, tuple(frames))
    return tuple(source for family in families() if family.name != HIGH_ENERGY for source in _source(family, one, OPEN))


def _may_hold(one: ReferenceSet, family: str) -> bool:
    """Say whether a set is looked through for a family: its own, or any where the set was made for none of them."""
    return one.family == family or (one.family == HIGH_ENERGY and len(one.frames) <= _MOST_FRAMES)


def _source(family: Family, one: ReferenceSet, where: str) -> list[FamilySource]:
    frames = family.plan(one.frames)
    return [FamilySource(family.name, one.name, one.title or one.name, where, frames, one.provenance.functional)] if frames else []


@cache
def _shipped_sets(family: str) -> tuple[ReferenceSet, ...]:
    """Return the shipped sets of a family, read once; one that is damaged is left out, and the data page says so."""
    from guiapp.frames.shipped import open_shipped, shipped_sets  # noqa: PLC0415 - it imports every reader, a second of work

    found = []
    for summary in shipped_sets():
        if summary.family == family:
            try:
                found.append(open_shipped(summary.name))
            except UserFacingError:
                continue
    return tuple(found)
