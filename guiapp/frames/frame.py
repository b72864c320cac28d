"""A frame: one configuration of atoms and, where known, its DFT labels."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from types import MappingProxyType

import numpy as np
from ase import Atoms
from ase.data import chemical_symbols
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Info = str | float | int | bool


@lru_cache(maxsize=4096)
def _reduced_formula(counts: tuple[tuple[str, int], ...]) -> str:
    from pymatgen.core import Composition, DummySpecies  # noqa: PLC0415 - half a second that the window need not wait for

    known = {DummySpecies("X") if symbol == "X" else symbol: count for symbol, count in counts}
    return str(Composition(known).reduced_formula) if known else ""


_HASH_GRID = 1e-6  # Å; positions and cell that agree to this are the same configuration


@dataclass(frozen=True)
class Flag:
    """Something about a frame that the user should know; the frame is kept all the same."""

    code: str
    """Stable short name, e.g. ``no-forces``, ``nan``, ``net-force``, ``overlap``, ``no-volume``, ``unknown-element``."""
    message: str
    """What is the matter and why it matters, in one sentence."""
    advice: str
    """What to do about it, in one sentence."""
    excludes: bool
    """True where the frame cannot take part in a benchmark (it is still shown)."""


@dataclass(frozen=True)
class Origin:
    """Where a frame was read from."""

    path: str
    """File as the user named it; empty for a frame made in the program."""
    index: int = 0
    """Position in the file, from 0."""
    keys: tuple[str, ...] = ()
    """The keys of the file that became energy, forces and stress, e.g. ``REF_energy``."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One configuration and, if known, its labels; never changed after it is made."""

    numbers: Integers
    """Atomic numbers, (n_atoms,)."""
    positions: Floats
    """Cartesian positions, (n_atoms, 3) Å."""
    cell: Floats
    """Lattice vectors as rows, (3, 3) Å; zeros where there is no cell."""
    pbc: tuple[bool, bool, bool] = (True, True, True)
    energy: float | None = None
    """DFT total energy of the frame, eV."""
    forces: Floats | None = None
    """DFT forces, (n_atoms, 3) eV/Å."""
    stress: Floats | None = None
    """DFT stress, (3, 3) eV/Å^3 with ase's sign (positive: the cell wants to shrink)."""
    magmoms: Floats | None = None
    """DFT magnetic moments, (n_atoms,) Bohr magnetons."""
    name: str = ""
    """What the browser shows, unique within its compound, e.g. ``frame 3``."""
    compound: str = ""
    """The group that shares one softening scale: the source's id, else reduced formula and site count."""
    origin: Origin = Origin("")
    info: Mapping[str, Info] = field(default_factory=dict)
    """Other facts from the file: ``strain``, ``kind``, ``temperature``, ``dft`` ..."""
    flags: tuple[Flag, ...] = ()

    def __post_init__(self) -> None:
        """Freeze the arrays, so that a frame can be shared between threads."""
        for name in ("numbers", "positions", "cell", "forces", "stress", "magmoms"):
            value = getattr(self, name)
            if value is not None:
                array = np.array(value, dtype=np.int64 if name == "numbers" else np.float64)
                array.setflags(write=False)
                object.__setattr__(self, name, array)
        object.__setattr__(self, "pbc", tuple(bool(periodic) for periodic in self.pbc))
        object.__setattr__(self, "info", MappingProxyType(dict(self.info)))

    def __getstate__(self) -> dict[str, object]:
        """Return what another process is sent: a read-only mapping cannot be pickled."""
        return {**self.__dict__, "info": dict(self.info)}

    def __setstate__(self, state: dict[str, object]) -> None:
        """Freeze the arrays again, which arrive writable."""
        self.__dict__.update(state)
        self.__post_init__()

    @property
    def n_atoms(self) -> int:
        """Number of atoms."""
        return len(self.numbers)

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """Chemical symbols in order; ``X`` for a number that is no element."""
        return tuple(chemical_symbols[z] if 0 <= z < len(chemical_symbols) else "X" for z in self.numbers.tolist())

    @cached_property
    def elements(self) -> frozenset[str]:
        """The elements that take part."""
        return frozenset(self.symbols)

    @cached_property
    def formula(self) -> str:
        """Reduced formula, elements by electronegativity, e.g. ``LiFePO4``."""
        return _reduced_formula(tuple(sorted(Counter(self.symbols).items())))

    @cached_property
    def volume(self) -> float:
        """Volume of the cell, Å^3; 0 without a cell."""
        return float(abs(np.linalg.det(self.cell)))

    @cached_property
    def largest_force(self) -> float | None:
        """Length of the longest DFT force vector, eV/Å; None without forces."""
        if self.forces is None or not len(self.forces):
            return None
        return float(np.linalg.norm(self.forces, axis=1).max())

    @property
    def usable(self) -> bool:
        """True where no flag keeps the frame out of a benchmark."""
        return not any(flag.excludes for flag in self.flags)

    @property
    def obstacle(self) -> Flag | None:
        """The flag that keeps models from predicting the frame; a missing label does not."""
        return next((flag for flag in self.flags if flag.excludes and flag.code != "no-forces"), None)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of species, positions and cell (to 1e-6 Å) and periodicity; labels do not enter."""
        digest = hashlib.sha256(np.asarray(self.numbers, dtype="<i8").tobytes())
        for array in (self.positions, self.cell):
            with np.errstate(invalid="ignore"):
                digest.update(np.rint(np.nan_to_num(array, nan=9e9) / _HASH_GRID).astype("<i8").tobytes())
        digest.update(bytes(self.pbc))
        return digest.hexdigest()

    @cached_property
    def label_hash(self) -> str:
        """SHA-256 of the labels, empty where there are none: two DFT codes may label one configuration."""
        if self.energy is None and self.forces is None and self.stress is None:
            return ""
        digest = hashlib.sha256()
        for value in (self.energy, self.forces, self.stress, self.magmoms):
            digest.update(b"-" if value is None else np.asarray(value, dtype="<f8").tobytes())
        return digest.hexdigest()

    def with_changes(self, **changes: object) -> Frame:
        """Return a copy in which the named fields differ."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def to_atoms(self, *, labels: bool = False) -> Atoms:
        """Return ase atoms, with the DFT labels as a single-point calculator if wanted."""
        atoms = Atoms(numbers=self.numbers, positions=self.positions, cell=self.cell, pbc=self.pbc)
        if labels:
            results = {"energy": self.energy, "forces": self.forces, "stress": self.stress, "magmoms": self.magmoms}
            known = {key: value for key, value in results.items() if value is not None}
            if "stress" in known:
                s = np.asarray(known["stress"])
                known["stress"] = np.array([s[0, 0], s[1, 1], s[2, 2], s[1, 2], s[0, 2], s[0, 1]])
            from ase.calculators.singlepoint import SinglePointCalculator  # noqa: PLC0415 - the window starts without it

            atoms.calc = SinglePointCalculator(atoms, **known)
        return atoms
