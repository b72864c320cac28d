"""What travels between the program and a cluster's worker: the messages of local workers, and who asks and what was consented to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from guiapp import __version__
from guiapp.engine.executor import BatchTask
from guiapp.engine.messages import predict_message
from guiapp.potentials.ase_calculator import PREFIX, consent_key
from guiapp.potentials.registry import find_card
from guiapp.potentials.trust import trusted
from guiapp.potentials.weights import file_hash, weights_files
from guiapp.wire import Message

MODEL_ABSENT = "model absent"


@dataclass(frozen=True)
class Sender:
    """Who sent an order."""

    version: str
    """Of this program."""
    topic: str
    """Under which the sender listens to notes."""
    order: str
    """What the sender calls this order."""
    consents: tuple[str, ...]
    """Hashes of what the sender's user consented to run, as far as this model is concerned."""


def order_message(task: BatchTask, topic: str, order: str, consents: tuple[str, ...]) -> Message:
    """Return a batch as a message to a worker of a cluster."""
    message = predict_message(task.source, task.frames)
    sender = {"version": __version__, "topic": topic, "order": order, "consents": list(consents)}
    return Message(message.kind, {**message.values, "sender": sender}, message.arrays)


def read_sender(values: Mapping[str, Any]) -> Sender:
    """Return who sent a message."""
    sender = values["sender"]
    return Sender(str(sender["version"]), str(sender["topic"]), str(sender["order"]), tuple(map(str, sender["consents"])))


def consents_for(model: str) -> tuple[str, ...]:
    """Return those consents of this user that a model needs to be loaded: by its files, or by a calculator's name.

    Raises:
        UserFacingError: Where the model is unknown.
    """
    given = {one.sha256 for one in trusted()}
    if model.startswith(PREFIX):
        wanted = {consent_key(model)}
    else:
        place = find_card(model).weights
        wanted = {file_hash(path) for path in weights_files(place)} if place is not None else set()
    return tuple(sorted(given & wanted))
