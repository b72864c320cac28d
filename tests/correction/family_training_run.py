"""A training of a tiny MACE or matgl model in a process of its own, to be killed: FAMILY FOLDER CHECKPOINT EPOCHS."""

# ruff: noqa: T201 - a script that prints

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from tiny_models import mace, matgl, mixed_frames

from guiapp.correction.fine_tune import fine_tune
from guiapp.correction.training_record import Recipe
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Potential

SOFT = 1.25
"""Labels are this many times what the untrained model says."""
BASES = {
    "MACE": lambda folder: mace(folder, "heads", "#head=omat_pbe#precision=float64"),
    "matgl": lambda folder: matgl(folder, "M3GNet", "float64", spread=1000.0),
}


def labels_of(base: Potential, count: int = 2) -> list[Frame]:
    """Frames that a scaled copy of the model labels, its zero 2 eV an atom off."""
    frames = [frame for frame in mixed_frames() if frame.n_atoms > 1][:count]
    told = base.interaction_scale(SOFT).predict(frames)
    return [f.with_changes(energy=p.energy + 2.0 * f.n_atoms, forces=p.forces, stress=p.stress) for f, p in zip(frames, told, strict=True)]


def force_error(potential: Potential, labels: list[Frame]) -> float:
    told = potential.predict(labels)
    return float(np.mean([np.abs(p.forces - f.forces).mean() for p, f in zip(told, labels, strict=True)]))


def train(base: Potential, checkpoint: Path | None, epochs: int, *, readout_only: bool = False, tell=None, **changes):
    # An untrained network of small weights is torn apart by the rate that suits a published one.
    recipe = Recipe(epochs=epochs, learning_rate=changes.pop("learning_rate", 2e-4), averaging=changes.pop("averaging", 0.9), **changes)
    return fine_tune(base, labels_of(base), readout_only=readout_only, recipe=recipe, checkpoint=checkpoint, tell=tell)


if __name__ == "__main__":
    family, folder, state, epochs = sys.argv[1:5]
    train(BASES[family](Path(folder)), Path(state), int(epochs), tell=lambda progress: print(progress.record.epoch, flush=True))
