"""Force tables of invented models on the shipped labels: DFT forces times a known scale, with and without noise."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from ase.io import read

from guiapp.benchmarks.force_table import ForceTable
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction

MakeTable = Callable[..., ForceTable]


def soft_table(
    frames: list[Frame],
    scale: float | Mapping[str, float] = 0.8,
    *,
    noise: float = 0.0,
    energy_scale: float | None = None,
    model: str = "test",
) -> ForceTable:
    """Predict DFT forces times a scale (one for all, or one a compound) plus noise."""
    random, table = np.random.default_rng(0), ForceTable(model)
    for frame in frames:
        a = scale if isinstance(scale, float) else scale[frame.compound]
        forces = a * frame.forces + random.normal(scale=noise, size=frame.forces.shape) if noise else a * frame.forces
        energy = frame.energy * (a if energy_scale is None else energy_scale) + 3.0 * frame.n_atoms
        table.add(frame, Prediction(energy, forces, np.zeros((3, 3))))
    return table


@pytest.fixture(scope="session")
def make_table() -> MakeTable:
    return soft_table


@pytest.fixture(scope="session")
def shipped_frames(shipped_labels: Path) -> list[Frame]:
    """The shipped labels, read by ase alone."""
    return [
        Frame(
            numbers=atoms.numbers,
            positions=atoms.positions,
            cell=atoms.cell.array,
            energy=float(atoms.info["REF_energy"]),
            forces=atoms.arrays["REF_forces"],
            name=f"frame {atoms.info['frame']}",
            compound=str(atoms.info["name"]),
            info={"strain": float(atoms.info["strain"]), "kind": str(atoms.info["kind"])},
        )
        for atoms in read(shipped_labels, ":")
    ]
