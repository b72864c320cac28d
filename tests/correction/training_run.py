"""A training in a process of its own, to be killed: python training_run.py CHECKPOINT EPOCHS."""

# ruff: noqa: T201 - a script that prints

from __future__ import annotations

import sys
from pathlib import Path

from chgnet_labels import chgnet, label_set

from guiapp.correction.fine_tune import fine_tune
from guiapp.correction.training_record import Recipe


def train(checkpoint: Path | None, epochs: int, tell=None, cancelled=None, **changes):
    recipe = Recipe(epochs=epochs, averaging=changes.pop("averaging", 0.9), **changes)
    return fine_tune(chgnet(), label_set(), readout_only=False, recipe=recipe, checkpoint=checkpoint, tell=tell, cancelled=cancelled)


if __name__ == "__main__":
    train(Path(sys.argv[1]), int(sys.argv[2]), tell=lambda progress: print(progress.record.epoch, flush=True))
