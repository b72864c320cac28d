"""The predictions that a window holds of each model, and the force tables made from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from guiapp.benchmarks.force_table import ForceTable
from guiapp.engine.job import KeptPredictions
from guiapp.engine.keys import settings_hash
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction
from guiapp.potentials.registry import find_card, prediction_settings, weights_hash

_CHUNK = 500


class ModelResults:
    """What is known of one model: a prediction a configuration, and its components beside the DFT ones."""

    def __init__(self, model: str) -> None:
        """Start without results."""
        self.model = model
        self.predictions: dict[str, Prediction] = {}
        self.table = ForceTable(model)

    def add(self, frames: Sequence[Frame], predictions: Sequence[Prediction]) -> None:
        """Take in a finished batch."""
        for frame, prediction in zip(frames, predictions, strict=True):
            self.predictions[frame.content_hash] = prediction
            self.table.add(frame, prediction)

    def rebuild(self, frames: Iterable[Frame]) -> None:
        """Make the table anew for these frames, as after regrouping or removing some."""
        self.table = ForceTable(self.model)
        for frame in frames:
            prediction = self.predictions.get(frame.content_hash)
            if prediction is not None:
                self.table.add(frame, prediction)


def kept_results(model: str, frames: Sequence[Frame], kept: KeptPredictions, mode: str = "static") -> ModelResults:
    """Return what the project already knows of a model, without importing torch.

    Raises:
        UserFacingError: Where the model is unknown or its weights file is gone.
    """
    card = find_card(model)
    settings = settings_hash({**prediction_settings(card), "mode": mode})
    identity = weights_hash(card)
    results = ModelResults(model)
    for start in range(0, len(frames), _CHUNK):
        part = frames[start : start + _CHUNK]
        found = kept.find(identity, settings, [frame.content_hash for frame in part])
        known = [frame for frame in part if frame.content_hash in found]
        results.add(known, [found[frame.content_hash] for frame in known])
    return results
