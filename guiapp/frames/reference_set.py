"""A reference set: named frames together with where their labels come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from guiapp.frames.frame import Frame


@dataclass(frozen=True)
class Provenance:
    """What the labels are and who made them; unknown fields stay empty and are shown as unknown."""

    functional: str = ""
    code: str = ""
    settings: str = ""
    licence: str = ""
    citation: str = ""
    recipe: str = ""
    """How the configurations were sampled."""
    units_as_read: str = ""
    """Units and signs found in the file, before conversion."""
    source: str = ""
    """File, folder or address the set came from."""


@dataclass(frozen=True)
class ReferenceSet:
    """Named frames of one origin."""

    name: str
    """Stable identifier: ``high-energy`` for the shipped set, else derived from the file's name."""
    title: str
    frames: tuple[Frame, ...]
    provenance: Provenance = field(default_factory=Provenance)
    family: str = "high-energy"
    """The benchmark family that the frames belong to."""

    @property
    def compounds(self) -> dict[str, tuple[Frame, ...]]:
        """Frames by compound, in order of first appearance."""
        groups: dict[str, list[Frame]] = {}
        for frame in self.frames:
            groups.setdefault(frame.compound, []).append(frame)
        return {name: tuple(frames) for name, frames in groups.items()}


def functional_of(sets: Sequence[ReferenceSet]) -> str:
    """Return the functional of the labels, all of them where sets differ, empty where unknown."""
    return ", ".join(sorted({one.provenance.functional for one in sets if one.provenance.functional}))
