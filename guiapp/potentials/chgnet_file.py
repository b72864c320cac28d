"""CHGNet's own weights files (.pth.tar): reading one without running what may hide in it, writing one."""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from chgnet.model import CHGNet

from guiapp.errors import UserFacingError

_REFUSED = UserFacingError(
    "The file was not opened: it is damaged, or it holds more than weights, and a program hidden in it would have run.",
    advice="Ask its author for a file written with CHGNet's as_dict() and torch.save, or fetch it again.",
)
_LARGEST_DIMENSION = 4096  # no published CHGNet is wider than 64; a file must not be able to ask for all memory
_OUTPUT_BIAS = "atom_conv_layers.0.mlp_out.layers.1.bias"

Arguments = dict[str, Any]


def read_chgnet(path: Path) -> CHGNet:
    """Return the model of a weights file in float32 on the CPU.

    The file is read as numbers only. CHGNet's own ``from_file`` unpickles, which runs any program that a file names.

    Raises:
        UserFacingError: Where the file is missing, damaged, no CHGNet, or holds more than weights.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise UserFacingError(f"The weights cannot be read: {error.strerror or error}.", path=path) from error
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError, AttributeError, TypeError, IndexError) as error:
        raise UserFacingError(_REFUSED.what, advice=_REFUSED.advice, path=path) from error
    arguments, weights = _split(content, path)
    try:
        return _build(arguments, weights)
    except (RuntimeError, TypeError, ValueError, NotImplementedError) as error:
        raise UserFacingError(
            "The weights do not fit the CHGNet that is installed.",
            advice="It was written by another version of chgnet, or by a model of another kind.",
            path=path,
        ) from error


def _split(content: object, path: Path) -> tuple[Arguments, Mapping[str, torch.Tensor]]:
    model = content.get("model") if isinstance(content, dict) else None
    arguments = model.get("model_args") if isinstance(model, dict) else None
    weights = model.get("state_dict") if isinstance(model, dict) else None
    if not isinstance(arguments, dict) or not isinstance(weights, Mapping):
        raise UserFacingError(
            "The file holds no CHGNet model.", advice="A CHGNet file has the entries model, state_dict and model_args.", path=path
        )
    if not all(_harmless(value) for value in arguments.values()):
        raise UserFacingError("The file asks for a model of impossible size or kind.", path=path)
    return dict(arguments), weights


def _harmless(value: object) -> bool:
    if isinstance(value, (list, tuple)):
        return len(value) <= 16 and all(_harmless(item) for item in value)
    if isinstance(value, (int, float)):
        return abs(value) <= _LARGEST_DIMENSION
    return value is None or isinstance(value, str)


def _build(arguments: Arguments, weights: Mapping[str, torch.Tensor]) -> CHGNet:
    # Version 0.2.0 has a bias that its own arguments do not tell; the weights do.
    arguments["mlp_out_bias"] = _OUTPUT_BIAS in weights
    with contextlib.redirect_stdout(io.StringIO()):  # the constructor prints the number of parameters
        model = CHGNet(**arguments)
    model.load_state_dict(weights)
    return model.float().eval().requires_grad_(False)


def write_chgnet(model: CHGNet, path: Path) -> None:
    """Write a file that plain ``CHGNet.from_file`` opens; the old file stays whole until the new one is complete.

    Raises:
        UserFacingError: Where the file cannot be written.
    """
    content = model.as_dict()
    weights = {name: tensor.detach().cpu() for name, tensor in content["state_dict"].items()}
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                torch.save({"model": {"state_dict": weights, "model_args": content["model_args"]}}, file)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise UserFacingError(f"The weights cannot be written: {error.strerror or error}.", path=path) from error
