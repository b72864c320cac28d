"""Labelled frames of an invented chemistry, and models of it that are soft, noisy or right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ase.build import bulk
from ase.calculators.lj import LennardJones

from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction


def distorted(count: int, *, amplitude: float = 0.12, compound: str = "NaCl", seed: int = 0, symbols: str = "NaCl") -> list[Frame]:
    """Return rattled rocksalt cells with Lennard-Jones labels, amplitudes growing from frame to frame."""
    frames = []
    for k in range(count):
        atoms = bulk(symbols, "rocksalt", a=5.6, cubic=True)
        atoms.rattle(amplitude * (0.5 + k / max(1, count - 1)), seed=seed + k)
        atoms.calc = LennardJones(sigma=2.5, epsilon=0.5, rc=6.0, smooth=True)
        frames.append(
            Frame(
                atoms.numbers,
                atoms.positions,
                atoms.cell.array,
                energy=float(atoms.get_potential_energy()),
                forces=atoms.get_forces(),
                stress=atoms.get_stress(voigt=False),
                name=f"frame {k}",
                compound=compound,
                info={"strain": 0.0},
            )
        )
    return frames


def soft_model(frames: Sequence[Frame], scale: float = 0.8, noise: float = 0.0, *, seed: int = 1, zero: float = 3.0) -> list[Prediction]:
    """Predict DFT forces, energies and stresses times a scale, plus noise and another zero of energy an atom."""
    random = np.random.default_rng(seed)
    return [
        Prediction(
            energy=scale * frame.energy + zero * frame.n_atoms,
            forces=scale * frame.forces + noise * random.normal(size=frame.forces.shape),
            stress=scale * frame.stress,
        )
        for frame in frames
    ]
