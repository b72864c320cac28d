"""Climbing-image nudged elastic bands in which all images share the model's batches.

Source:
    Henkelman, Uberuaga and Jónsson, J. Chem. Phys. 113, 9901 (2000), as in ``ase.mep``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator

from guiapp.benchmarks.hops import as_images
from guiapp.benchmarks.relaxation_settings import PROTOCOL_FMAX
from guiapp.benchmarks.stepwise import Stepwise, answered
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Floats, Frame
from guiapp.physics.fire import Fire
from guiapp.physics.reaction_path import resolved_barrier
from guiapp.potentials.potential import Prediction

LARGEST_FORCE = 1000.0  # eV/Å, as for relaxations: atoms have run into each other


@dataclass(frozen=True, eq=False)
class Band:
    """A path that a model found."""

    images: tuple[Frame, ...]
    """Without labels, the ends as given."""
    energies: Floats
    """(n_images,) eV."""
    converged: bool
    steps: int
    trace: tuple[float, ...]
    """Largest force on the band at each step, eV/Å."""

    @property
    def barrier(self) -> float:
        """Kinetically resolved, eV."""
        return resolved_barrier(self.energies)


def climbing_band(
    images: Sequence[Frame],
    predict: Callable[[Sequence[Frame]], Sequence[Prediction]],
    *,
    fmax: float = PROTOCOL_FMAX,
    most_steps: int = 300,
    spring: float = 0.1,
    climb: bool = True,
) -> Band:
    """Relax one path in this process; arguments and errors are those of ``climbing_band_steps``.

    Args:
        images: See there.
        predict: ``Potential.predict``.
        fmax: See there.
        most_steps: See there.
        spring: See there.
        climb: See there.

    Returns:
        The band.
    """
    return answered(climbing_band_steps(images, fmax=fmax, most_steps=most_steps, spring=spring, climb=climb), predict)


def climbing_band_steps(
    images: Sequence[Frame],
    *,
    fmax: float = PROTOCOL_FMAX,
    most_steps: int = 300,
    spring: float = 0.1,
    climb: bool = True,
    tell: Callable[[int, float], None] | None = None,
) -> Stepwise[Band]:
    """Relax a path with its two ends fixed, asking for all images that moved at each step.

    Args:
        images: The first guess, at least three images, ends relaxed by the same model.
        fmax: Largest force on the band at the end, eV/Å.
        most_steps: Steps after which the band counts as not converged.
        spring: Spring constant, eV/Å^2.
        climb: Whether the highest image climbs to the saddle.
        tell: Called with step and largest force.

    Returns:
        The band, as ase's NEB with its FIRE finds it.

    Raises:
        UserFacingError: Where a force is not a number or absurd.
    """
    from ase.mep import NEB  # noqa: PLC0415 - only this mode needs it; it brings scipy's optimisers, half a second

    frames = tuple(images)
    atoms = [frame.to_atoms() for frame in frames]
    band = NEB(atoms, k=spring, climb=climb, method="improvedtangent")
    fire = Fire()
    trace: list[float] = []
    moved = range(len(frames))  # the ends only once: they stay where they are
    while True:
        predictions = yield as_images([frames[index] for index in moved], [atoms[index] for index in moved])
        for index, prediction in zip(moved, predictions, strict=True):
            atoms[index].calc = _known(index, atoms[index], prediction)
        forces = np.asarray(band.get_forces(), dtype=np.float64).reshape(-1, 3)
        trace.append(float(np.linalg.norm(forces, axis=1).max()))
        if tell is not None:
            tell(len(trace) - 1, trace[-1])
        if trace[-1] < fmax or len(trace) > most_steps:
            break
        band.set_positions(band.get_positions() + fire.step(forces))
        moved = range(1, len(frames) - 1)
    energies = np.array([image.get_potential_energy() for image in atoms])
    return Band(as_images(frames, atoms), energies, trace[-1] < fmax, len(trace) - 1, tuple(trace))


def _known(index: int, image: Atoms, prediction: Prediction) -> SinglePointCalculator:
    """Return a prediction in the form in which ase's band reads it."""
    if not np.isfinite(prediction.energy) or not np.abs(prediction.forces).max(initial=0.0) <= LARGEST_FORCE:
        raise UserFacingError(
            f"Image {index} of the band exploded: a force is not a number or exceeds {LARGEST_FORCE:g} eV/Å.",
            advice="Start from more images, or from relaxed ends.",
        )
    return SinglePointCalculator(image, energy=prediction.energy, forces=np.array(prediction.forces))
