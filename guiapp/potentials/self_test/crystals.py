"""The crystals of the self-test: simple ones to compare energies with, distorted ones to differentiate and turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from guiapp.frames.frame import Floats, Frame
from guiapp.plain_yaml import read_yaml

_SEED = 20240511
_RATTLE = 0.06  # Å, about 300 K
_STRAIN = 0.02
_FEWEST_ATOMS = 4
_VOLUME = 20.0  # Å^3 an atom, ordinary for a solid
_LAST_ELEMENT = 94


@dataclass(frozen=True, eq=False)
class Crystal:
    """A simple crystal with the energy that models trained on PBE energies of VASP give."""

    frame: Frame
    lowest: float
    """eV/atom."""
    highest: float
    """eV/atom."""


@lru_cache
def simple_crystals() -> tuple[Crystal, ...]:
    """Return the crystals of ``crystals.yaml``."""
    from ase.build import bulk

    content = read_yaml((files(__package__) / "crystals.yaml").read_text(encoding="utf-8"))
    crystals = []
    for entry in content["crystals"]:
        atoms = bulk(entry["name"], **entry["lattice"])
        frame = Frame(atoms.numbers, atoms.positions, atoms.cell.array, name=entry["name"], compound=entry["name"])
        crystals.append(Crystal(frame, float(entry["energy"][0]), float(entry["energy"][1])))
    return tuple(crystals)


def element_crystals() -> tuple[Frame, ...]:
    """Return a body-centred crystal of every element up to plutonium at an ordinary density."""
    half = (2 * _VOLUME) ** (1 / 3) / 2
    cell = half * np.array([[-1.0, 1.0, 1.0], [1.0, -1.0, 1.0], [1.0, 1.0, -1.0]])
    return tuple(Frame(np.array([z]), np.zeros((1, 3)), cell, name=f"element {z}") for z in range(1, _LAST_ELEMENT + 1))


def distorted(frame: Frame, number: int) -> Frame:
    """Return a small supercell with atoms off their sites and a strained cell, so that nothing vanishes by symmetry.

    Args:
        frame: A simple crystal.
        number: Chooses the distortion; the same number gives the same one.
    """
    random = np.random.default_rng(_SEED + number)
    while frame.n_atoms < _FEWEST_ATOMS:
        frame = repeated(frame)
    strain = random.uniform(-_STRAIN, _STRAIN, (3, 3))
    moved = strained(frame, (strain + strain.T) / 2)
    return moved.with_changes(positions=moved.positions + random.normal(0, _RATTLE, moved.positions.shape))


def repeated(frame: Frame) -> Frame:
    """Return the frame doubled along its shortest lattice vector."""
    axis = int(np.linalg.norm(frame.cell, axis=1).argmin())
    cell = np.array(frame.cell)
    cell[axis] *= 2
    positions = np.concatenate([frame.positions, frame.positions + frame.cell[axis]])
    return frame.with_changes(numbers=np.tile(frame.numbers, 2), positions=positions, cell=cell)


def strained(frame: Frame, strain: Floats) -> Frame:
    """Return the frame with cell and positions multiplied by 1 + strain, (3, 3) symmetric."""
    factor = np.eye(3) + strain
    return frame.with_changes(cell=frame.cell @ factor, positions=frame.positions @ factor)


def turned(frame: Frame, rotation: Floats) -> Frame:
    """Return the frame turned by a rotation matrix, (3, 3)."""
    return frame.with_changes(cell=frame.cell @ rotation.T, positions=frame.positions @ rotation.T)


def random_rotation(random: np.random.Generator) -> Floats:
    """Return a proper rotation matrix, (3, 3)."""
    matrix, upper = np.linalg.qr(random.normal(size=(3, 3)))
    matrix = matrix * np.sign(np.diag(upper))
    matrix[:, 0] *= np.linalg.det(matrix)
    return np.asarray(matrix)


def reordered(frame: Frame, order: Sequence[int]) -> Frame:
    """Return the frame with its atoms in another order."""
    return frame.with_changes(numbers=frame.numbers[list(order)], positions=frame.positions[list(order)])
