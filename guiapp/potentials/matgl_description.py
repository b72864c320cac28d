"""What the model.json of a matgl folder says, read as plain text; which of matgl's two conventions its weights follow.

matgl itself imports whatever module and class a folder names and calls it, so that a folder naming ``subprocess.Popen`` runs a program.
Here the names are compared with a list, and nothing is imported because a file says so.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from guiapp.errors import UserFacingError

_LARGEST_JSON = 8 << 20
_POTENTIAL_MODULES = frozenset({"matgl.apps.pes", "matgl.apps._pes", "matgl.apps._pes_pyg", "matgl.apps._pes_dgl"})
_ARCHITECTURES = ("M3GNet", "TensorNet", "CHGNet")
_MODEL_MODULES = {
    "matgl.models": "",
    "matgl.models._m3gnet": "M3GNet",
    "matgl.models._m3gnet_pyg": "M3GNet",
    "matgl.models._m3gnet_dgl": "M3GNet",
    "matgl.models._tensornet": "TensorNet",
    "matgl.models._tensornet_pyg": "TensorNet",
    "matgl.models._tensornet_dgl": "TensorNet",
    "matgl.models._chgnet": "CHGNet",
    "matgl.models._chgnet_pyg": "CHGNet",
    "matgl.models._chgnet_dgl": "CHGNet",
}
_TENSORNET_NOW = 2
_WITHOUT_BACKEND = frozenset({"matgl.models._m3gnet", "matgl.models._chgnet", "matgl.models._tensornet", "matgl.models"})
_SINCE_3_0_5 = "compile_model"
"""An argument of ``Potential`` that every matgl from 3.0.5 on writes into the folder, and none before."""


class Convention(StrEnum):
    """How the weights of an M3GNet expect messages to be passed."""

    BEFORE_3 = "matgl before 3"
    """Messages are summed into the atom at the end of a bond, and bonds are looked up by pruned numbers."""
    PRESENT = "matgl 3 and newer"


@dataclass(frozen=True)
class MatglDescription:
    """A potential that a folder holds, as far as its names tell."""

    architecture: str
    """``M3GNet``, ``TensorNet`` or ``CHGNet``."""
    convention: Convention


def read_description(folder: Path) -> MatglDescription:
    """Read a folder's model.json.

    Raises:
        UserFacingError: Where it is missing or damaged, names something else than a matgl potential, or weights of a convention that
            the installed matgl would silently turn into wrong energies.
    """
    path = folder / "model.json"
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST_JSON + 1)
    except OSError as error:
        raise UserFacingError(f"The file cannot be read: {error.strerror}.", path=path) from error
    try:
        content = json.loads(text) if len(text) <= _LARGEST_JSON else None
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or not isinstance(content.get("kwargs"), dict):
        raise UserFacingError("The file describes no matgl model.", advice="Fetch the folder again from its author.", path=path)
    if content.get("@module") not in _POTENTIAL_MODULES or content.get("@class") != "Potential":
        raise _refused(path, content)
    return describe(content["kwargs"], path)


def describe(arguments: dict[str, Any], path: Path) -> MatglDescription:
    """Tell architecture and convention from the arguments of a ``Potential``, as model.json and model.pt hold them.

    Args:
        arguments: Their entry ``model`` names a module and a class.
        path: The file they stand in, for the message.

    Raises:
        UserFacingError: Where anything but a matgl potential is named, or the weights cannot be used rightly.
    """
    model = arguments.get("model")
    if not isinstance(model, dict) or not isinstance(model.get("init_args"), dict):
        raise UserFacingError("The file describes no matgl potential.", advice="Fetch the folder again from its author.", path=path)
    module, architecture = model.get("@module"), model.get("@class")
    if architecture not in _ARCHITECTURES or module not in _MODEL_MODULES or _MODEL_MODULES[module] not in {"", architecture}:
        raise _refused(path, model)
    for value in (*(value for key, value in arguments.items() if key != "model"), *model["init_args"].values()):
        _refuse_names(value, path)
    return MatglDescription(architecture, _convention(architecture, module, model.get("@model_version"), arguments, path))


def _convention(architecture: str, module: str, version: object, arguments: dict[str, Any], path: Path) -> Convention:
    """Tell when the weights were saved.

    matgl changed how messages are passed in version 3 without a new number in its files: M3GNet has ``@model_version`` 2 before and after.
    What tells them apart was found by saving with the releases 1.1.3 to 4.1.2. Until 2.2.1 M3GNet stands in ``matgl.models._m3gnet`` and
    the potential has no argument ``compile_model``; 3.0 has the modules ``_m3gnet_dgl`` and ``_m3gnet_pyg``; from 4.0 on the module has
    its first name again, now with that argument. A TensorNet has ``@model_version`` 2 from 2.1 on, and its PyG form gives today's numbers.
    """
    recent = _SINCE_3_0_5 in arguments
    if architecture == "M3GNet":
        return Convention.BEFORE_3 if module in _WITHOUT_BACKEND and not recent else Convention.PRESENT
    right = recent if architecture == "CHGNet" else recent or (version == _TENSORNET_NOW and module == "matgl.models._tensornet_pyg")
    if not right:
        raise UserFacingError(
            f"These {architecture} weights were saved by an early version of matgl, and the installed one would load them without an error "
            "and give wrong energies.",
            advice=f"Use a newer release of this {architecture}, or matgl before version 3 in an environment of its own.",
            path=path,
        )
    return Convention.PRESENT


def _refuse_names(value: object, path: Path) -> None:
    """Raise where an argument asks for a class, however deep it is hidden."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            if "@class" in item or "@module" in item:
                raise _refused(path, item)
            waiting += item.values()
        elif isinstance(item, (list, tuple)):
            waiting += item


def _refused(path: Path, named: dict[str, Any]) -> UserFacingError:
    name = f"{named.get('@module')}.{named.get('@class')}"[:100]
    return UserFacingError(
        f"The folder was not opened: it asks for {name}, which is no matgl potential (M3GNet, TensorNet or CHGNet).",
        advice="Only open folders from authors you trust.",
        path=path,
    )
