"""Frames from ase atoms, and models loaded once for all potential tests."""

from __future__ import annotations

from functools import lru_cache

from ase import Atoms

from guiapp.frames.frame import Frame
from guiapp.potentials.registry import find_card, load_potential


def frame_of(atoms: Atoms, name: str = "") -> Frame:
    return Frame(atoms.numbers, atoms.positions, atoms.cell.array, tuple(bool(p) for p in atoms.pbc), name=name)


@lru_cache
def loaded(name: str):
    return load_potential(find_card(name), "cpu")
