"""Labels for training that are known exactly: a scaled CHGNet's own answers on tiny distorted cells, so that a training takes seconds."""

from __future__ import annotations

from functools import lru_cache

from ase.build import bulk

from guiapp.frames.frame import Frame
from guiapp.potentials.registry import find_card, load_potential


@lru_cache
def chgnet():
    return load_potential(find_card("chgnet-0.3.0"), "cpu")


def cells(count: int, *, symbols: str = "MgO", a: float = 4.25, seed: int = 0) -> list[Frame]:
    """Return unlabelled distorted rocksalt primitive cells."""
    frames = []
    for k in range(count):
        atoms = bulk(symbols, "rocksalt", a=a)
        atoms.rattle(0.1 + 0.02 * k, seed=seed + k)
        frames.append(Frame(atoms.numbers, atoms.positions, atoms.cell.array, name=f"frame {k}", compound=symbols))
    return frames


def labelled(frames: list[Frame], scale: float, *, zero: float = 0.0) -> list[Frame]:
    """Label frames with CHGNet's interaction energy times a scale, its zero shifted by so much an atom."""
    told = chgnet().interaction_scale(scale).predict(frames)
    return [
        frame.with_changes(energy=p.energy + zero * frame.n_atoms, forces=p.forces, stress=p.stress)
        for frame, p in zip(frames, told, strict=True)
    ]


@lru_cache
def label_set(count: int = 3, scale: float = 1.25, zero: float = 2.0) -> tuple[Frame, ...]:
    return tuple(labelled(cells(count), scale, zero=zero))
