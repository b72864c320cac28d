"""The predictions that a window holds of each model, and the force tables made from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

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


def _go_on() -> None:
    return


def find_results(
    model: str,
    frames: Sequence[Frame],
    kept: KeptPredictions | None,
    known: Mapping[str, Prediction] | None = None,
    *,
    stop: Callable[[], None] = _go_on,
    mode: str = "static",
) -> ModelResults:
    """Return what is known of a model on these frames, without importing torch; called in a thread.

    Args:
        model: Name in the registry, or path of a weights file.
        frames: The frames that count, in the order in which the table shall hold them.
        kept: Where the project keeps predictions.
        known: Predictions held already, by content hash, also of frames that do not count now.
        stop: Called between chunks of frames; raises where the result is no longer wanted.
        mode: ``static`` or ``relaxed``.

    Raises:
        UserFacingError: Where the model is unknown or its weights file is gone.
    """
    card = find_card(model)
    settings = settings_hash({**prediction_settings(card), "mode": mode})
    identity = weights_hash(card)
    results = ModelResults(model)
    results.predictions.update(known or {})
    for start in range(0, len(frames), _CHUNK):
        stop()
        part = frames[start : start + _CHUNK]
        unknown = [frame.content_hash for frame in part if frame.content_hash not in results.predictions]
        if kept is not None and unknown:
            results.predictions.update(kept.find(identity, settings, unknown))
        for frame in part:
            prediction = results.predictions.get(frame.content_hash)
            if prediction is not None:
                results.table.add(frame, prediction)
    return results
