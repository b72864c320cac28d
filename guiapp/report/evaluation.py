"""One model's result as figures, tables and files read it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from guiapp.benchmarks.force_table import ForceTable
from guiapp.benchmarks.high_energy_summary import FAMILY, HighEnergySummary
from guiapp.engine.job import FrameFailure
from guiapp.frames.frame import Floats


@dataclass(frozen=True, eq=False)
class Evaluation:
    """One model on one selection of frames, with everything that has to be printed beside its numbers."""

    title: str
    """What figures call the model, e.g. ``CHGNet 0.3.0``."""
    summary: HighEnergySummary
    table: ForceTable = field(repr=False)
    """The table that the summary was made from."""
    family: str = FAMILY
    mode: str = "static"
    device: str = ""
    computed_by: str = ""
    """Which of several ways to the same numbers computed; empty where there is only one, or nothing was computed anew."""
    weights_hash: str = ""
    functional: str = ""
    """What the labels are, e.g. ``PBE``; empty where unknown."""
    failures: tuple[FrameFailure, ...] = ()
    color_index: int = 0
    """Place in the project's list of models, which decides the colour."""

    @property
    def model(self) -> str:
        """Name in the registry, or the path of a weights file."""
        return self.summary.model

    @property
    def file_stem(self) -> str:
        """The model's name as a file name on every system."""
        return re.sub(r"[^A-Za-z0-9.]+", "-", self.model).strip("-.") or "model"

    @cached_property
    def dft(self) -> Floats:
        """(n,) DFT force components of the summary's frames, eV/Å."""
        return _flat([frame.forces for frame in self.summary.frames if frame.forces is not None])

    @cached_property
    def predicted(self) -> Floats:
        """(n,) model force components in the same order, eV/Å."""
        return _flat([self.table.predictions[index].forces for index in self.summary.frame_index.tolist()])


def _flat(arrays: list[Floats]) -> Floats:
    return np.concatenate([array.ravel() for array in arrays]) if arrays else np.empty(0)
