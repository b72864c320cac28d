"""Potentials that cost nothing, for the engine's tests: springs, and frames that poison whoever computes them.

They are loaded by import path (``cheap_potentials:load_springs``), the extension point of ``ModelSource``.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import numpy as np
from ase.build import bulk
from ase.calculators.emt import EMT

from guiapp.engine.model_source import ModelSource
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import PotentialCard, Prediction

REFUSED, RAISES, NAN, EXITS, KILLED, SLEEPS, MEMORY = 13, 14, 15, 16, 17, 18, 19
"""What happens when the first atom of a frame has this atomic number."""
SLOW, HUNGRY = "slow", "hungry"


class Springs:
    """Every atom hangs on a spring at the origin: E = sum x^2 / 2, F = -x. Writes down every frame that it is asked for."""

    def __init__(self, model: str, device: str) -> None:
        self.card = PotentialCard("springs", "Springs", "test", "", "", "", "", None, "ready")
        self.weights_hash = "springs"
        self.device = "cpu" if device == "auto" else device
        self.log = Path(model)

    def predict(self, frames):
        with self.log.open("a", encoding="utf-8") as file:
            file.writelines(f"{os.getpid()} {frame.name}\n" for frame in frames)
        if self.log.stem == SLOW:
            time.sleep(0.1)
        if self.log.stem == HUNGRY and sum(frame.n_atoms for frame in frames) > 2:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
        for frame in frames:
            self.poison(int(frame.numbers[0]), frame)
        return [self.one(frame) for frame in frames]

    def one(self, frame):
        shift = np.nan if frame.numbers[0] == NAN else 0.0
        energy = float((frame.positions**2).sum() / 2)
        moments = np.full(frame.n_atoms, 0.5) if frame.n_atoms % 2 else None
        return Prediction(energy, -frame.positions + shift, np.eye(3) * energy, moments)

    def poison(self, number, frame):
        if number == REFUSED:
            raise UserFacingError("No aluminium, please.", advice="Take copper.")
        if number == RAISES:
            raise ValueError("silicon is odd")
        if number == MEMORY:
            raise MemoryError
        if number == EXITS:
            os._exit(3)
        if number == KILLED:
            os.kill(os.getpid(), signal.SIGKILL)
        if number == SLEEPS:
            time.sleep(600)


def load_springs(model: str, device: str) -> Springs:
    sys.stdout.write("springs were loaded\n")
    return Springs(model, device)


def load_refused(model: str, device: str) -> Springs:
    raise UserFacingError("The weights are damaged.", advice="Fetch them again.", path=model)


def load_with_a_bug(model: str, device: str) -> Springs:
    raise ZeroDivisionError("a bug in the loader")


def load_and_die(model: str, device: str) -> Springs:
    os._exit(7)


def load_and_die_once(model: str, device: str) -> Springs:
    before = Path(model).with_suffix(".died")
    if not before.exists():
        before.touch()
        os._exit(7)
    return Springs(model, device)


def load_other_weights(model: str, device: str) -> Springs:
    springs = Springs(model, device)
    springs.weights_hash = "changed"
    return springs


def spring_source(log: Path, loader: str = "load_springs", device: str = "cpu") -> ModelSource:
    return ModelSource(f"cheap_potentials:{loader}", str(log), device, "Springs", "springs", {"precision": "float64"})


def asked(log: Path) -> list[str]:
    """Return the names of all frames that a potential was asked for, over all processes."""
    return [line.split(" ", 1)[1] for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []


def copper(index: int, atoms: int = 1, number: int = 29) -> Frame:
    """Return a frame of its own content."""
    cell = bulk("Cu", cubic=True).cell.array
    positions = np.full((atoms, 3), 0.1) + 0.01 * index + np.arange(atoms)[:, None]
    numbers = np.full(atoms, 29)
    numbers[0] = number
    return Frame(numbers, positions, cell, name=f"frame {index}", compound="Cu", forces=np.zeros((atoms, 3)))


class EffectiveMedium(Springs):
    """ase's EMT, a real potential for metals."""

    def one(self, frame):
        atoms = frame.to_atoms()
        atoms.calc = EMT()
        return Prediction(atoms.get_potential_energy(), atoms.get_forces(), np.zeros((3, 3)))

    def poison(self, number, frame):
        """EMT refuses by itself what it does not know."""


def load_emt(model: str, device: str) -> EffectiveMedium:
    return EffectiveMedium(model, device)


def emt_source(log: Path) -> ModelSource:
    return ModelSource("cheap_potentials:load_emt", str(log), "cpu", "EMT", "springs", {"precision": "float64"})
