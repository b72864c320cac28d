"""What the views of the energy and curvature families read: one model on one family, as far as it is known."""

from __future__ import annotations

from dataclasses import dataclass

from guiapp.benchmarks.family import FamilyResult


@dataclass(frozen=True, eq=False)
class FamilyEntry:
    """Rows and curves of one model on one family, with how the window shows the model."""

    title: str
    """What the window calls the model."""
    color_index: int
    """Place in the list of models, which decides the colour (``Palette.model_color``)."""
    result: FamilyResult
    running: bool = False
    """Whether more is to come, so that what is shown is "so far"."""
    corrected: bool = False
    """Whether it is a corrected model, drawn hollow in its parent's colour."""

    @property
    def key(self) -> tuple[str, str, str]:
        """Family, model and mode: what tells entries apart."""
        return self.result.family, self.result.model, self.result.mode
