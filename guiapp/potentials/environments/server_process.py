"""A model's process in its own environment, seen from the program: start it, ask it, notice its death."""

from __future__ import annotations

import contextlib
import os
import struct
import subprocess
import threading
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np

from guiapp import wire
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.environments.recipe import Recipe
from guiapp.potentials.potential import Prediction
from guiapp.wire import Message, WireError

_SERVER = Path(__file__).parent / "model_server.py"
_WIRE = Path(wire.__file__).with_suffix(".py")
"""In a frozen program the module says .pyc, and the source lies beside it for this purpose."""
_LENGTH = struct.Struct("<Q")
_LINES_KEPT = 60
_PATIENCE = 2.0
_KEPT_VARIABLES = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP")
"""What points at the program's own packages and must not reach another environment."""


class ModelServerError(RuntimeError):
    """The model raised an error on a batch."""


class ModelServerDiedError(RuntimeError):
    """The model's process ended before it answered."""


class ServerProcess:
    """One process with one loaded model; used by one thread."""

    def __init__(self, python: Path, recipe: Recipe, device: str) -> None:
        """Start the process and wait until the model is loaded.

        Args:
            python: Interpreter of the model's environment.
            recipe: The model.
            device: ``cpu`` or ``cuda``.

        Raises:
            UserFacingError: Where the model cannot be loaded.
        """
        self._title = recipe.title
        self._lines: deque[str] = deque(maxlen=_LINES_KEPT)
        command = [str(python), "-I", str(_SERVER), str(recipe.path), str(_WIRE), device]
        environment = {key: value for key, value in os.environ.items() if key not in _KEPT_VARIABLES}
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the interpreter of an environment that the program made
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
            )
        except OSError as error:
            raise UserFacingError(
                f"The environment of {recipe.title} does not start: {error.strerror}.",
                advice=f"Install it again with: models install {recipe.name}.",
            ) from error
        assert self._process.stderr is not None
        self._reader = threading.Thread(target=self._keep_lines, args=(self._process.stderr,), daemon=True)
        self._reader.start()
        try:
            answer = self._receive()
        except ModelServerDiedError as error:
            raise UserFacingError(
                f"{recipe.title} could not be loaded: {error}", advice=f"Install it again with: models install {recipe.name}."
            ) from error
        if answer.kind != "ready":
            self.close()
            raise UserFacingError(f"{recipe.title} could not be loaded: {answer.values.get('error')}.", advice=self._last_line())

        parameters = answer.values.get("parameters")
        self.n_parameters = parameters if isinstance(parameters, int) else None
        """Number of the model's weights, where it tells."""

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """True while the process runs."""
        return self._process.poll() is None

    def predict(self, frames: Sequence[Frame]) -> list[Prediction]:
        """Have a batch predicted and wait for it.

        Raises:
            ModelServerError: Where the model raises an error.
            ModelServerDiedError: Where its process ends first.
        """
        self._send(_request(frames))
        answer = self._receive()
        if answer.kind == "predicted":
            try:
                return _predictions(answer, frames)
            except (KeyError, IndexError, ValueError) as error:
                raise ModelServerError(f"the answer does not fit the frames: {error}") from error
        raise ModelServerError(str(answer.values.get("error", answer.kind)))

    def close(self) -> None:
        """End the process, at once where it does not end by itself."""
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(_PATIENCE)

    def _send(self, message: Message) -> None:
        data = wire.encode(message)
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(_LENGTH.pack(len(data)) + data)
            self._process.stdin.flush()
        except OSError as error:
            raise self._death() from error

    def _receive(self) -> Message:
        assert self._process.stdout is not None
        try:
            head = self._process.stdout.read(_LENGTH.size)
            length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else 0
            if not 0 < length <= wire.LARGEST_MESSAGE:
                raise self._death()
            data = self._process.stdout.read(length)
            return wire.decode(data)
        except (OSError, WireError) as error:
            raise self._death() from error

    def _death(self) -> ModelServerDiedError:
        self.close()
        code = self._process.returncode
        how = f"ended by signal {-code}" if code < 0 else f"ended with code {code}"
        return ModelServerDiedError(f"its process {how}. {self._last_line()}".strip())

    def _keep_lines(self, stream: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError), stream:
            for line in stream:
                self._lines.append(line.decode("utf-8", errors="replace").rstrip())

    def _last_line(self) -> str:
        return next((line for line in reversed(self._lines) if line.strip()), "")


def _request(frames: Sequence[Frame]) -> Message:
    return Message(
        "predict",
        {},
        {
            "starts": np.cumsum([0, *(frame.n_atoms for frame in frames)]).astype(np.int64),
            "numbers": np.concatenate([frame.numbers for frame in frames]),
            "positions": np.concatenate([frame.positions for frame in frames]),
            "cells": np.array([frame.cell for frame in frames]),
            "pbc": np.array([frame.pbc for frame in frames], dtype=bool),
        },
    )


def _predictions(answer: Message, frames: Sequence[Frame]) -> list[Prediction]:
    energies, stresses, starts = answer.arrays["energies"], answer.arrays["stresses"], answer.arrays["starts"].tolist()
    if len(energies) != len(frames):
        raise ValueError(f"{len(energies)} answers for {len(frames)} frames")
    return [
        Prediction(
            energy=float(energies[k]),
            forces=np.array(answer.arrays["forces"][starts[k] : starts[k + 1]]).reshape(frame.n_atoms, 3),
            stress=np.array(stresses[k]).reshape(3, 3),
        )
        for k, frame in enumerate(frames)
    ]
