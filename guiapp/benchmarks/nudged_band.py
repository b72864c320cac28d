"""Climbing-image nudged elastic bands in which all images share the model's batches.

Source:
    Henkelman, Uberuaga and Jónsson, J. Chem. Phys. 113, 9901 (2000), as in ``ase.mep``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ase.calculators.singlepoint import SinglePointCalculator

from guiapp.benchmarks.hops import as_images
from guiapp.benchmarks.relaxation_settings import PROTOCOL_FMAX
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Floats, Frame
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
    tell: Callable[[int, float], None] | None = None,
) -> Band:
    """Relax a path with its two ends fixed.

    Args:
        images: The first guess, at least three images, ends relaxed by the same model.
        predict: ``Potential.predict``.
        fmax: Largest force on the band at the end, eV/Å.
        most_steps: Steps after which the band counts as not converged.
        spring: Spring constant, eV/Å^2.
        climb: Whether the highest image climbs to the saddle.
        tell: Called with step and largest force; what it raises passes through, which is how a band is cancelled.

    Returns:
        The band.

    Raises:
        UserFacingError: Where a force is not a number or absurd.
    """
    from ase.mep import NEB  # noqa: PLC0415 - only this mode needs it
    from ase.optimize import FIRE  # noqa: PLC0415 - it brings scipy's optimisers, half a second that the window need not wait for

    frames = tuple(images)

    class BatchedBand(NEB):  # type: ignore[misc] # ase carries no types
        """A band that predicts all its images at once before each step."""

        def get_forces(self) -> Any:
            """Return the band's forces after one batch."""
            _predict_into(self.images, frames, predict)
            return super().get_forces()

    atoms = [frame.to_atoms() for frame in frames]
    _predict_into(atoms, frames, predict)
    band = BatchedBand(atoms, k=spring, climb=climb, method="improvedtangent")
    trace: list[float] = []
    with FIRE(band, logfile=None) as optimiser:
        for _ in optimiser.irun(fmax=fmax, steps=most_steps):
            trace.append(float(np.linalg.norm(band.get_forces(), axis=1).max()))
            if tell is not None:
                tell(len(trace) - 1, trace[-1])
    energies = np.array([image.get_potential_energy() for image in atoms])
    return Band(as_images(frames, atoms), energies, trace[-1] < fmax, len(trace) - 1, tuple(trace))


def _predict_into(atoms: Sequence[Any], frames: Sequence[Frame], predict: Callable[[Sequence[Frame]], Sequence[Prediction]]) -> None:
    """Attach predictions to images that have moved since the last one."""
    moved = [
        index for index, image in enumerate(atoms) if image.calc is None or image.calc.check_state(image)
    ]  # the ends never move, and a second call at one place asks for nothing
    if not moved:
        return
    geometries = as_images([frames[index] for index in moved], [atoms[index] for index in moved])
    for index, prediction in zip(moved, predict(geometries), strict=True):
        if not np.isfinite(prediction.energy) or not np.abs(prediction.forces).max(initial=0.0) <= LARGEST_FORCE:
            raise UserFacingError(
                f"Image {index} of the band exploded: a force is not a number or exceeds {LARGEST_FORCE:g} eV/Å.",
                advice="Start from more images, or from relaxed ends.",
            )
        atoms[index].calc = SinglePointCalculator(atoms[index], energy=prediction.energy, forces=np.array(prediction.forces))
