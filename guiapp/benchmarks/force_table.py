"""DFT and model force components side by side, grown frame by frame while a benchmark runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from guiapp.benchmarks.frame_filter import FrameFilter
from guiapp.frames.frame import Floats, Frame, Integers
from guiapp.potentials.potential import Prediction


@dataclass(frozen=True, eq=False)
class ForceComponents:
    """Flat arrays of equal length n, one entry a Cartesian force component."""

    dft: Floats
    """(n,) eV/Å."""
    model: Floats
    """(n,) eV/Å."""
    frame: Integers
    """(n,) index into the table's ``frames``."""
    atom: Integers
    """(n,) index of the atom in its frame; the axis is the position modulo 3."""
    compound: Integers
    """(n,) index into the table's ``compounds``."""
    number: Integers
    """(n,) atomic number."""

    def take(self, mask: np.ndarray) -> ForceComponents:
        """Return the components that a boolean mask or an index array picks."""
        return ForceComponents(*(getattr(self, name)[mask] for name in self.__dataclass_fields__))

    def __len__(self) -> int:
        """Return the number of components."""
        return len(self.dft)


class ForceTable:
    """All force components of one model, with amortised constant cost a frame."""

    def __init__(self, model: str) -> None:
        """Start an empty table for the model of that name."""
        self.model = model
        self.frames: list[Frame] = []
        self.predictions: list[Prediction] = []
        self.compounds: list[str] = []
        self._compound_index: dict[str, int] = {}
        self._known: set[tuple[str, str]] = set()
        self._size = 0
        self._dft: Floats = np.empty(1024)
        self._model: Floats = np.empty(1024)
        self._indices: Integers = np.empty((4, 1024), dtype=np.int64)

    def add(self, frame: Frame, prediction: Prediction) -> bool:
        """Append the components of one labelled frame; return False where it is unlabelled or already there."""
        key = (frame.content_hash, frame.label_hash)
        if frame.forces is None or key in self._known:
            return False
        self._known.add(key)
        count = 3 * frame.n_atoms
        self._reserve(self._size + count)
        compound = self._compound_index.setdefault(frame.compound, len(self.compounds))
        if compound == len(self.compounds):
            self.compounds.append(frame.compound)
        part = slice(self._size, self._size + count)
        self._dft[part] = frame.forces.ravel()
        self._model[part] = prediction.forces.ravel()
        self._indices[0, part] = len(self.frames)
        self._indices[1, part] = np.repeat(np.arange(frame.n_atoms), 3)
        self._indices[2, part] = compound
        self._indices[3, part] = np.repeat(frame.numbers, 3)
        self.frames.append(frame)
        self.predictions.append(prediction)
        self._size += count
        return True

    def snapshot(self) -> ForceTable:
        """Return a copy that a thread may read while this table goes on growing; the components are not copied."""
        copy = ForceTable(self.model)
        copy.frames, copy.predictions, copy.compounds = list(self.frames), list(self.predictions), list(self.compounds)
        copy._known, copy._compound_index, copy._size = set(), {}, self._size
        # Entries below the size are written once, and growing makes new arrays, so these views never change.
        copy._dft, copy._model, copy._indices = self._dft[: self._size], self._model[: self._size], self._indices[:, : self._size]
        return copy

    def components(self, frame_filter: FrameFilter | None = None) -> ForceComponents:
        """Return the components of all frames, or of those that a filter admits."""
        n = self._size
        everything = ForceComponents(self._dft[:n], self._model[:n], *(row[:n] for row in self._indices))
        if frame_filter is None:
            return everything
        admitted = np.array([frame_filter.admits(frame) for frame in self.frames], dtype=bool)
        return everything if admitted.all() else everything.take(admitted[everything.frame])

    def _reserve(self, size: int) -> None:
        capacity = len(self._dft)
        if size <= capacity:
            return
        grown = max(size, 2 * capacity)
        self._dft = np.resize(self._dft, grown)
        self._model = np.resize(self._model, grown)
        indices = np.empty((4, grown), dtype=np.int64)
        indices[:, :capacity] = self._indices
        self._indices = indices
