"""Runs in a model's own environment: loads the model of a recipe and answers batches until its input ends.

Started by path, with nothing but the standard library, numpy and what the recipe installs; ``guiapp`` is not there. Each message is its
length (8 bytes, little-endian) and the bytes of ``guiapp/wire.py``, whose file is named on the command line.
"""

from __future__ import annotations

import importlib.util
import os
import queue
import struct
import sys
import threading
import traceback
from collections import namedtuple
from types import ModuleType
from typing import Any, BinaryIO

Structure = namedtuple("Structure", "numbers positions cell pbc")  # noqa: PYI024 - the recipe's contract names these four, untyped
_LENGTH = struct.Struct("<Q")


def main(recipe_path: str, wire_path: str, device: str) -> None:
    """Load the model, then answer.

    Args:
        recipe_path: File of the recipe.
        wire_path: File of the message format.
        device: ``cpu`` or ``cuda``.
    """
    requests, answers = _private_pipes()
    wire = _module("temper_wire", wire_path)
    orders: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(requests, orders, wire.LARGEST_MESSAGE), daemon=True).start()
    try:
        recipe = _module("temper_recipe", recipe_path)
        model = recipe.load(device)
    except Exception as error:  # noqa: BLE001 - a package may raise anything; the program tells its user
        _send(answers, wire, wire.Message("refused", {"error": _words(error), "traceback": traceback.format_exc()}))
        return
    _send(answers, wire, wire.Message("ready", {"device": device, "parameters": _parameters(model)}))
    predict = getattr(recipe, "predict", _predict_with_calculator)
    while True:
        order = wire.decode(orders.get())
        try:
            reply = _answer(wire, predict(model, _structures(order.arrays)))
        except Exception as error:  # noqa: BLE001 - see above
            reply = wire.Message("failed", {"error": _words(error), "traceback": traceback.format_exc()})
        _send(answers, wire, reply)


def _parameters(model: Any) -> int | None:
    """Return the number of weights where the model or what it wraps is a torch module; None elsewhere."""
    candidate: Any
    for candidate in (model, getattr(model, "model", None), getattr(model, "potential", None)):
        try:
            return sum([int(parameter.numel()) for parameter in candidate.parameters()])
        except (AttributeError, TypeError):
            continue
    return None


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep the pipes for messages alone: what a library prints goes where errors go, and nobody else reads the input."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers


def _read(requests: BinaryIO, orders: queue.SimpleQueue[bytes], largest: int) -> None:
    """Pass messages on; end the process, even in the middle of a batch, when the program is gone."""
    try:
        while True:
            (length,) = _LENGTH.unpack(_exactly(requests, _LENGTH.size))
            if length > largest:
                break
            orders.put(_exactly(requests, length))
    except (EOFError, OSError):
        pass  # the program closed its end
    os._exit(0)


def _exactly(stream: BinaryIO, count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise EOFError
    return data


def _send(answers: BinaryIO, wire: ModuleType, message: object) -> None:
    data = wire.encode(message)
    answers.write(_LENGTH.pack(len(data)) + data)
    answers.flush()


def _module(name: str, path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def _structures(arrays: Any) -> list[Structure]:
    bounds = arrays["starts"].tolist()
    return [
        # Copies, because arrays of a message are read-only and models may write into theirs.
        Structure(arrays["numbers"][start:end].copy(), arrays["positions"][start:end].copy(), cell.copy(), pbc.copy())
        for start, end, cell, pbc in zip(bounds[:-1], bounds[1:], arrays["cells"], arrays["pbc"], strict=True)
    ]


def _answer(wire: ModuleType, results: list[Any]) -> object:
    import numpy as np

    forces = [np.asarray(one[1], dtype=float).reshape(-1, 3) for one in results]
    return wire.Message(
        "predicted",
        {},
        {
            "energies": np.array([float(one[0]) for one in results]),
            "forces": np.concatenate(forces) if forces else np.zeros((0, 3)),
            "starts": np.cumsum([0, *(len(one) for one in forces)]).astype(np.int64),
            "stresses": np.array([np.asarray(one[2], dtype=float).reshape(3, 3) for one in results]).reshape(-1, 3, 3),
        },
    )


def _predict_with_calculator(calculator: Any, structures: list[Structure]) -> list[Any]:
    """Predict with an ase calculator, which is what a recipe without ``predict`` loads."""
    from ase import Atoms

    results = []
    for one in structures:
        atoms = Atoms(numbers=one.numbers, positions=one.positions, cell=one.cell, pbc=one.pbc)
        atoms.calc = calculator
        # Forces first: they bring the energy along, and a calculator computes what it is asked for first.
        forces, stress = atoms.get_forces(), atoms.get_stress(voigt=False)
        results.append((atoms.get_potential_energy(), forces, stress))
    return results


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    main(*sys.argv[1:4])
