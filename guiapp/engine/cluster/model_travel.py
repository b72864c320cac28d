"""Bringing a model's weights to the workers that lack them: once to each store, checked by hash on arrival."""

from __future__ import annotations

import threading
import uuid
from typing import Any

from guiapp.engine.cluster.far_call import far_call
from guiapp.engine.executor import Note
from guiapp.engine.model_source import ModelSource
from guiapp.errors import UserFacingError
from guiapp.potentials.registry import find_card
from guiapp.potentials.weights import weights_files

_CHUNK = 4 << 20
_STORE = "guiapp.engine.cluster.model_store"


class ModelTravel:
    """Sends weights over a Dask client, from any thread; two that want the same model to travel wait for each other."""

    def __init__(self, client: Any) -> None:
        """Use a connected ``distributed.Client``."""
        self._client = client
        self._lock = threading.Lock()
        self.sent: list[tuple[str, str]] = []
        """Hash and store of everything that was sent."""

    def bring(self, source: ModelSource, note: Note) -> None:
        """Send a model to every store of the cluster that lacks it; workers that share a disk share a store.

        Raises:
            UserFacingError: Where the weights are no file here, or cannot be kept there.
        """
        place = find_card(source.model).weights
        if place is None:
            raise UserFacingError(
                f"{source.title} is not a file that could be sent, and the workers do not have it, or another version of it.",
                advice="Install the same packages and add the same calculator on the workers.",
            )
        with self._lock:
            stores: dict[str, str] = {}
            for worker, (store, has_it) in self._client.run(far_call("look_for", source.weights_hash), _STORE).items():
                if not has_it:
                    stores.setdefault(store, worker)
            if not stores:
                return
            note(f"sending {source.title} to {len(stores)} {'machine' if len(stores) == 1 else 'machines'}")
            transfer, workers = uuid.uuid4().hex, list(stores.values())
            for path in weights_files(place):
                name = path.name if path == place else f"{place.name}/{path.name}"
                offset = 0
                with path.open("rb") as file:
                    while (chunk := file.read(_CHUNK)) or not offset:
                        self._client.run(far_call("receive", source.weights_hash, transfer, name, offset, chunk), _STORE, workers=workers)
                        offset += len(chunk)
                        if not chunk:
                            break
            self._client.run(far_call("finish", source.weights_hash, transfer), _STORE, workers=workers)
            self.sent += [(source.weights_hash, store) for store in stores]
            note("")
