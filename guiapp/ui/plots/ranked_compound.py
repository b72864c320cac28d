"""What rankings and distributions of compounds show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from guiapp.report.formula_text import subscripted
from guiapp.ui.plots.number_text import NOT_ENOUGH_SIGNAL, with_interval


@dataclass(frozen=True)
class ScaleMark:
    """One model's softening scale for one compound."""

    model_title: str
    color: str
    """The model's colour, ``#RRGGBB``."""
    scale: float | None
    interval: tuple[float, float] | None = None
    """95 % confidence interval."""
    corrected: bool = False
    """Whether the model is a corrected one: it gets a hollow mark."""
    enough_signal: bool = True
    """False where the signal gate refuses a scale."""

    @property
    def known_scale(self) -> float | None:
        """The scale where it may be shown, else None."""
        return self.scale if self.enough_signal and self.scale is not None and math.isfinite(self.scale) else None

    @property
    def words(self) -> str:
        """E.g. ``0.83 (0.79 to 0.87)`` or ``not enough signal``."""
        return NOT_ENOUGH_SIGNAL if self.known_scale is None else with_interval(self.known_scale, self.interval)


@dataclass(frozen=True)
class RankedCompound:
    """One row of a ranking."""

    compound: str
    """What the rest of the program calls it."""
    marks: tuple[ScaleMark, ...]
    """One a model, the same models in the same order in every row."""
    title: str = ""
    """What is written; the compound's own name, with subscripts where it is a formula, where empty."""
    detail: str = field(default="", compare=False)
    """Further words of the tooltip, e.g. ``3 frames, 72 force components``."""

    @property
    def shown_title(self) -> str:
        """What is written in the row."""
        return self.title or subscripted(self.compound)

    @property
    def rank(self) -> tuple[bool, float, str]:
        """Key that sorts the softest first, by the first model that has a scale, and rows without any to the end."""
        scale = next((mark.known_scale for mark in self.marks if mark.known_scale is not None), None)
        return (scale is None, scale or 0.0, self.compound)

    @property
    def sentence(self) -> str:
        """The row in words, for tooltips and screen readers."""
        if len(self.marks) == 1:
            mark = self.marks[0]
            words = mark.words if mark.known_scale is None else f"scale {mark.words}"
        else:
            words = "; ".join(f"{mark.model_title} {mark.words}" for mark in self.marks)
        return f"{self.shown_title}: {words}"


def softest_first(rows: Sequence[RankedCompound]) -> list[RankedCompound]:
    """Return rows sorted by softness."""
    return sorted(rows, key=lambda row: row.rank)


@dataclass(frozen=True)
class ScaleRange:
    """The part of the axis of softening scales that is shown; both ends are multiples of 0.1."""

    low: float = 0.5
    high: float = 1.1

    def grown(self, values: Sequence[float]) -> ScaleRange:
        """Return a range that also holds these values; an axis only ever grows, so that it stands still while data arrive."""
        low = min([self.low, *values])
        high = max([self.high, *values])
        return ScaleRange(min(self.low, math.floor(10 * low + 1e-9) / 10), max(self.high, math.ceil(10 * high - 1e-9) / 10))

    def ticks(self, most: int) -> list[float]:
        """Return at most so many tick values, round numbers that include 1."""
        for step in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0):
            first = math.ceil((self.low - 1) / step - 1e-9)
            last = math.floor((self.high - 1) / step + 1e-9)
            if last - first + 1 <= most:
                return [1 + k * step for k in range(first, last + 1)]
        return [1.0]

    def fraction(self, value: float) -> float:
        """Return where a value stands between the ends, 0 to 1 inside."""
        return (value - self.low) / (self.high - self.low)


LOWEST_SHOWN, HIGHEST_SHOWN = 0.0, 2.0
"""Ends beyond which the axis does not grow: marks further out stand at the edge, with an arrow."""


def range_of(rows: Sequence[RankedCompound], before: ScaleRange) -> ScaleRange:
    """Return the axis that these rows need, given the one that is shown."""
    marks = [mark for row in rows for mark in row.marks if mark.known_scale is not None]
    inside = [min(max(mark.known_scale or 0.0, LOWEST_SHOWN), HIGHEST_SHOWN) for mark in marks]
    # Long intervals of a few poor compounds must not squeeze all others: they widen the axis by 0.2 at most.
    lowest = max(min(inside, default=1.0) - 0.2, LOWEST_SHOWN)
    highest = min(max(inside, default=1.0) + 0.2, HIGHEST_SHOWN)
    ends = [end for mark in marks for end in mark.interval or () if math.isfinite(end)]
    return before.grown([*inside, *(min(max(end, lowest), highest) for end in ends)])
