"""Which compounds and frames are listed, and in what order: plain arrays beneath the tree."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from guiapp.frames.frame import Floats, Integers
from guiapp.ui.browser.frame_columns import FrameColumns, Mask


class Column(IntEnum):
    """The columns of the browser."""

    NAME = 0
    SCALE = 1
    SIZE = 2
    """Frames of a set or compound, atoms of a frame."""
    FORCE = 3
    CONDITION = 4
    """Temperature and strain."""
    LABELS = 5


@dataclass(frozen=True)
class Order:
    """How each level is sorted; without a column things stay as they are in the file."""

    column: Column | None = None
    descending: bool = False


class Arrangement:
    """Frames and compounds by row; every question the tree asks is answered in constant time."""

    def __init__(self, columns: FrameColumns, mask: Mask, order: Order, scales: Floats) -> None:
        """Sort what the mask admits.

        Args:
            columns: The columns of all frames.
            mask: (n_frames,) which frames are listed.
            order: How to sort.
            scales: (n_compounds,) softening scale, nan where there is none.
        """
        self.mask = mask
        n_compounds = len(columns.compounds)
        visible = np.flatnonzero(mask)
        compound = columns.compound[visible]
        self.count: Integers = np.bincount(compound, minlength=n_compounds)
        """(n_compounds,) listed frames."""
        self.start: Integers = np.concatenate(([0], np.cumsum(self.count)[:-1])) if n_compounds else np.empty(0, dtype=np.int64)
        self.largest_force: Floats = np.full(n_compounds, -np.inf)
        """(n_compounds,) eV/Å, of the listed frames; -inf where none has forces."""
        np.fmax.at(self.largest_force, compound, columns.largest_force[visible])
        keys = _directed(_frame_keys(columns, order.column)[visible], order)
        self.frames: Integers = visible[np.lexsort((keys, compound))]
        """Listed frames, compound after compound in the columns' order."""
        # Lists as well: Qt asks for one row at a time, and reading one number from a list is ten times cheaper than from an array.
        self.frame_list: list[int] = self.frames.tolist()
        self.start_list: list[int] = self.start.tolist()
        self.count_list: list[int] = self.count.tolist()
        self.frame_row: Integers = np.full(len(columns), -1, dtype=np.int64)
        self.frame_row[self.frames] = np.arange(len(self.frames)) - self.start[columns.compound[self.frames]]

        compound_keys = _directed(self._compound_keys(columns, order.column, scales), order)
        ranked = np.lexsort((compound_keys, columns.set_of_compound))
        ranked = ranked[self.count[ranked] > 0]
        sets = columns.set_of_compound[ranked]
        self.compounds: list[Integers] = [ranked[sets == s] for s in range(len(columns.sets))]
        """Listed compounds of each set, in order."""
        self.compound_row: Integers = np.full(n_compounds, -1, dtype=np.int64)
        for members in self.compounds:
            self.compound_row[members] = np.arange(len(members))
        everything = bool(mask.all())
        self.sets: list[int] = [s for s, members in enumerate(self.compounds) if len(members) or everything]
        """Listed sets; an empty set is listed as long as nothing is filtered."""
        self.set_row: dict[int, int] = {s: row for row, s in enumerate(self.sets)}
        self.frames_in_set: list[int] = [int(self.count[members].sum()) for members in self.compounds]

    def frames_of_compound(self, compound: int) -> Integers:
        """Return the listed frames of a compound, in order."""
        first = int(self.start[compound])
        return self.frames[first : first + int(self.count[compound])]

    def _compound_keys(self, columns: FrameColumns, column: Column | None, scales: Floats) -> Floats:
        n = len(columns.compounds)
        if column is Column.NAME:
            return columns.compound_rank.astype(np.float64)
        if column is Column.SCALE:
            return scales
        if column is Column.SIZE:
            return self.count.astype(np.float64)
        if column is Column.FORCE:
            return np.where(np.isfinite(self.largest_force), self.largest_force, np.nan)
        if column is None:
            return np.arange(n, dtype=np.float64)
        weights = np.nan_to_num(_frame_keys(columns, column))
        means: Floats = np.bincount(columns.compound, weights=weights, minlength=n) / np.maximum(columns.frames_in_compound, 1)
        return means


def _frame_keys(columns: FrameColumns, column: Column | None) -> Floats:
    """Return (n_frames,) what a column is sorted by; nan sorts last in both directions."""
    if column is Column.NAME:
        return columns.name_rank.astype(np.float64)
    if column is Column.SIZE:
        return columns.n_atoms.astype(np.float64)
    if column is Column.FORCE:
        return columns.largest_force
    if column is Column.CONDITION:
        # Temperature first, strain (a fraction, so below the kelvins) second.
        known = ~(np.isnan(columns.temperature) & np.isnan(columns.strain))
        return np.where(known, np.nan_to_num(columns.temperature) + np.nan_to_num(columns.strain), np.nan)
    if column is Column.LABELS:
        # Forces are what a benchmark needs, so they weigh most; flagged frames come after clean ones.
        weight: Floats = np.array([0.0, 1.0, 4.0, 5.0, 2.0, 3.0, 6.0, 7.0])[columns.labels]
        return weight - 0.5 * columns.flagged
    return np.arange(len(columns), dtype=np.float64)


def _directed(keys: Floats, order: Order) -> Floats:
    return -keys if order.descending and order.column is not None else keys
