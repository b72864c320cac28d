"""One model's result in one energy or curvature family, as figures, tables and files read it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from guiapp.benchmarks.description import describe_family
from guiapp.benchmarks.family import FamilyResult
from guiapp.benchmarks.family_rows import has_signal, signed_deviation
from guiapp.benchmarks.family_summary import FamilySummary, summarise
from guiapp.benchmarks.row import Row
from guiapp.engine.job import FrameFailure


@dataclass(frozen=True, eq=False)
class FamilyEvaluation:
    """One model on the systems of one family, with everything that has to be printed beside its numbers."""

    title: str
    """What figures call the model, e.g. ``CHGNet 0.3.0``."""
    result: FamilyResult
    device: str = ""
    weights_hash: str = ""
    functional: str = ""
    failures: tuple[FrameFailure, ...] = ()
    """Frames that could not be predicted or relaxed."""
    not_converged: tuple[str, ...] = ()
    """Names of frames whose relaxation stopped before its forces were small enough."""
    color_index: int = 0
    computed_by: str = ""
    """As in ``Evaluation``."""

    @property
    def file_stem(self) -> str:
        """The model's name as a file name on every system."""
        return re.sub(r"[^A-Za-z0-9.]+", "-", self.result.model).strip("-.") or "model"

    @property
    def quantity(self) -> str:
        """The quantity that judges the family."""
        return next(iter(describe_family(self.result.family).quantities))

    @property
    def summary(self) -> FamilySummary | None:
        """What the family says; None where no system could be reduced."""
        return summarise(self.result.rows) if self.result.rows else None

    @property
    def summaries(self) -> tuple[FamilySummary, ...]:
        """One summary a quantity that has rows, in the order of the card."""
        present = {row.quantity for row in self.result.rows}
        names = [name for name in describe_family(self.result.family).quantities if name in present]
        return tuple(summarise(self.result.rows, quantity=name) for name in names)

    @property
    def softest_first(self) -> tuple[Row, ...]:
        """Rows of the judging quantity with a signal, from soft to stiff."""
        rows = [row for row in self.result.rows if row.quantity == self.quantity and has_signal(row)]
        return tuple(sorted(rows, key=lambda row: (signed_deviation(row), row.system)))

    @property
    def failed(self) -> bool:
        """Whether anything has to be said that did not work."""
        return bool(self.failures or self.result.failures)


def systems_by_deviation(evaluations: Sequence[FamilyEvaluation]) -> list[str]:
    """Return every system, those that deviate most (in any model) first."""
    worst: dict[str, float] = {}
    for evaluation in evaluations:
        for row in evaluation.result.rows:
            worst.setdefault(row.system, 0.0)
        for row in evaluation.softest_first:
            worst[row.system] = max(worst[row.system], abs(signed_deviation(row)))
    return sorted(worst, key=lambda system: (-worst[system], system))
