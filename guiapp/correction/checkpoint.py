"""The state of a training after an epoch, in a file that is complete or absent whatever happens while it is written."""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from guiapp.correction.training_record import EpochRecord
from guiapp.errors import UserFacingError

if TYPE_CHECKING:
    from torch import Tensor

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """Everything that the next epoch depends on."""

    key: str
    """What was trained on what: base weights, labels, recipe."""
    epochs: tuple[EpochRecord, ...]
    weights: dict[str, Tensor]
    optimiser: dict[str, Any]
    """What ``torch.optim.Optimizer.state_dict`` returns."""
    average: dict[str, Tensor] | None
    """Moving average of the weights."""
    best: tuple[float, int, dict[str, Tensor]] | None
    """Smallest validation error, its epoch and weights."""


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Replace the checkpoint file once the new one is on the disk.

    Raises:
        UserFacingError: Where it cannot be written.
    """
    import torch

    content = {
        "key": _digest(checkpoint.key),
        "epochs": [asdict(epoch) for epoch in checkpoint.epochs],
        "weights": checkpoint.weights,
        "optimiser": checkpoint.optimiser,
        "average": checkpoint.average,
        "best": list(checkpoint.best) if checkpoint.best is not None else None,
    }
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as stream:
            torch.save(content, stream)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except (OSError, RuntimeError) as error:  # torch reports a full disk as a RuntimeError
        raise UserFacingError(
            "The state of the training cannot be written.", advice="Check that the disk has free space.", path=path
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def read_checkpoint(path: Path, key: str) -> Checkpoint | None:
    """Return the checkpoint of a training, or None where there is none, it is damaged, or it belongs to another training.

    The file is read as numbers only, so that a planted one cannot run a program.
    """
    import torch

    if not path.is_file():
        return None
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, pickle.UnpicklingError, EOFError, ValueError) as error:
        _LOG.warning("%s: the state of the training is damaged, so it starts anew (%s)", path, error)
        return None
    if content.get("key") != _digest(key):
        return None
    best = content["best"]
    return Checkpoint(
        key=key,
        epochs=tuple(EpochRecord(**epoch) for epoch in content["epochs"]),
        weights=content["weights"],
        optimiser=content["optimiser"],
        average=content["average"],
        best=(best[0], best[1], best[2]) if best is not None else None,
    )


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
