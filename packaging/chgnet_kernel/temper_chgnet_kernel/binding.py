"""The compiled library through ctypes, which lets go of the interpreter lock during a call."""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from temper_chgnet_kernel import weights

_FLOAT, _DOUBLE, _INT = (ctypes.POINTER(kind) for kind in (ctypes.c_float, ctypes.c_double, ctypes.c_int32))
_NO_MEMORY = 1


class KernelError(RuntimeError):
    """The compiled code cannot be loaded, or refused its input."""


class _Sizes(ctypes.Structure):
    _fields_ = (
        ("elements", ctypes.c_int32),
        ("levels", ctypes.c_int32),
        ("readout_layers", ctypes.c_int32),
        ("gate_norm", ctypes.c_int32),
        ("readout_norm", ctypes.c_int32),
        ("out_bias", ctypes.c_int32),
        ("envelope_power", ctypes.c_int32),
        ("bond_cutoff", ctypes.c_double),
        ("angle_cutoff", ctypes.c_double),
    )


class _Batch(ctypes.Structure):
    _fields_ = (
        ("frames", ctypes.c_int64),
        ("atoms", ctypes.c_int64),
        ("bonds", ctypes.c_int64),
        ("short_bonds", ctypes.c_int64),
        ("numbers", _INT),
        ("frame_of_atom", _INT),
        ("first", _INT),
        ("second", _INT),
        ("vectors", _DOUBLE),
    )


class _Result(ctypes.Structure):
    _fields_ = (("energies", _DOUBLE), ("forces", _DOUBLE), ("virials", _DOUBLE), ("moments", _DOUBLE))


@dataclass(frozen=True, eq=False)
class Answer:
    """What a model says of several frames."""

    energies: NDArray[np.float64]
    """(n_frames,) eV."""
    forces: NDArray[np.float64]
    """(n_atoms, 3) eV/Å."""
    virials: NDArray[np.float64]
    """(n_frames, 3, 3) eV: the energy's derivative by strain; divided by the volume it is the stress."""
    moments: NDArray[np.float64]
    """(n_atoms,) Bohr magnetons."""


@lru_cache
def _library() -> ctypes.CDLL:
    folder = Path(__file__).parent
    found = [path for path in folder.glob("_native*") if path.name.endswith((*EXTENSION_SUFFIXES, ".so", ".pyd", ".dll"))]
    if not found:
        raise KernelError(f"There is no compiled code in {folder}.")
    try:
        library = ctypes.CDLL(str(found[0]))
        library.chgnet_instructions.restype = ctypes.c_char_p
        library.chgnet_instructions.argtypes = [ctypes.c_int]
        library.chgnet_make.restype = ctypes.c_void_p
        library.chgnet_make.argtypes = [ctypes.c_int, ctypes.POINTER(_Sizes), _FLOAT, ctypes.c_int64]
        library.chgnet_discard.restype = None
        library.chgnet_discard.argtypes = [ctypes.c_void_p]
        library.chgnet_evaluate.argtypes = [ctypes.c_void_p, ctypes.POINTER(_Batch), ctypes.POINTER(_Result)]
    except (OSError, AttributeError) as error:
        raise KernelError(f"The compiled code cannot be loaded: {error}") from error
    return library


def instruction_sets() -> tuple[str, ...]:
    """Return the kinds of code that this processor can run, the fastest first.

    Raises:
        KernelError: Where the compiled code cannot be loaded.
    """
    names: list[str] = []
    while (name := _library().chgnet_instructions(len(names))) is not None:
        names.append(name.decode())
    return tuple(names)


class Network:
    """One model; any number of them and of threads may be at work at once."""

    def __init__(self, arguments: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]], instructions: str = "") -> None:
        """Arrange a model's weights; they are copied.

        Args:
            arguments: Of the constructor of ``chgnet.model.CHGNet``.
            tensors: Its state by name.
            instructions: One of ``instruction_sets``; empty for the fastest.

        Raises:
            KernelError: Where ``unsupported`` has a reason, or the compiled code cannot be loaded.
        """
        library, sets = _library(), instruction_sets()
        self.instructions = instructions or sets[0]
        if self.instructions not in sets:
            raise KernelError(f"This processor has no {self.instructions}.")
        reason = weights.unsupported(arguments, tensors)
        if reason:
            raise KernelError(f"The compiled code is not made for this architecture: {reason}.")
        stream = weights.stream(arguments, tensors)
        sizes = _Sizes(**weights.sizes(arguments, tensors))
        handle = library.chgnet_make(sets.index(self.instructions), ctypes.byref(sizes), stream.ctypes.data_as(_FLOAT), len(stream))
        if not handle:
            raise KernelError("The weights could not be arranged: they do not fit the architecture, or the memory does not suffice.")
        self._handle = handle
        self._end = weakref.finalize(self, library.chgnet_discard, handle)

    def evaluate(
        self,
        *,
        numbers: NDArray[Any],
        frame_of_atom: NDArray[Any],
        first: NDArray[Any],
        second: NDArray[Any],
        vectors: NDArray[Any],
        n_short: int,
        n_frames: int,
    ) -> Answer:
        """Compute frames side by side.

        Args:
            numbers: (n_atoms,) atomic numbers.
            frame_of_atom: (n_atoms,)
            first: (n_bonds,) atom at one end of each bond; a bond is given once and not in both directions, short ones before all others.
            second: (n_bonds,) atom at the other end.
            vectors: (n_bonds, 3) Å, from the second atom or its image to the first.
            n_short: How many bonds are within the cut-off of angles.
            n_frames: How many frames these are.

        Raises:
            KernelError: Where an index or element is out of range.
            MemoryError: Where the memory does not suffice.
        """
        integers = [np.ascontiguousarray(array, dtype=np.int32) for array in (numbers, frame_of_atom, first, second)]
        vectors = np.ascontiguousarray(vectors, dtype=np.float64)
        n_atoms, n_bonds = len(integers[0]), len(integers[2])
        if len(integers[1]) != n_atoms or len(integers[3]) != n_bonds or vectors.shape != (n_bonds, 3):
            raise KernelError("The arrays of atoms or of bonds differ in length.")
        answer = Answer(np.empty(n_frames), np.empty((n_atoms, 3)), np.empty((n_frames, 3, 3)), np.empty(n_atoms))
        indices = (array.ctypes.data_as(_INT) for array in integers)
        batch = _Batch(n_frames, n_atoms, n_bonds, n_short, *indices, vectors.ctypes.data_as(_DOUBLE))
        places = (answer.energies, answer.forces, answer.virials, answer.moments)
        result = _Result(*(array.ctypes.data_as(_DOUBLE) for array in places))
        code = _library().chgnet_evaluate(self._handle, ctypes.byref(batch), ctypes.byref(result))
        if code == _NO_MEMORY:
            raise MemoryError
        if code:
            raise KernelError("An atom, an element or a bond is out of range.")
        return answer
