"""The high-energy states as one family among the others."""

from __future__ import annotations

from collections.abc import Sequence

from guiapp.benchmarks.family import STATIC, Evaluated, FamilyResult
from guiapp.benchmarks.force_table import ForceTable
from guiapp.benchmarks.high_energy import FAMILY, rows, summarise_high_energy
from guiapp.benchmarks.relaxation_settings import RelaxationSettings
from guiapp.frames.frame import Frame
from guiapp.frames.reference_set import ReferenceSet


class HighEnergyFamily:
    """Softening scales of force components away from equilibrium; relaxing would leave nothing to measure."""

    name = FAMILY
    modes: tuple[str, ...] = (STATIC,)

    def plan(self, frames: Sequence[Frame]) -> tuple[Frame, ...]:
        """Return the frames with DFT forces."""
        return tuple(frame for frame in frames if frame.forces is not None)

    def relaxation(self, frame: Frame) -> RelaxationSettings | None:  # noqa: ARG002 - the same for every frame
        """Return None: these frames are never relaxed."""
        return None

    def reduce(self, evaluated: Sequence[Evaluated], *, model: str, mode: str) -> FamilyResult:
        """Return the scales of all compounds and of each, as rows with reference 1."""
        table = ForceTable(model)
        for one in evaluated:
            table.add(one.frame, one.prediction)
        return FamilyResult(self.name, model, mode, tuple(rows(summarise_high_energy(table), mode=mode)))

    def built_in_sets(self) -> tuple[ReferenceSet, ...]:
        """Return none: the set is shipped as a folder."""
        return ()
