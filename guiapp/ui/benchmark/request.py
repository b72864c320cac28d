"""What the user wants to have computed."""

from __future__ import annotations

from dataclasses import dataclass, field

from guiapp.benchmarks.frame_filter import DEFAULT_LARGEST_FORCE
from guiapp.frames.frame import Frame


@dataclass(frozen=True, eq=False)
class FamilyPlan:
    """One family on the systems that it found in sets."""

    family: str
    mode: str
    """``static`` or ``relaxed``."""
    sets: tuple[str, ...]
    """Names of the sets."""
    frames: tuple[Frame, ...]
    """As ``Family.plan`` returned them."""


@dataclass(frozen=True)
class BenchmarkRequest:
    """One job a model and family comes of it."""

    sets: tuple[str, ...]
    """Names of the reference sets of high-energy states; empty where the selection is meant, or only other families."""
    models: tuple[str, ...]
    """Names in the registry."""
    selection: bool = False
    """Whether the frames picked in the browser are meant, in place of sets."""
    device: str = "auto"
    """``auto``, ``cpu`` or ``cuda``."""
    mode: str = "static"
    """``static`` (on the DFT geometries) or ``relaxed``."""
    max_force: float | None = DEFAULT_LARGEST_FORCE
    """Frames with a larger DFT force, eV/Å, are not computed; None computes all."""
    frames: tuple[Frame, ...] = field(default=(), repr=False, compare=False)
    """What that comes to: the labelled frames whose forces are compared; empty where only other families are wanted."""
    plans: tuple[FamilyPlan, ...] = field(default=(), repr=False, compare=False)
    """The other families."""
