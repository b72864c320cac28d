"""Frames labelled by ase's EMT and predictions of it, for families that need a cheap real potential."""

import numpy as np
from ase import Atoms
from ase.calculators.emt import EMT

from guiapp.benchmarks.family import Evaluated
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction


def frame_of(atoms: Atoms, *, labels: bool = False, **fields) -> Frame:
    """Return a frame, with EMT's energy and forces if wanted."""
    found = {}
    if labels:
        prediction = emt([Frame(atoms.numbers, atoms.positions, atoms.cell.array)])[0]
        found = {"energy": prediction.energy, "forces": prediction.forces}
    return Frame(atoms.numbers, atoms.positions, atoms.cell.array, **found, **fields)


def emt(frames) -> list[Prediction]:
    """Predict with EMT."""
    predictions = []
    for frame in frames:
        atoms = frame.to_atoms()
        atoms.calc = EMT()
        predictions.append(Prediction(atoms.get_potential_energy(), atoms.get_forces(), np.zeros((3, 3))))
    return predictions


def predicted(frames) -> list[Evaluated]:
    """Evaluate frames with EMT."""
    return [Evaluated(frame, prediction) for frame, prediction in zip(frames, emt(frames), strict=True)]


def softened(frames, scale=0.8) -> list[Evaluated]:
    """Scale DFT energies and shift each element's zero, which no energy difference may notice."""
    return [
        Evaluated(
            frame, Prediction(scale * frame.energy + 0.37 * float(frame.numbers.sum()), np.zeros((frame.n_atoms, 3)), np.zeros((3, 3)))
        )
        for frame in frames
    ]
