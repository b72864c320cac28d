"""Where a worker gets a potential from, and under which identity its predictions are kept."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from guiapp.engine.job import BenchmarkJob
from guiapp.engine.keys import Setting, settings_hash
from guiapp.errors import UserFacingError
from guiapp.potentials.potential import Potential
from guiapp.potentials.registry import find_card, prediction_settings, weights_hash

REGISTRY_LOADER = "guiapp.potentials.registry:load_named"


@dataclass(frozen=True)
class ModelSource:
    """All that another process needs to load a potential: text only, so that it can be sent.

    ``loader`` is the extension point for potentials that are not in the registry: any importable
    ``function(model: str, device: str) -> Potential``. It is chosen by the program that calls ``run_job`` and never
    read from a file, because naming a function means running it.
    """

    loader: str
    """Import path ``module:function``."""
    model: str
    """What the loader is told: a name in the registry or the path of a weights file."""
    device: str
    """``auto``, ``cpu`` or ``cuda``; auto is decided where the model is loaded."""
    title: str
    """What the user is told is being loaded, e.g. ``CHGNet 0.3.0``."""
    weights_hash: str
    settings: Mapping[str, Setting] = field(default_factory=dict, hash=False)
    """What determines a prediction besides weights and frame."""

    def __post_init__(self) -> None:
        """Freeze the settings."""
        object.__setattr__(self, "settings", MappingProxyType(dict(self.settings)))

    def load(self) -> Potential:
        """Load the potential in this process.

        Raises:
            UserFacingError: Where it cannot be loaded, or the weights are not those that the job was started with.
        """
        module, _, name = self.loader.partition(":")
        function: Callable[[str, str], Potential] = getattr(importlib.import_module(module), name)
        potential = function(self.model, self.device)
        if potential.weights_hash != self.weights_hash:
            raise UserFacingError(
                f"The weights of {self.title} changed while the job was running.", advice="Start it again to compute with the new weights."
            )
        return potential


def registry_source(job: BenchmarkJob) -> ModelSource:
    """Return the source of a job's model, without importing torch.

    Raises:
        UserFacingError: Where the model is unknown or its weights are absent.
    """
    card = find_card(job.model)
    return ModelSource(
        loader=REGISTRY_LOADER,
        model=card.name,
        device=job.device,
        title=card.title,
        weights_hash=weights_hash(card),
        settings=prediction_settings(card),
    )


def job_settings_hash(job: BenchmarkJob, source: ModelSource) -> str:
    """Return the settings part of the key under which a job's predictions are kept.

    The device does not enter: CPU and GPU agree to the model's own float32 noise.
    """
    return settings_hash({**source.settings, **job.settings, "mode": job.mode})
