"""Results that a DFT program might have left for a structure, right and wrong ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from guiapp.frames.frame import Frame
from guiapp.frames.writing import write_extxyz
from guiapp.potentials.potential import Prediction


def result_of(frame: Frame, prediction: Prediction, *, converged: bool = True, functional: str = "PBE", scale: float = 1.25) -> Frame:
    """Return a structure with a label that is the model's answer times a number."""
    forces = scale * prediction.forces
    return frame.with_changes(
        energy=scale * prediction.energy,
        forces=forces - forces.mean(axis=0),
        stress=np.zeros((3, 3)),
        info={"dft": f"GPAW 22.8.0 {functional} PW800", "converged": converged},
    )


def write_result(frame: Frame, folder: Path) -> Path:
    """Write a result as the GPAW script does."""
    folder.mkdir(parents=True, exist_ok=True)
    write_extxyz([frame], folder / "result.extxyz")
    return folder / "result.extxyz"
