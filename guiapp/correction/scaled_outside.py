"""A scaled model whose own weights cannot take the scalar: an ase calculator, or a model in an environment of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Potential, Prediction
from guiapp.potentials.weights import scaled_hash


class ScaledOutside:
    """Everything that a potential says, times c.

    Its reference energies are unknown, so total energies are scaled as a whole: forces, stresses and differences at one composition
    are right, energies of different compositions must not be compared.
    """

    def __init__(self, base: Potential, c: float) -> None:
        """Wrap a potential."""
        self._base, self._c = base, c
        self.card = replace(
            base.card, name=f"{base.card.name} x {c:.4f}", title=f"{base.card.title} × {c:.4f}", weights=None, state="ready"
        )
        self.weights_hash = scaled_hash(base.weights_hash, c)
        self.device = base.device

    def predict(self, frames: Sequence[Frame]) -> list[Prediction]:
        """Predict one batch; see ``Potential.predict``."""
        c = self._c
        return [Prediction(c * p.energy, c * p.forces, c * p.stress, p.magmoms) for p in self._base.predict(frames)]

    def interaction_scale(self, c: float) -> ScaledOutside:
        """Return the base scaled by both factors."""
        return ScaledOutside(self._base, self._c * c)

    def save(self, path: Path) -> None:
        """Refuse: there are no weights to write; the wrapper is what can be taken away.

        Raises:
            UserFacingError: Always.
        """
        raise UserFacingError(f"{self.card.title} has no file of its own.", advice="Use the stand-alone ase wrapper.", path=path)
