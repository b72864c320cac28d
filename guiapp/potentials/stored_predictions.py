"""Predictions of models that not everybody has, computed beforehand for the shipped labels and shipped with the program.

They lie in ``resources/predictions``: ``index.yaml`` says what was computed when and with which version, an ``.npz`` a model holds the
numbers. ``resources/predictions/make.py`` computes them. They are keyed as every prediction is, by weights, settings and frame, so that
they stand in a project like any other until the model computes them anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import Any

import numpy as np

from guiapp.plain_yaml import read_yaml
from guiapp.potentials.potential import Prediction

_INDEX = "index.yaml"


@dataclass(frozen=True)
class StoredModel:
    """What was computed of one model."""

    name: str
    """As in the registry, e.g. ``sevennet-0``."""
    title: str
    version: str
    """Package and version that computed it, e.g. ``sevenn 0.13.0``."""
    computed: str
    """Date, ISO 8601."""
    n_frames: int
    weights_sha256: str
    settings: Mapping[str, str]
    """What determines the numbers besides weights and frame."""
    licence: str
    citation: str

    @property
    def words(self) -> str:
        """Where the numbers come from, in a sentence."""
        return f"Stored results: computed on {self.computed} with {self.version} for {self.n_frames} frames, and shipped with Temper."

    @property
    def stamp(self) -> str:
        """What tells this version of the numbers from another one."""
        return f"{self.computed} {self.n_frames} {self.weights_sha256[:16]}"


@cache
def stored_models() -> Mapping[str, StoredModel]:
    """Return the models with stored predictions, by name."""
    index = files("resources") / "predictions" / _INDEX
    if not index.is_file():
        return {}
    entries: list[dict[str, Any]] = read_yaml(index.read_text(encoding="utf-8")) or []
    return {
        str(one["name"]): StoredModel(
            name=str(one["name"]),
            title=str(one["title"]),
            version=str(one["version"]),
            computed=str(one["computed"]),
            n_frames=int(one["n_frames"]),
            weights_sha256=str(one["weights_sha256"]),
            settings={str(key): str(value) for key, value in one["settings"].items()},
            licence=str(one["licence"]),
            citation=str(one["citation"]),
        )
        for one in entries
    }


def read_stored(name: str) -> dict[str, Prediction]:
    """Return the stored predictions of a model by frame hash."""
    with as_file(files("resources") / "predictions" / f"{name}.npz") as path, np.load(path, allow_pickle=False) as arrays:
        ends = np.cumsum(arrays["n_atoms"])
        forces = np.split(arrays["forces"].astype(float), ends[:-1])
        return {
            bytes(digest).hex(): Prediction(float(energy), of_frame, stress.astype(float))
            for digest, energy, of_frame, stress in zip(arrays["frames"], arrays["energies"], forces, arrays["stresses"], strict=True)
        }


def packed(predictions: Mapping[str, Prediction]) -> dict[str, np.ndarray]:
    """Return predictions by frame hash as the arrays that ``read_stored`` reads; forces and stresses in single precision, as computed."""
    hashes = sorted(predictions)
    ordered = [predictions[frame] for frame in hashes]
    return {
        "frames": np.array([np.frombuffer(bytes.fromhex(frame), dtype=np.uint8) for frame in hashes]),
        "energies": np.array([one.energy for one in ordered]),
        "n_atoms": np.array([len(one.forces) for one in ordered], dtype=np.int32),
        "forces": np.concatenate([one.forces for one in ordered]).astype(np.float32),
        "stresses": np.array([one.stress for one in ordered], dtype=np.float32),
    }
