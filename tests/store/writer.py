"""A program that keeps batches in a project and says so after each one; tests kill it or run several at once."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from guiapp.potentials.potential import Prediction
from guiapp.store.project import open_project


def batch(writer: str, number: int, size: int = 8) -> tuple[list[str], list[Prediction]]:
    """Return hashes and predictions of one batch, the same for every program that asks."""
    hashes = [f"{writer}-{number}-{i}" for i in range(size)]
    values = [float(number + i) for i in range(size)]
    return hashes, [Prediction(value, np.full((100, 3), value), np.full((3, 3), value)) for value in values]


def tell(word: str) -> None:
    """Say something to the test that runs this program."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main() -> None:
    """Write batches until the number given, or for ever."""
    path, writer, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    project = open_project(path)
    tell("open")
    sys.stdin.readline()
    number = 0
    while number != count:
        project.predictions.keep("w", "s", *batch(writer, number))
        tell(str(number))
        number += 1
    project.close()


if __name__ == "__main__":
    main()
