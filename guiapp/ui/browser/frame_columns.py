"""What the browser shows and filters by, one numpy column a property, so that 100,000 frames are filtered at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TypeVar

import numpy as np
from ase.data import chemical_symbols
from numpy.typing import NDArray

from guiapp.frames.frame import Floats, Frame, Integers
from guiapp.frames.reference_set import ReferenceSet

Scalar = TypeVar("Scalar", bound=np.generic)
Bits = NDArray[np.uint64]
Mask = NDArray[np.bool_]

LABEL_ENERGY, LABEL_FORCES, LABEL_STRESS = 1, 2, 4
_CHUNK = 2000  # frames looked at together: about 20 ms, and bounds the memory of the concatenated arrays
_N_ELEMENTS = len(chemical_symbols)
_DIGITS = re.compile(r"(\d+)")
_MD_KIND = re.compile(r"md(\d+(?:\.\d+)?)K")


def _element_bits() -> tuple[Bits, Bits]:
    """Return, by atomic number, the bit of an element in the lower and in the upper word."""
    low, high = np.zeros(_N_ELEMENTS, dtype=np.uint64), np.zeros(_N_ELEMENTS, dtype=np.uint64)
    for number in range(1, _N_ELEMENTS):
        word, bit = (low, number) if number < 64 else (high, number - 64)
        word[number] = np.uint64(1) << np.uint64(bit)
    return low, high


_LOW, _HIGH = _element_bits()
# Adding one random number an atom gives compositions a fingerprint, so that a formula is worked out once a composition.
_COMPOSITION_WEIGHT = np.random.default_rng(20250511).integers(1, 2**62, _N_ELEMENTS, dtype=np.uint64)


def temperature_of(frame: Frame) -> float:
    """Return the temperature at which a frame was sampled, K; nan where it is not known."""
    value = frame.info.get("temperature")
    if isinstance(value, (int, float)):
        return float(value)
    kind = _MD_KIND.fullmatch(str(frame.info.get("kind", "")))
    return float(kind[1]) if kind else np.nan


def strain_of(frame: Frame) -> float:
    """Return the strain recorded with a frame, as a fraction; nan where none is."""
    value = frame.info.get("strain")
    return float(value) if isinstance(value, (int, float)) else np.nan


def natural_ranks(names: Sequence[str]) -> Integers:
    """Return each name's place in natural order, in which ``frame 10`` follows ``frame 9``."""
    distinct = sorted(
        set(names), key=lambda name: [(part.isdigit(), int(part) if part.isdigit() else 0, part.lower()) for part in _DIGITS.split(name)]
    )
    place = {name: rank for rank, name in enumerate(distinct)}
    return np.fromiter((place[name] for name in names), dtype=np.int64, count=len(names))


class SetColumns:
    """The columns of one reference set.

    They are filled a few thousand frames at a time, so that a window can draw in between: call ``look_at_next`` until it says
    that nothing is left.
    """

    def __init__(self, reference_set: ReferenceSet) -> None:
        """Make room for the columns of a set."""
        self.reference_set = reference_set
        n = len(reference_set.frames)
        self.n_atoms: Integers = np.zeros(n, dtype=np.int64)
        self.largest_force: Floats = np.full(n, np.nan)
        self.low: Bits = np.zeros(n, dtype=np.uint64)
        self.high: Bits = np.zeros(n, dtype=np.uint64)
        self.temperature: Floats = np.full(n, np.nan)
        self.strain: Floats = np.full(n, np.nan)
        self.labels: Integers = np.zeros(n, dtype=np.int64)
        self.flagged: Mask = np.zeros(n, dtype=np.bool_)
        self.formula: Integers = np.zeros(n, dtype=np.int64)
        self.compound: Integers = np.zeros(n, dtype=np.int64)
        self._fingerprints: Bits = np.zeros(n, dtype=np.uint64)
        self._formula_place: dict[int, int] = {}
        self._compound_place: dict[str, int] = {}
        self.formulas: list[str] = []
        self._done = 0

    @classmethod
    def of(cls, reference_set: ReferenceSet) -> SetColumns:
        """Return the columns of a set, complete."""
        columns = cls(reference_set)
        while columns.look_at_next():
            pass
        return columns

    @property
    def compounds(self) -> list[str]:
        """The compounds in order of first appearance."""
        return list(self._compound_place)

    def look_at_next(self) -> bool:
        """Look at the next few thousand frames; return False where none was left."""
        start = self._done
        frames = self.reference_set.frames[start : start + _CHUNK]
        if not frames:
            return False
        part = slice(start, start + len(frames))
        self.n_atoms[part] = [len(frame.numbers) for frame in frames]
        self._look_at_atoms(frames, start)
        self.temperature[part] = [temperature_of(frame) for frame in frames]
        self.strain[part] = [strain_of(frame) for frame in frames]
        self.labels[part] = [
            LABEL_ENERGY * (frame.energy is not None)
            + LABEL_FORCES * (frame.forces is not None)
            + LABEL_STRESS * (frame.stress is not None)
            for frame in frames
        ]
        self.flagged[part] = [bool(frame.flags) for frame in frames]
        compounds = self._compound_place
        self.compound[part] = [compounds.setdefault(frame.compound, len(compounds)) for frame in frames]
        for place, fingerprint in enumerate(self._fingerprints[part].tolist(), start):
            known = self._formula_place.get(fingerprint)
            if known is None:
                known = self._formula_place[fingerprint] = len(self.formulas)
                self.formulas.append(frames[place - start].formula)
            self.formula[place] = known
        self._done += len(frames)
        return True

    def _look_at_atoms(self, frames: Sequence[Frame], start: int) -> None:
        """Fill what needs a look at every atom, for one run of frames."""
        counts = self.n_atoms[start : start + len(frames)]
        atoms = np.flatnonzero(counts)  # reduceat has no notion of an empty part
        if len(atoms):
            numbers = np.concatenate([frames[i].numbers for i in atoms.tolist()])
            numbers = np.where((numbers > 0) & (numbers < _N_ELEMENTS), numbers, 0)
            offsets = np.concatenate(([0], np.cumsum(counts[atoms])[:-1]))
            self.low[start + atoms] = np.bitwise_or.reduceat(_LOW[numbers], offsets)
            self.high[start + atoms] = np.bitwise_or.reduceat(_HIGH[numbers], offsets)
            self._fingerprints[start + atoms] = np.add.reduceat(_COMPOSITION_WEIGHT[numbers], offsets)
        labelled = np.array([i for i in atoms.tolist() if frames[i].forces is not None], dtype=np.int64)
        if len(labelled):
            forces = np.concatenate([np.asarray(frames[i].forces) for i in labelled.tolist()])
            offsets = np.concatenate(([0], np.cumsum(counts[labelled])[:-1]))
            squares = np.einsum("ij,ij->i", forces, forces)
            self.largest_force[start + labelled] = np.sqrt(np.maximum.reduceat(squares, offsets))


class FrameColumns:
    """The columns of all sets that are open, one entry a frame; frames and compounds are known by their place here."""

    def __init__(self, pieces: Sequence[SetColumns] = ()) -> None:
        """Join the columns of several sets."""
        self.sets: list[ReferenceSet] = [piece.reference_set for piece in pieces]
        self.frames: list[Frame] = [frame for piece in pieces for frame in piece.reference_set.frames]
        self.n_atoms = _join([piece.n_atoms for piece in pieces], np.int64)
        self.largest_force = _join([piece.largest_force for piece in pieces], np.float64)
        self.low = _join([piece.low for piece in pieces], np.uint64)
        self.high = _join([piece.high for piece in pieces], np.uint64)
        self.temperature = _join([piece.temperature for piece in pieces], np.float64)
        self.strain = _join([piece.strain for piece in pieces], np.float64)
        self.labels = _join([piece.labels for piece in pieces], np.int64)
        self.flagged = _join([piece.flagged for piece in pieces], np.bool_)
        self.formulas = [formula for piece in pieces for formula in piece.formulas]
        self.formula = _join_places([piece.formula for piece in pieces], [len(piece.formulas) for piece in pieces])
        self.compounds = [name for piece in pieces for name in piece.compounds]
        self.compound = _join_places([piece.compound for piece in pieces], [len(piece.compounds) for piece in pieces])
        self.set_of_compound: Integers = np.repeat(np.arange(len(pieces)), [len(piece.compounds) for piece in pieces])
        self.frames_in_compound: Integers = np.bincount(self.compound, minlength=len(self.compounds))

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self.frames)

    @cached_property
    def texts(self) -> list[str]:
        """What a search looks through, by frame: compound, formula, name."""
        heads = [f"{compound} " for compound in self.compounds]
        compounds, formulas = self.compound.tolist(), self.formula.tolist()
        return [f"{heads[c]}{self.formulas[f]} {frame.name}" for frame, c, f in zip(self.frames, compounds, formulas, strict=True)]

    @cached_property
    def lower_texts(self) -> list[str]:
        """The texts in lower case."""
        return [text.lower() for text in self.texts]

    @cached_property
    def name_rank(self) -> Integers:
        """Place of each frame's name in natural order."""
        return natural_ranks([frame.name for frame in self.frames])

    @cached_property
    def compound_rank(self) -> Integers:
        """Place of each compound's name in natural order."""
        return natural_ranks(self.compounds)

    @cached_property
    def compound_formula(self) -> list[str]:
        """Formula of each compound's first frame."""
        _, first = np.unique(self.compound, return_index=True)
        return [self.formulas[f] for f in self.formula[first].tolist()]

    def contains_any(self, symbols: Iterable[str]) -> Mask:
        """Return (n_frames,): which frames contain at least one of the elements."""
        low, high = np.uint64(0), np.uint64(0)
        for symbol in symbols:
            number = chemical_symbols.index(symbol)
            low, high = low | _LOW[number], high | _HIGH[number]
        found: Mask = ((self.low & low) | (self.high & high)) != 0
        return found

    def element_counts(self) -> dict[str, int]:
        """Return how many frames contain each element that occurs."""
        counts = {symbol: int(np.count_nonzero(self.contains_any([symbol]))) for symbol in chemical_symbols[1:]}
        return {symbol: count for symbol, count in counts.items() if count}

    def find(self, frame_hash: str, compounds: Sequence[int] = ()) -> int | None:
        """Return the place of the frame with that content hash, looking into the given compounds first."""
        for compound in compounds:
            for place in np.flatnonzero(self.compound == compound).tolist():
                if self.frames[place].content_hash == frame_hash:
                    return int(place)
        return self._place_by_hash.get(frame_hash)

    def with_hashes(self, hashes: frozenset[str]) -> Mask:
        """Return (n_frames,): which frames are among the given content hashes."""
        return np.fromiter((frame.content_hash in hashes for frame in self.frames), dtype=np.bool_, count=len(self.frames))

    @cached_property
    def _place_by_hash(self) -> dict[str, int]:
        # Reversed, so that of two equal frames the first one wins.
        return {self.frames[place].content_hash: place for place in range(len(self.frames) - 1, -1, -1)}


def _join(parts: list[NDArray[Scalar]], kind: type[Scalar]) -> NDArray[Scalar]:
    return np.concatenate(parts) if parts else np.empty(0, dtype=kind)


def _join_places(parts: list[Integers], sizes: list[int]) -> Integers:
    shifts = np.cumsum([0, *sizes])
    return np.concatenate([part + shift for part, shift in zip(parts, shifts, strict=False)]) if parts else np.empty(0, dtype=np.int64)
