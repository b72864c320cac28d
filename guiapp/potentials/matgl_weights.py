"""A matgl folder as numbers: reading one without running what may hide in it, building its network, scaling, writing one."""

from __future__ import annotations

import json
import pickle
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from guiapp.errors import UserFacingError
from guiapp.potentials.matgl_description import Convention, MatglDescription, describe, read_description

_LARGEST_ARGUMENTS = 64 << 20
_LARGEST_STATE = 4 << 30
_LARGEST_RATIO = 50
_LARGEST_DIMENSION = 1024  # the widest published model has 512; a file must not be able to ask for all memory
_MOST_LAYERS = 32
_LAYER_COUNTS = frozenset({"nblocks", "num_blocks", "nlayers_set2set", "niters_set2set"})
_OFFSETS = "element_refs.property_offset"
_OLD_CACHE = "element_refs.onehot"
"""A unit matrix that matgl before 3.0.5 kept in the file."""
_NUMPY = (np.ndarray, np.dtype, np.array(0).__reduce__()[0], type(np.dtype(np.float32)), type(np.dtype(np.float64)))
"""What a pickled array of numbers needs; older folders hold the references of the elements as one."""
_NOTE = "READ ME FIRST.txt"
_NOTE_TEXT = (
    "These weights follow the convention of matgl before version 3. Open them with matgl 1.1.3 to 2.2.1 (or with Temper).\n"
    "matgl 3 and newer would open them without an error and give wrong energies and forces.\n"
)

Network = Any
"""A ``matgl.apps.pes.Potential``; its types are not used."""


@dataclass(frozen=True, eq=False)
class MatglWeights:
    """One potential as its folder holds it."""

    description: MatglDescription
    content: Mapping[str, Any]
    """model.json."""
    arguments: Mapping[str, Any]
    """model.pt: arguments of ``Potential``; its entry ``model`` holds those of the network."""
    tensors: Mapping[str, Tensor]
    """state.pt: weights by name."""

    @property
    def model_arguments(self) -> dict[str, Any]:
        """Arguments of the network's constructor."""
        return dict(self.arguments["model"]["init_args"])

    def with_interaction_scale(self, c: float) -> MatglWeights:
        """Return weights with E = E_ref(composition) + c (E - E_ref).

        The network's output times ``data_std`` plus ``data_mean`` is the interaction energy, so both times c are exact; the references of
        the elements stay.

        Raises:
            UserFacingError: Where the potential adds a repulsion that cannot be scaled.
        """
        if self.arguments.get("calc_repuls"):
            raise UserFacingError(
                "This model cannot be corrected by one number: it adds a short-range repulsion behind its last layer.",
                advice="Fine-tune it instead.",
            )
        scaled = {name: self.tensors[name] * c for name in ("data_std", "data_mean")}
        return MatglWeights(self.description, self.content, {**self.arguments, **scaled}, {**self.tensors, **scaled})


def read_weights(folder: Path) -> MatglWeights:
    """Return what a folder holds.

    Raises:
        UserFacingError: Where a file is missing, damaged or absurdly large, or asks for anything but a matgl potential.
    """
    described = read_description(folder)
    content = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    with torch.serialization.safe_globals(list(_NUMPY)):
        arguments = _load(folder / "model.pt", _LARGEST_ARGUMENTS)
    tensors = _load(folder / "state.pt", _LARGEST_STATE)
    # model.pt and not model.json is what a network would be built of, so it is held to the same list.
    if describe(arguments, folder / "model.pt") != described:
        raise UserFacingError("model.json and model.pt speak of different models.", advice="Fetch the folder again.", path=folder)
    needed = {"data_std", "data_mean"}
    if not all(isinstance(tensor, Tensor) for tensor in tensors.values()) or not needed <= tensors.keys():
        raise UserFacingError("The file holds no weights of a matgl potential.", path=folder / "state.pt")
    weights = MatglWeights(described, content, arguments, tensors)
    _refuse_other_needs(weights, folder)
    return weights


def _load(path: Path, largest: int) -> dict[str, Any]:
    """Read a torch file as numbers and plain values only, after a look at its size."""
    try:
        if path.stat().st_size > largest or not zipfile.is_zipfile(path):
            raise _damaged(path)
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > min(largest, _LARGEST_RATIO * path.stat().st_size):
            raise _damaged(path)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise UserFacingError(f"The file cannot be read: {error.strerror or error}.", path=path) from error
    except (
        pickle.UnpicklingError,
        zipfile.BadZipFile,
        RuntimeError,
        EOFError,
        ValueError,
        KeyError,
        AttributeError,
        TypeError,
        IndexError,
    ) as error:
        raise _damaged(path) from error
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise _damaged(path)
    return dict(content)


def _damaged(path: Path) -> UserFacingError:
    return UserFacingError(
        "The file was not opened: it is damaged or of absurd size, or holds more than weights, and a program hidden in it would have run.",
        advice="Fetch the folder again from its author.",
        path=path,
    )


def _refuse_other_needs(weights: MatglWeights, folder: Path) -> None:
    arguments = weights.model_arguments
    if not all(_harmless(key, value) for key, value in arguments.items()):
        raise UserFacingError("The folder asks for a network of impossible size or kind.", path=folder)
    needs_more = arguments.get("include_state") or weights.arguments.get("calc_charge") or int(arguments.get("ntargets") or 1) != 1
    if needs_more or arguments.get("is_intensive"):
        raise UserFacingError(
            "The model is no potential for a crystal alone: it needs a state or a charge, or predicts another property.",
            advice="Use a model of energies and forces (its name ends in PES).",
            path=folder,
        )


def _harmless(key: str, value: object) -> bool:
    if isinstance(value, (list, tuple)):
        return len(value) <= 256 and all(_harmless("", item) for item in value)
    if isinstance(value, (int, float)):
        return abs(value) <= (_MOST_LAYERS if key in _LAYER_COUNTS else _LARGEST_DIMENSION)
    return value is None or isinstance(value, (str, torch.dtype))


def build_network(weights: MatglWeights, folder: Path | None) -> Network:
    """Return the potential with its weights, in single precision on the CPU and in evaluation mode.

    Raises:
        UserFacingError: Where weights and architecture do not fit together.
    """
    from matgl.apps.pes import Potential

    offsets = weights.tensors.get(_OFFSETS)
    try:
        network = Potential(
            model=_architecture(weights.description)(**weights.model_arguments),
            data_mean=weights.tensors["data_mean"].clone(),
            data_std=weights.tensors["data_std"].clone(),
            element_refs=None if offsets is None else offsets.clone(),
            calc_magmom=bool(weights.arguments.get("calc_magmom")),
            calc_repuls=bool(weights.arguments.get("calc_repuls")),
        )
        found = network.load_state_dict(dict(weights.tensors), strict=False)
    except (RuntimeError, TypeError, ValueError, NotImplementedError, KeyError) as error:
        raise _misfit(folder) from error
    parameters = {name for name, _ in network.named_parameters()}
    if parameters & set(found.missing_keys) or set(found.unexpected_keys) - {_OLD_CACHE}:
        raise _misfit(folder)
    return network.float().eval().requires_grad_(False)


def _architecture(description: MatglDescription) -> Any:
    from matgl import models

    if description.convention is Convention.BEFORE_3:
        from guiapp.potentials.matgl_old_convention import M3GNetBefore3

        return M3GNetBefore3
    return {"M3GNet": models.M3GNet, "TensorNet": models.TensorNet, "CHGNet": models.CHGNet}[description.architecture]


def _misfit(folder: Path | None) -> UserFacingError:
    return UserFacingError(
        "The weights do not fit the architecture that the folder tells.",
        advice="It was written by another version of matgl, or by a model of another kind.",
        path=folder,
    )


def write_weights(weights: MatglWeights, folder: Path) -> None:
    """Write a folder that the matgl of the weights' own convention opens; weights of before version 3 get a note that says so.

    Raises:
        UserFacingError: Where it cannot be written.
    """
    content = {
        **weights.content,
        "kwargs": {**weights.content["kwargs"], **{k: str(weights.tensors[k]) for k in ("data_mean", "data_std")}},
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        torch.save(dict(weights.arguments), folder / "model.pt")
        torch.save(dict(weights.tensors), folder / "state.pt")
        (folder / "model.json").write_text(json.dumps(content, indent=4), encoding="utf-8")
        if weights.description.convention is Convention.BEFORE_3:
            (folder / _NOTE).write_text(_NOTE_TEXT, encoding="utf-8")
    except OSError as error:
        raise UserFacingError(f"The weights cannot be written: {error.strerror or error}.", path=folder) from error
