"""A correction as a thing: what was fitted, on what, and the model that came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from guiapp.correction.scalar_fit import ScalarFit
from guiapp.correction.scaled_outside import ScaledOutside
from guiapp.correction.training_record import TrainingRecord
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.frames.reference_set import Provenance
from guiapp.potentials.potential import Potential, Prediction
from guiapp.potentials.self_test.gate import refuse_failed

FEWEST_FOR_READOUT, FEWEST_FOR_ALL = 5, 10
"""Labels from which training the readout, or all weights, is proposed: the paper trains all weights on ten, one scalar on one."""


class Method(StrEnum):
    """What is fitted, as the command line calls it."""

    SCALE = "scale"
    READOUT = "readout"
    FULL = "full"

    @property
    def words(self) -> str:
        """What a page calls it."""
        return {Method.SCALE: "one scalar", Method.READOUT: "readout only", Method.FULL: "all parameters"}[self]


def default_method(n_labels: int, *, can_be_trained: bool) -> Method:
    """Return what so many labels can carry."""
    if not can_be_trained or n_labels < FEWEST_FOR_READOUT:
        return Method.SCALE
    return Method.READOUT if n_labels < FEWEST_FOR_ALL else Method.FULL


@dataclass(frozen=True, eq=False)
class Correction:
    """A corrected model and how it came about."""

    method: Method
    base: Potential
    corrected: Potential
    labels: tuple[Frame, ...]
    provenance: Provenance
    """Of the labels."""
    fit: ScalarFit | None = None
    """With the method scale."""
    training: TrainingRecord | None = None
    """With the methods readout and full."""
    settings: Mapping[str, str | float | int | bool] = field(default_factory=dict)
    """What else determined it: split, choice of label, filter."""

    @property
    def c(self) -> float | None:
        """The scalar, where there is one."""
        return self.fit.c if self.fit is not None else None

    @property
    def has_file(self) -> bool:
        """Whether the corrected model can be written in its family's own format."""
        return not isinstance(self.corrected, ScaledOutside)


def scale_correction(
    base: Potential, fit: ScalarFit, labels: Sequence[Frame], provenance: Provenance, settings: Mapping[str, str | float | int | bool]
) -> Correction:
    """Return the model in which c is folded into the weights, or around which it is applied where the weights are out of reach.

    Raises:
        UserFacingError: Where the model failed its self-test.
    """
    refuse_failed(base.card, base.weights_hash)
    try:
        corrected = base.interaction_scale(fit.c)
    except UserFacingError:
        corrected = ScaledOutside(base, fit.c)
    return Correction(Method.SCALE, base, corrected, tuple(labels), provenance, fit=fit, settings=dict(settings))


def reference_energies(base: Potential, elements: Sequence[int]) -> dict[int, float]:
    """Return the composition reference of each element, eV: the part of the energy that c does not scale.

    A model scaled by 0 is nothing but its references, so any periodic cell of one element shows its own.

    Args:
        base: Any potential.
        elements: Atomic numbers.

    Returns:
        eV by atomic number; an element that the model does not know is left out, all of them where a scale is not possible.
    """
    try:
        nothing_else = base.interaction_scale(0.0)
    except UserFacingError:
        return {}
    cells = {int(z): Frame(np.array([z, z]), np.array([[0.0, 0, 0], [1.5, 1.5, 1.5]]), 3.0 * np.eye(3)) for z in elements}
    return {z: prediction.energy / 2 for z, prediction in _of_known_elements(nothing_else, cells).items()}


def _of_known_elements(potential: Potential, cells: Mapping[int, Frame]) -> dict[int, Prediction]:
    """Return predictions by element; a batch with an element that the model does not know is halved until it stands alone."""
    try:
        return dict(zip(cells, potential.predict(list(cells.values())), strict=True))
    except UserFacingError:
        if len(cells) < 2:
            return {}
    elements = list(cells)
    halves = elements[: len(elements) // 2], elements[len(elements) // 2 :]
    first, second = (_of_known_elements(potential, {z: cells[z] for z in half}) for half in halves)
    return first | second


def scaled_predictions(
    c: float, frames: Sequence[Frame], predictions: Sequence[Prediction], references: Mapping[int, float]
) -> list[Prediction]:
    """Return what a model scaled by c says, from what the unscaled one says: E = E_ref + c (E - E_ref).

    Args:
        c: The scalar.
        frames: Frames of elements in ``references``.
        predictions: Of the unscaled model, in the same order.
        references: Energy by atomic number, eV.
    """
    scaled = []
    for frame, p in zip(frames, predictions, strict=True):
        zero = sum(references[z] for z in frame.numbers.tolist())
        scaled.append(Prediction(zero + c * (p.energy - zero), c * p.forces, c * p.stress, p.magmoms))
    return scaled
