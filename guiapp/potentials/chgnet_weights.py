"""CHGNet's weights as numbers: reading a .pth.tar file without running what may hide in it, scaling, writing one.

The package chgnet is not needed for this, and importing it takes longer than importing torch.
"""

from __future__ import annotations

import os
import pickle
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from guiapp.errors import UserFacingError

_LARGEST_DIMENSION = 4096  # no published CHGNet is wider than 64; a file must not be able to ask for all memory
_OUTPUT_BIAS = "atom_conv_layers.0.mlp_out.layers.1.bias"


@dataclass(frozen=True, eq=False)
class ChgnetWeights:
    """One CHGNet model as its file holds it."""

    arguments: Mapping[str, Any]
    """Arguments of the package's constructor; plain values only."""
    tensors: Mapping[str, Tensor]
    """Weights by their name in the package, float32 on the CPU."""

    def with_interaction_scale(self, c: float) -> ChgnetWeights:
        """Return weights with E = E_ref(composition) + c (E - E_ref).

        The last linear layer of the readout gives the interaction energy of each atom, so multiplying its weight and bias by c is exact;
        the composition model, which is E_ref, and the magnetic moments stay as they are.
        """
        output = next(name for name, tensor in self.tensors.items() if name.startswith("mlp.") and tensor.ndim == 2 and len(tensor) == 1)
        last = {output, output.removesuffix("weight") + "bias"}
        return ChgnetWeights(self.arguments, {name: tensor * c if name in last else tensor for name, tensor in self.tensors.items()})


def read_weights(path: Path) -> ChgnetWeights:
    """Return what a weights file holds.

    The file is read as numbers only. CHGNet's own ``from_file`` unpickles, which runs any program that a file names.

    Raises:
        UserFacingError: Where the file is missing, damaged, no CHGNet, or holds more than weights.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise UserFacingError(f"The weights cannot be read: {error.strerror or error}.", path=path) from error
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError, AttributeError, TypeError, IndexError) as error:
        raise UserFacingError(
            "The file was not opened: it is damaged, or it holds more than weights, and a program hidden in it would have run.",
            advice="Ask its author for a file written with CHGNet's as_dict() and torch.save, or fetch it again.",
            path=path,
        ) from error
    model = content.get("model") if isinstance(content, dict) else None
    arguments = model.get("model_args") if isinstance(model, dict) else None
    tensors = model.get("state_dict") if isinstance(model, dict) else None
    if not isinstance(arguments, dict) or not isinstance(tensors, Mapping) or not all(isinstance(one, Tensor) for one in tensors.values()):
        raise UserFacingError(
            "The file holds no CHGNet model.", advice="A CHGNet file has the entries model, state_dict and model_args.", path=path
        )
    if not all(_harmless(value) for value in arguments.values()):
        raise UserFacingError("The file asks for a model of impossible size or kind.", path=path)
    # Version 0.2.0 has a bias that its own arguments do not tell; the weights do.
    known = arguments | {"mlp_out_bias": _OUTPUT_BIAS in tensors}
    return ChgnetWeights(known, {str(name): tensor.detach().float() for name, tensor in tensors.items()})


def _harmless(value: object) -> bool:
    if isinstance(value, (list, tuple)):
        return len(value) <= 16 and all(_harmless(item) for item in value)
    if isinstance(value, (int, float)):
        return abs(value) <= _LARGEST_DIMENSION
    return value is None or isinstance(value, str)


def write_weights(weights: ChgnetWeights, path: Path) -> None:
    """Write a file that plain ``CHGNet.from_file`` opens; the old file stays whole until the new one is complete.

    Raises:
        UserFacingError: Where the file cannot be written.
    """
    content = {"model": {"state_dict": dict(weights.tensors), "model_args": dict(weights.arguments)}}
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                torch.save(content, file)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise UserFacingError(f"The weights cannot be written: {error.strerror or error}.", path=path) from error
