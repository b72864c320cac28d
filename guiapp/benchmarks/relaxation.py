"""Relaxing many structures at once: each moves by itself, and those that still move share the model's batches.

A structure that has converged leaves the batch, so no evaluation is wasted. A relaxation is nothing but a sequence of static predictions,
each determined by the ones before: where these are kept, an interrupted relaxation goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from guiapp.benchmarks.relaxation_settings import RelaxationSettings
from guiapp.benchmarks.stepwise import RefusedError, Stepwise
from guiapp.frames.frame import Floats, Frame
from guiapp.physics.cell_strain import CellStrain
from guiapp.physics.fire import Fire
from guiapp.potentials.potential import Prediction

LARGEST_FORCE = 1000.0
"""eV/Å; beyond it atoms have run into each other, and no step leads back."""
SMALLEST_VOLUME, LARGEST_VOLUME = 0.4, 2.5
"""Parts of the first volume between which a relaxing cell must stay: models "converge" far outside of what they were trained on."""
_ATOMS_AT_ONCE, _STRUCTURES_AT_ONCE = 128, 16


@dataclass(frozen=True)
class RelaxationStep:
    """One point of the trace."""

    energy: float
    """eV."""
    largest_force: float
    """Longest force vector over all coordinates that may move, eV/Å."""


@dataclass(frozen=True, eq=False)
class RelaxationOutcome:
    """How the relaxation of one structure ended."""

    start: Frame
    relaxed: Frame
    """The last geometry, without labels."""
    prediction: Prediction
    """At the last geometry."""
    converged: bool
    trace: tuple[RelaxationStep, ...]
    """One entry a geometry, the first included."""

    @property
    def steps(self) -> int:
        """Number of steps made."""
        return len(self.trace) - 1


@dataclass(frozen=True)
class RelaxationFailure:
    """A structure that exploded or that the model cannot take."""

    start: Frame
    reason: str
    advice: str = ""
    steps: int = 0


class Relaxing:
    """One structure on its way down."""

    def __init__(self, start: Frame, settings: RelaxationSettings) -> None:
        """Start at a frame.

        Args:
            start: Where to start; its labels are left behind.
            settings: When to stop and what may move.
        """
        self.start = start
        self.settings = settings
        self._fire = Fire()
        self._strain = CellStrain(start.positions, start.cell) if settings.variable_cell else None
        self._positions = np.array(start.positions)
        self._trace: list[RelaxationStep] = []
        self.geometry = start.with_changes(energy=None, forces=None, stress=None, magmoms=None, flags=())
        """The frame to predict next."""

    def take(self, prediction: Prediction) -> RelaxationOutcome | RelaxationFailure | None:
        """Take the prediction for ``geometry`` and move on.

        Returns:
            None while there is more to do, else how it ended.
        """
        forces = self._forces(prediction)
        trouble = self._trouble(prediction, forces)
        if trouble:
            return RelaxationFailure(
                self.start, trouble, "The structure is outside of what the model can describe; check it.", len(self._trace)
            )
        largest = float(np.linalg.norm(forces, axis=1).max())
        self._trace.append(RelaxationStep(prediction.energy, largest))
        converged = largest < self.settings.fmax
        if converged or len(self._trace) > self.settings.most_steps:
            return RelaxationOutcome(self.start, self.geometry, prediction, converged, tuple(self._trace))
        self._move(self._fire.step(forces))
        return None

    @property
    def steps(self) -> int:
        """Number of geometries predicted so far."""
        return len(self._trace)

    def _forces(self, prediction: Prediction) -> Floats:
        forces = np.array(prediction.forces)
        if self.settings.fixed_atoms:
            forces[list(self.settings.fixed_atoms)] = 0.0
        return forces if self._strain is None else self._strain.forces(forces, prediction.stress)

    def _trouble(self, prediction: Prediction, forces: Floats) -> str:
        if not (np.isfinite(prediction.energy) and np.isfinite(forces).all()):
            return "The relaxation exploded: a force is not a number."
        if float(np.abs(forces).max(initial=0.0)) > LARGEST_FORCE:
            return f"The relaxation exploded: a force exceeds {LARGEST_FORCE:g} eV/Å."
        if self._strain is not None and not SMALLEST_VOLUME <= self.geometry.volume / self.start.volume <= LARGEST_VOLUME:
            return f"The relaxation left the range of sensible volumes ({self.geometry.volume / self.start.volume:.2f} of the first)."
        return ""

    def _move(self, step: Floats) -> None:
        if self._strain is None:
            self._positions = self._positions + step
            self.geometry = self.geometry.with_changes(positions=self._positions)
        else:
            self._strain.move(step)
            positions, cell = self._strain.geometry()
            self.geometry = self.geometry.with_changes(positions=positions, cell=cell)


def relaxation_steps(start: Frame, settings: RelaxationSettings) -> Stepwise[RelaxationOutcome | RelaxationFailure]:
    """Relax one structure, asking for one geometry at each step.

    Args:
        start: Where to start.
        settings: When to stop and what may move.

    Returns:
        How it ended; a geometry that the model refuses ends it as a failure.
    """
    relaxing = Relaxing(start, settings)
    while True:
        try:
            (prediction,) = yield (relaxing.geometry,)
        except RefusedError as error:
            return RelaxationFailure(start, error.what, error.advice, relaxing.steps)
        end = relaxing.take(prediction)
        if end is not None:
            return end


def relax(
    frames: Sequence[Frame], settings: RelaxationSettings, predict: Callable[[Sequence[Frame]], Sequence[Prediction]]
) -> list[RelaxationOutcome | RelaxationFailure]:
    """Relax many structures in this process, in batches of those that still move.

    Args:
        frames: Where to start.
        settings: The same for all.
        predict: ``Potential.predict``.

    Returns:
        One result a frame, in order.
    """
    ended: dict[int, RelaxationOutcome | RelaxationFailure] = {}
    moving = sorted(((index, Relaxing(frame, settings)) for index, frame in enumerate(frames)), key=lambda pair: pair[1].start.n_atoms)
    while moving:
        for batch in _batches(moving):
            predictions = predict([one.geometry for _, one in batch])
            for (index, one), prediction in zip(batch, predictions, strict=True):
                end = one.take(prediction)
                if end is not None:
                    ended[index] = end
        moving = [pair for pair in moving if pair[0] not in ended]
    return [ended[index] for index in range(len(frames))]


def _batches(moving: Sequence[tuple[int, Relaxing]]) -> list[list[tuple[int, Relaxing]]]:
    batches: list[list[tuple[int, Relaxing]]] = []
    atoms = 0
    for pair in moving:
        size = pair[1].start.n_atoms
        if not batches or len(batches[-1]) >= _STRUCTURES_AT_ONCE or atoms + size > _ATOMS_AT_ONCE:
            batches.append([])
            atoms = 0
        batches[-1].append(pair)
        atoms += size
    return batches
