"""The frames that are measured: shipped DFT-labelled crystals, and supercells of them."""

from __future__ import annotations

import numpy as np

from guiapp.frames.frame import Frame, Integers
from guiapp.frames.shipped import open_shipped

_RATTLE = 0.03  # Å


def small_cells(count: int) -> list[Frame]:
    """Return labelled high-energy frames of the shipped set, spread over its compounds.

    Args:
        count: How many; where the set has fewer, rattled copies follow, each a configuration of its own.
    """
    shipped = [frame for frame in open_shipped("high-energy").frames if frame.usable and frame.forces is not None]
    random = np.random.default_rng(0)
    order = random.permutation(len(shipped))
    frames = [shipped[k] for k in order[: min(count, len(shipped))]]
    copies = (_rattled(shipped[order[k % len(shipped)]], random, f"copy {k}") for k in range(len(frames), count))
    return [*frames, *copies]


def supercells(count: int, repeats: tuple[int, int, int] = (2, 2, 2)) -> list[Frame]:
    """Return rattled supercells of high-energy frames, of 64 atoms and more."""
    random = np.random.default_rng(1)
    return [_rattled(repeated(frame, repeats), random, f"supercell {k}") for k, frame in enumerate(small_cells(count))]


def cells_of_size(n_atoms: int, total_atoms: int) -> list[Frame]:
    """Return rattled cells of one crystal, silicon, that differ in nothing but the number of atoms.

    Args:
        n_atoms: Atoms of each cell, an even number.
        total_atoms: As many cells as make up this many atoms, at least one.
    """
    constant = 5.431  # Å
    primitive = Frame(
        numbers=np.array([14, 14]),
        positions=np.array([[0.0, 0.0, 0.0], [0.25, 0.25, 0.25]]) * constant,
        cell=np.array([[0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]]) * constant,
        compound="Si",
    )
    random = np.random.default_rng(n_atoms)
    cell = repeated(primitive, _nearly_cubic(n_atoms // 2))
    return [_rattled(cell, random, f"{n_atoms} atoms, {k}") for k in range(max(1, total_atoms // n_atoms))]


def repeated(frame: Frame, repeats: tuple[int, int, int]) -> Frame:
    """Return a supercell without labels."""
    shifts = np.array(list(np.ndindex(*repeats)), dtype=np.float64) @ frame.cell
    positions = (shifts[:, None, :] + frame.positions[None, :, :]).reshape(-1, 3)
    numbers: Integers = np.tile(frame.numbers, len(shifts))
    return Frame(numbers, positions, frame.cell * np.array(repeats)[:, None], frame.pbc, compound=frame.compound)


def _nearly_cubic(cells: int) -> tuple[int, int, int]:
    """Return three factors of a number, as equal as possible."""
    best = (1, 1, cells)
    for a in range(1, round(cells ** (1 / 3)) + 1):
        for b in range(a, cells // a + 1):
            if cells % (a * b) == 0 and cells // (a * b) >= b:
                best = min(best, (a, b, cells // (a * b)), key=max)
    return best


def _rattled(frame: Frame, random: np.random.Generator, name: str) -> Frame:
    positions = frame.positions + random.normal(scale=_RATTLE, size=frame.positions.shape)
    return frame.with_changes(positions=positions, energy=None, forces=None, stress=None, magmoms=None, flags=(), name=name)
