"""The potentials that a process keeps loaded, the least recently used one leaving first."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable

from guiapp.engine.frame_predictor import FramePredictor
from guiapp.engine.model_source import ModelSource

DEFAULT_MODELS_KEPT = 2


class LoadedPotentials:
    """Potentials by their source; loading one takes seconds, so a few stay."""

    def __init__(self, most: int = DEFAULT_MODELS_KEPT) -> None:
        """Start empty.

        Args:
            most: How many models may be held at once, at least one.
        """
        self._most = max(1, most)
        self._predictors: OrderedDict[ModelSource, FramePredictor] = OrderedDict()

    def get(self, source: ModelSource, note: Callable[[str], None]) -> FramePredictor:
        """Return the predictor of a source, loading it if need be.

        Args:
            source: Where it comes from.
            note: Told ``loading CHGNet 0.3.0`` before a load.

        Raises:
            UserFacingError: Where it cannot be loaded.
        """
        held = self._predictors.get(source)
        if held is not None and getattr(held.potential, "is_outdated", False):  # the user changed how such a model is loaded
            del self._predictors[source]
        if source not in self._predictors:
            note(f"loading {source.title}")
            while len(self._predictors) >= self._most:
                self._predictors.popitem(last=False)
            self._predictors[source] = FramePredictor(source.load())
        self._predictors.move_to_end(source)
        return self._predictors[source]


def use_one_thread() -> None:
    """Keep torch on one thread, if it is loaded: two on a busy machine were measured to be ten times slower."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.get_num_threads() != 1:
        torch.set_num_threads(1)
