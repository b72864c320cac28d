"""Messages between processes: a JSON header and raw arrays, so that reading one can never run anything."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

_PREFIX = struct.Struct("<4sI")
_MAGIC = b"TPR1"
_LARGEST_HEADER = 16 << 20
LARGEST_MESSAGE = 1 << 30
"""Bytes; a batch of frames is some hundred kilobytes."""
_TYPES = {"<f8", "<i8", "|b1"}


class WireError(ValueError):
    """Bytes that are no message, or a message that is too large."""


@dataclass(frozen=True, eq=False)
class Message:
    """One message: what it is, plain values, arrays."""

    kind: str
    values: Mapping[str, Any] = field(default_factory=dict)
    """What JSON can hold."""
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """Arrays of float64, int64 or bool."""


def encode(message: Message) -> bytes:
    """Return the bytes of a message.

    Raises:
        WireError: Where it is larger than ``LARGEST_MESSAGE``, holds what JSON cannot, or an array of another type.
    """
    arrays = {name: np.ascontiguousarray(array).reshape(np.shape(array)) for name, array in message.arrays.items()}
    arrays = {name: array.astype(array.dtype.newbyteorder("<"), copy=False) for name, array in arrays.items()}
    layout = [[name, array.dtype.str, list(array.shape)] for name, array in arrays.items()]
    for _, dtype, _ in layout:
        if dtype not in _TYPES:
            raise WireError(f"arrays of {dtype} are not sent")
    try:
        header = json.dumps({"kind": message.kind, "values": dict(message.values), "arrays": layout}).encode()
    except (TypeError, ValueError) as error:
        raise WireError(f"not a plain value: {error}") from error
    size = _PREFIX.size + len(header) + sum(array.nbytes for array in arrays.values())
    if len(header) > _LARGEST_HEADER or size > LARGEST_MESSAGE:
        raise WireError(f"the message is too large ({size} bytes)")
    return b"".join([_PREFIX.pack(_MAGIC, len(header)), header, *(array.tobytes() for array in arrays.values())])


def decode(data: bytes) -> Message:
    """Return the message that bytes hold; its arrays are read-only.

    Raises:
        WireError: Where they are no whole message.
    """
    if len(data) < _PREFIX.size or len(data) > LARGEST_MESSAGE:
        raise WireError(f"{len(data)} bytes are no message")
    magic, length = _PREFIX.unpack_from(data)
    offset = _PREFIX.size + length
    if magic != _MAGIC or length > _LARGEST_HEADER or offset > len(data):
        raise WireError("not a message of this program")
    try:
        header = json.loads(data[_PREFIX.size : offset])
        kind, values, layout = header["kind"], header["values"], header["arrays"]
        if not isinstance(kind, str) or not isinstance(values, dict):
            raise WireError("the header is not as it should be")
        arrays = {}
        for name, dtype, shape in layout:
            arrays[str(name)] = array = _array(data, offset, dtype, shape)
            offset += array.nbytes
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise WireError(f"the header is not as it should be: {error}") from error
    if offset != len(data):
        raise WireError("bytes are left over")
    return Message(kind, values, arrays)


def _array(data: bytes, offset: int, dtype: object, shape: object) -> NDArray[Any]:
    if dtype not in _TYPES or not isinstance(shape, list) or not all(type(n) is int and n >= 0 for n in shape):
        raise WireError("an array is not as it should be")
    # numpy checks that the bytes are there.
    return np.frombuffer(data, dtype=str(dtype), count=math.prod(shape), offset=offset).reshape(shape)
