"""What the views draw for one model: its filtered force components and the numbers reduced from them."""

from __future__ import annotations

from dataclasses import dataclass

from guiapp.benchmarks.force_table import ForceComponents, ForceTable
from guiapp.benchmarks.frame_filter import FrameFilter
from guiapp.benchmarks.high_energy import HighEnergySummary, summarise_high_energy
from guiapp.ui.shown_models import ShownModel


@dataclass(frozen=True, eq=False)
class Evaluation:
    """One model on the frames that the filter admits."""

    model: str
    title: str
    color_index: int
    """Place in the project's list of models, which decides the colour; a corrected model has its parent's."""
    table: ForceTable
    """A snapshot: it does not grow."""
    components: ForceComponents
    """Those of the admitted frames only."""
    summary: HighEnergySummary
    running: bool
    """Whether more frames are still to come."""
    corrected: bool = False
    """Whether the model's marks are hollow."""


def evaluate(table: ForceTable, frame_filter: FrameFilter, look: ShownModel, *, running: bool) -> Evaluation:
    """Reduce one snapshot; confidence intervals are left out while more frames are still to come."""
    return Evaluation(
        model=table.model,
        title=look.title,
        color_index=look.color_index,
        table=table,
        components=table.components(frame_filter),
        summary=summarise_high_energy(table, frame_filter, intervals=not running),
        running=running,
        corrected=look.corrected,
    )
