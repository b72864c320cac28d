"""Kept predictions in a dictionary: for one run without a project file, and for tests."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from guiapp.potentials.potential import Prediction


class InMemoryPredictions:
    """A ``KeptPredictions`` that forgets everything when the program ends."""

    def __init__(self) -> None:
        """Start empty."""
        self._predictions: dict[tuple[str, str, str], Prediction] = {}
        self._lock = threading.Lock()

    def find(self, weights_hash: str, settings_hash: str, frame_hashes: Sequence[str]) -> dict[str, Prediction]:
        """Return what is known, by frame hash."""
        with self._lock:
            keys = ((weights_hash, settings_hash, frame) for frame in frame_hashes)
            return {key[2]: self._predictions[key] for key in keys if key in self._predictions}

    def keep(self, weights_hash: str, settings_hash: str, frame_hashes: Sequence[str], predictions: Sequence[Prediction]) -> None:
        """Remember the predictions of one batch."""
        with self._lock:
            for frame, prediction in zip(frame_hashes, predictions, strict=True):
                self._predictions[weights_hash, settings_hash, frame] = prediction

    def __len__(self) -> int:
        """Return the number of predictions held."""
        return len(self._predictions)
