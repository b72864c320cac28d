"""What a parity plot shows of one model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guiapp.ui.plots.number_text import NOT_ENOUGH_SIGNAL, with_interval


@dataclass(frozen=True, eq=False)
class ParitySeries:
    """Force components of one model against DFT, and the line fitted through them."""

    model_title: str
    color: str
    """The model's colour, ``#RRGGBB``: its line, and its points where they have no colour of their own."""
    dft: NDArray[np.float64]
    """(n,) eV/Å."""
    model: NDArray[np.float64]
    """(n,) eV/Å."""
    scale: float | None
    """Softening scale: slope of the fitted line through the origin; None where there is none."""
    interval: tuple[float, float] | None = None
    """95 % confidence interval of ``scale``."""
    point_colors: NDArray[np.uint32] | None = None
    """(n,) 0xAARRGGBB as ``guiapp.ui.plots.colouring`` makes them; None for the model's colour."""
    enough_signal: bool = True
    """False where the signal gate refuses a scale: no line is drawn."""
    corrected: bool = False
    """Whether the model is the corrected copy of another, whose colour it has: its points are rings, its line is dashed."""

    def __post_init__(self) -> None:
        """Refuse arrays that do not belong together, because indices are what the plot talks about.

        Raises:
            ValueError: Where the lengths differ.
        """
        colors = self.dft if self.point_colors is None else self.point_colors
        if not len(self.dft) == len(self.model) == len(colors):
            msg = f"{len(self.dft)} DFT components, {len(self.model)} of the model, {len(colors)} colours"
            raise ValueError(msg)

    @property
    def has_line(self) -> bool:
        """Whether a fitted line can be drawn."""
        return self.enough_signal and self.scale is not None and bool(np.isfinite(self.scale))

    def scale_text(self, correction: float = 1.0) -> str:
        """Return the words beside the line, e.g. ``scale 0.83 (0.79 to 0.87)``, with forces multiplied by a correction."""
        if self.scale is None or not self.has_line:
            return NOT_ENOUGH_SIGNAL
        ends = None if self.interval is None else (self.interval[0] * correction, self.interval[1] * correction)
        return f"scale {with_interval(self.scale * correction, ends)}"


def largest_component(series: Sequence[ParitySeries]) -> float:
    """Return the largest finite absolute value, DFT or model, eV/Å; 0 where there is none."""
    largest = 0.0
    for one in series:
        for values in (one.dft, one.model):
            if len(values) == 0:
                continue
            low, high = float(np.min(values)), float(np.max(values))
            if not np.isfinite(high - low):
                finite = values[np.isfinite(values)]
                low, high = float(finite.min(initial=0)), float(finite.max(initial=0))
            largest = max(largest, high, -low)
    return largest


def largest_errors(series: Sequence[ParitySeries], corrections: Sequence[float], limit: int) -> list[tuple[int, int]]:
    """Return (series, index) of the components with the largest errors |c y - x|, largest first, at most ``limit``."""
    candidates = []
    for k, (one, c) in enumerate(zip(series, corrections, strict=True)):
        error = np.abs(c * one.model - one.dft)
        error[~np.isfinite(error)] = -1
        keep = min(limit, len(error))
        largest = np.argpartition(-error, keep - 1)[:keep] if keep else np.zeros(0, dtype=np.intp)
        candidates += [(-float(error[i]), k, int(i)) for i in largest if error[i] >= 0]
    return [(k, i) for _, k, i in sorted(candidates)[:limit]]
