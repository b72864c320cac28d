"""Evaluations of invented models on invented compounds, quick enough to draw many times."""

from collections.abc import Callable

import numpy as np
import pytest

from guiapp.benchmarks.force_table import ForceTable
from guiapp.benchmarks.high_energy import summarise_high_energy
from guiapp.engine.job import FrameFailure
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction
from guiapp.report.evaluation import Evaluation

NAMES = ("CO", "Co", "Al2O3", "Li2O", "mp-973966")
NUMBERS = {"CO": (6, 8), "Co": (27,), "Al2O3": (13, 13, 8, 8, 8), "Li2O": (3, 3, 8), "mp-973966": (3,)}


def evaluation_of(
    *, model: str = "test-1.0", scale: float = 0.8, noise: float = 0.1, names=NAMES, n_frames: int = 5, size: float = 1.0, **fields
) -> Evaluation:
    """Evaluate DFT forces times a scale plus noise; ``size`` is the rms DFT component in eV/Å."""
    random, table = np.random.default_rng(0), ForceTable(model)
    for name in names:
        numbers = np.array(NUMBERS.get(name, (8,)) * 4)
        for index in range(n_frames):
            forces = size * random.normal(size=(len(numbers), 3))
            frame = Frame(
                numbers=numbers,
                positions=random.random((len(numbers), 3)),
                cell=4 * np.eye(3),
                energy=float(random.normal() * len(numbers)),
                forces=forces,
                name=f"frame {index}",
                compound=name,
                info={"strain": 0.03 * (index % 3 - 1)},
            )
            predicted = scale * forces + noise * size * random.normal(size=forces.shape)
            table.add(frame, Prediction(scale * frame.energy, predicted, np.zeros((3, 3))))
    return Evaluation(title=f"Model {model}", summary=summarise_high_energy(table), table=table, functional="PBE", **fields)


@pytest.fixture(scope="session")
def make_evaluation() -> Callable[..., Evaluation]:
    return evaluation_of


@pytest.fixture(scope="session")
def soft() -> Evaluation:
    """A soft model with one failed frame."""
    failure = FrameFailure("abc", "frame 9", "Li2O", "two atoms are at one place.", "Check the file.")
    return evaluation_of(failures=(failure,), device="cpu", computed_by="PyTorch", weights_hash="f" * 64)


@pytest.fixture(scope="session")
def silent() -> Evaluation:
    """A model on relaxed frames: nothing has enough signal."""
    return evaluation_of(size=1e-3)
