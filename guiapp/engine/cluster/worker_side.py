"""What runs in a worker of a Dask cluster: one top-level function that answers an order, bytes in and bytes out.

Dask names the function and this package runs it, so no object of the program is pickled. Models stay loaded from one order to the next.
"""

from __future__ import annotations

import threading
import traceback
from dataclasses import replace

from guiapp import __version__
from guiapp.engine.cluster.model_store import place_of
from guiapp.engine.cluster.orders import MODEL_ABSENT, Sender, read_sender
from guiapp.engine.executor import Note, predict_batch
from guiapp.engine.loaded_potentials import LoadedPotentials, use_one_thread
from guiapp.engine.messages import BUG, outcome_message, read_predict, refusal_message
from guiapp.engine.model_source import REGISTRY_LOADER, ModelSource
from guiapp.errors import UserFacingError
from guiapp.potentials.model_options import join_options, split_options
from guiapp.potentials.registry import find_card, weights_hash
from guiapp.potentials.trust import consents_of_sender
from guiapp.wire import Message, WireError, decode, encode

_lock = threading.Lock()
"""A worker with several threads predicts one batch at a time all the same: models are not made for two."""
_potentials = LoadedPotentials()
_sources: dict[ModelSource, ModelSource] = {}
"""Where the model of an order was found on this machine."""


def answer(order: bytes) -> bytes:
    """Predict one batch.

    Args:
        order: A message of ``orders.order_message``.

    Returns:
        A message: the outcome, that the weights are not here, what the user has to know, or a bug.
    """
    with _lock:
        return encode(_answer(order))


def _answer(order: bytes) -> Message:
    try:
        message = decode(order)
        sender = read_sender(message.values)
        if sender.version != __version__:
            return refusal_message(_other_version(sender.version))
        source, frames = read_predict(message)
        note = _note_to(sender)
        with consents_of_sender(sender.consents):
            here = _find(source)
            if here is None:
                return Message(MODEL_ABSENT, {"worker": _address()})
            _potentials.get(here, note)
        use_one_thread()
        note("")
        return outcome_message(predict_batch(here, frames, _potentials, note))
    except UserFacingError as error:
        return refusal_message(error)
    except (WireError, KeyError):
        # An order that cannot be read was written by a version that writes them otherwise.
        return refusal_message(_other_version("another version"))
    except Exception as error:  # noqa: BLE001 - whatever goes wrong here is told to the program, which reports it as a bug
        return Message(BUG, {"error": f"{type(error).__name__}: {error}", "traceback": traceback.format_exc()})


def _find(source: ModelSource) -> ModelSource | None:
    """Return the source as this machine knows it: a model of its own with the same hash, else weights that came here before."""
    if source.loader != REGISTRY_LOADER:
        return source
    if source not in _sources:
        place = source.model if _has_same(source) else _came_here(source)
        if place is None:
            return None
        _sources[source] = replace(source, model=place)
    return _sources[source]


def _has_same(source: ModelSource) -> bool:
    try:
        return weights_hash(find_card(source.model)) == source.weights_hash
    except UserFacingError:
        return False  # not a name, or not a path, on this machine


def _came_here(source: ModelSource) -> str | None:
    place = place_of(source.weights_hash)
    return join_options(str(place), split_options(source.model)[1]) if place is not None else None


def _note_to(sender: Sender) -> Note:
    from distributed import get_worker  # noqa: PLC0415 - this module is imported without Dask too

    worker, last = get_worker(), ""

    def note(words: str) -> None:
        nonlocal last
        if words != last:
            worker.log_event(sender.topic, {"order": sender.order, "note": words})
            last = words

    return note


def _address() -> str:
    from distributed import get_worker  # noqa: PLC0415 - as above

    return str(get_worker().address)


def _other_version(theirs: str) -> UserFacingError:
    return UserFacingError(
        f"The worker {_address()} runs Temper {__version__} and cannot answer Temper {theirs}: numbers of two versions are not mixed.",
        advice="Install the same version of Temper here and on the workers.",
    )
