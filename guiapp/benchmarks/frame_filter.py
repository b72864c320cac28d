"""Which frames take part in every number shown: the filter that is printed beside it."""

from __future__ import annotations

from dataclasses import dataclass

from guiapp.frames.frame import Frame

DEFAULT_LARGEST_FORCE = 30.0
"""eV/Å. The scale depends on the tail, and beyond this DFT labels themselves disagree (PAW spheres overlap)."""


@dataclass(frozen=True)
class FrameFilter:
    """Conditions that a frame must meet; None means no condition."""

    max_force: float | None = DEFAULT_LARGEST_FORCE
    """Largest DFT force vector, eV/Å."""
    elements: frozenset[str] | None = None
    """Only frames that contain at least one of these elements."""
    compounds: frozenset[str] | None = None
    max_strain: float | None = None
    """Largest absolute strain recorded with the frame, as a fraction."""
    frames: frozenset[str] | None = None
    """Only these frames (content hashes): what a region drawn on a plot selects."""

    def admits(self, frame: Frame) -> bool:
        """Say whether a frame takes part."""
        largest, strain = frame.largest_force, frame.info.get("strain")
        return not (
            (self.max_force is not None and largest is not None and not largest <= self.max_force)
            or (self.elements is not None and not self.elements & frame.elements)
            or (self.compounds is not None and frame.compound not in self.compounds)
            or (self.max_strain is not None and isinstance(strain, (int, float)) and abs(strain) > self.max_strain)
            or (self.frames is not None and frame.content_hash not in self.frames)
        )

    def describe(self) -> str:
        """Return the words printed beside a number, e.g. ``|F| ≤ 30 eV/Å · all elements``."""
        parts = [f"|F| ≤ {self.max_force:g} eV/Å" if self.max_force is not None else "all forces"]
        parts.append(", ".join(sorted(self.elements)) if self.elements is not None else "all elements")
        if self.compounds is not None:
            parts.append(f"{len(self.compounds)} compounds" if len(self.compounds) > 1 else next(iter(self.compounds), "none"))
        if self.max_strain is not None:
            parts.append(f"strain ≤ {100 * self.max_strain:g} %")
        if self.frames is not None:
            parts.append(f"region of {len(self.frames)} frames")
        return " · ".join(parts)
