"""A potential whose model lives in another environment: frames go out and numbers come back as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.environments.model_environment import ModelEnvironment
from guiapp.potentials.environments.server_process import ModelServerDiedError, ServerProcess
from guiapp.potentials.periodic_frame import check_periodic
from guiapp.potentials.potential import PotentialCard, Prediction


class EnvironmentPotential:
    """A model in its own environment and process; the process ends with this object's process, however that ends."""

    def __init__(self, environment: ModelEnvironment, card: PotentialCard, weights_hash: str, device: str) -> None:
        """Start the model's process and load the model.

        Args:
            environment: An environment that is ready.
            card: What is known of the model.
            weights_hash: Its identity.
            device: ``cpu`` or ``cuda``.

        Raises:
            UserFacingError: Where the model cannot be loaded.
        """
        self.card = card
        self.weights_hash = weights_hash
        self.device = device
        self._environment = environment
        self._server: ServerProcess | None = self._start()

    @property
    def n_parameters(self) -> int | None:
        """Number of weights; None where the model does not tell or its process ended."""
        return self._server.n_parameters if self._server is not None else None

    def predict(self, frames: Sequence[Frame]) -> list[Prediction]:
        """Predict one batch.

        Args:
            frames: Any number of periodic frames, of mixed sizes.

        Raises:
            UserFacingError: Where a frame has no cell or an element that the model does not know.
            ModelServerError: Where the model raises an error.
            ModelServerDiedError: Where the model brings its process down; the next call starts another.
        """
        for frame in frames:
            check_periodic(frame, self.card.title, self._environment.recipe.last_element)
        if not frames:
            return []
        if self._server is None or not self._server.alive:
            self._server = self._start()
        try:
            return self._server.predict(frames)
        except ModelServerDiedError:
            self._server = None
            raise

    def interaction_scale(self, c: float) -> EnvironmentPotential:
        """Refuse: the weights are known to the model's own package only.

        Raises:
            UserFacingError: Always.
        """
        raise UserFacingError(
            f"{self.card.title} cannot be scaled by {c:.4f} here, because it runs in an environment of its own.",
            advice="It can be measured and compared; correct it with its own package.",
        )

    def save(self, path: Path) -> None:
        """Refuse, as ``interaction_scale`` does.

        Raises:
            UserFacingError: Always.
        """
        raise UserFacingError(f"{self.card.title} is not exported, because its weights are those of its own package.", path=path)

    def close(self) -> None:
        """End the model's process."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def _start(self) -> ServerProcess:
        return ServerProcess(self._environment.python, self._environment.recipe, self.device)
