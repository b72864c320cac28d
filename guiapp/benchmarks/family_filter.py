"""The filter on elements and compounds, applied to the systems of a family."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from guiapp.benchmarks.family import FamilyResult, system_of
from guiapp.benchmarks.frame_filter import FrameFilter
from guiapp.frames.frame import Frame


@dataclass
class SystemFrames:
    """The frames of each system: which elements and compounds a row stands for, and what a click on it shows."""

    frames: dict[str, list[Frame]] = field(default_factory=dict)
    """By system, in the order of the plan."""

    def add(self, frames: Iterable[Frame]) -> None:
        """Note more frames; those known already are left as they are."""
        for frame in frames:
            known = self.frames.setdefault(system_of(frame), [])
            if all(one.content_hash != frame.content_hash for one in known):
                known.append(frame)

    def copy(self) -> SystemFrames:
        """Return a copy that does not grow, for another thread."""
        return SystemFrames({system: list(frames) for system, frames in self.frames.items()})

    def of(self, system: str) -> tuple[Frame, ...]:
        """Return the frames of a row's system; rows of one ordering carry the name of the whole solution in front of their own."""
        return tuple(self.frames.get(self._whole(system), ()))

    def elements(self, system: str) -> frozenset[str]:
        """Return the elements of a row's system."""
        return frozenset(element for frame in self.of(system) for element in frame.elements)

    def _whole(self, system: str) -> str:
        if system in self.frames:
            return system
        return max((name for name in self.frames if system.startswith(name)), key=len, default="")


def admitted(result: FamilyResult, systems: SystemFrames, chosen: FrameFilter) -> FamilyResult:
    """Return the rows, curves and failures of the systems that a filter admits.

    Args:
        result: Of one family.
        systems: Its frames.
        chosen: Its conditions on elements and compounds count. Those on forces, strain and single frames are of the high-energy family: a
            curve without its outer points would be another curve.

    Returns:
        The result, itself where nothing is left out.
    """
    if chosen.elements is None and chosen.compounds is None:
        return result
    known: dict[str, bool] = {}

    def admits(system: str) -> bool:
        if system not in known:
            frames = systems.of(system)
            compounds = {frame.compound for frame in frames}
            known[system] = (chosen.elements is None or bool(chosen.elements & systems.elements(system))) and (
                chosen.compounds is None or bool(chosen.compounds & compounds)
            )
        return known[system]

    return replace(
        result,
        rows=tuple(row for row in result.rows if admits(row.system)),
        curves=tuple(curve for curve in result.curves if admits(curve.system)),
        failures=tuple(one for one in result.failures if admits(one.system)),
    )


def family_filter_words(chosen: FrameFilter) -> str:
    """Return the part of a filter that holds for energies and curvatures, e.g. ``Li, O only``; empty where all systems count."""
    parts = []
    if chosen.elements is not None:
        parts.append(f"{', '.join(sorted(chosen.elements))} only")
    if chosen.compounds is not None:
        few = f"{next(iter(chosen.compounds), 'no compound')} only"
        parts.append(f"{len(chosen.compounds)} compounds" if len(chosen.compounds) > 1 else few)
    return ", ".join(parts)
